/** What carries the traffic of an edge. Everything ztunnel tells is tcp. */
export const protocols = ['http', 'grpc', 'tcp'] as const;
export type Protocol = (typeof protocols)[number];

/** Which proxy tells of the traffic, in the order in which it is believed (Istio's label `reporter`). */
export const reporters = ['source', 'waypoint', 'destination'] as const;
export type Reporter = (typeof reporters)[number];

/** What a series counts, each second. Histograms come as `durationBucket` with their bound, cumulative. */
export const metrics = [
  'requests',
  'requestBytes',
  'responseBytes',
  'connectionsOpened',
  'connectionsClosed',
  'durationBucket',
  'durationSum',
  'durationCount',
] as const;
export type Metric = (typeof metrics)[number];

export const nodeKinds = [
  'workload',
  'service',
  'app',
  'version',
  'namespace',
  'cluster',
  'gateway',
  'waypoint',
  'external',
  'unknown',
] as const;
export type NodeKind = (typeof nodeKinds)[number];

/** From best to worst; `none` where nothing can be said. */
export const healths = ['none', 'healthy', 'notReady', 'degraded', 'failure'] as const;
export type Health = (typeof healths)[number];

/**
 * What the telemetry of a node or an edge says. `active`: traffic now. `idle`: told of, and nothing moves.
 * `missing`: a proxy is there and nobody tells of it. `unmeasured`: no proxy, so nobody can tell.
 * `unsure`: it is not known whether anybody would tell.
 */
export const trafficStates = ['active', 'idle', 'missing', 'unmeasured', 'unsure'] as const;
export type TrafficState = (typeof trafficStates)[number];

/** A workload at one end of traffic. An empty `workload` is one that nobody could name. */
export interface Endpoint {
  cluster: string;
  namespace: string;
  workload: string;
  /** Istio's canonical service and revision. */
  app: string;
  version: string;
}

/** The service that was asked. An empty `name` is traffic straight to an address. */
export interface ServiceRef {
  cluster: string;
  namespace: string;
  name: string;
}

/** What tells series of one link apart. */
export interface Facet {
  reporter: Reporter;
  protocol: Protocol;
  /** HTTP status, or the gRPC status where HTTP's says nothing; `-` when there was no answer. */
  code: string;
  /** Envoy's response flags; `-` for none. */
  flags: string;
  /** Null when the reporter cannot know. */
  mutualTls: boolean | null;
  ztunnel: boolean;
}

/** One row of the graph for people and programs: a node. Rates are per second. */
export interface GraphNode {
  id: string;
  kind: NodeKind;
  cluster: string;
  namespace: string;
  name: string;
  app: string;
  version: string;
  health: Health;
  traffic: TrafficState;
  /** Requests and opened connections. */
  inRate: number;
  outRate: number;
  /** Share of failed ones, 0 to 1; null without traffic. */
  inErrorShare: number | null;
  outErrorShare: number | null;
}

/** One row of the graph: an edge of one protocol. Rates are per second. */
export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  protocol: Protocol;
  layer: 'L4' | 'L7';
  health: Health;
  traffic: TrafficState;
  /** Requests; for tcp, opened connections. */
  rate: number;
  errorShare: number | null;
  /** Milliseconds; null when no histogram tells. */
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  /** Share of the traffic that was mutual TLS, 0 to 1; null when nobody knows. */
  mutualTlsShare: number | null;
  /** Bytes of requests and of answers. */
  requestBytes: number;
  responseBytes: number;
  /** A waypoint told of it. */
  waypoint: boolean;
  /** Rate by `code flags`, the greatest first. */
  codes: readonly (readonly [string, number])[];
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** What changed between two states of a graph; applied in this order: removed, then set. */
export interface GraphDiff {
  nodes: GraphNode[];
  edges: GraphEdge[];
  removedNodes: string[];
  removedEdges: string[];
}
