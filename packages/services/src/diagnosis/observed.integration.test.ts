import { edgeLabels, type TelemetryReport } from '@ambit/contracts/agent/telemetry';
import { newId } from '@ambit/contracts/ids';
import { diagnosisGet, findingList } from '@ambit/contracts/operations/finding';
import { integrationCreate } from '@ambit/contracts/operations/integration';
import { policyApply } from '@ambit/contracts/operations/policy';
import { serveQueries, vector } from '@ambit/telemetry/testing/server';
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
  platform = await testPlatform({ now: () => new Date(nowMs), alertAllow: ['127.0.0.0/8'] });
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
  const engine = { db: platform.db, now: () => new Date(nowMs), reacher: platform };
  await diagnoseMesh(engine, organisationId, meshId);
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

it('compares limits with what a Prometheus has of proxies, and says what it does not have or that it is silent', async () => {
  nowMs += 3 * 3_600_000;
  const limited = breaker.replace(
    '{http: {http2MaxRequests: 10}}',
    '{tcp: {maxConnections: 5}, http: {http2MaxRequests: 10, http1MaxPendingRequests: 20}}',
  );
  await tenant.callAs('operator', policyApply, { meshId, yaml: limited, dryRun: false });
  expect(await found()).toEqual([]);
  expect(await limits()).toContain('no Prometheus has connections and waiting requests');

  const host = 'cart.shop.svc.cluster.local';
  const has: Record<string, Record<string, string>> = {
    istio_request_duration_milliseconds_sum: { destination_service: host },
  };
  let isBroken = false;
  const server = await serveQueries(({ promql }, response) => {
    if (isBroken) response.statusCode = 503;
    const labels = Object.entries(has).find(([name]) => promql.includes(`${name}{`))?.[1];
    response.end(vector(labels ? [{ labels, value: 12 }] : []));
  });
  try {
    const { id } = await tenant.callAs('admin', integrationCreate, {
      kind: 'prometheus',
      name: 'metrics',
      address: server.url,
      meshId,
    });
    nowMs += 61_000;
    const paths = async () => (await found()).map(({ path }) => path.split('.').at(-1)).sort();
    expect(await paths()).toEqual(['http2MaxRequests']);
    expect(await limits()).toContain('no Prometheus has connections and waiting requests');
    expect(await limits()).not.toContain('no agent and no Prometheus');

    has['envoy_cluster_upstream_cx_active'] = { cluster_name: `outbound|80||${host}` };
    has['envoy_cluster_upstream_rq_pending_overflow'] = { cluster_name: `outbound|80||${host}` };
    nowMs += 61_000;
    expect(await paths()).toEqual([
      'http1MaxPendingRequests',
      'http2MaxRequests',
      'maxConnections',
    ]);
    expect(await limits()).not.toContain('AMB0016');

    isBroken = true;
    nowMs += 61_000;
    expect(await found()).toEqual([]);
    expect(await limits()).toContain('metrics could not be asked what circuit breakers');
    expect(id).toBeTruthy();
  } finally {
    server.close();
  }
});
