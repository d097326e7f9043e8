import type { Graph, GraphEdge, GraphNode } from '@ambit/topology/model';
import { nodeName } from '../model/words.ts';
import { rateText, shareText } from '../../../lib/format.ts';

const sumOfFailures = (edge: GraphEdge): string[] =>
  edge.codes
    .filter(([code]) => !/^(2|3|0 |0$)/.test(code))
    .slice(0, 4)
    .map(([code, rate]) => `${code} ${rateText(rate)}`);

/** Why an edge is as it is, in one sentence. */
export function whyEdge(edge: GraphEdge): string {
  if (edge.traffic === 'idle') return 'Told of, and nothing moves now.';
  if (edge.traffic !== 'active') return 'Nobody tells of its traffic.';
  const failures = sumOfFailures(edge);
  if (edge.health === 'healthy' && failures.length === 0) return 'Nothing fails.';
  const share = `${shareText(edge.errorShare)} of ${rateText(edge.rate)} fails`;
  const codes = failures.length > 0 ? `: ${failures.join(', ')}` : '';
  return edge.health === 'healthy'
    ? `Within tolerance; ${share}${codes}.`
    : `Over its tolerance: ${share}${codes}.`;
}

/** Why a node is as it is: the edges that are beyond their tolerance, or what its telemetry says. */
export function whyNode(node: GraphNode, graph: Graph): string {
  if (node.traffic === 'missing') {
    return 'It has a proxy, and nobody tells of its traffic: check that its source scrapes it.';
  }
  if (node.traffic === 'unmeasured') return 'It has no proxy, so its traffic is not measured.';
  if (node.traffic === 'unsure') return 'It is not known whether anybody would tell of it.';
  if (node.traffic === 'idle') return 'Told of, and nothing moves now.';
  const bad = graph.edges
    .filter(
      ({ source, target, health }) =>
        (source === node.id || target === node.id) &&
        (health === 'failure' || health === 'degraded'),
    )
    .sort((a, b) => b.rate * (b.errorShare ?? 0) - a.rate * (a.errorShare ?? 0));
  const first = bad[0];
  if (!first) {
    return node.health === 'healthy' || node.health === 'none'
      ? 'Nothing on its edges is beyond tolerance.'
      : 'Its pods are not all ready or in sync.';
  }
  const names = new Map(graph.nodes.map((each) => [each.id, nodeName(each)]));
  const where =
    first.target === node.id ? `from ${names.get(first.source)}` : `to ${names.get(first.target)}`;
  const more = bad.length > 1 ? `, and ${bad.length - 1} more` : '';
  return `Requests ${where} fail: ${shareText(first.errorShare)} of ${rateText(first.rate)}${more}.`;
}
