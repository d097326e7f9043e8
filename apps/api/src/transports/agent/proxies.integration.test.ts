import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { InputOf, OutputOf } from '@ambit/contracts/operation';
import {
  proxyCertificates,
  proxyConfig,
  proxyEvents,
  proxyList,
  proxyLogs,
  proxyRequests,
} from '@ambit/contracts/operations/proxy';
import { inTenant } from '@ambit/db/database';
import { readThroughAgent } from '@ambit/services/agent-reads/ask';
import { newestRates } from '@ambit/services/telemetry-store/read';
import { startSandboxMesh, type SandboxMesh } from '../../testing/sandbox-mesh.ts';

let bed: SandboxMesh;
beforeAll(async () => {
  bed = await startSandboxMesh({
    mesh: { accessLog: true },
    timing: { telemetry: { everyMs: 400, syncEveryMs: 300, idleEveryMs: 300 } },
  });
});
afterAll(() => bed?.close());

const until = <T>(check: () => T | Promise<T>) =>
  vi.waitFor(check, { timeout: 60_000, interval: 100 });
const list = (more: Partial<InputOf<typeof proxyList>> = {}) =>
  bed.server.tenant.callAs('viewer', proxyList, { meshId: bed.meshId, limit: 500, ...more });
const podOf = async (workload: string): Promise<string> => {
  const found = await until(async () => {
    const { items } = await list({ workload });
    expect(
      items.some(({ ready }) => ready),
      bed.said.slice(-5).join('\n'),
    ).toBe(true);
    return items;
  });
  return found.find(({ ready }) => ready)!.pod;
};
const at = async (workload: string) => ({
  meshId: bed.meshId,
  clusterId: bed.clusterId,
  namespace: workload === 'ztunnel' ? 'istio-system' : 'shop',
  pod: await podOf(workload),
});

it('proxies are told of: what they are, where, and whether they are in sync', async () => {
  const { items, total, clusters } = await until(async () => {
    const told = await list();
    const kinds = new Set(told.items.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['sidecar', 'ztunnel']));
    expect(told.items.filter(({ inSync, ready }) => !inSync || !ready)).toEqual([]);
    expect(told.items.filter(({ scrapedAt }) => scrapedAt === null)).toEqual([]);
    return told;
  });
  expect(total).toBe(items.length);
  expect(clusters).toEqual([
    { clusterId: bed.clusterId, clusterName: 'bed', reportedAt: expect.any(String), note: '' },
  ]);
  const front = items.find(({ workload }) => workload === 'front')!;
  expect(front).toMatchObject({
    namespace: 'shop',
    kind: 'sidecar',
    version: '1.31.0-sandbox',
    problem: '',
    sync: { cds: 'synced', lds: 'synced', eds: 'synced', rds: 'synced' },
  });
  expect(front.istiod).toMatch(/^istiod-/);
  const page = await list({ limit: 3, kind: 'sidecar' });
  expect(page.items).toHaveLength(3);
  const next = await list({ limit: 3, kind: 'sidecar', cursor: page.nextCursor! });
  expect(next.items[0]!.pod).not.toBe(page.items.at(-1)!.pod);
  expect((await list({ state: 'outOfSync' })).items).toEqual([]);
});

