import type { Graph, GraphEdge } from '@ambit/topology/model';
import type { Mode } from './url-state.ts';

/** Stands in an address for the edge around the node in focus that is worst off, whichever that is at its moment. */
export const worstEdge = 'worst';

const badness: Partial<Record<Mode, (edge: GraphEdge) => number>> = {
  latency: ({ p95Ms }) => p95Ms ?? 0,
  security: ({ mutualTlsShare, rate }) => (1 - (mutualTlsShare ?? 1)) * rate,
  rate: ({ rate }) => rate,
};
const failing = ({ errorShare, rate }: GraphEdge): number => (errorShare ?? 0) * rate;

/**
 * What is selected: what the address says, or the worst edge of the node in focus. Edges that come in count first: who
 * calls sees what is wrong with it. Empty when nothing is bad.
 */
export function selectionOf(graph: Graph, sel: string, focus: string, mode: Mode): string {
  if (sel !== worstEdge) return sel;
  const of = badness[mode] ?? failing;
  const worstOf = (edges: readonly GraphEdge[]): GraphEdge | undefined =>
    edges.filter((edge) => of(edge) > 0).toSorted((a, b) => of(b) - of(a))[0];
  const found =
    worstOf(graph.edges.filter(({ target }) => target === focus)) ??
    worstOf(graph.edges.filter(({ source }) => source === focus));
  return found?.id ?? focus;
}
