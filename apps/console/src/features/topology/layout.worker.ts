import { layOut } from '@ambit/topology/layout/lay-out';
import type { Layout } from '@ambit/topology/layout/shape';
import { unpackShape, type PackedShape } from './model/shape.ts';

export interface LayoutRequest extends PackedShape {
  /** Layouts of one key follow each other: who was there stays where it was. */
  key: string;
  sequence: number;
}

export interface LayoutAnswer {
  key: string;
  sequence: number;
  layout: Layout;
}

const before = new Map<string, Layout>();
const mostKept = 12;

addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  const layout = layOut(unpackShape(data), before.get(data.key));
  before.delete(data.key);
  before.set(data.key, layout);
  if (before.size > mostKept) before.delete(before.keys().next().value!);
  const answer: LayoutAnswer = { key: data.key, sequence: data.sequence, layout };
  postMessage(answer);
});
