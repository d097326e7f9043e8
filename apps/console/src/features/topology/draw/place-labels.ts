import { toScreen, type Camera, type Size } from './camera.ts';
import { curveOf, pointAt } from './curve.ts';
import type { Scene } from './scene.ts';

export interface Label {
  text: string;
  detail: string;
  /** Middle of the text, in pixels. */
  x: number;
  y: number;
  kind: 'box' | 'node' | 'edge';
  strength: number;
  id: string;
}

/** Pixels a unit needs before names of nodes appear by themselves; numbers and edges need more. */
const namesFrom = 26;
/** What is in trouble is named earlier. */
const troubleFrom = 14;
const detailsFrom = 46;
const edgesFrom = 58;
/** Marks of policies need room of their own. */
const marksFrom = 74;
const cell = 64;

interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const overlaps = (a: Rect, b: Rect): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Rectangles that are taken, found by where they are. */
function createTaken() {
  const cells = new Map<string, Rect[]>();
  const each = (rect: Rect, visit: (key: string) => boolean): boolean => {
    for (let x = Math.floor(rect.left / cell); x <= Math.floor(rect.right / cell); x++) {
      for (let y = Math.floor(rect.top / cell); y <= Math.floor(rect.bottom / cell); y++) {
        if (visit(`${x} ${y}`)) return true;
      }
    }
    return false;
  };
  const add = (rect: Rect): void => {
    each(rect, (key) => {
      const there = cells.get(key);
      if (there) there.push(rect);
      else cells.set(key, [rect]);
      return false;
    });
  };
  return {
    add,
    take: (rect: Rect): boolean => {
      if (each(rect, (key) => cells.get(key)?.some((other) => overlaps(other, rect)) ?? false))
        return false;
      add(rect);
      return true;
    },
  };
}

interface Options {
  selected: string;
  hovered: string;
  /** Labels at most. */
  most?: number;
  measure: (text: string, kind: Label['kind']) => number;
}

/**
 * Which names stand where: boxes first, then what is selected, then by weight; one that would cover another is left
 * out. Names of nodes come with nearness, numbers and edges later.
 */
export function placeLabels(scene: Scene, camera: Camera, size: Size, options: Options): Label[] {
  const { selected, hovered, measure, most = 220 } = options;
  const taken = createTaken();
  const labels: Label[] = [];
  const tryPut = (label: Label, height: number): boolean => {
    if (labels.length >= most) return false;
    const half =
      Math.max(measure(label.text, label.kind), label.detail ? measure(label.detail, 'edge') : 0) /
        2 +
      3;
    const rect = {
      left: label.x - half,
      right: label.x + half,
      top: label.y - 8,
      bottom: label.y - 8 + height,
    };
    if (rect.right < 0 || rect.left > size.width || rect.bottom < 0 || rect.top > size.height)
      return false;
    if (!taken.take(rect)) return false;
    labels.push(label);
    return true;
  };
  for (const box of scene.boxes) {
    const middle = toScreen(camera, size, box);
    const radius = box.radius * camera.scale;
    if (radius < 9) continue;
    const { id, label: text } = box;
    const top = middle.y - radius + (radius < 90 ? -7 : 14);
    const y = Math.max(top, Math.min(14, middle.y + radius - 20));
    tryPut({ id, text, detail: '', x: middle.x, y, kind: 'box', strength: 1 }, 16);
  }
  for (const node of scene.nodes) {
    const middle = toScreen(camera, size, node);
    const radius = Math.max(3, node.radius * camera.scale);
    if (camera.scale < namesFrom) break;
    if (middle.x < 0 || middle.x > size.width || middle.y < 0 || middle.y > size.height) continue;
    taken.add({
      left: middle.x - radius,
      right: middle.x + radius,
      top: middle.y - radius,
      bottom: middle.y + radius,
    });
  }
  const showsAll = camera.scale >= namesFrom;
  const isLit = scene.nodes.some(({ strength }) => strength < 1);
  const wanted = scene.nodes
    .filter(
      ({ id, strength, weight }) =>
        id === selected ||
        id === hovered ||
        (strength === 1 && (showsAll || isLit || (weight >= 1e6 && camera.scale >= troubleFrom))),
    )
    .sort(
      (a, b) =>
        Number(b.id === hovered) - Number(a.id === hovered) ||
        b.weight - a.weight ||
        (a.id < b.id ? -1 : 1),
    );
  for (const node of wanted) {
    const middle = toScreen(camera, size, node);
    if (
      middle.x < -80 ||
      middle.x > size.width + 80 ||
      middle.y < -40 ||
      middle.y > size.height + 40
    )
      continue;
    const isClose = camera.scale >= detailsFrom || node.id === selected || node.id === hovered;
    const detail = isClose ? node.detail : '';
    const y = middle.y + Math.max(2.2, node.radius * camera.scale) + 12;
    const { id, label: text, strength } = node;
    tryPut({ id, text, detail, x: middle.x, y, kind: 'node', strength }, detail ? 28 : 16);
  }
  for (let index = scene.edges.length - 1; index >= 0; index--) {
    const edge = scene.edges[index]!;
    const isAsked = edge.id === selected || edge.id === hovered;
    if (!isAsked && (camera.scale < edgesFrom || edge.strength < 0.35)) continue;
    const detail = isAsked || camera.scale >= marksFrom ? edge.detail : '';
    if (edge.label === '' && detail === '') continue;
    const middle = toScreen(camera, size, pointAt(curveOf(edge, scene.nodes), 0.5));
    tryPut(
      {
        id: edge.id,
        text: edge.label || detail,
        detail: edge.label ? detail : '',
        x: middle.x,
        y: middle.y,
        kind: 'edge',
        strength: 1,
      },
      detail && edge.label ? 28 : 16,
    );
  }
  return labels;
}
