import type { Point } from './shape.ts';

const rowHeight = Math.sqrt(3) / 2;

/** The first places of a hexagonal grid around a middle, the nearest first; neighbours are 1 apart. */
export function slotsAround(middle: Point, count: number): Point[] {
  const reach = Math.ceil(Math.sqrt(count)) + 2;
  const slots: (Point & { far: number })[] = [];
  for (let row = -reach; row <= reach; row++) {
    for (let column = -reach; column <= reach; column++) {
      const x = column + (row & 1 ? 0.5 : 0);
      const y = row * rowHeight;
      slots.push({ x, y, far: x * x + y * y });
    }
  }
  slots.sort((a, b) => a.far - b.far || a.y - b.y || a.x - b.x);
  return slots.slice(0, count).map(({ x, y }) => ({ x: middle.x + x, y: middle.y + y }));
}

/** How far the outermost of so many slots may be from the middle, with room for a node's own size. */
export const radiusOf = (count: number): number =>
  Math.sqrt(count * rowHeight) / Math.sqrt(Math.PI) + 1.2;

/** Two places count as one when they are nearer than this. */
const same = 0.01;

export const slotKey = ({ x, y }: Point): string =>
  `${Math.round(x / same)} ${Math.round(y / same)}`;

/** Gives each wish the nearest slot that is free, in the order of the wishes. */
export function assignSlots(wishes: readonly Point[], slots: readonly Point[]): Point[] {
  const isTaken = new Uint8Array(slots.length);
  return wishes.map((wish) => {
    let best = -1;
    let nearest = Infinity;
    for (let at = 0; at < slots.length; at++) {
      if (isTaken[at] === 1) continue;
      const dx = slots[at]!.x - wish.x;
      const dy = slots[at]!.y - wish.y;
      const far = dx * dx + dy * dy;
      if (far < nearest) {
        nearest = far;
        best = at;
      }
    }
    isTaken[best] = 1;
    return slots[best]!;
  });
}