it('a proxy shows its configuration, by type, and what it has not alike with another', async () => {
  const proxy = await at('front');
  const { callAs } = bed.server.tenant;
  const config = (more: Partial<InputOf<typeof proxyConfig>>) =>
    callAs('operator', proxyConfig, { ...proxy, ...more });
  const clusters = await config({ resource: 'clusters' });
  const names = clusters.proxy.entries.map(({ name }) => name);
  expect(names).toContain('outbound|8080||front.shop.svc.cluster.local');
  expect(names).toEqual(names.toSorted());
  expect(clusters).toMatchObject({ against: null, differences: [], proxy: { simulated: true } });
  const { entries } = (await config({ resource: 'secrets' })).proxy;
  expect(JSON.stringify(entries)).toContain('[not told]');
  const other = await podOf('currency');
  const compared: OutputOf<typeof proxyConfig> = await config({
    resource: 'clusters',
    against: `shop/${other}`,
  });
  expect(compared.differences.length).toBeGreaterThan(0);
  expect(compared.differences.every(({ name }) => name.startsWith('inbound|'))).toBe(true);
  const ztunnel = await callAs('operator', proxyConfig, {
    ...(await at('ztunnel')),
    resource: 'ztunnel',
  });
  expect(ztunnel.proxy.entries.some(({ name }) => name.startsWith('workloads/shop/front-'))).toBe(
    true,
  );
  await expect(config({ resource: 'ztunnel' })).rejects.toMatchObject({ code: 'unprocessable' });
  await expect(config({ pod: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(callAs('viewer', proxyConfig, proxy)).rejects.toMatchObject({ code: 'forbidden' });
  const limits = [{ meshId: bed.meshId, namespaces: ['elsewhere'] }];
  await expect(callAs('operator', proxyConfig, proxy, { limits })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

it('an access log is read page by page, and waited for; words find lines', async () => {
  const proxy = await at('front');
  const logs = (more: Partial<InputOf<typeof proxyLogs>>) =>
    bed.server.tenant.callAs('operator', proxyLogs, { ...proxy, ...more });
  bed.sandbox.traffic.simulate(5);
  const last = await logs({ lines: 5 });
  expect(last.items).toHaveLength(5);
  expect(last).toMatchObject({ simulated: true, more: false });
  expect(last.items.at(-1)!.text).toMatch(/"(GET|POST) .* HTTP\/1\.1" \d+ /);
  const waiting = logs({ cursor: last.cursor!, waitSeconds: 20 });
  bed.sandbox.traffic.simulate(10);
  const fresh = await waiting;
  expect(fresh.items.length).toBeGreaterThan(0);
  expect(fresh.items[0]!.at > last.cursor!).toBe(true);
  const found = await logs({ filter: 'outbound catalogue', lines: 20 });
  expect(found.items.length).toBeGreaterThan(0);
  expect(
    found.items.every(({ text }) => /outbound.*catalogue|catalogue.*outbound/.test(text)),
  ).toBe(true);
});

it('what a proxy was asked is told by route, and which certificates it holds', async () => {
  const proxy = await at('front');
  const { callAs } = bed.server.tenant;
  bed.sandbox.traffic.simulate(10);
  const asked = await callAs('operator', proxyRequests, { ...proxy, limit: 3 });
  expect(asked.requests).toBeGreaterThan(0);
  expect(asked.items.length).toBeGreaterThan(0);
  expect(asked.items.length).toBeLessThanOrEqual(3);
  for (const { path, requests, failed } of asked.items) {
    expect(path).toMatch(/^\/[^?]*$/);
    expect(requests).toBeGreaterThanOrEqual(failed);
  }
  const { items } = await callAs('operator', proxyCertificates, proxy);
  expect(items).toMatchObject([
    {
      use: 'workload',
      names: [expect.stringMatching(/^spiffe:\/\/cluster\.local\/ns\/shop\/sa\//)],
      state: 'valid',
    },
  ]);
  const refused = { code: 'forbidden' };
  await expect(callAs('viewer', proxyRequests, proxy)).rejects.toMatchObject(refused);
  await expect(callAs('viewer', proxyCertificates, proxy)).rejects.toMatchObject(refused);
});

it('events of an object are read', async () => {
  const { pod } = await at('front');
  const { items } = await bed.server.tenant.callAs('viewer', proxyEvents, {
    meshId: bed.meshId,
    clusterId: bed.clusterId,
    kind: 'Pod',
    namespace: 'shop',
    name: pod,
  });
  expect(items.map(({ reason }) => reason)).toContain('Started');
});

it('rates of the shop arrive without a Prometheus, from both sides of each call', async () => {
  const { db } = bed.server.platform;
  const { organisationId } = bed.server.tenant;
  await at('front');
  const moment = await until(async () => {
    bed.sandbox.traffic.simulate(1);
    const found = await inTenant(db, organisationId, (tx) => newestRates(db, tx, bed.clusterId));
    const reporters = new Set(found?.rates.map(({ labels }) => labels['reporter']));
    expect(reporters).toEqual(new Set(['source', 'destination']));
    return found!;
  });
  const requests = moment.rates.filter(
    ({ metric, labels }) =>
      metric === 'requests' &&
      labels['source_workload'] === 'visitors' &&
      labels['destination_service_name'] === 'front',
  );
  const by = (reporter: string) =>
    requests
      .filter(({ labels }) => labels['reporter'] === reporter)
      .reduce((sum, { rate }) => sum + rate, 0);
  expect(by('source')).toBeGreaterThan(0);
  expect(by('destination')).toBeGreaterThan(0);
  const secured = requests.filter(({ labels }) => labels['reporter'] === 'destination');
  expect(secured.every((one) => one.labels['connection_security_policy'] === 'mutual_tls')).toBe(
    true,
  );
  expect(moment.rates.some(({ metric }) => metric === 'durationBucket')).toBe(true);
});

it('only proxies and the control plane are read, and no server but that of an integration', async () => {
  const asker = {
    platform: bed.server.platform,
    organisationId: bed.server.tenant.organisationId,
  };
  const { pod } = await at('front');
  const of = { namespace: 'shop', pod };
  await expect(
    readThroughAgent(asker, bed.clusterId, { kind: 'logs', ...of, container: 'app' }),
  ).rejects.toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('istio-proxy') as string,
  });
  const agentPod = { namespace: 'kube-system', pod: 'coredns' };
  await expect(
    readThroughAgent(asker, bed.clusterId, { kind: 'logs', ...agentPod }),
  ).rejects.toMatchObject({ code: 'not_found' });
  const { status, body } = await readThroughAgent(
    asker,
    bed.clusterId,
    { kind: 'http', method: 'GET', url: `${bed.server.url}/healthz`, headers: {}, body: '' },
    { through: bed.server.url },
  );
  expect([status, body.length > 0]).toEqual([200, true]);
  const kube = { kind: 'http' as const, method: 'GET' as const, headers: {}, body: '' };
  await expect(
    readThroughAgent(
      asker,
      bed.clusterId,
      { ...kube, url: `${bed.sandbox.url}/api/v1/secrets` },
      { through: bed.sandbox.url },
    ),
  ).rejects.toMatchObject({ code: 'unprocessable' });
});
