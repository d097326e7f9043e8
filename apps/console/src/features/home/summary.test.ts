import { expect, it } from 'vitest';
import { homeSentence } from './summary.ts';

const mesh = (name: string, status: string) => ({ name, status });
const cluster = (state: string) => ({ name: 'c', state });

it.each([
  [{ meshes: [], clusters: [], running: 0 }, 'No cluster has joined yet. It takes one command.'],
  [
    { meshes: [], clusters: [cluster('connected')], running: 0 },
    '1 cluster connected. Next: create a mesh.',
  ],
  [
    { meshes: [mesh('a', 'Ready')], clusters: [cluster('connected')], running: 1 },
    '1 mesh is Ready, 1 cluster connected. 1 operation under way.',
  ],
  [
    {
      meshes: [mesh('a', 'Ready'), mesh('b', 'Progressing')],
      clusters: [cluster('connected')],
      running: 0,
    },
    '1 of 2 meshes Ready, 1 cluster connected.',
  ],
  [
    {
      meshes: [mesh('shop', 'Degraded')],
      clusters: [cluster('stale'), cluster('waiting')],
      running: 0,
    },
    'Mesh shop needs attention; 1 cluster not heard of; 1 cluster waiting for an agent.',
  ],
])('says how everything is (%#)', (facts, sentence) => {
  expect(homeSentence(facts)).toBe(sentence);
});
