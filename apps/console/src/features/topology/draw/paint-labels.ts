import type { Size } from './camera.ts';
import { cssOf, type Palette } from './palette.ts';
import type { Label } from './place-labels.ts';

const fonts = {
  box: '600 11px "Geist Variable", system-ui, sans-serif',
  node: '500 12px "Geist Variable", system-ui, sans-serif',
  edge: '400 11px "Geist Variable", system-ui, sans-serif',
};

/** Widths of texts in pixels, remembered. */
export function createMeasure(context: CanvasRenderingContext2D) {
  const widths = new Map<string, number>();
  return (text: string, kind: Label['kind']): number => {
    const key = `${kind}${text}`;
    let width = widths.get(key);
    if (width === undefined) {
      context.font = fonts[kind];
      if (widths.size > 20_000) widths.clear();
      widths.set(key, (width = context.measureText(text).width));
    }
    return width;
  };
}

/** Writes labels over a picture, each with a rim of the ground's colour so that it reads over edges. */
export function paintLabels(
  context: CanvasRenderingContext2D,
  labels: readonly Label[],
  size: Size,
  ratio: number,
  palette: Palette,
): void {
  const { canvas } = context;
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3.5;
  context.strokeStyle = cssOf(palette.surface, 0.92);
  for (const { text, detail, x, y, kind, strength } of labels) {
    context.globalAlpha = strength;
    context.font = fonts[kind];
    context.strokeText(text, x, y);
    context.fillStyle = cssOf(kind === 'node' ? palette.ink : palette.ink2);
    context.fillText(text, x, y);
    if (detail === '') continue;
    context.font = fonts.edge;
    context.strokeText(detail, x, y + 13);
    context.fillStyle = cssOf(palette.ink2);
    context.fillText(detail, x, y + 13);
  }
  context.globalAlpha = 1;
}
