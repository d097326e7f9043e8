import { expect, test } from 'vitest';
import type { Inventory } from '../inventory.ts';
import { createTelemetryStore } from '../store/telemetry-store.ts';
import { istioLabels, tellRound, type Told } from '../testing/labels.ts';
import { versionSignals } from './version-signals.ts';

const workload = (name: string, version: string, role: 'workload' | 'waypoint' = 'workload') => ({
  cluster: 'c1',
  namespace: 'shop',
  name,
  app: name.replace(/-v\d+$/, ''),
  version,
  role,
  proxy: 'ztunnel' as const,
  desired: 1,
  available: 1,
  unsynced: 0,
  isReporting: null,
});

const inventory: Inventory = {
  workloads: [
    workload('cart-v1', 'v1'),
    workload('cart-v2', 'v2'),
    workload('cart-v3', 'v3'),
    workload('waypoint', '', 'waypoint'),
  ],
  services: [
    {
      cluster: 'c1',
      namespace: 'shop',
      name: 'cart',
      external: false,
      workloads: ['cart-v1', 'cart-v2', 'cart-v3'],
    },
  ],
};

const called = (to: string, rate: number, more: Partial<Parameters<typeof istioLabels>[0]> = {}) =>
  ({
    metric: more.protocol === 'tcp' ? 'connectionsOpened' : 'requests',
    labels: istioLabels({ reporter: 'destination', from: 'web', to, service: 'cart', ...more }),
    rate,
  }) satisfies Told;

const told = (rounds: readonly Told[]) => {
  const store = createTelemetryStore('c1');
  tellRound(store, rounds);
  return versionSignals(store, inventory, { namespace: 'shop', name: 'cart' }).map(
    ({ version, workloads, signals }) => [
      version,
      workloads.map(({ name }) => name).join(),
      signals.requests,
      signals.errors,
    ],
  );
};

test('each version has what it is asked through the service, also the one that nobody asks', () => {
  expect(
    told([
      called('cart-v1', 3),
      called('cart-v2', 1),
      called('cart-v2', 1, { code: '503' }),
      called('cart-v1', 7, { service: 'other' }),
    ]),
  ).toEqual([
    ['v1', 'cart-v1', 3, 0],
    ['v2', 'cart-v2', 2, 1],
    ['v3', 'cart-v3', 0, 0],
  ]);
});

test('connections of ztunnel do not count beside requests, and count where there are only they', () => {
  const tcp = (to: string, rate: number) => called(to, rate, { protocol: 'tcp' });
  expect(told([called('cart-v1', 3), tcp('cart-v1', 5), tcp('cart-v2', 5)])).toMatchObject([
    ['v1', 'cart-v1', 3, 0],
    ['v2', 'cart-v2', 0, 0],
    ['v3', 'cart-v3', 0, 0],
  ]);
  expect(told([tcp('cart-v1', 5), tcp('waypoint', 9)])[0]).toEqual(['v1', 'cart-v1', 5, 0]);
});

test('a workload that traffic names and no inventory knows is shown with the version it tells', () => {
  expect(told([called('cart-v9', 2)])).toContainEqual(['v9', 'cart-v9', 2, 0]);
});
