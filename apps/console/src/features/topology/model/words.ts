import type { GraphEdge, GraphNode, NodeKind, TrafficState } from '@ambit/topology/model';

/** "0", "0.04/s", "12/s", "1.2k/s". */
export function rateText(rate: number): string {
  if (rate === 0) return '0/s';
  if (rate < 0.01) return '<0.01/s';
  if (rate < 1) return `${rate.toFixed(2)}/s`;
  if (rate < 10) return `${rate.toFixed(1)}/s`;
  if (rate < 1_000) return `${Math.round(rate)}/s`;
  if (rate < 1_000_000) return `${(rate / 1_000).toFixed(rate < 10_000 ? 1 : 0)}k/s`;
  return `${(rate / 1_000_000).toFixed(1)}M/s`;
}

/** "0.04%", "12%"; "no traffic" when there is no share. */
export function shareText(share: number | null): string {
  if (share === null) return 'no traffic';
  const percent = share * 100;
  if (percent === 0) return '0%';
  if (percent < 0.1) return '<0.1%';
  return `${percent < 10 ? percent.toFixed(1).replace(/\.0$/, '') : Math.round(percent)}%`;
}

/** "12 ms", "1.4 s"; "not measured" for null. */
export function msText(ms: number | null): string {
  if (ms === null) return 'not measured';
  if (ms < 1) return '<1 ms';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** "512 B/s", "1.2 MB/s". */
export function bytesText(bytes: number): string {
  const units = ['B/s', 'kB/s', 'MB/s', 'GB/s'];
  let at = 0;
  let value = bytes;
  while (value >= 1_000 && at < units.length - 1) {
    value /= 1_000;
    at++;
  }
  return `${value >= 10 || at === 0 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

export const trafficWords: Record<TrafficState, string> = {
  active: 'traffic now',
  idle: 'idle: told of, and nothing moves',
  missing: 'no telemetry: a proxy is there and nobody tells of it',
  unmeasured: 'not measured: no proxy, so nobody can tell',
  unsure: 'not known: nobody may be telling of it',
};

export const trafficShort: Record<TrafficState, string> = {
  active: 'active',
  idle: 'idle',
  missing: 'no telemetry',
  unmeasured: 'not measured',
  unsure: 'not known',
};

export const healthWords = {
  none: 'no data',
  healthy: 'healthy',
  notReady: 'scaled to none',
  degraded: 'degraded',
  failure: 'failure',
} as const;

export const kindWords: Record<NodeKind, string> = {
  workload: 'Workload',
  service: 'Service',
  app: 'App',
  version: 'Version',
  namespace: 'Namespace',
  cluster: 'Cluster',
  gateway: 'Gateway',
  waypoint: 'Waypoint',
  external: 'External',
  unknown: 'Unknown',
};

/** What a node is called: its name, or what it is when nobody could name it. */
export function nodeName(node: GraphNode): string {
  if (node.kind === 'version' && node.version) return `${node.name || node.app} ${node.version}`;
  if (node.name) return node.name;
  if (node.kind === 'namespace' && node.namespace) return node.namespace;
  if (node.kind === 'cluster' && node.cluster) return node.cluster;
  return node.kind === 'unknown' ? 'unknown source' : kindWords[node.kind].toLowerCase();
}

/** One sentence of a node for a screen reader. */
export function nodeSentence(node: GraphNode): string {
  const where = node.namespace && node.kind !== 'namespace' ? ` in ${node.namespace}` : '';
  const state =
    node.traffic === 'active'
      ? `${rateText(node.inRate)} in, ${rateText(node.outRate)} out, errors ${shareText(node.inErrorShare)}`
      : trafficShort[node.traffic];
  return `${kindWords[node.kind]} ${nodeName(node)}${where}, ${healthWords[node.health]}, ${state}`;
}

/** One sentence of an edge, given the names of its ends. */
export function edgeSentence(edge: GraphEdge, source: string, target: string): string {
  const state =
    edge.traffic === 'active'
      ? `${rateText(edge.rate)}, errors ${shareText(edge.errorShare)}`
      : trafficShort[edge.traffic];
  return `${source} to ${target} over ${edge.protocol}, ${healthWords[edge.health]}, ${state}`;
}
