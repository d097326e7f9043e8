import type { Place } from '../model/hood.ts';
import { stretch } from './scene.ts';

/** The world's point in the middle of the view, and how many pixels a unit has. */
export interface Camera extends Place {
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export const leastScale = 1.2;
export const mostScale = 220;

const clamp = (scale: number): number => Math.max(leastScale, Math.min(mostScale, scale));

export const toScreen = (camera: Camera, size: Size, { x, y }: Place): Place => ({
  x: (x - camera.x) * camera.scale + size.width / 2,
  y: (y - camera.y) * camera.scale + size.height / 2,
});

export const toWorld = (camera: Camera, size: Size, { x, y }: Place): Place => ({
  x: (x - size.width / 2) / camera.scale + camera.x,
  y: (y - size.height / 2) / camera.scale + camera.y,
});

/** What takes a picture made for one camera to where another sees it, as a CSS transform from the left upper corner. */
export function carry(from: Camera, to: Camera, size: Size): string {
  const by = to.scale / from.scale;
  const middle = toScreen(to, size, from);
  const x = middle.x - (size.width / 2) * by;
  const y = middle.y - (size.height / 2) * by;
  return `matrix(${by}, 0, 0, ${by}, ${x}, ${y})`;
}

/** Nearer or farther by a factor; the point of the screen stays where it is. */
export function zoomAt(camera: Camera, size: Size, at: Place, by: number): Camera {
  const scale = clamp(camera.scale * by);
  const world = toWorld(camera, size, at);
  return {
    x: world.x - (at.x - size.width / 2) / scale,
    y: world.y - (at.y - size.height / 2) / scale,
    scale,
  };
}

/** The camera that shows all of it, with a border; never nearer than `most`. */
export function fitAll(
  ellipses: Iterable<Place & { radius: number }>,
  size: Size,
  border = 30,
  most = 84,
): Camera {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, radius } of ellipses) {
    left = Math.min(left, x - radius * stretch);
    top = Math.min(top, y - radius);
    right = Math.max(right, x + radius * stretch);
    bottom = Math.max(bottom, y + radius);
  }
  if (left > right) return { x: 0, y: 0, scale: 40 };
  const scale = Math.min(
    most,
    Math.max(40, size.width - 4 * border) / Math.max(1, right - left),
    Math.max(40, size.height - 2 * border - 24) / Math.max(1, bottom - top),
  );
  // A name stands under what is lowest.
  const names = Math.min(14, size.height / 20);
  return {
    x: (left + right) / 2,
    y: (top + bottom) / 2 + names / clamp(scale),
    scale: clamp(scale),
  };
}
