import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { edgeLabels, type TelemetryReport } from '@ambit/contracts/agent/telemetry';
import { newId } from '@ambit/contracts/ids';
import {
  integrationCreate,
  integrationDelete,
  integrationGet,
  integrationTest,
} from '@ambit/contracts/operations/integration';
import { topologyGet, topologySignals } from '@ambit/contracts/operations/topology';
import { callSeries, serveMesh, type Series } from '@ambit/telemetry/testing/mesh-prometheus';
import { vector } from '@ambit/telemetry/testing/server';
import type { Graph, GraphDiff } from '@ambit/topology/model';
import { istioLabels } from '@ambit/topology/testing/labels';
import { applyDiff, decodeGraph, type GraphMessage } from '@ambit/topology/wire/message';
import { keepPartitions } from '../telemetry-store/partitions.ts';
import { takeTelemetry } from '../telemetry-store/take.ts';
import { answerReads } from '../testing/answer-reads.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { endResidents } from './residents.ts';

vi.setConfig({ testTimeout: 60_000 });

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;
const closers: (() => void)[] = [];
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const topology = { everyMs: 300, renewEveryMs: 200, tellEveryMs: 50, budgetMs: 1_000 };
  platform = await testPlatform({ alertAllow: ['127.0.0.0/8'], topology });
});
afterAll(() => platform.drop());
beforeEach(async () => {
  tenant = await makeTenant(platform);
  meshId = await makeMesh('shop');
});
afterEach(async () => {
  await endResidents(platform.db);
  for (const end of endings.splice(0)) await end();
  for (const close of closers.splice(0)) close();
});

async function makeMesh(
  name: string,
  clusters: string[] = ['c1'],
  telemetry: 'agent' | 'none' = 'none',
): Promise<string> {
  const id = newId('mesh');
  const { organisationId, projectId } = tenant;
  await platform.db.system.mesh.create({
    data: {
      id,
      organisationId,
      projectId,
      name,
      profile: 'sidecar',
      release: '1.30.2',
      options: { telemetry },
    },
  });
  for (const cluster of clusters) await joinCluster(id, cluster);
  return id;
}

async function joinCluster(mesh: string, name: string): Promise<string> {
  const { organisationId } = tenant;
  const clusterId = newId('cluster');
  await platform.db.system.cluster.create({ data: { id: clusterId, organisationId, name } });
  await platform.db.system.meshCluster.create({
    data: { clusterId, meshId: mesh, organisationId },
  });
  return clusterId;
}

const quietWorkload = {
  namespace: 'shop',
  kind: 'Deployment',
  name: 'quiet',
  serviceAccount: 'default',
  pods: 1,
  ready: 1,
  enrolled: 1,
  mode: 'sidecar',
  revision: '',
  proxyVersions: {},
};

async function serve(
  series: readonly Series[] | (() => readonly Series[]),
  before?: Parameters<typeof serveMesh>[1],
) {
  const server = await serveMesh(typeof series === 'function' ? series : () => series, before);
  closers.push(server.close);
  return server;
}

const connect = (url: string, more: object = {}) =>
  tenant.callAs('admin', integrationCreate, {
    kind: 'prometheus',
    name: `prometheus ${url.slice(-5)}`,
    address: url,
    timeoutMs: 30_000,
    ...more,
  });

const look = (more: object = {}) => tenant.callAs('viewer', topologyGet, { meshId, ...more });
/** Once no source is to answer for the first time any more, however slow the machine is. */
const lookReady = (more: object = {}) =>
  until(
    () => look(more),
    ({ sources }) => sources.every(({ state }) => state !== 'pending'),
  );
type Answer = Awaited<ReturnType<typeof look>>;

const graphOf = ({ graph }: Answer): GraphDiff => decodeGraph(graph as GraphMessage);
const edgesOf = (graph: Graph): string[] =>
  graph.edges.map(({ source, target, rate }) => `${lastOf(source)}>${lastOf(target)} ${rate}`);
const lastOf = (id: string): string => id.split('/').at(-1) ?? '';

