import { expect, test } from 'vitest';
import { call } from '../testing/call.ts';
import { testApi } from '../testing/server.ts';
import { BudgetSpent, withinMs } from './budget.ts';

test('work without an end is ended, other work gives its value or its error', () => {
  let rounds = 0;
  const forever = (): never => {
    for (;;) rounds++;
  };
  expect(() => withinMs(20, forever)).toThrow(BudgetSpent);
  expect(rounds).toBeGreaterThan(0);
  expect(withinMs(1_000, () => 7)).toBe(7);
  const failing = () => {
    throw new RangeError('mine');
  };
  expect(() => withinMs(1_000, failing)).toThrow(RangeError);
});

test('a hostile rule costs its own object half a second, and the API goes on', async () => {
  const api = testApi();
  const list = { type: 'array', items: { type: 'integer' } };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'loops.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'loops', singular: 'loop', kind: 'Loop' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { list },
              'x-kubernetes-validations': [
                {
                  rule: 'self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))',
                  message: 'negative',
                },
              ],
            },
          },
        },
      ],
    },
  };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  expect((await call(api, 'POST', definitions, definition)).status).toBe(201);
  const loops = '/apis/example.com/v1/namespaces/default/loops';
  const loop = (name: string, numbers: number[]) => ({
    apiVersion: 'example.com/v1',
    kind: 'Loop',
    metadata: { name },
    list: numbers,
  });
  const hostile = Array.from({ length: 3_000 }, (_, i) => i);
  const refused = await call(api, 'POST', loops, loop('hostile', hostile));
  expect([refused.status, refused.body.message]).toEqual([
    422,
    expect.stringContaining('running out of cost budget'),
  ]);
  expect((await call(api, 'POST', loops, loop('small', [1, 2]))).status).toBe(201);
  const negative = await call(api, 'POST', loops, loop('negative', [-1]));
  expect(negative.body.message).toContain('negative');
  api.close();
});
