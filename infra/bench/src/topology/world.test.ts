import { expect, test } from 'vitest';
import { callsOf, counterAt, seriesText } from './world.ts';

const shape = { services: 50, namespaces: 5, edgesEach: 10, seed: 3 };

test('a made-up mesh is the same each time, and has the edges it is to have', () => {
  const calls = callsOf(shape);
  expect(calls).toEqual(callsOf(shape));
  expect(calls).not.toEqual(callsOf({ ...shape, seed: 4 }));
  expect(calls).toHaveLength(500);
  expect(new Set(calls.map(({ from, to }) => `${from} ${to}`)).size).toBe(500);
  expect(calls.every(({ from, to }) => from !== to)).toBe(true);
  const texts = calls.flatMap((call) =>
    (['source', 'destination'] as const).flatMap((reporter) =>
      (['200', '503'] as const).map((code) => seriesText(shape, call, reporter, code)),
    ),
  );
  expect(new Set(texts).size).toBe(2000);
});

test('counters only grow, as fast as the call', () => {
  const call = { from: 0, to: 1, rate: 10, failing: 0.1 };
  expect(counterAt(call, '200', 100)).toBe(900);
  expect(counterAt(call, '503', 100)).toBe(100);
});
