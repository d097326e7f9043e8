import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import { integrationCreate } from '@ambit/contracts/operations/integration';
import { meshMetrics, serviceList, serviceVersions } from '@ambit/contracts/operations/service';
import { callSeries, serveMesh } from '@ambit/telemetry/testing/mesh-prometheus';
import { vector } from '@ambit/telemetry/testing/server';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { endResidents } from '../topology/residents.ts';

let platform: TestPlatform;
let tenant: Tenant;
let close: () => void;
const meshId = newId('mesh');

const named = (version: string) => ({
  destination_cluster: 'c1',
  destination_workload_namespace: 'shop',
  destination_workload: `cart-${version}`,
  destination_canonical_service: 'cart',
  destination_canonical_revision: version,
});

beforeAll(async () => {
  const topology = { everyMs: 300, renewEveryMs: 200, tellEveryMs: 50, budgetMs: 1_000 };
  platform = await testPlatform({ alertAllow: ['127.0.0.0/8'], topology });
  tenant = await makeTenant(platform);
  const { organisationId, projectId } = tenant;
  const { system } = platform.db;
  const of = { organisationId, meshId };
  await system.mesh.create({
    data: {
      id: meshId,
      organisationId,
      projectId,
      name: 'say "shop"',
      profile: 'sidecar',
      release: '1.30.2',
      options: { telemetry: 'none' },
    },
  });
  const clusterId = newId('cluster');
  await system.cluster.create({ data: { id: clusterId, organisationId, name: 'c1' } });
  await system.meshCluster.create({ data: { clusterId, ...of } });
  const subset = (name: string, labels: object) => ({ name, labels });
  await system.policy.create({
    data: {
      id: newId('policy'),
      ...of,
      apiVersion: 'networking.istio.io/v1',
      group: 'networking.istio.io',
      kind: 'DestinationRule',
      namespace: 'shop',
      name: 'cart',
      object: {
        spec: {
          host: 'cart',
          subsets: [
            subset('stable', { version: 'v1' }),
            subset('next', { version: 'v9' }),
            subset('zone-a', { zone: 'a' }),
          ],
        },
      },
      yaml: '',
      author: 'test',
      door: 'rest',
    },
  });
  const series = () => [
    ...callSeries({ from: 'web', to: 'cart-v1', rate: 3, ms: 20 }),
    ...callSeries({ from: 'web', to: 'cart-v2', rate: 1, errorShare: 0.5, ms: 20 }),
    ...callSeries({ from: 'cart-v1', to: 'db', rate: 2 }),
  ];
  // Versions are asked for apart.
  const server = await serveMesh(series, ({ promql }, response) => {
    if (!promql.startsWith('group by (destination_cluster')) return false;
    response.end(vector(['v1', 'v2'].map((version) => ({ labels: named(version), value: 1 }))));
    return true;
  });
  close = server.close;
  await tenant.callAs('admin', integrationCreate, {
    kind: 'prometheus',
    name: 'prometheus',
    address: server.url,
    timeoutMs: 30_000,
  });
});
afterAll(async () => {
  await endResidents(platform.db);
  close();
  await platform.drop();
});

const list = (more: object = {}) => tenant.callAs('viewer', serviceList, { meshId, ...more });

it('of a graph that nobody keeps nothing is told, and none is begun', async () => {
  const nothing = { items: [], nextCursor: null, total: 0, sources: [] };
  expect(await list({ kept: true })).toEqual(nothing);
  expect(await list({ kept: true })).toEqual(nothing);
});

it('services come with what they are asked, the worst first, page by page', async () => {
  await vi.waitFor(
    async () => {
      const { items, total } = await list();
      expect(total).toBe(2);
      expect(items).toMatchObject([
        { namespace: 'shop', name: 'cart', rate: 4, errorShare: 0.125, health: 'failure' },
        { namespace: 'shop', name: 'db', rate: 2, errorShare: 0, health: 'healthy', p95Ms: null },
      ]);
      expect(items[0]!.p95Ms).toBeGreaterThan(10);
    },
    { timeout: 60_000 },
  );
  const first = await list({ limit: 1 });
  const second = await list({ limit: 1, cursor: first.nextCursor! });
  expect([first, second].map(({ items }) => items.map(({ name }) => name))).toEqual([
    ['cart'],
    ['db'],
  ]);
  expect((await list({ health: 'unwell' })).items.map(({ name }) => name)).toEqual(['cart']);
  expect((await list({ kept: true })).items.map(({ name }) => name)).toEqual(['cart', 'db']);
  expect((await list({ namespace: 'other' })).items).toEqual([]);
  const other = await makeTenant(platform, 'Other');
  await expect(other.callAs('owner', serviceList, { meshId })).rejects.toThrow('no mesh');
});

it('versions come with their share, and with the subsets that name them', async () => {
  const versions = (name: string) =>
    tenant.callAs('viewer', serviceVersions, { meshId, namespace: 'shop', name });
  await vi.waitFor(
    async () => {
      const { items, undefinedSubsets } = await versions('cart');
      expect(items).toMatchObject([
        { version: 'v1', share: 0.75, errorShare: 0, subsets: ['stable'] },
        { version: 'v2', share: 0.25, errorShare: 0.5, subsets: [] },
      ]);
      expect(undefinedSubsets).toEqual(['next']);
    },
    { timeout: 60_000 },
  );
  await expect(versions('nobody')).rejects.toThrow('nobody');
});

it('Prometheus is told the same, with names that could end a label escaped', async () => {
  await vi.waitFor(
    async () => {
      const { text, services, leftOut } = await tenant.callAs('viewer', meshMetrics, { meshId });
      expect({ services, leftOut }).toEqual({ services: 2, leftOut: 0 });
      const of = String.raw`mesh="say \"shop\"",namespace="shop",service="cart"`;
      expect(text.split('\n')).toEqual(
        expect.arrayContaining([
          '# TYPE ambit_mesh_service_requests_per_second gauge',
          `ambit_mesh_service_requests_per_second{${of}} 4`,
          `ambit_mesh_service_errors_per_second{${of}} 0.5`,
          String.raw`ambit_mesh_source_up{mesh="say \"shop\"",source="prometheus"} 1`,
        ]),
      );
      expect(text).toMatch(/latency_milliseconds\{.*service="cart",quantile="0.95"\} \d+/);
    },
    { timeout: 60_000 },
  );
});
