import { edgeLabels, type TelemetryReport } from '@ambit/contracts/agent/telemetry';
import { newId } from '@ambit/contracts/ids';
import { diagnosisGet, findingList } from '@ambit/contracts/operations/finding';
import { policyApply } from '@ambit/contracts/operations/policy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepPartitions } from '../telemetry-store/partitions.ts';
import { rollUp } from '../telemetry-store/roll.ts';
import { takeTelemetry } from '../telemetry-store/take.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { diagnoseMesh } from './run.ts';

let platform: TestPlatform;
let tenant: Tenant;
let nowMs = Date.now();
const meshId = newId('mesh');
const clusterId = newId('cluster');

beforeAll(async () => {
  platform = await testPlatform({ now: () => new Date(nowMs) });
  tenant = await makeTenant(platform);
  await keepPartitions(platform.db.pool, nowMs);
  const { organisationId, projectId } = tenant;
  const { system } = platform.db;
  await system.mesh.create({
    data: {
      id: meshId,
      organisationId,
      projectId,
      name: 'shop',
      profile: 'sidecar',
      release: '1.30.2',
      options: {},
    },
  });
  const mesh = { create: { meshId, organisationId } };
  await system.cluster.create({ data: { id: clusterId, organisationId, name: 'c', mesh } });
});
afterAll(() => platform.drop());

const breaker = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec:
  host: cart
  trafficPolicy: {connectionPool: {http: {http2MaxRequests: 10}}}
`;

/** Two proxies of shop/web, and how long the requests of a second took them together. */
function report(durationMs: number): TelemetryReport {
  const labels: Record<string, string> = {
    reporter: 'source',
    source_workload_namespace: 'shop',
    source_workload: 'web',
    destination_service: 'cart.shop.svc.cluster.local',
    request_protocol: 'http',
    response_code: '200',
  };
  const texts = edgeLabels.map((name) => labels[name] ?? '');
  const strings = [...new Set(texts)];
  const proxy = (pod: string): NonNullable<TelemetryReport['proxies']>[number] => ({
    namespace: 'shop',
    pod,
    workload: 'web',
    node: 'n',
    kind: 'sidecar',
    version: '1.31.0',
    ready: true,
    problem: '',
    scrapedAt: nowMs,
    istiod: null,
    sync: {},
    syncError: '',
  });
  return {
    bootId: 'b',
    startedAt: nowMs,
    seq: 0,
    scrapes: true,
    at: nowMs,
    windowS: 10,
    strings,
    labels: [texts.map((text) => strings.indexOf(text))],
    edges: [],
    columns: { requests: [100], durationSum: [durationMs], durationCount: [100] },
    histograms: { rows: [], rates: [] },
    proxies: [proxy('web-1'), proxy('web-2')],
    dropped: { edges: 0, reports: 0, samples: 0 },
  };
}

const found = async () => {
  const { organisationId } = tenant;
  await diagnoseMesh({ db: platform.db, now: () => new Date(nowMs) }, organisationId, meshId);
  const { items } = await tenant.callAs('viewer', findingList, { meshId, code: 'AMB0016' });
  return items;
};
const limits = async () => (await tenant.callAs('viewer', diagnosisGet, { meshId })).limits.join();

it('compares circuit breakers with the traffic of the last hour, and says so where nobody tells of it', async () => {
  await tenant.callAs('operator', policyApply, { meshId, yaml: breaker, dryRun: false });
  expect(await found()).toEqual([]);
  expect(await limits()).toContain('circuit breakers are not compared');

  const agent = {
    clusterId,
    clusterName: 'c',
    organisationId: tenant.organisationId,
    generation: 0,
  };
  expect((await takeTelemetry(platform, agent, report(60_000))).accepted).toBe(true);
  nowMs += 200_000;
  const roller = { db: platform.db, now: platform.now };
  await rollUp(roller, tenant.organisationId, clusterId);
  expect(await found()).toMatchObject([
    {
      resource: 'DestinationRule shop/cart',
      path: 'spec.trafficPolicy.connectionPool.http.http2MaxRequests',
      message: 'cart is limited to 10 requests at once, and one caller needed 30',
    },
  ]);
  expect(await limits()).not.toContain('circuit breakers');

  nowMs += 2 * 3_600_000;
  expect(await found()).toEqual([]);
  expect(await limits()).toContain('circuit breakers are not compared');
});
