import type { Place } from '../model/hood.ts';
import { curveOf } from './curve.ts';
import { mix, type Palette, type Rgba } from './palette.ts';
import { stretch, type DrawnEdge, type Scene } from './scene.ts';

/** Texels of a row of the texture, and numbers of one thing: four texels of four. */
export const texels = 2_048;
export const numbersEach = 16;

/** Room for so many things, in whole rows of the texture. */
const roomFor = (count: number): Float32Array => {
  const rows = Math.max(1, Math.ceil((count * numbersEach) / (texels * 4)));
  return new Float32Array(rows * texels * 4);
};

const put = (numbers: Float32Array, at: number, [r, g, b, a]: Rgba, strength: number): void => {
  numbers.set([r, g, b, a * strength], at);
};

/** Edges as the shaders read them: a, c; b and the radii of both ends; width, flow, dashed; colour. */
export function edgeRows(
  edges: readonly DrawnEdge[],
  nodes: readonly (Place & { radius: number })[],
  palette: Palette,
): Float32Array {
  const numbers = roomFor(edges.length);
  edges.forEach((edge, nth) => {
    const at = nth * numbersEach;
    const { a, c, b } = curveOf(edge, nodes);
    const from = nodes[edge.from]!.radius;
    const to = nodes[edge.to]!.radius;
    numbers.set([a.x, a.y, c.x, c.y, b.x, b.y, from, to, edge.width, edge.flow], at);
    numbers[at + 10] = edge.dashed ? 1 : 0;
    put(numbers, at + 12, palette[edge.tone], edge.strength);
  });
  return numbers;
}

/** Boxes, then nodes: place, radius, shape (9: a box); hollow (of a box: how wide it is); fill; ring. */
export function nodeRows({ nodes, boxes }: Scene, palette: Palette): Float32Array {
  const numbers = roomFor(boxes.length + nodes.length);
  boxes.forEach((box, nth) => {
    const at = nth * numbersEach;
    const isChosen = box.tone === 'accent';
    const over = isChosen ? palette.accent : palette.ink;
    numbers.set([box.x, box.y, box.radius, 9, stretch], at);
    put(numbers, at + 8, mix(palette.surface, over, isChosen ? 0.06 : 0.03), 1);
    put(numbers, at + 12, palette[box.tone], isChosen ? 0.9 : 0.5);
  });
  nodes.forEach((node, nth) => {
    const at = (boxes.length + nth) * numbersEach;
    numbers.set([node.x, node.y, node.radius, node.shape, node.hollow ? 1 : 0], at);
    put(numbers, at + 8, palette[node.fill], node.strength);
    put(numbers, at + 12, palette[node.ring], 1);
  });
  return numbers;
}
