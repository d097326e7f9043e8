import { expect, it } from 'vitest';
import { makeFlapping } from './flapping.ts';

const timing = { most: 3, windowMs: 100, restMs: 1_000 };
const at = () => {
  const clock = { ms: 0 };
  const flapping = makeFlapping(() => clock.ms, timing);
  const repairAt = (ms: number, key = 'a') => {
    clock.ms = ms;
    flapping.repaired(key);
    return flapping.isFought(key);
  };
  const isFoughtAt = (ms: number, key = 'a') => {
    clock.ms = ms;
    return flapping.isFought(key);
  };
  return { repairAt, isFoughtAt };
};

it('leaves an object alone that was taken back as often as it was repaired', () => {
  const { repairAt, isFoughtAt } = at();
  expect([repairAt(0), repairAt(10), repairAt(20)]).toEqual([false, false, true]);
  expect([isFoughtAt(1_019), isFoughtAt(1_020)]).toEqual([true, false]);
});

it('tries once more after the rest, and rests again when that is taken back too', () => {
  const { repairAt, isFoughtAt } = at();
  [0, 10, 20].forEach((ms) => repairAt(ms));
  expect(isFoughtAt(1_020)).toBe(false);
  expect(repairAt(1_030)).toBe(true);
  expect(isFoughtAt(2_040)).toBe(false);
  // It held for longer than a fight lasts: now it takes as many as before.
  expect(repairAt(9_000)).toBe(false);
});

it('repairs what changes now and then, each object by itself', () => {
  const { repairAt, isFoughtAt } = at();
  expect([0, 200, 400, 600].map((ms) => repairAt(ms))).toEqual([false, false, false, false]);
  expect([repairAt(601, 'b'), repairAt(602, 'c')]).toEqual([false, false]);
  expect(isFoughtAt(603, 'b')).toBe(false);
});
