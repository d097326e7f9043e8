import type { LayoutInput } from '@ambit/topology/layout/shape';
import type { Graph, GraphNode } from '@ambit/topology/model';

/** What a layout needs of a graph, by numbers: copied to a worker in a fraction of the time that objects take. */
export interface PackedShape {
  ids: string[];
  groups: string[];
  /** Two numbers of nodes an edge. */
  ends: Int32Array<ArrayBuffer>;
  weights: Float32Array<ArrayBuffer>;
}

/** Edges to nodes that are not there are left out. */
export function packShape(
  { nodes, edges }: Graph,
  groupOf: (node: GraphNode) => string,
): PackedShape {
  const numbers = new Map(nodes.map(({ id }, at) => [id, at]));
  const ends = new Int32Array(edges.length * 2);
  const weights = new Float32Array(edges.length);
  let count = 0;
  for (const { source, target, rate } of edges) {
    const from = numbers.get(source);
    const to = numbers.get(target);
    if (from === undefined || to === undefined) continue;
    ends[count * 2] = from;
    ends[count * 2 + 1] = to;
    weights[count++] = 1 + Math.log10(1 + rate);
  }
  return {
    ids: nodes.map(({ id }) => id),
    groups: nodes.map(groupOf),
    ends: ends.slice(0, count * 2),
    weights: weights.slice(0, count),
  };
}

export function unpackShape({ ids, groups, ends, weights }: PackedShape): LayoutInput {
  return {
    nodes: ids.map((id, at) => ({ id, group: groups[at]! })),
    edges: Array.from(weights, (weight, at) => ({
      source: ids[ends[at * 2]!]!,
      target: ids[ends[at * 2 + 1]!]!,
      weight,
    })),
  };
}
