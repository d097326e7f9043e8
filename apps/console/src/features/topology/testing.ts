import type { GraphEdge, GraphNode } from '@ambit/topology/model';

/** A healthy workload of the namespace `shop`. */
export const nodeOf = (id: string, name: string, more: Partial<GraphNode> = {}): GraphNode => ({
  id,
  kind: 'workload',
  cluster: 'c',
  namespace: 'shop',
  name,
  app: name,
  version: 'v1',
  health: 'healthy',
  traffic: 'active',
  inRate: 1,
  outRate: 0,
  inErrorShare: 0,
  outErrorShare: null,
  ...more,
});

/** A healthy edge over HTTP, one request a second. */
export const edgeOf = (
  source: string,
  target: string,
  more: Partial<GraphEdge> = {},
): GraphEdge => ({
  id: `${source}>${target}#${more.protocol ?? 'http'}`,
  source,
  target,
  protocol: 'http',
  layer: 'L7',
  health: 'healthy',
  traffic: 'active',
  rate: 1,
  errorShare: 0,
  p50Ms: 1,
  p95Ms: 2,
  p99Ms: 3,
  mutualTlsShare: 1,
  requestBytes: 0,
  responseBytes: 0,
  waypoint: false,
  codes: [],
  ...more,
});
