export interface Point {
  x: number;
  y: number;
}

export interface Circle extends Point {
  radius: number;
}

export interface LayoutNode {
  id: string;
  /** What it stands in: a namespace, a cluster, an application. */
  group: string;
}

export interface LayoutEdge {
  source: string;
  target: string;
  /** How much it pulls; more than 0. */
  weight: number;
}

export interface LayoutInput {
  nodes: readonly LayoutNode[];
  edges: readonly LayoutEdge[];
}

/** Where everything is. Distances are in units of one node's space: two nodes are never nearer than 1. */
export interface Layout {
  nodes: ReadonlyMap<string, Point & { group: string }>;
  groups: ReadonlyMap<string, Circle>;
  /** Groups have outgrown their room since it was made: worth being made anew when somebody asks. */
  crowded: boolean;
}
