import type { GraphEdge, GraphNode, NodeKind, TrafficState } from '@ambit/topology/model';
import { rateText, shareText } from '../../../lib/format.ts';

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