async function until<T>(what: () => Promise<T>, isDone: (found: T) => boolean): Promise<T> {
  const end = Date.now() + 50_000;
  for (;;) {
    const found = await what();
    if (isDone(found)) return found;
    if (Date.now() > end) throw new Error(`not within 50 s: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('the graph of a mesh', () => {
  it('is what its Prometheus tells, and afterwards only what changed', async () => {
    let rate = 2;
    const server = await serve(() => [
      ...callSeries({ from: 'web', to: 'cart', rate, errorShare: 0.5, ms: 20 }),
      ...callSeries({ from: 'cart', to: 'db', rate: 1 }),
    ]);
    await connect(server.url);
    const first = await lookReady();
    expect(first).toMatchObject({ state: 'live', message: '', sources: [{ state: 'ok' }] });
    expect(first.graph.base).toBeNull();
    const graph = graphOf(first);
    expect(edgesOf(graph)).toEqual(['cart>db 1', 'web>cart 2']);
    expect(graph.edges[1]).toMatchObject({ errorShare: 0.5, mutualTlsShare: 1, health: 'failure' });

    const same = await until(
      () => look({ base: first.graph.revision }),
      ({ graph: { base } }) => base === first.graph.revision,
    );
    expect(same.graph.base).toBe(first.graph.revision);
    rate = 4;
    const later = await until(
      () => look({ base: first.graph.revision }),
      (answer) => edgesOf(applyDiff(graph, graphOf(answer)))[1] === 'web>cart 4',
    );
    expect(later.graph.base).toBe(first.graph.revision);
    expect(graphOf(later).edges.map(({ source }) => lastOf(source))).toContain('web');
  });

  it('is told with latency and bytes a little later', async () => {
    const server = await serve(callSeries({ from: 'web', to: 'cart', rate: 2, ms: 20 }));
    await connect(server.url);
    const answer = await until(look, (each) => graphOf(each).edges[0]?.p95Ms != null);
    expect(graphOf(answer).edges[0]).toMatchObject({ requestBytes: 200, responseBytes: 2000 });
    expect(graphOf(answer).edges[0]!.p95Ms).toBeGreaterThan(10);
  });

  it('is grouped as asked, each view with its own revisions', async () => {
    const server = await serve(callSeries({ from: 'web', to: 'cart', rate: 2 }));
    await connect(server.url);
    const byWorkload = await lookReady();
    const byNamespace = await look({ group: 'namespace', base: byWorkload.graph.revision });
    expect(byNamespace.graph.base).toBeNull();
    expect(graphOf(byNamespace).nodes.map(({ id }) => id)).toEqual(['namespace:c1/shop/shop']);
  });

  it('merges the servers of its clusters, each cluster by its own name', async () => {
    meshId = await makeMesh('two', []);
    const east = await joinCluster(meshId, 'east');
    const west = await joinCluster(meshId, 'west');
    const own = { source_cluster: 'Kubernetes', destination_cluster: 'Kubernetes' };
    const one = await serve(callSeries({ from: 'web', to: 'cart', rate: 2, more: own }));
    const two = await serve(callSeries({ from: 'web', to: 'cart', rate: 5, more: own }));
    await connect(one.url, { clusterId: east });
    await connect(two.url, { clusterId: west });
    const { nodes, edges } = graphOf(await lookReady());
    expect(nodes.map(({ id }) => id)).toEqual([
      'workload:east/shop/cart',
      'workload:east/shop/web',
      'workload:west/shop/cart',
      'workload:west/shop/web',
    ]);
    expect(edges.map(({ rate }) => rate)).toEqual([2, 5]);
  });

  it('shows the workloads of the inventory, and says that nobody tells of traffic', async () => {
    const clusterId = await joinCluster(meshId, 'c2');
    await platform.db.system.cluster.update({
      where: { id: clusterId },
      data: { inventory: { digest: 'd', namespaces: [], owned: {}, workloads: [quietWorkload] } },
    });
    const answer = await look();
    expect(answer).toMatchObject({ state: 'noSource', sources: [], asOf: null });
    expect(answer.message).toMatch(/Integrations/);
    expect(graphOf(answer).nodes).toMatchObject([
      { name: 'quiet', health: 'healthy', traffic: 'unsure' },
    ]);
  });

  it('tells proxies that nobody is told of from those without traffic', async () => {
    const server = await serve([], (asked, response) => {
      if (!asked.promql.includes('istio_build')) return false;
      response.end(vector([{ labels: { namespace: 'shop', pod: 'quiet-1' }, value: 1 }]));
      return true;
    });
    await connect(server.url);
    const { clusterId } = await platform.db.system.meshCluster.findFirstOrThrow({
      where: { meshId },
    });
    const names = ['quiet', 'silent'];
    const workloads = names.map((name) => ({ ...quietWorkload, name }));
    await platform.db.system.cluster.update({
      where: { id: clusterId },
      data: { inventory: { digest: 'd', namespaces: [], owned: {}, workloads } },
    });
    const proxies = JSON.stringify(
      names.map((name) => ({
        namespace: 'shop',
        pod: `${name}-1`,
        workload: name,
        node: 'n',
        kind: 'sidecar',
        version: '',
        ready: true,
        problem: '',
        scrapedAt: null,
        istiod: '',
        sync: {},
        syncError: '',
      })),
    );
    await platform.db.system.$executeRaw`
      INSERT INTO telemetry_source (cluster_id, organisation_id, proxies, proxies_at)
      VALUES (${clusterId}, ${tenant.organisationId}, ${proxies}::jsonb, now())`;
    const answer = await until(look, (each) =>
      graphOf(each).nodes.some(({ traffic }) => traffic === 'missing'),
    );
    expect(graphOf(answer).nodes.map(({ name, traffic }) => `${name} ${traffic}`)).toEqual([
      'quiet idle',
      'silent missing',
    ]);
  });

  it('of a moment that is over is asked of the server once, and says when nothing is known', async () => {
    const server = await serve(
      callSeries({ from: 'web', to: 'cart', rate: 2 }),
      (asked, response) => {
        const time = Number(asked.form.get('time') ?? Infinity);
        if (time > Date.now() / 1000 - 7_200) return false;
        response.end(vector([]));
        return true;
      },
    );
    await connect(server.url);
    const at = new Date(Date.now() - 600_000).toISOString();
    const answer = await look({ at });
    expect(answer).toMatchObject({ state: 'past', retryMs: null, graph: { at: Date.parse(at) } });
    expect(edgesOf(graphOf(answer))).toEqual(['web>cart 2']);
    const asked = server.asked.length;
    await look({ at, group: 'namespace' });
    expect(server.asked.length).toBe(asked);
    const empty = await look({ at: new Date(Date.now() - 86_400_000).toISOString() });
    expect(empty.message).toMatch(/no traffic at that moment/);
    await expect(look({ at: new Date(Date.now() + 60_000).toISOString() })).rejects.toThrow(
      'not there yet',
    );
  });

  it('is what its agents tell where there is no Prometheus, now, before, and over time', async () => {
    const agent = await joinCluster(await makeMesh('told', [], 'agent'), 'north');
    meshId = (
      await platform.db.system.meshCluster.findUniqueOrThrow({ where: { clusterId: agent } })
    ).meshId;
    await keepPartitions(platform.db.pool, Date.now());
    const silent = await until(look, ({ message }) => /told of no traffic yet/.test(message));
    expect(silent).toMatchObject({ state: 'starting', sources: [{ state: 'pending' }] });
    const labels: Record<string, string> = callSeries({ from: 'web', to: 'cart', rate: 1 })[0]!
      .labels;
    const at = Date.now() - 1_000;
    const texts = edgeLabels.map((name) => labels[name] ?? '');
    const strings = [...new Set(texts)];
    const tell = (seq: number, endsAt: number): TelemetryReport => ({
      bootId: 'b',
      startedAt: at,
      seq,
      scrapes: true,
      at: endsAt,
      windowS: 10,
      strings: seq === 0 ? strings : [],
      labels: seq === 0 ? [texts.map((text) => strings.indexOf(text))] : [],
      edges: seq === 0 ? [] : [1],
      columns: { requests: [3] },
      histograms: { rows: [], rates: [] },
      proxies: null,
      dropped: { edges: 0, reports: 0, samples: 0 },
    });
    const by = { clusterId: agent, clusterName: 'north', organisationId: tenant.organisationId };
    for (const [seq, endsAt] of [at - 20_000, at - 10_000, at].entries()) {
      const took = await takeTelemetry(platform, { ...by, generation: 0 }, tell(seq, endsAt));
      expect(took.accepted).toBe(true);
    }
    const now = await until(look, ({ state }) => state !== 'starting');
    expect(now).toMatchObject({ state: 'live', sources: [{ kind: 'agent', state: 'ok' }] });
    const graph = graphOf(now);
    expect(graph.edges.map(({ id, rate }) => [id, rate])).toEqual([
      ['workload:north/shop/web>workload:north/shop/cart#http', 3],
    ]);
    const past = graphOf(await look({ at: new Date(at - 9_000).toISOString() }));
    expect(past.edges.map(({ rate }) => rate)).toEqual([3]);
    const signals = await tenant.callAs('viewer', topologySignals, {
      meshId,
      subject: graph.edges[0]!.id,
      stepS: 10,
    });
    expect(signals.sources).toMatchObject([{ kind: 'agent', state: 'ok' }]);
    expect(signals.inbound!.rate.filter((rate) => rate !== null)).toContain(3);
    expect(signals.inbound!.rate[0]).toBeNull();
  });

  it('is asked through the agent of a cluster for a server that only this one reaches', async () => {
    const { organisationId } = tenant;
    const clusterId = await joinCluster(meshId, 'inside');
    await platform.db.system.cluster.update({
      where: { id: clusterId },
      data: { registeredAt: new Date(), lastSeenAt: new Date() },
    });
    const server = await serve(callSeries({ from: 'web', to: 'cart', rate: 2, ms: 20 }));
    const agent = { clusterId, clusterName: 'inside', organisationId, generation: 0 };
    const address = 'http://prometheus.monitoring.svc:9090';
    endings.push(await answerReads(platform, agent, (url) => url.replace(address, server.url)));
    const { id } = await connect(address, { clusterId, reach: 'agent' });
    const told = await until(
      () => tenant.callAs('admin', integrationTest, { integrationId: id }),
      ({ outcome }) => outcome !== 'failed',
    );
    expect(told.checks[0]).toMatchObject({ outcome: 'ok' });
    const graph = graphOf(await lookReady());
    expect(graph.edges.map(({ rate }) => rate)).toEqual([2]);
    const subject = graph.edges[0]!.id;
    const signals = await until(
      () => tenant.callAs('viewer', topologySignals, { meshId, subject }),
      ({ sources }) => sources[0]?.state === 'ok',
    );
    expect(signals.inbound!.rate[0]).toBe(2);
  });

  it('of another organisation is not there', async () => {
    const other = await makeTenant(platform, 'Other');
    await expect(other.callAs('owner', topologyGet, { meshId })).rejects.toThrow('no mesh');
    await expect(
      other.callAs('owner', topologySignals, { meshId, subject: 'workload:c1/shop/web' }),
    ).rejects.toThrow('no mesh');
  });

  it('tells consoles when it moves on', async () => {
    let rate = 1;
    const server = await serve(() => callSeries({ from: 'web', to: 'cart', rate: rate++ }));
    await connect(server.url);
    await lookReady();
    const events = await until(
      async () => {
        await look();
        return platform.db.system.changeEvent.findMany({
          where: { organisationId: tenant.organisationId, topic: 'topology' },
        });
      },
      (found) => found.length > 0,
    );
    expect(events[0]).toMatchObject({ resourceId: meshId, change: 'updated' });
  });
});

describe('a source that', () => {
  it('is down is said so, and the integration’s status with it', async () => {
    const server = await serve([]);
    const { id } = await connect(server.url);
    server.close();
    const answer = await lookReady();
    expect(answer).toMatchObject({ state: 'failed', sources: [{ state: 'failed', asOf: null }] });
    expect(answer.message).toMatch(/refuses the connection/);
    await until(
      () => tenant.callAs('viewer', integrationGet, { integrationId: id }),
      ({ status }) => status.state === 'failed' && /refuses/.test(status.problems[0] ?? ''),
    );
  });

  it('is slow holds nobody up longer than the budget, and the others are shown', async () => {
    const quick = await serve(callSeries({ from: 'web', to: 'cart', rate: 2 }));
    const slow = await serve([], () => true);
    await connect(quick.url);
    await connect(slow.url, { timeoutMs: 60_000 });
    const answer = await until(look, ({ sources }) => sources.some(({ state }) => state === 'ok'));
    expect(answer.sources.map(({ state }) => state).sort()).toEqual(['ok', 'pending']);
    expect(answer.message).toMatch(/Not answered yet/);
    expect(edgesOf(graphOf(answer))).toEqual(['web>cart 2']);
  });

  it('answers in part is shown with what it says', async () => {
    const server = await serve(
      callSeries({ from: 'web', to: 'cart', rate: 2 }),
      (asked, response) => {
        if (!asked.promql.includes('istio_tcp')) return false;
        response.statusCode = 503;
        response.end(JSON.stringify({ status: 'error', error: 'store gateway is away' }));
        return true;
      },
    );
    await connect(server.url);
    const answer = await lookReady();
    expect(answer.sources[0]).toMatchObject({ state: 'partial' });
    expect(answer.sources[0]!.problems.join()).toMatch(/store gateway is away/);
    expect(edgesOf(graphOf(answer))).toEqual(['web>cart 2']);
  });

  it('has hostile labels shows them as names, and breaks nothing', async () => {
    const evil = 'x"}\u202e<script>/>#\u0000';
    const more = { source_workload: evil, source_workload_namespace: '../../etc' };
    const server = await serve([
      ...callSeries({ from: 'web', to: 'cart', rate: 2 }),
      ...callSeries({ from: 'web', to: 'cart', rate: 3, more }),
    ]);
    await connect(server.url);
    const graph = graphOf(await lookReady());
    expect(graph.edges).toHaveLength(2);
    const hostile = graph.nodes.find(({ namespace }) => namespace === '../../etc');
    expect(hostile?.name).toBe('x"}<script>/>#');
    const { inbound } = await tenant.callAs('viewer', topologySignals, {
      meshId,
      subject: graph.edges.find(({ source }) => source === hostile?.id)!.id,
    });
    expect(inbound?.rate.every((rate) => rate === null)).toBe(true);
  });

  it('has rows that cannot be kept says how many, and what to do', async () => {
    const odd = callSeries({ from: 'web', to: 'cart', rate: 1, more: { reporter: 'nobody' } });
    const server = await serve([...callSeries({ from: 'web', to: 'cart', rate: 2 }), ...odd]);
    await connect(server.url);
    const answer = await lookReady();
    expect(answer.dropped).toBeGreaterThan(0);
    expect(answer.sources[0]).toMatchObject({ state: 'partial' });
    expect(answer.sources[0]!.problems.join()).toMatch(/rows of .* are left out.*matchers/);
    expect(edgesOf(graphOf(answer))).toEqual(['web>cart 2']);
  });

  it('is taken away takes its traffic with it', async () => {
    const server = await serve(callSeries({ from: 'web', to: 'cart', rate: 2 }));
    const { id } = await connect(server.url);
    expect(edgesOf(graphOf(await lookReady()))).toHaveLength(1);
    await tenant.callAs('admin', integrationDelete, { integrationId: id });
    const answer = await until(look, ({ sources }) => sources.length === 0);
    expect(answer.state).toBe('noSource');
    expect(edgesOf(graphOf(answer))).toEqual([]);
  });

  it('is for the whole organisation is told to be narrowed while there are several meshes', async () => {
    await makeMesh('other', []);
    const mesh = { source_mesh: 'shop' };
    const server = await serve([
      ...callSeries({ from: 'web', to: 'cart', rate: 2, more: mesh }),
      ...callSeries({ from: 'far', to: 'away', rate: 2, more: { source_mesh: 'other' } }),
    ]);
    const { id } = await connect(server.url);
    const answer = await lookReady();
    expect(answer.sources[0]!.problems[0]).toMatch(/matchers/);
    await tenant.callAs('admin', integrationDelete, { integrationId: id });
    await endResidents(platform.db);
    await connect(server.url, { matchers: 'source_mesh="$mesh"' });
    expect(edgesOf(graphOf(await lookReady()))).toEqual(['web>cart 2']);
  });
});

describe('signals over time', () => {
  const signals = (subject: string, more: object = {}) =>
    tenant.callAs('viewer', topologySignals, { meshId, subject, ...more });

  it('are those of a node in both directions, each request counted once', async () => {
    const server = await serve([
      ...callSeries({ from: 'web', to: 'cart', rate: 4, errorShare: 0.25, ms: 20 }),
      ...callSeries({ from: 'cart', to: 'db', rate: 1 }),
    ]);
    await connect(server.url);
    await lookReady();
    const answer = await signals('workload:c1/shop/cart', { stepS: 60 });
    expect(answer.times).toHaveLength(answer.inbound!.rate.length);
    expect(answer.inbound!.rate.every((rate) => rate === 4)).toBe(true);
    expect(answer.inbound!.errorShare[0]).toBe(0.25);
    expect(answer.inbound!.p95Ms[0]).toBeCloseTo(24.3, 0);
    expect(answer.outbound!.rate[0]).toBe(1);
    const whole = await signals('cluster:c1//c1', { stepS: 60 });
    expect(whole.inbound!.rate.every((rate) => rate === 5)).toBe(true);
    expect(whole.outbound!.rate[0]).toBe(5);
    expect(answer.top[0]).toMatchObject({
      direction: 'inbound',
      peer: 'workload:c1/shop/web',
      errorShare: 0.25,
      code: '503 -',
    });
  });

  it('name the flag of connections that fail, not of the many that do not', async () => {
    const name = 'istio_tcp_connections_closed_total';
    const tcp = { from: 'web', to: 'db', protocol: 'tcp' };
    const told = ['source', 'destination'].flatMap((reporter) => [
      { name, labels: istioLabels({ reporter, ...tcp }), rate: 3 },
      { name, labels: istioLabels({ reporter, ...tcp, more: { response_flags: 'UF' } }), rate: 1 },
    ]);
    const opened = told.map((each) => ({ ...each, name: 'istio_tcp_connections_opened_total' }));
    await connect((await serve([...told, ...opened])).url);
    await lookReady();
    const { top } = await signals('workload:c1/shop/db');
    expect(top).toMatchObject([{ errorShare: 0.25, code: '- UF' }]);
  });

  it('of an edge are its own, and gaps are no zeros', async () => {
    const server = await serve([
      ...callSeries({ from: 'web', to: 'cart', rate: 4 }),
      ...callSeries({ from: 'far', to: 'cart', rate: 7 }),
    ]);
    await connect(server.url);
    const graph = graphOf(await lookReady());
    const edge = graph.edges.find(({ rate }) => rate === 4)!;
    const answer = await signals(edge.id);
    expect(answer.inbound!.rate[0]).toBe(4);
    expect(answer.outbound).toBeNull();
    const none = await signals('workload:c1/shop/nobody');
    expect(none.inbound!.rate.every((rate) => rate === null)).toBe(true);
  });

  it('refuse what is no subject, no span, or too much', async () => {
    await expect(signals('nonsense')).rejects.toThrow('no node and no edge');
    const now = Date.now();
    const [from, to] = [now, now - 1000].map((ms) => new Date(ms).toISOString());
    await expect(signals('workload:c1/shop/web', { from, to })).rejects.toThrow('empty');
    const long = new Date(now - 30 * 86_400_000).toISOString();
    await expect(signals('workload:c1/shop/web', { from: long, stepS: 5 })).rejects.toThrow(
      'points',
    );
  });

  it('say which source failed', async () => {
    const server = await serve([], (asked, response) => {
      if (!asked.path.endsWith('query_range')) return false;
      response.statusCode = 422;
      response.end(JSON.stringify({ status: 'error', error: 'too many samples' }));
      return true;
    });
    await connect(server.url);
    const answer = await signals('workload:c1/shop/web');
    expect(answer.sources).toMatchObject([{ state: 'failed' }]);
    expect(answer.sources[0]!.problems[0]).toMatch(/too many samples/);
  });
});
