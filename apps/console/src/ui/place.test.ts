import { expect, it } from 'vitest';
import { placeBeside } from './place.ts';

const view = { width: 400, height: 300 };
const size = { width: 100, height: 20 };

it('stands above and centred', () => {
  expect(placeBeside({ left: 180, top: 100, width: 40, height: 20 }, size, view)).toEqual({
    left: 150,
    top: 74,
  });
});

it('goes below when there is no room above, and stays inside at both edges', () => {
  expect(placeBeside({ left: 0, top: 10, width: 20, height: 20 }, size, view)).toEqual({
    left: 8,
    top: 36,
  });
  expect(placeBeside({ left: 390, top: 100, width: 20, height: 20 }, size, view).left).toBe(292);
});
