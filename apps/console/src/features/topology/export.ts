import type { Graph } from '@ambit/topology/model';
import { curveOf } from './draw/curve.ts';
import { cssOf, type Palette } from './draw/palette.ts';
import type { Label } from './draw/place-labels.ts';
import { isFar } from './draw/gl.ts';
import { toScreen, type Camera, type Size } from './draw/camera.ts';
import { stretch, type Scene } from './draw/scene.ts';

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

const one = (n: number): string => n.toFixed(1);

/** The picture as it stands, as SVG: boxes, edges, nodes, and the labels that were placed. */
export function toSvg(
  scene: Scene,
  labels: readonly Label[],
  camera: Camera,
  size: Size,
  palette: Palette,
): string {
  const at = (place: { x: number; y: number }) => toScreen(camera, size, place);
  const boxes = scene.boxes.map((box) => {
    const { x, y } = at(box);
    return `<ellipse cx="${one(x)}" cy="${one(y)}" rx="${one(box.radius * stretch * camera.scale)}" ry="${one(box.radius * camera.scale)}" fill="${cssOf(palette.ink, 0.03)}" stroke="${cssOf(palette.line, 0.35)}"/>`;
  });
  const looksFar = isFar({ camera }, scene.far?.length ?? 0);
  const drawn = looksFar && scene.far ? scene.far : scene.edges;
  const ends = looksFar ? scene.boxes : scene.nodes;
  const edges = drawn.map((edge) => {
    const curve = curveOf(edge, ends);
    const [a, c, b] = [at(curve.a), at(curve.c), at(curve.b)];
    const tone = palette[edge.tone];
    return `<path d="M${one(a.x)} ${one(a.y)}Q${one(c.x)} ${one(c.y)} ${one(b.x)} ${one(b.y)}" fill="none" stroke="${cssOf(tone, tone[3] * edge.strength)}" stroke-width="${one(edge.width)}"${edge.dashed ? ' stroke-dasharray="5 4"' : ''}/>`;
  });
  const nodes = scene.nodes.map((node) => {
    const { x, y } = at(node);
    const r = one(Math.max(2.2, node.radius * camera.scale));
    const tone = cssOf(palette[node.fill], node.strength);
    return `<circle cx="${one(x)}" cy="${one(y)}" r="${r}" fill="${node.hollow ? cssOf(palette.surface) : tone}" stroke="${node.hollow ? tone : cssOf(palette[node.ring])}" stroke-width="1.5"/>`;
  });
  const words = labels.map(({ text, detail, x, y, kind }) => {
    const ink = cssOf(kind === 'node' ? palette.ink : palette.ink2);
    const rim = `paint-order="stroke" stroke="${cssOf(palette.surface)}" stroke-width="3"`;
    const line = (words_: string, dy: number, px: number): string =>
      `<text x="${one(x)}" y="${one(y + dy)}" font-size="${px}" fill="${ink}" ${rim}>${escape(words_)}</text>`;
    return line(text, 4, kind === 'node' ? 12 : 11) + (detail ? line(detail, 17, 11) : '');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" text-anchor="middle">`,
    `<rect width="100%" height="100%" fill="${cssOf(palette.surface)}"/>`,
    ...(looksFar ? [...edges, ...boxes] : [...boxes, ...edges]),
    ...nodes,
    ...words,
    '</svg>',
    '',
  ].join('\n');
}

/** The graph as data, with the view it is of. */
export const toJson = (graph: Graph, view: object): string =>
  `${JSON.stringify({ ...view, ...graph }, null, 2)}\n`;

export function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** An SVG as PNG, in twice its size. */
export async function toPng(svg: string, { width, height }: Size): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const paper = document.createElement('canvas');
  paper.width = width * 2;
  paper.height = height * 2;
  paper.getContext('2d')!.drawImage(image, 0, 0, paper.width, paper.height);
  return new Promise((resolve, reject) =>
    paper.toBlob(
      (blob) =>
        blob ? resolve(blob) : reject(new Error('The browser could not write the picture.')),
      'image/png',
    ),
  );
}
