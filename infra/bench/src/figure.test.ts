import { expect, test } from 'vitest';
import { figure, quantile, table } from './figure.ts';

test.each([
  [[5], 0.99, 5],
  [[1, 2, 3, 4], 0.5, 2],
  [Array.from({ length: 200 }, (_, i) => 200 - i), 0.99, 198],
  [[3, 1, 2], 1, 3],
])('quantile of %j at %d is %d', (samples, p, value) => {
  expect(quantile(samples, p)).toBe(value);
});

test('a figure with a peer has their ratio; without one it has none', () => {
  expect(figure('a', 11, 's', 10)).toMatchObject({ peer: 10, ratio: 1.1 });
  expect(figure('a', 11, 's')).toMatchObject({ peer: null, ratio: null });
});

test('the table has one line a figure under its heading', () => {
  const lines = table([figure('create_s', 1.5, 's', 3)]).split('\n');
  expect(lines).toEqual([
    'figure    value  unit  peer  ratio',
    'create_s    1.5  s        3    0.5',
  ]);
});
