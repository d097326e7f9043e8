import { durationBounds, edgeLabels, type TelemetryReport } from '@ambit/contracts/agent/telemetry';
import { newId } from '@ambit/contracts/ids';
import { inTenant } from '@ambit/db/database';
import { historyOf } from '@ambit/telemetry/history';
import { createTelemetryStore } from '@ambit/topology/store/telemetry-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../agent-link/credential.ts';
import { proxyFaults } from '../diagnosis/proxy-faults.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { keepPartitions } from './partitions.ts';
import { newestRates, ratesAt, ratesOver, telemetryStates } from './read.ts';
import { keptFor, resolutions } from './resolutions.ts';
import { rollUp } from './roll.ts';
import { agentHistory, createAgentSource } from './source.ts';
import { takeTelemetry } from './take.ts';

let platform: TestPlatform;
let tenant: Tenant;
let nowMs = Date.parse('2026-11-25T12:00:05.000Z');
let made = 0;

beforeAll(async () => {
  platform = await testPlatform({ now: () => new Date(nowMs) });
  tenant = await makeTenant(platform);
  await keepPartitions(platform.db.pool, nowMs);
});
afterAll(() => platform.drop());

async function newCluster(of: Tenant = tenant): Promise<Agent> {
  const id = newId('cluster');
  const { organisationId } = of;
  const name = `c${++made}`;
  await platform.db.system.cluster.create({ data: { id, organisationId, name } });
  return { clusterId: id, clusterName: name, organisationId, generation: 0 };
}

const labelled = (more: Record<string, string> = {}): string[] => {
  const labels: Record<string, string> = {
    reporter: 'destination',
    source_workload_namespace: 'shop',
    source_workload: 'web',
    destination_workload_namespace: 'shop',
    destination_workload: 'cart',
    destination_service: 'cart.shop.svc.cluster.local',
    destination_service_name: 'cart',
    destination_service_namespace: 'shop',
    request_protocol: 'http',
    response_code: '200',
    response_flags: '-',
    connection_security_policy: 'mutual_tls',
    ...more,
  };
  return edgeLabels.map((name) => labels[name] ?? '');
};

/** A life of an agent that tells of edges by their labels. */
function life(agent: Agent, startedAt = nowMs) {
  const bootId = crypto.randomUUID();
  const numbers = new Map<string, number>();
  let seq = 0;
  const tell = async (
    edges: { labels: string[]; requests: number; buckets?: number[] }[],
    more: Partial<TelemetryReport> = {},
  ) => {
    const keyOf = (labels: string[]) => labels.join('|');
    const known = edges
      .filter(({ labels }) => numbers.has(keyOf(labels)))
      .sort((a, b) => numbers.get(keyOf(a.labels))! - numbers.get(keyOf(b.labels))!);
    const fresh = edges.filter(({ labels }) => !numbers.has(keyOf(labels)));
    const strings = [...new Set(fresh.flatMap(({ labels }) => labels))];
    const all = [...known, ...fresh];
    const own = known.map(({ labels }) => numbers.get(keyOf(labels))!);
    const rows = all.flatMap(({ buckets }, row) => (buckets ? [row] : []));
    const report: TelemetryReport = {
      bootId,
      startedAt,
      seq,
      scrapes: true,
      at: nowMs,
      windowS: 10,
      strings,
      labels: fresh.map(({ labels }) => labels.map((text) => strings.indexOf(text))),
      edges: own.map((number, at) => number - (own[at - 1] ?? 0)),
      columns: {
        requests: all.map(({ requests }) => requests),
        durationCount: all.map(({ requests, buckets }) => (buckets ? requests : 0)),
      },
      histograms: {
        rows: rows.map((row, at) => row - (rows[at - 1] ?? 0)),
        rates: all.flatMap(({ buckets }) =>
          buckets ? durationBounds.map((_, at) => buckets[at] ?? buckets.at(-1)!) : [],
        ),
      },
      proxies: null,
      dropped: { edges: 0, reports: 0, samples: 0 },
      ...more,
    };
    const reply = await takeTelemetry(platform, agent, report);
    if (reply.accepted) {
      seq++;
      fresh.forEach(({ labels }, at) => numbers.set(keyOf(labels), reply.numbers[at]!));
    }
    return { report, reply };
  };
  return { tell };
}

