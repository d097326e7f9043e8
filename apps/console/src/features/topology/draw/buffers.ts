import { curveOf } from './curve.ts';
import { mix, type Palette, type Rgba } from './palette.ts';
import type { Place } from '../model/hood.ts';
import { stretch, type DrawnEdge, type Scene } from './scene.ts';

/** Bytes of one edge and one node as the card reads them. */
export const edgeBytes = 48;
export const nodeBytes = 28;

const put = (bytes: Uint8Array, at: number, [r, g, b, a]: Rgba, strength: number): void => {
  bytes[at] = r * 255;
  bytes[at + 1] = g * 255;
  bytes[at + 2] = b * 255;
  bytes[at + 3] = a * strength * 255;
};

/** Edges as they lie in memory: a, c, b; radii of both ends, width, flow; colour; dash. */
export function edgeBuffer(
  edges: readonly DrawnEdge[],
  nodes: readonly (Place & { radius: number })[],
  palette: Palette,
): ArrayBuffer {
  const buffer = new ArrayBuffer(edges.length * edgeBytes);
  const floats = new Float32Array(buffer);
  const bytes = new Uint8Array(buffer);
  edges.forEach((edge, nth) => {
    const at = (nth * edgeBytes) / 4;
    const { a, c, b } = curveOf(edge, nodes);
    floats.set([a.x, a.y, c.x, c.y, b.x, b.y], at);
    floats[at + 6] = nodes[edge.from]!.radius;
    floats[at + 7] = nodes[edge.to]!.radius;
    floats[at + 8] = edge.width;
    floats[at + 9] = edge.flow;
    put(bytes, nth * edgeBytes + 40, palette[edge.tone], edge.strength);
    floats[at + 11] = edge.dashed ? 1 : 0;
  });
  return buffer;
}

/** Boxes, then nodes: place, radius, shape (9: a box), hollow (of a box: how wide it is); fill; ring. */
export function nodeBuffer({ nodes, boxes }: Scene, palette: Palette): ArrayBuffer {
  const buffer = new ArrayBuffer((boxes.length + nodes.length) * nodeBytes);
  const floats = new Float32Array(buffer);
  const bytes = new Uint8Array(buffer);
  let nth = 0;
  const begin = (x: number, y: number, radius: number, shape: number, more: number): number => {
    floats.set([x, y, radius, shape, more], (nth * nodeBytes) / 4);
    return nth++ * nodeBytes + 20;
  };
  for (const box of boxes) {
    const at = begin(box.x, box.y, box.radius, 9, stretch);
    const isChosen = box.tone === 'accent';
    put(
      bytes,
      at,
      mix(palette.surface, isChosen ? palette.accent : palette.ink, isChosen ? 0.06 : 0.03),
      1,
    );
    put(bytes, at + 4, palette[box.tone], isChosen ? 0.9 : 0.5);
  }
  for (const node of nodes) {
    const at = begin(node.x, node.y, node.radius, node.shape, node.hollow ? 1 : 0);
    put(bytes, at, palette[node.fill], node.strength);
    put(bytes, at + 4, palette[node.ring], 1);
  }
  return buffer;
}
