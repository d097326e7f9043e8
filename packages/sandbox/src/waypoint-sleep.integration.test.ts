import { makePodHttp } from '@ambit/agent/kube/pod-http';
import type { Cluster } from '@ambit/agent/kube/objects';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startSandbox, type Sandbox } from './start.ts';
import { clusterOf, installMesh } from './testing/mesh.ts';
import { until } from './testing/until.ts';
import { controlWaypoints, gateway, pool, settings, testPace } from './testing/waypoints.ts';

vi.setConfig({ testTimeout: 120_000 });
const limitMs = 60_000;
const namespace = 'shop';
const deployments = 'deployments.apps';
const entries = 'workloadentries.networking.istio.io';
let sandbox: Sandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await startSandbox({ pace: testPace });
  cluster = clusterOf(sandbox);
  await installMesh(sandbox, cluster);
}, 120_000);
afterAll(async () => {
  cluster?.client.close();
  await sandbox?.close();
});

/** Forty times as fast: waypoints sleep after 30 s at the least. */
const began = Date.now();
const fast = () => began + (Date.now() - began) * 40;
const start = () =>
  controlWaypoints(
    cluster,
    settings(pool('calm', { sleepAfterS: 30 })),
    makePodHttp(cluster.client, 'api-server'),
    {
      nowMs: fast,
      sleep: { podName: 'none', address: '127.0.0.1', listen: '127.0.0.1', isInPodNetwork: false },
    },
  );
const scale = (name: string, replicas: number) =>
  sandbox.client.patch(deployments, { namespace, name }, { spec: { replicas } }, 'people');
const replicas = () => sandbox.manager.cache.get(deployments, namespace, 'waypoint')?.spec.replicas;
const pods = () =>
  sandbox.manager.cache
    .list('pods', namespace)
    .filter(({ metadata }) => metadata.labels?.['gateway.istio.io/managed'] !== undefined);
const visitors = () =>
  sandbox.manager.cache
    .list('pods', namespace)
    .filter(({ metadata }) => metadata.labels?.['app'] === 'visitors');

test('a waypoint sleeps without traffic; traffic wakes it, and waits; nothing goes past its policies', async () => {
  let agent = start();
  await scale('visitors', 0);
  await sandbox.client.patch(
    'namespaces',
    { name: namespace },
    { metadata: { labels: { 'istio.io/dataplane-mode': 'ambient' } } },
    'people',
  );
  await sandbox.client.create(gateway(namespace, 'ambit-waypoint-calm'), 'people');
  await sandbox.client.create(
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: 'no-baskets', namespace },
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: 'front' }],
        action: 'DENY',
        rules: [{ to: [{ operation: { paths: ['/basket'] } }] }],
      },
    },
    'people',
  );
  await until('it serves', () => agent.of(namespace)?.state === 'Ready', limitMs);
  await sandbox.client.patch(
    'services',
    { namespace, name: 'front' },
    { metadata: { labels: { 'istio.io/use-waypoint': 'waypoint' } } },
    'people',
  );
  const asleep = () => agent.of(namespace)?.sleep?.phase === 'asleep' && pods().length === 0;
  await until(`it sleeps; ${agent.said.join('; ')}`, asleep, limitMs);
  expect(agent.of(namespace)).toMatchObject({ state: 'Ready', reason: 'Sleeping' });
  expect(replicas()).toBe(0);

  // Another agent takes its place while it sleeps.
  await agent.end();
  agent = start();
  await until('it still sleeps', asleep, limitMs);

  await scale('visitors', 1);
  await until(
    'a visitor',
    () => visitors().some(({ status }) => status?.phase === 'Running'),
    limitMs,
  );
  await until(
    'visitors wait',
    () => {
      // None gets an answer before there is a waypoint that judges it.
      const outcomes = sandbox.traffic.simulate(1);
      if (pods().length === 0) expect(outcomes).toEqual([]);
      return sandbox.traffic.waiting().now > 0 || sandbox.traffic.waiting().over.length > 0;
    },
    limitMs,
  );
  // With visitors all the time: it would sleep again while this is looked at.
  const busy = (so: () => boolean) => () => {
    sandbox.traffic.simulate(1);
    return so();
  };
  await until(
    'it serves again',
    busy(() => {
      const { sleep, replicas: now } = agent.of(namespace)!;
      return sleep?.phase === 'awake' && now.ready === 1;
    }),
    limitMs,
  );
  await until(
    'its door is gone',
    busy(() => sandbox.manager.cache.list(entries).length === 0),
    limitMs,
  );
  await until('all are answered', () => sandbox.traffic.waiting().now === 0, limitMs);
  const codes = new Set(sandbox.traffic.waiting().over.map(({ code }) => code));
  // Some requests fail in the shop itself.
  codes.delete(500);
  expect([...codes].toSorted()).toEqual([200, 403]);

  await scale('visitors', 0);
  await until('it sleeps again', asleep, limitMs);
  expect(await agent.wake(namespace)).toBe('1 of 1 replicas ready');
  await until('it sleeps once more', asleep, limitMs);

  // The mesh goes: nobody would wake it any more.
  agent.want(null);
  await until(
    'a replica serves',
    () => replicas() === 1 && sandbox.manager.cache.list(entries).length === 0,
    limitMs,
  );
  await agent.end();
});
