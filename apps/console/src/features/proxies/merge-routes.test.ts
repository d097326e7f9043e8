import { expect, it } from 'vitest';
import { mergeRoutes, type AskedRoute } from './merge-routes.ts';

const route = (more: Partial<AskedRoute>): AskedRoute => ({
  method: 'GET',
  path: '/pay',
  host: 'pay:80',
  direction: 'inbound',
  requests: 10,
  failed: 0,
  failures: [],
  slowestMs: 5,
  lastAt: '2026-11-25T07:00:00.000Z',
  ...more,
});

it('routes of several proxies are counted together, what fails most first', () => {
  const merged = mergeRoutes([
    route({ path: '/well', requests: 99 }),
    route({ failed: 2, failures: [{ code: '503', flags: 'UF', count: 2 }], slowestMs: 50 }),
    route({
      failed: 4,
      failures: [
        { code: '500', flags: '', count: 3 },
        { code: '503', flags: 'UF', count: 1 },
      ],
      lastAt: '2026-11-25T07:00:09.000Z',
    }),
    route({ direction: 'outbound', failed: 1 }),
  ]);
  expect(merged.map(({ path, direction, failed }) => [path, direction, failed])).toEqual([
    ['/pay', 'inbound', 6],
    ['/pay', 'outbound', 1],
    ['/well', 'inbound', 0],
  ]);
  expect(merged[0]).toMatchObject({
    requests: 20,
    slowestMs: 50,
    lastAt: '2026-11-25T07:00:09.000Z',
  });
  expect(merged[0]!.failures).toEqual([
    { code: '503', flags: 'UF', count: 3 },
    { code: '500', flags: '', count: 3 },
  ]);
  expect(mergeRoutes([])).toEqual([]);
});