const inTx = <T>(work: Parameters<typeof inTenant<T>>[2], of: Tenant = tenant) =>
  inTenant(platform.db, of.organisationId, work);
const newest = (agent: Agent, options?: Parameters<typeof newestRates>[3]) =>
  inTx((tx) => newestRates(platform.db, tx, agent.clusterId, options));

describe('what agents tell', () => {
  it('is kept by edge, and read as it was told, averaged over a minute of what was told', async () => {
    const agent = await newCluster();
    const { tell } = life(agent);
    await tell([{ labels: labelled(), requests: 6, buckets: [0, 3, 6] }]);
    nowMs += 10_000;
    await tell([
      { labels: labelled(), requests: 2 },
      { labels: labelled({ response_code: '503' }), requests: 4 },
    ]);
    nowMs += 10_000;
    await tell([]);
    const moment = (await newest(agent))!;
    expect(moment.coveredMs).toBe(30_000);
    const requests = moment.rates.filter(({ metric }) => metric === 'requests');
    expect(
      requests.map(({ labels, rate }) => [labels['response_code'], Number(rate.toFixed(3))]).sort(),
    ).toEqual([
      ['200', 2.667],
      ['503', 1.333],
    ]);
    const buckets = moment.rates.filter(({ metric }) => metric === 'durationBucket');
    expect(buckets.map(({ boundMs, rate }) => [boundMs, Number(rate.toFixed(1))])).toEqual([
      [0.5, 0],
      [1, 1],
      ...durationBounds.slice(2).map((bound) => [bound, 2]),
      [Infinity, 2],
    ]);
    expect(await newest(agent, { afterMs: nowMs })).toBeNull();
  });

  it('is taken once, however often it comes', async () => {
    const agent = await newCluster();
    const { tell } = life(agent);
    const { report, reply } = await tell([{ labels: labelled(), requests: 6 }]);
    expect(await takeTelemetry(platform, agent, report)).toEqual(reply);
    await tell([{ labels: labelled(), requests: 6 }], { at: nowMs + 1 });
    const { rows } = await platform.db.pool.query(
      'SELECT count(*)::int AS count FROM telemetry_rate_10s WHERE cluster_id = $1',
      [agent.clusterId],
    );
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('of two at once is taken in turns, and one of them once', async () => {
    const agent = await newCluster();
    const { tell } = life(agent);
    const { report } = await tell([{ labels: labelled(), requests: 6 }]);
    nowMs += 10_000;
    const again = { ...report, seq: 1, at: nowMs };
    const replies = await Promise.all([1, 2, 3].map(() => takeTelemetry(platform, agent, again)));
    expect(replies.map(({ accepted, numbers }) => [accepted, numbers])).toEqual(
      [1, 2, 3].map(() => [true, replies[0]!.numbers]),
    );
    const { rows } = await platform.db.pool.query(
      'SELECT count(*)::int AS count FROM telemetry_rate_10s WHERE cluster_id = $1',
      [agent.clusterId],
    );
    expect(rows).toEqual([{ count: 2 }]);
  });

  it('builds on what the platform has, or begins anew; an older life is not listened to', async () => {
    const agent = await newCluster();
    const older = life(agent, nowMs - 1_000);
    const newer = life(agent);
    await newer.tell([{ labels: labelled(), requests: 6 }]);
    expect((await older.tell([{ labels: labelled(), requests: 1 }])).reply.accepted).toBe(false);
    const { report } = await newer.tell([]);
    for (const wrong of [
      { ...report, seq: 7 },
      { ...report, seq: report.seq + 1, edges: [99], columns: { requests: [1] } },
      {
        ...report,
        bootId: 'another',
        startedAt: nowMs + 5_000,
        seq: 0,
        edges: [1],
        columns: { requests: [1] },
      },
    ]) {
      expect((await takeTelemetry(platform, agent, wrong)).accepted).toBe(false);
    }
    const restarted = life(agent, nowMs + 10_000);
    nowMs += 10_000;
    expect((await restarted.tell([{ labels: labelled(), requests: 3 }])).reply).toEqual({
      accepted: true,
      numbers: [1],
    });
  });

  it('that does not fit together is refused', async () => {
    const agent = await newCluster();
    const { tell } = life(agent);
    for (const wrong of [
      { columns: { requests: [1, 2, 3] } },
      { histograms: { rows: [0], rates: [1, 2] } },
      { histograms: { rows: [9], rates: durationBounds.map(() => 1) } },
      { strings: [] },
    ]) {
      await expect(
        tell([{ labels: labelled(), requests: 6 }], wrong),
        JSON.stringify(wrong),
      ).rejects.toMatchObject({ code: 'invalid_input' });
    }
  });

  it('late is let go, and one whose clock is ahead is of now', async () => {
    const agent = await newCluster();
    const { tell } = life(agent);
    await tell([{ labels: labelled(), requests: 6 }], { at: nowMs - 90_000 });
    expect(await newest(agent)).toBeNull();
    await tell([{ labels: labelled(), requests: 6 }], { at: nowMs + 3_600_000 });
    expect((await newest(agent))!.at.getTime()).toBe(nowMs);
  });

  it('is seen by its own organisation alone', async () => {
    const agent = await newCluster();
    await life(agent).tell([{ labels: labelled(), requests: 6 }]);
    const stranger = await makeTenant(platform, 'Other');
    expect(await inTx((tx) => newestRates(platform.db, tx, agent.clusterId), stranger)).toBeNull();
    expect(await inTx((tx) => telemetryStates(tx, [agent.clusterId]), stranger)).toEqual([]);
  });

  it('goes with its cluster', async () => {
    const agent = await newCluster();
    await life(agent).tell([{ labels: labelled(), requests: 6 }]);
    await platform.db.system.cluster.delete({ where: { id: agent.clusterId } });
    const { rows } = await platform.db.pool.query(
      `SELECT (SELECT count(*) FROM telemetry_rate_10s WHERE cluster_id = $1)
        + (SELECT count(*) FROM telemetry_edge WHERE cluster_id = $1)
        + (SELECT count(*) FROM telemetry_source WHERE cluster_id = $1) AS left`,
      [agent.clusterId],
    );
    expect(rows).toEqual([{ left: '0' }]);
  });
});

describe('over time', () => {
  it('rates are rolled up as far as they are over, and twice is once', async () => {
    const agent = await newCluster();
    const begin = Math.floor(nowMs / 600_000) * 600_000 + 600_000;
    const { tell } = life(agent);
    // 25 minutes: 6 requests a second, in every third minute none; two minutes nobody told.
    for (let at = begin + 10_000; at <= begin + 1_500_000; at += 10_000) {
      nowMs = at;
      const minute = Math.ceil((at - begin) / 60_000);
      if (minute === 11 || minute === 12) continue;
      await tell(minute % 3 === 0 ? [] : [{ labels: labelled(), requests: 6 }]);
    }
    nowMs += 200_000;
    const { organisationId, clusterId } = agent;
    for (let turn = 0; turn < 2; turn++) {
      expect(await rollUp({ db: platform.db, now: platform.now }, organisationId, clusterId)).toBe(
        false,
      );
    }
    const { rows } = await platform.db.pool.query<{
      minutes: number;
      tens: number;
      covered: number;
    }>(
      `SELECT (SELECT count(*)::int FROM telemetry_rate_1m WHERE cluster_id = $1) AS minutes,
        (SELECT count(*)::int FROM telemetry_rate_10m WHERE cluster_id = $1) AS tens,
        (SELECT sum(window_ms)::int FROM telemetry_rate_10m WHERE cluster_id = $1) AS covered`,
      [clusterId],
    );
    expect(rows).toEqual([{ minutes: 23, tens: 2, covered: 18 * 60_000 }]);
    const at = (ms: number) => inTx((tx) => ratesAt(platform.db, tx, clusterId, ms, nowMs));
    expect(
      (await at(begin + 60_000))!.rates.find(({ metric }) => metric === 'requests')!.rate,
    ).toBe(6);
    expect(await at(begin + 180_000)).toMatchObject({ rates: [] });
    expect(await at(begin + 720_000)).toBeNull();
    const range = { fromMs: begin + 60_000, toMs: begin + 1_500_000, stepMs: 60_000, nowMs };
    const series = await inTx((tx) => ratesOver(platform.db, tx, clusterId, () => true, range));
    expect(series.steps.map((step) => step && (step[0]?.rate ?? 0)).slice(0, 13)).toEqual([
      6,
      6,
      0,
      6,
      6,
      0,
      6,
      6,
      0,
      6,
      null,
      null,
      6,
    ]);
    const told = {
      db: platform.db,
      organisationId,
      clusterId,
      clusterName: 'c',
      now: platform.now,
    };
    const history = historyOf(await agentHistory(told, () => true, range), series.times.length);
    expect(history.rate.slice(0, 12)).toEqual([6, 6, 0, 6, 6, 0, 6, 6, 0, 6, null, null]);
    // Where the finest are kept for less, the coarser tell earlier.
    nowMs = begin + 2 * 3_600_000;
    await platform.db.pool.query('DELETE FROM telemetry_rate_10s WHERE cluster_id = $1', [
      clusterId,
    ]);
    const kept = keptFor({ '10s': 1 });
    const moment = await inTx((tx) =>
      ratesAt(platform.db, tx, clusterId, begin + 60_000, nowMs, kept),
    );
    expect(moment!.rates.find(({ metric }) => metric === 'requests')!.rate).toBe(6);
    expect(
      historyOf(
        await agentHistory({ ...told, kept }, () => true, { ...range, stepMs: 10_000, nowMs }),
        series.times.length,
      ).rate.some((rate) => rate === 6),
    ).toBe(true);
    // What is too long ago for the finest is told by the coarser.
    nowMs = begin + 8 * 3_600_000;
    expect((await at(begin + 60_000))!.rates[0]!.rate).toBe(6);
    nowMs = begin + 5 * 86_400_000;
    expect(Number((await at(begin + 300_000))!.rates[0]!.rate.toFixed(2))).toBe(4.2);
  });

  it('partitions are made ahead, and dropped when their time is over', async () => {
    const tables = async () =>
      (
        await platform.db.pool.query<{ name: string }>(
          `SELECT relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
           WHERE nspname = 'ambit_telemetry' AND relkind = 'r' AND relname LIKE 'telemetry_rate_10s_1%' ORDER BY 1`,
        )
      ).rows.map(({ name }) => Number(name.split('_').at(-1)) * 1000);
    const later = Date.parse('2027-01-01T00:30:00.000Z');
    await Promise.all([1, 2, 3].map(() => keepPartitions(platform.db.pool, later)));
    const hour = 3_600_000;
    const start = Math.floor(later / hour) * hour;
    expect(await tables()).toEqual([-1, 0, 1, 2].map((step) => start + step * hour));
    await keepPartitions(platform.db.pool, later + 9 * hour);
    expect(Math.min(...(await tables()))).toBeGreaterThanOrEqual(later + 9 * hour - 8 * hour);
    expect(resolutions[0]!.keptMs).toBe(6 * hour);
  });
});

describe('as a source of the graph', () => {
  it('tells rates, which proxies tell at all, and since when nobody does', async () => {
    nowMs = Date.parse('2027-01-01T00:30:00.000Z');
    const agent = await newCluster();
    const source = createAgentSource({ ...agent, db: platform.db, now: platform.now });
    const store = createTelemetryStore('c');
    expect(await source.round(store)).toMatchObject({
      state: 'failed',
      problems: [{ kind: 'unavailable' }],
    });
    const proxy = (pod: string, problem: string) => ({
      namespace: 'shop',
      pod,
      workload: 'w',
      node: 'n',
      kind: 'sidecar' as const,
      version: '1',
      ready: true,
      problem,
      scrapedAt: problem ? null : nowMs,
      istiod: 'istiod-1',
      sync: {},
      syncError: '',
    });
    const { tell } = life(agent);
    await tell([{ labels: labelled(), requests: 6 }], {
      proxies: [proxy('a', ''), proxy('b', 'no answer')],
    });
    const round = await source.round(store);
    expect(round).toMatchObject({ state: 'partial', windowS: 10, at: nowMs });
    expect(round.changed).toHaveLength(1);
    expect(round.problems[0]!.message).toContain('shop/b');
    expect(store.links[0]!.signals[0]!.requests).toBe(6);
    expect(await source.reporting()).toEqual(new Set(['shop/a']));
    // Nothing newer is no change, for this store and not for another one.
    expect(await source.round(store)).toMatchObject({ state: 'partial', at: nowMs, changed: [] });
    expect(store.links[0]!.signals[0]!.requests).toBe(6);
    const other = createTelemetryStore('c');
    expect((await source.round(other)).changed).toHaveLength(1);
    nowMs += 10_000;
    await tell([{ labels: labelled(), requests: 12 }]);
    expect((await source.round(store)).changed).toHaveLength(1);
    expect(store.links[0]!.signals[0]!.requests).toBe(9);
    nowMs += 180_000;
    expect(await source.round(store)).toMatchObject({
      state: 'failed',
      problems: [{ message: expect.stringContaining('3 minutes ago') as string }],
    });
  });
});

it('takes in what changed of proxies, and notes what speaks against them', async () => {
  const agent = await newCluster();
  const proxy = (pod: string, misses: string[] = []) => ({
    namespace: 'istio-system',
    pod,
    workload: 'ztunnel',
    node: 'n',
    kind: 'ztunnel' as const,
    version: '1',
    ready: true,
    problem: '',
    scrapedAt: null,
    istiod: null,
    sync: {},
    syncError: '',
    admin: { readAt: nowMs, problem: '', certificates: [], carries: [], misses },
  });
  const stands = async () => {
    const [state] = await inTx((tx) => telemetryStates(tx, [agent.clusterId]));
    const faults = await inTx((tx) => proxyFaults(tx, [agent.clusterId], new Date(nowMs)));
    return {
      pods: state?.proxies.map(({ pod }) => pod),
      faults: faults.map(({ pod, misses }) => [pod, ...misses]),
    };
  };
  const { tell } = life(agent);
  await tell([], { proxies: [proxy('a'), proxy('b', ['shop/web']), proxy('c')] });
  expect(await stands()).toEqual({ pods: ['a', 'b', 'c'], faults: [['b', 'shop/web']] });
  const changed = {
    put: [proxy('a', ['shop/api']), proxy('d')],
    gone: ['istio-system/b', 'istio-system/never'],
  };
  await tell([], { changed });
  expect(await stands()).toEqual({ pods: ['a', 'c', 'd'], faults: [['a', 'shop/api']] });
  await tell([]);
  expect(await stands()).toEqual({ pods: ['a', 'c', 'd'], faults: [['a', 'shop/api']] });
  nowMs += 200_000;
  expect((await stands()).faults).toEqual([]);
});

it('tells over time all that several clients ask, each request once', async () => {
  const begin = nowMs;
  const agent = await newCluster();
  const { tell } = life(agent);
  const from = (client: string, reporter: string) =>
    labelled({ source_workload: client, reporter });
  const edges = [
    { labels: from('web', 'source'), requests: 4 },
    { labels: from('web', 'destination'), requests: 4 },
    { labels: from('phone', 'destination'), requests: 3 },
    { labels: from('till', 'waypoint'), requests: 2 },
  ];
  for (let at = 0; at < 3; at++) {
    nowMs = begin + at * 10_000;
    await tell(edges);
  }
  const { organisationId, clusterId } = agent;
  const told = { db: platform.db, organisationId, clusterId, clusterName: 'c', now: platform.now };
  const range = { fromMs: begin - 10_000, toMs: nowMs, stepMs: 10_000, nowMs };
  const { rate } = historyOf(await agentHistory(told, () => true, range), 4);
  expect(rate.filter((each) => each !== null && each > 0)).toEqual(expect.arrayContaining([9, 9]));
  expect(Math.max(...rate.map((each) => each ?? 0))).toBe(9);
});
