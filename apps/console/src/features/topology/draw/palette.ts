import type { Tone } from './scene.ts';

export type Rgba = readonly [r: number, g: number, b: number, a: number];
export type Palette = Record<Tone, Rgba> & { ink2: Rgba; canvas: Rgba };

const sources: Record<keyof Palette, [variable: string, alpha: number]> = {
  line: ['--ink-3', 0.62],
  ink: ['--ink', 1],
  ink2: ['--ink-2', 1],
  ok: ['--ok', 1],
  calm: ['--ok', 1],
  warn: ['--warn', 1],
  bad: ['--bad', 1],
  accent: ['--accent', 1],
  busy: ['--busy', 1],
  idle: ['--ink-3', 0.85],
  surface: ['--surface', 1],
  canvas: ['--canvas', 1],
  v0: ['--accent', 1],
  v1: ['--busy', 1],
  v2: ['--ok', 1],
  v3: ['--warn', 1],
  v4: ['--ink-2', 1],
};

export const mix = ([r, g, b, a]: Rgba, other: Rgba, part: number): Rgba => [
  r + (other[0] - r) * part,
  g + (other[1] - g) * part,
  b + (other[2] - b) * part,
  a,
];

/** The colours of the theme as numbers from 0 to 1, whatever way the stylesheet writes them. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const paper = document.createElement('canvas');
  paper.width = paper.height = 1;
  const context = paper.getContext('2d', { willReadFrequently: true })!;
  const read = ([variable, alpha]: [string, number]): Rgba => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = style.getPropertyValue(variable).trim();
    context.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
    return [r / 255, g / 255, b / 255, alpha];
  };
  const palette = Object.fromEntries(
    Object.entries(sources).map(([tone, source]) => [tone, read(source)]),
  ) as Palette;
  return { ...palette, calm: mix(palette.ok, palette.surface, 0.42) };
}

export const cssOf = ([r, g, b]: Rgba, alpha = 1): string =>
  `rgba(${Math.round(r * 255)}, ${Math.round(g * 255)}, ${Math.round(b * 255)}, ${alpha})`;
