import { decodeGraph, type GraphMessage } from '@ambit/topology/wire/message';
import type { GraphNode } from '@ambit/topology/model';

interface Answer {
  graph: GraphMessage;
  sources: { name: string; state: string; problems: string[]; asOf: string | null }[];
  message: string;
}

const share = (value: number | null): string | null =>
  value === null ? null : `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)}%`;
const figure = (value: number): string => value.toFixed(value < 10 ? 2 : 0);
const nameOf = ({ namespace, name }: GraphNode): string =>
  [namespace, name || 'unknown'].filter(Boolean).join('/');

/** The edges of a graph as rows for people, the busiest first; then who told of them, and what is missing. */
export function topologyRows({ graph, sources, message }: Answer): Record<string, unknown> {
  const { nodes, edges } = decodeGraph(graph);
  const names = new Map(nodes.map((node) => [node.id, nameOf(node)]));
  return {
    items: edges
      .sort((a, b) => b.rate - a.rate)
      .map(({ source, target, protocol, health, traffic, rate, ...edge }) => ({
        from: names.get(source) ?? source,
        to: names.get(target) ?? target,
        protocol,
        perSecond: traffic === 'active' ? figure(rate) : traffic,
        errors: share(edge.errorShare),
        p95: edge.p95Ms === null ? null : `${figure(edge.p95Ms)} ms`,
        mutualTls: share(edge.mutualTlsShare),
        health,
      })),
    sources,
    ...(message ? { notes: [{ message }] } : {}),
  };
}
