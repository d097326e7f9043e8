import type { Place } from '../model/hood.ts';
import type { DrawnEdge, DrawnNode } from './scene.ts';

export interface Curve {
  a: Place;
  c: Place;
  b: Place;
}

/** The bow of an edge: its two ends and the point that bends it. An edge of a node to itself is a loop above it. */
export function curveOf(edge: DrawnEdge, nodes: readonly (Place & Partial<DrawnNode>)[]): Curve {
  const a = nodes[edge.from]!;
  const b = nodes[edge.to]!;
  if (edge.from === edge.to) {
    return {
      a: { x: a.x - 0.16, y: a.y },
      c: { x: a.x, y: a.y - 1.5 - edge.bend },
      b: { x: a.x + 0.16, y: a.y },
    };
  }
  return {
    a,
    c: {
      x: (a.x + b.x) / 2 + (b.y - a.y) * edge.bend,
      y: (a.y + b.y) / 2 - (b.x - a.x) * edge.bend,
    },
    b,
  };
}

/** The point of a bow at a share of its way. */
export function pointAt({ a, c, b }: Curve, t: number): Place {
  const s = 1 - t;
  return {
    x: s * s * a.x + 2 * s * t * c.x + t * t * b.x,
    y: s * s * a.y + 2 * s * t * c.y + t * t * b.y,
  };
}
