import { expect, test } from 'vitest';
import { toEvict, type Held } from './evict.ts';

const held = (bytes: number, usedAtMs: number, isBusy = false): Held => ({
  bytes,
  usedAtMs,
  isBusy,
});
const limits = { idleMs: 1_000, bytes: 100 };

test.each<[string, Record<string, Held>, string[]]>([
  ['nothing is needed', { a: held(50, 9_500), b: held(50, 9_900) }, []],
  ['one is unused for long', { a: held(1, 8_999), b: held(1, 9_100) }, ['a']],
  ['they hold too much: the longest unused', { a: held(60, 9_900), b: held(60, 9_500) }, ['b']],
  [
    'as many go as are needed',
    { a: held(80, 9_500), b: held(90, 9_600), c: held(90, 9_700), d: held(5, 9_800) },
    ['a', 'b'],
  ],
  ['busy ones stay', { a: held(200, 0, true), b: held(10, 9_500), c: held(10, 9_600) }, ['b', 'c']],
])('%s', (_name, meshes, expected) => {
  expect(toEvict(new Map(Object.entries(meshes)), 10_000, limits)).toEqual(expected);
});
