import { expect, it, test } from 'vitest';
import { gapsOf, linePath, topOf } from './chart-math.ts';

test.each([
  [[], 1],
  [[null, 0], 1],
  [[0.3], 0.5],
  [[7, null, 3], 10],
  [[10], 10],
  [[101], 200],
])('the axis of %j ends at %d', (values, top) => {
  expect(topOf(values)).toBeCloseTo(top, 9);
});

it('a line is broken where nobody told, and never goes to zero there', () => {
  const path = linePath(
    [1, 2, null, 3, null, 4, 5],
    (at) => at * 10,
    (value) => value,
  );
  expect(path).toBe('M0 1L10 2M29 3h2M50 4L60 5');
});

it('gaps are where no series has a value', () => {
  expect(
    gapsOf([
      [null, 1, null, null, 5],
      [null, null, null, null, 1],
    ]),
  ).toEqual([
    [0, 0],
    [2, 3],
  ]);
});
