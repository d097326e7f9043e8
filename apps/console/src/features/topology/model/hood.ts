import type { Graph } from '@ambit/topology/model';

export interface Place {
  x: number;
  y: number;
}

export interface Hood {
  graph: Graph;
  places: Map<string, Place>;
  /** Neighbours that found no room, by the column they belong to: below 0 callers, above 0 called. */
  left: Map<number, number>;
}

const columnWidth = 5.2;
const rowHeight = 1.5;
const mostInColumn = 60;

/**
 * A node and who is around it, in columns: callers to the left, called to the right, as many hops as asked. Who is both
 * stands where it is nearer, callers first. Within a column order follows the neighbours nearer to the middle, so that
 * few edges cross; the busiest stay when a column is full.
 */
export function hoodOf(graph: Graph, middle: string, hops: number): Hood {
  const column = new Map<string, number>([[middle, 0]]);
  const weight = weights(graph);
  const left = new Map<number, number>();
  const steps = [
    { sign: -1, next: nextBy(graph, 'target', 'source') },
    { sign: 1, next: nextBy(graph, 'source', 'target') },
  ];
  const fronts = [[middle], [middle]];
  for (let hop = 1; hop <= hops; hop++) {
    steps.forEach(({ sign, next }, side) => {
      const found = [...new Set(fronts[side]!.flatMap((id) => next.get(id) ?? []))]
        .filter((id) => !column.has(id))
        .sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0) || (a < b ? -1 : 1));
      const kept = found.slice(0, mostInColumn);
      if (found.length > kept.length) left.set(sign * hop, found.length - kept.length);
      for (const id of kept) column.set(id, sign * hop);
      fronts[side] = kept;
    });
  }
  const edges = graph.edges.filter(
    ({ source, target }) => column.has(source) && column.has(target),
  );
  const nodes = graph.nodes.filter(({ id }) => column.has(id));
  return { graph: { nodes, edges }, places: placesOf(column, edges), left };
}

function weights({ edges }: Graph): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { source, target, rate } of edges) {
    sums.set(source, (sums.get(source) ?? 0) + rate);
    sums.set(target, (sums.get(target) ?? 0) + rate);
  }
  return sums;
}

function nextBy(
  { edges }: Graph,
  from: 'source' | 'target',
  to: 'source' | 'target',
): Map<string, string[]> {
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    const there = next.get(edge[from]);
    if (there) there.push(edge[to]);
    else next.set(edge[from], [edge[to]]);
  }
  return next;
}

function placesOf(
  column: ReadonlyMap<string, number>,
  edges: readonly { source: string; target: string }[],
): Map<string, Place> {
  const columns = new Map<number, string[]>();
  for (const [id, at] of column) columns.set(at, [...(columns.get(at) ?? []), id]);
  const near = new Map<string, string[]>();
  for (const { source, target } of edges) {
    near.set(source, [...(near.get(source) ?? []), target]);
    near.set(target, [...(near.get(target) ?? []), source]);
  }
  const places = new Map<string, Place>();
  const inward = [...columns.keys()].sort((a, b) => Math.abs(a) - Math.abs(b) || a - b);
  for (const at of inward) {
    const middleOf = (id: string): number => {
      const ys = (near.get(id) ?? []).flatMap((other) => places.get(other)?.y ?? []);
      return ys.length === 0 ? 0 : ys.reduce((sum, y) => sum + y, 0) / ys.length;
    };
    const ids = columns
      .get(at)!
      .map((id) => ({ id, wish: middleOf(id) }))
      .sort((a, b) => a.wish - b.wish || (a.id < b.id ? -1 : 1));
    ids.forEach(({ id }, row) =>
      places.set(id, { x: at * columnWidth, y: (row - (ids.length - 1) / 2) * rowHeight }),
    );
  }
  return places;
}
