import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import {
  integrationCreate,
  integrationDelete,
  integrationGet,
  integrationList,
  integrationTest,
  integrationUpdate,
} from '@ambit/contracts/operations/integration';
import { traceGet, traceList } from '@ambit/contracts/operations/trace';
import { callSeries, serveMesh } from '@ambit/telemetry/testing/mesh-prometheus';
import { serveQueries, vector } from '@ambit/telemetry/testing/server';
import { bareMesh } from '../testing/bare-mesh.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';

let platform: TestPlatform;
let tenant: Tenant;
const closers: (() => void)[] = [];

beforeAll(async () => {
  platform = await testPlatform({ alertAllow: ['127.0.0.0/8'] });
});
afterAll(() => platform.drop());
beforeEach(async () => {
  tenant = await makeTenant(platform);
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const base = { kind: 'prometheus', name: 'metrics', address: 'http://127.0.0.1:9/' } as const;
const create = (more: object = {}) =>
  tenant.callAs('admin', integrationCreate, { ...base, timeoutMs: 30_000, ...more });
const test = (integrationId: string) => tenant.callAs('admin', integrationTest, { integrationId });

async function serve(...given: Parameters<typeof serveMesh>) {
  const server = await serveMesh(...given);
  closers.push(server.close);
  return server;
}

async function makeMesh(clusters: string[] = []) {
  const { organisationId } = tenant;
  const meshId = await bareMesh(platform, tenant);
  const ids: string[] = [];
  for (const name of clusters) {
    const id = newId('cluster');
    await platform.db.system.cluster.create({ data: { id, organisationId, name } });
    await platform.db.system.meshCluster.create({
      data: { clusterId: id, meshId, organisationId },
    });
    ids.push(id);
  }
  return { meshId, clusters: ids };
}

describe('an integration', () => {
  it('keeps its secrets sealed, and gives none of them back', async () => {
    const made = await create({
      auth: { kind: 'bearer', token: 's3cret-token' },
      headers: [
        { name: 'X-Scope-OrgID', value: 'shop' },
        { name: 'X-Key', value: 's3cret-header', secret: true },
      ],
    });
    expect(made).toMatchObject({
      auth: { kind: 'bearer' },
      headers: [
        { name: 'X-Scope-OrgID', value: 'shop', secret: false },
        { name: 'X-Key', value: null, secret: true },
      ],
      status: { state: 'unknown' },
    });
    const row = await platform.db.system.integration.findUnique({ where: { id: made.id } });
    const audit = await auditOf(platform, tenant, 'integration.create');
    const seen = JSON.stringify([
      made,
      row,
      audit,
      await tenant.callAs('viewer', integrationList, {}),
    ]);
    expect(seen).not.toContain('s3cret');
    expect(audit).toHaveLength(1);
  });

  it('sends what it has, and keeps a secret only while it goes to the same server', async () => {
    const server = await serve(() => callSeries({ from: 'a', to: 'b', rate: 1 }));
    const made = await create({
      address: server.url,
      auth: { kind: 'basic', username: 'u', password: 'p' },
      headers: [{ name: 'X-Scope-OrgID', value: 'shop' }],
    });
    await test(made.id);
    const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;
    expect(server.asked[0]!.headers).toMatchObject({
      authorization: basic,
      'x-scope-orgid': 'shop',
    });
    const { id, name } = made;
    const change = (more: object) =>
      tenant.callAs('admin', integrationUpdate, {
        integrationId: id,
        version: 1,
        name,
        address: server.url,
        auth: { kind: 'basic', username: 'u' },
        timeoutMs: 30_000,
        ...more,
      });
    await expect(change({ address: 'http://127.0.0.2:9/' })).rejects.toThrow(
      'the password is needed',
    );
    await expect(change({ auth: { kind: 'basic', username: 'other' } })).rejects.toThrow(
      'the password is needed',
    );
    expect((await change({ name: 'renamed' })).version).toBe(2);
    await test(id);
    expect(server.asked.at(-1)!.headers.authorization).toBe(basic);
    await expect(change({})).rejects.toThrow('was changed since');
  });

  it('gives no agent a secret that was meant for another, or for no agent', async () => {
    const { clusters } = await makeMesh(['c1', 'c2']);
    const [c1 = '', c2 = ''] = clusters;
    const auth = { kind: 'bearer', token: 's3cret' };
    const change = (integrationId: string, version: number, more: object) =>
      tenant.callAs('admin', integrationUpdate, {
        integrationId,
        version,
        name: base.name,
        address: base.address,
        auth: { kind: 'bearer' },
        ...more,
      });
    const { id } = await create({ auth });
    const inside = { reach: 'agent', clusterId: c1 };
    await expect(change(id, 1, inside)).rejects.toThrow('the token is needed');
    expect((await change(id, 1, { ...inside, auth })).version).toBe(2);
    expect((await change(id, 2, inside)).version).toBe(3);
    await expect(change(id, 3, { reach: 'agent', clusterId: c2 })).rejects.toThrow(
      'the token is needed',
    );
    await expect(change(id, 3, {})).rejects.toThrow('the token is needed');
  });

  it('belongs to one thing, has one name, and calls no address of the platform’s own networks', async () => {
    const { meshId, clusters } = await makeMesh(['c1']);
    await expect(create({ meshId, clusterId: clusters[0] })).rejects.toThrow('not both');
    await expect(create({ reach: 'agent' })).rejects.toThrow('which agent');
    await expect(create({ address: 'http://10.1.2.3/' })).rejects.toThrow('a private network');
    await expect(create({ address: 'http://u:p@127.0.0.1/' })).rejects.toThrow('user or password');
    const header = { name: 'Authorization', value: 'x' };
    await expect(create({ headers: [header] })).rejects.toThrow('not taken here');
    await create();
    await expect(create()).rejects.toThrow('already');
    const agent = await create({
      name: 'inside',
      reach: 'agent',
      clusterId: clusters[0],
      address: 'http://10.1.2.3/',
    });
    expect(agent).toMatchObject({ clusterName: 'c1', reach: 'agent' });
  });

  it('is listed for the meshes it tells of', async () => {
    const one = await makeMesh(['c1']);
    await create({ name: 'all' });
    await create({ name: 'mesh', meshId: one.meshId });
    await create({ name: 'cluster', clusterId: one.clusters[0] });
    const names = async (meshId: string) =>
      (await tenant.callAs('viewer', integrationList, { meshId })).items.map(({ name }) => name);
    expect((await names(one.meshId)).sort()).toEqual(['all', 'cluster', 'mesh']);
    await expect(names(newId('mesh'))).rejects.toThrow('no mesh');
  });

  it('of another organisation is not there, and a viewer changes none', async () => {
    const { id } = await create();
    const other = await makeTenant(platform, 'Other');
    const input = { integrationId: id };
    await expect(other.callAs('owner', integrationGet, input)).rejects.toThrow('no integration');
    await expect(other.callAs('owner', integrationTest, input)).rejects.toThrow('no integration');
    await expect(tenant.callAs('viewer', integrationDelete, input)).rejects.toThrow('may not');
    await expect(tenant.callAs('viewer', integrationTest, input)).rejects.toThrow('may not');
    await tenant.callAs('admin', integrationDelete, input);
    await expect(tenant.callAs('viewer', integrationGet, input)).rejects.toThrow('no integration');
  });
});

describe('a test of an integration says', () => {
  it('that all is well, and its status with it', async () => {
    const server = await serve(
      () => callSeries({ from: 'a', to: 'b', rate: 1 }),
      (asked, response) => {
        if (!asked.promql.startsWith('time()')) return false;
        response.end(vector([{ labels: {}, value: 7 }]));
        return true;
      },
    );
    const { id } = await create({ address: server.url });
    const told = await test(id);
    expect(told).toMatchObject({ outcome: 'ok', integration: { status: { state: 'ok' } } });
    expect(told.checks.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(await auditOf(platform, tenant, 'integration.test')).toHaveLength(1);
  });

  const cases: [string, Parameters<typeof serveMesh>[1], RegExp, string][] = [
    [
      'that credentials are refused',
      (_asked, response) => {
        response.statusCode = 401;
        response.end('{}');
        return true;
      },
      /refuses the credentials \(401\)/,
      'failed',
    ],
    [
      'that it is no Prometheus',
      (_asked, response) => {
        response.end('<html>hello</html>');
        return true;
      },
      /no answer of Prometheus/,
      'failed',
    ],
    [
      'that it leads elsewhere',
      (_asked, response) => {
        response.writeHead(302, { location: '/login' }).end();
        return true;
      },
      /leads elsewhere/,
      'failed',
    ],
    ['that it has no metrics of Istio', () => false, /no istio_requests_total/, 'warning'],
    [
      'that nobody knows whose counters it has',
      ({ promql }, response) => {
        if (!promql.startsWith('count(envoy_cluster_upstream_rq{')) return false;
        response.end(vector([{ labels: {}, value: 12 }]));
        return true;
      },
      /12 series .* say no pod: .* labels namespace and pod/,
      'warning',
    ],
    [
      'that it scrapes too seldom',
      ({ promql }, response) => {
        if (!promql.startsWith('quantile(')) return false;
        response.end(vector([{ labels: {}, value: 60 }]));
        return true;
      },
      /every 60 s, and rates are over 240 s.*scrape_interval/,
      'warning',
    ],
    [
      "that it has Envoy's own counters alone, and nothing to tell the time of a scrape by",
      ({ promql }, response) => {
        if (!promql.startsWith('count(envoy_cluster_upstream_rq{')) return false;
        const isNamed = !promql.includes('pod=""');
        response.end(vector(isNamed ? [{ labels: {}, value: 12 }] : []));
        return true;
      },
      /neither istio_build nor envoy_server_live/,
      'warning',
    ],
    [
      'that its clock is wrong',
      (asked, response) => {
        if (asked.promql !== 'vector(1)') return false;
        response.end(vector([{ labels: {}, value: 1 }], {}, Date.now() / 1000 - 600));
        return true;
      },
      /clock is \d+ s away/,
      'warning',
    ],
    ['that it does not answer', () => true, /did not answer within 0.5 s/, 'failed'],
  ];
  it.each(cases)('%s', async (_what, before, message, outcome) => {
    const server = await serve(() => [], before);
    const timeoutMs = message.source.includes('0.5 s') ? 500 : 30_000;
    const { id } = await create({ address: server.url, timeoutMs });
    const told = await test(id);
    expect(told.outcome).toBe(outcome);
    expect(told.checks.map((check) => check.message).join('\n')).toMatch(message);
    expect(told.integration.status.problems.join('\n')).toMatch(message);
  });

  it('that nobody is there, by name or by address', async () => {
    const named = await create({ address: 'http://nobody.invalid:9090' });
    expect((await test(named.id)).checks[0]!.message).toMatch(/DNS does not know|not known/);
    const server = await serve(() => []);
    server.close();
    const gone = await create({ name: 'gone', address: server.url });
    const { checks } = await test(gone.id);
    expect(checks[0]).toMatchObject({ outcome: 'failed' });
    expect(checks[1]).toMatchObject({ outcome: 'skipped' });
  });

  it('that no agent comes, when it is asked through one', async () => {
    const { clusters } = await makeMesh(['c1']);
    const { id } = await create({ reach: 'agent', clusterId: clusters[0] });
    expect((await test(id)).checks[0]!.message).toMatch(/agent/i);
  });
});

describe('traces', () => {
  const span = (id: string, more: object = {}) => ({
    traceID: 'aa',
    spanID: id,
    operationName: `op ${id}`,
    startTime: 1_700_000_000_000_000,
    duration: 5_000,
    processID: 'p1',
    ...more,
  });
  const jaeger = {
    data: [
      {
        traceID: 'aa',
        processes: { p1: { serviceName: 'web.shop' }, p2: { serviceName: 'cart.shop' } },
        spans: [
          span('2', {
            processID: 'p2',
            startTime: 1_700_000_000_001_000,
            references: [{ refType: 'CHILD_OF', spanID: '1' }],
            tags: [
              { key: 'error', value: true },
              { key: 'span.kind', value: 'server' },
            ],
          }),
          span('1'),
        ],
      },
    ],
  };

  it('come from the servers of a mesh; one that fails takes nothing from the others', async () => {
    const { meshId } = await makeMesh();
    const server = await serveQueries((asked, response) => {
      if (asked.path === '/api/traces/bb') response.writeHead(404).end('{}');
      else response.end(JSON.stringify(jaeger));
    });
    closers.push(server.close);
    const list = () => tenant.callAs('viewer', traceList, { meshId, service: 'web.shop' });
    expect(await list()).toEqual({ items: [], sources: [] });
    await create({ kind: 'jaeger', name: 'good', address: server.url });
    const gone = await serveQueries(() => {});
    gone.close();
    await create({ kind: 'tempo', name: 'bad', address: gone.url });
    const { items, sources } = await list();
    expect(items).toMatchObject([
      {
        traceId: 'aa',
        service: 'web.shop',
        spans: 2,
        errors: 1,
        services: ['cart.shop', 'web.shop'],
      },
    ]);
    expect(sources.map(({ name, state }) => `${name} ${state}`)).toEqual(['bad failed', 'good ok']);
    const trace = await tenant.callAs('viewer', traceGet, { meshId, traceId: 'aa' });
    expect(trace.spans.map(({ spanId, startMs, failed }) => [spanId, startMs, failed])).toEqual([
      ['1', 0, false],
      ['2', 1, true],
    ]);
    await expect(tenant.callAs('viewer', traceGet, { meshId, traceId: 'bb' })).rejects.toThrow(
      /refuses the connection/,
    );
    const other = await makeTenant(platform, 'Other');
    await expect(other.callAs('owner', traceGet, { meshId, traceId: 'aa' })).rejects.toThrow(
      'no mesh',
    );
  });
});
