import { expect, test } from 'vitest';
import { subsetsOf, versionOfSubset } from './subsets.ts';

const rule = (namespace: string, host: string, name = host) => ({
  namespace,
  object: { spec: { host, subsets: [{ name, labels: { version: 'v1' } }] } },
});

test('subsets are those of rules for the service, by short and by whole host', () => {
  const rules = [
    rule('shop', 'cart'),
    rule('shop', 'cart.shop'),
    rule('infra', 'cart.shop.svc.cluster.local'),
    rule('infra', 'cart'),
    rule('shop', 'cart.example.com'),
    rule('shop', 'web'),
    { namespace: 'shop', object: {} },
  ];
  const found = subsetsOf(rules, { namespace: 'shop', name: 'cart' });
  expect(found.map(({ name }) => name)).toEqual([
    'cart',
    'cart.shop',
    'cart.shop.svc.cluster.local',
  ]);
});

test.each([
  [{ version: 'v2' }, 'v2'],
  [{ 'app.kubernetes.io/version': '3' }, '3'],
  [{ version: 'v2', zone: 'a' }, null],
  [{ zone: 'a' }, null],
  [undefined, null],
])('a subset of %j selects the version %s', (labels, version) => {
  expect(versionOfSubset({ name: 's', ...(labels ? { labels } : {}) })).toBe(version);
});
