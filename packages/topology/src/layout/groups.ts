import type { Circle, Point } from './shape.ts';

/** Free space between two groups. */
const gap = 1.5;
const step = 0.75;

/** Circles that stand somewhere already, found by where they are. */
export interface Room {
  add(circle: Circle): void;
  isFree(circle: Circle): boolean;
}

export function createRoom(largest: number): Room {
  const cell = 2 * largest + gap;
  const cells = new Map<string, Circle[]>();
  return {
    add: (circle) => {
      const key = `${Math.floor(circle.x / cell)} ${Math.floor(circle.y / cell)}`;
      const there = cells.get(key);
      if (there) there.push(circle);
      else cells.set(key, [circle]);
    },
    isFree: ({ x, y, radius }) => {
      const cx = Math.floor(x / cell);
      const cy = Math.floor(y / cell);
      for (let near = 0; near < 9; near++) {
        const there = cells.get(`${cx + (near % 3) - 1} ${cy + Math.floor(near / 3) - 1}`) ?? [];
        for (const other of there) {
          if (Math.hypot(other.x - x, other.y - y) < other.radius + radius + gap) return false;
        }
      }
      return true;
    },
  };
}

/** The free place nearest to a wish, along a spiral around it. */
export function placeNear(room: Room, wish: Point, radius: number): Circle {
  for (let turn = 0; ; turn++) {
    const far = step * Math.sqrt(turn) * Math.max(1, radius / 4);
    const angle = turn * 2.399963;
    const circle = {
      x: wish.x + far * Math.cos(angle),
      y: wish.y + far * Math.sin(angle),
      radius,
    };
    if (room.isFree(circle)) return circle;
  }
}

/** The middle of circles, each as heavy as it is connected; 0, 0 for none. */
export function middleOf(pulls: readonly { at: Point; weight: number }[]): Point {
  const total = pulls.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0)) return { x: 0, y: 0 };
  return {
    x: pulls.reduce((sum, { at, weight }) => sum + at.x * weight, 0) / total,
    y: pulls.reduce((sum, { at, weight }) => sum + at.y * weight, 0) / total,
  };
}
