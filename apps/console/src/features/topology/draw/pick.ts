import type { Place } from '../model/hood.ts';
import { curveOf, pointAt } from './curve.ts';
import { stretch, type Scene } from './scene.ts';

const nodeReachPx = 9;
const edgeReachPx = 5;
const steps = 12;

/**
 * What lies under a point of the world: the nearest node within reach, else the nearest edge that can be seen, else the
 * box whose rim or name is there.
 * @param scale pixels of one unit
 * @returns the id of a node or an edge, `box:` and the key of a box, or empty
 */
export function pick(
  scene: Pick<Scene, 'nodes' | 'edges' | 'boxes'>,
  at: Place,
  scale: number,
): string {
  let found = '';
  let least = Infinity;
  for (const node of scene.nodes) {
    const far = Math.hypot(node.x - at.x, node.y - at.y);
    if (far < least && far <= Math.max(node.radius, nodeReachPx / scale)) {
      least = far;
      found = node.id;
    }
  }
  if (found !== '') return found;
  const reach = edgeReachPx / scale;
  least = reach;
  for (let index = scene.edges.length - 1; index >= 0; index--) {
    const edge = scene.edges[index]!;
    if (edge.strength < 0.08) continue;
    const curve = curveOf(edge, scene.nodes);
    const { a, b, c } = curve;
    const isFar =
      at.x < Math.min(a.x, b.x, c.x) - reach ||
      at.x > Math.max(a.x, b.x, c.x) + reach ||
      at.y < Math.min(a.y, b.y, c.y) - reach ||
      at.y > Math.max(a.y, b.y, c.y) + reach;
    if (isFar) continue;
    let before: Place = a;
    for (let nth = 1; nth <= steps; nth++) {
      const next = pointAt(curve, nth / steps);
      const far = distanceTo(at, before, next);
      if (far < least) {
        least = far;
        found = edge.id;
      }
      before = next;
    }
  }
  if (found !== '') return found;
  for (const box of scene.boxes) {
    const far = Math.hypot((box.x - at.x) / stretch, box.y - at.y);
    const isRim = Math.abs(far - box.radius) * scale < 8;
    const isName = at.y < box.y - box.radius + 26 / scale && Math.abs(at.x - box.x) * scale < 60;
    if (far <= box.radius + 8 / scale && (isRim || isName)) return `box:${box.id}`;
  }
  return '';
}

function distanceTo(p: Place, a: Place, b: Place): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const long = dx * dx + dy * dy;
  const t = long === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / long));
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}
