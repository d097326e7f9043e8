import { expect, it } from 'vitest';
import { createBudget } from './budget.ts';

const made = (size: number) => {
  const one = { dropped: false, size: () => size, drop: () => void (one.dropped = true) };
  return one;
};

it('what was not used for longest goes first, and what is used stays however large', () => {
  const budget = createBudget(10);
  const [a, b, c] = [made(4), made(4), made(4)];
  budget.used(a);
  budget.used(b);
  budget.used(a);
  budget.used(c);
  expect([a.dropped, b.dropped, c.dropped]).toEqual([false, true, false]);
  const large = made(50);
  budget.used(large);
  expect([a.dropped, c.dropped, large.dropped]).toEqual([true, true, false]);
  expect(budget.total()).toBe(50);
  budget.forget(large);
  expect(budget.total()).toBe(0);
});
