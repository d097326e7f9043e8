import { expect, test } from 'vitest';
import { paletteScore } from './palette-score.ts';

const best = (search: string, values: string[]) =>
  values
    .map((value) => ({ value, score: paletteScore(value, search) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ value }) => value);

test('letters scattered over an id are no answer', () => {
  expect(
    best('Releases', [
      'prod-eu Cluster · waiting cls_01r8e5l4e9a0s3e4s',
      'Releases Go to /releases',
    ]),
  ).toEqual(['Releases Go to /releases']);
});

test('a beginning goes before a word inside, and that before a part of a word', () => {
  expect(best('shop', ['workshop Mesh', 'my-shop Mesh', 'shop Mesh'])).toEqual([
    'shop Mesh',
    'my-shop Mesh',
    'workshop Mesh',
  ]);
});

test('several words may stand in any order, and all of them have to', () => {
  expect(paletteScore('Join a cluster do.join', 'cluster join')).toBeGreaterThan(0);
  expect(paletteScore('Join a cluster do.join', 'cluster leave')).toBe(0);
});

test('a whole id is found', () => {
  expect(paletteScore('shop Mesh · Ready msh_01abc', 'msh_01abc')).toBeGreaterThan(0);
});
