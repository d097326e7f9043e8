/** What one node stands for. */
export const groupings = ['service', 'workload', 'app', 'version', 'namespace', 'cluster'] as const;
export type Grouping = (typeof groupings)[number];

export interface ViewOptions {
  by: Grouping;
  /** Between workloads, apps or versions, the services that are asked stand as nodes of their own. */
  services: boolean;
  /** Folded: what ztunnel carries is part of the requests above it, and waypoints stand on edges, not between them. */
  ambient: 'folded' | 'unfolded';
  /** Edges without traffic now are shown. */
  idle: boolean;
}

export const defaultView: ViewOptions = {
  by: 'workload',
  services: false,
  ambient: 'folded',
  idle: false,
};
