import type { Graph, GraphEdge, GraphNode } from '@ambit/topology/model';

export type Change = 'new' | 'gone' | 'grown' | 'shrunk' | 'worse' | 'better' | 'same';

export interface Compared {
  /** Both moments in one graph; what is gone has the numbers it had. */
  graph: Graph;
  changes: ReadonlyMap<string, Change>;
  /** The edges before, by id. */
  before: ReadonlyMap<string, GraphEdge>;
  counts: Record<Change, number>;
}

/** A rate counts as another one from this factor on. */
const factor = 1.5;
const healthRank = { none: 0, healthy: 0, notReady: 0, degraded: 1, failure: 2 };

/** What is new, gone, grown or worse between two moments. Worse and better go before grown and shrunk. */
export function compareGraphs(before: Graph, now: Graph): Compared {
  const changes = new Map<string, Change>();
  const counts: Compared['counts'] = {
    new: 0,
    gone: 0,
    grown: 0,
    shrunk: 0,
    worse: 0,
    better: 0,
    same: 0,
  };
  const note = (id: string, change: Change): void => {
    changes.set(id, change);
    if (id.includes('>')) counts[change]++;
  };
  const goneNodes = difference(before.nodes, now.nodes, (a, b) => note(b.id, ofNode(a, b)), note);
  const goneEdges = difference(before.edges, now.edges, (a, b) => note(b.id, ofEdge(a, b)), note);
  return {
    graph: { nodes: [...now.nodes, ...goneNodes], edges: [...now.edges, ...goneEdges] },
    changes,
    before: new Map(before.edges.map((edge) => [edge.id, edge])),
    counts,
  };
}

function difference<T extends { id: string }>(
  before: readonly T[],
  now: readonly T[],
  both: (a: T, b: T) => void,
  note: (id: string, change: Change) => void,
): T[] {
  const had = new Map(before.map((row) => [row.id, row]));
  for (const row of now) {
    const old = had.get(row.id);
    if (old === undefined) note(row.id, 'new');
    else both(old, row);
    had.delete(row.id);
  }
  for (const id of had.keys()) note(id, 'gone');
  return [...had.values()];
}

const ofHealth = (a: GraphNode | GraphEdge, b: GraphNode | GraphEdge): Change =>
  healthRank[b.health] > healthRank[a.health]
    ? 'worse'
    : healthRank[b.health] < healthRank[a.health]
      ? 'better'
      : 'same';

function ofRate(a: number, b: number): Change {
  if (b > a * factor) return 'grown';
  return b * factor < a ? 'shrunk' : 'same';
}

function ofEdge(a: GraphEdge, b: GraphEdge): Change {
  const health = ofHealth(a, b);
  return health === 'same' ? ofRate(a.rate, b.rate) : health;
}

function ofNode(a: GraphNode, b: GraphNode): Change {
  const health = ofHealth(a, b);
  return health === 'same' ? ofRate(a.inRate + a.outRate, b.inRate + b.outRate) : health;
}
