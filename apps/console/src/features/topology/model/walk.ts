import type { Graph } from '@ambit/topology/model';
import type { Place } from './hood.ts';

export type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

const directions: Record<Arrow, Place> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * Where an arrow key leads: along an edge to the neighbour that lies most in its direction; where none does, to the
 * nearest node that does. Null at the border.
 */
export function step(
  graph: Graph,
  places: ReadonlyMap<string, Place>,
  from: string,
  arrow: Arrow,
): string | null {
  const near = new Set<string>();
  for (const { source, target } of graph.edges) {
    if (source === from) near.add(target);
    if (target === from) near.add(source);
  }
  near.delete(from);
  return (
    best(near, places, from, arrow) ??
    best(
      graph.nodes.map(({ id }) => id),
      places,
      from,
      arrow,
    )
  );
}

function best(
  ids: Iterable<string>,
  places: ReadonlyMap<string, Place>,
  from: string,
  arrow: Arrow,
): string | null {
  const here = places.get(from);
  if (!here) return null;
  const { x, y } = directions[arrow];
  let found: string | null = null;
  let least = Infinity;
  for (const id of ids) {
    const there = places.get(id);
    if (!there || id === from) continue;
    const dx = there.x - here.x;
    const dy = there.y - here.y;
    const along = dx * x + dy * y;
    const across = Math.abs(dx * y - dy * x);
    if (along <= 0 || across > along * 1.2) continue;
    const cost = along + across * 2;
    if (cost < least || (cost === least && found !== null && id < found)) {
      least = cost;
      found = id;
    }
  }
  return found;
}
