import { layOut } from '@ambit/topology/layout/lay-out';
import type { Layout, LayoutInput } from '@ambit/topology/layout/shape';

export interface LayoutRequest {
  /** Layouts of one key follow each other: who was there stays where it was. */
  key: string;
  sequence: number;
  input: LayoutInput;
}

export interface LayoutAnswer {
  key: string;
  sequence: number;
  layout: Layout;
}

const before = new Map<string, Layout>();
const mostKept = 12;

addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  const layout = layOut(data.input, before.get(data.key));
  before.delete(data.key);
  before.set(data.key, layout);
  if (before.size > mostKept) before.delete(before.keys().next().value!);
  const answer: LayoutAnswer = { key: data.key, sequence: data.sequence, layout };
  postMessage(answer);
});
