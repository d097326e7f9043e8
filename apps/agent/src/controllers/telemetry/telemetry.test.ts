import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import {
  durationBounds,
  edgeLabels,
  telemetryReportSchema,
  type ReportedProxy,
  type TelemetryReport,
} from '@ambit/contracts/agent/telemetry';
import { createCounters } from '@ambit/telemetry/exposition/counters';
import { createFold } from '@ambit/telemetry/exposition/fold';
import { LinkError } from '../../link/http.ts';
import { PodHttpError, type PodHttp } from '../../kube/pod-http.ts';
import { makeScraper, type ScrapedPod } from './scrape.ts';
import { telemetrySender } from './sender.ts';
import { readSync } from './sync.ts';
import { drainRows, toColumns } from './wire.ts';

const labels = (more: Record<string, string> = {}) =>
  Object.entries({
    reporter: 'destination',
    source_workload: 'web',
    destination_workload: 'cart',
    response_code: '200',
    request_protocol: 'http',
    ...more,
  })
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
const total = (value: number, more?: Record<string, string>) =>
  `istio_requests_total{${labels(more)}} ${value}\n`;
const histogram = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(
      ([le, count]) =>
        `istio_request_duration_milliseconds_bucket{${labels()},le="${le}"} ${count}\n`,
    )
    .join('');

const foldOf = () => {
  const counters = new Map<string, ReturnType<typeof createCounters>>();
  return createFold((pod) => {
    const own = counters.get(pod) ?? createCounters();
    counters.set(pod, own);
    return own;
  });
};
const take = (fold: ReturnType<typeof foldOf>, pod: string, text: string, atMs: number) =>
  fold.take(target(pod), Buffer.from(text), atMs);
const target = (pod: string) => ({ pod, ztunnel: false });

describe('what travels', () => {
  it('is what moved, summed over proxies, with labels once and numbers after', () => {
    const fold = foldOf();
    for (const pod of ['a', 'b'])
      take(fold, pod, total(10) + total(5, { response_code: '503' }), 0);
    drainRows(fold, () => 0);
    take(fold, 'a', total(30) + total(5, { response_code: '503' }), 10_000);
    take(fold, 'b', total(110) + total(5, { response_code: '503' }), 10_000);
    const rows = drainRows(fold, () => 0);
    const columns = toColumns(rows);
    expect(columns).toMatchObject({ edges: [], columns: { requests: [12] } });
    const texts = columns.labels[0]!.map((at) => columns.strings[at]!);
    expect(Object.fromEntries(edgeLabels.map((name, at) => [name, texts[at]]))).toMatchObject({
      source_workload: 'web',
      response_code: '200',
    });
    take(fold, 'a', total(40) + total(10, { response_code: '503' }), 20_000);
    const known = new Map(columns.fresh.map((edge) => [edge, 7]));
    const next = toColumns(drainRows(fold, (edge) => known.get(edge) ?? 0));
    expect(next).toMatchObject({ edges: [7], columns: { requests: [1, 0.5] } });
    expect(next.labels).toHaveLength(1);
  });

  it('counts a restarted proxy from nothing, and one that is gone no more', () => {
    const fold = foldOf();
    take(fold, 'a', total(1_000), 0);
    take(fold, 'b', total(1_000), 0);
    drainRows(fold, () => 0);
    take(fold, 'a', total(50), 10_000);
    expect(toColumns(drainRows(fold, () => 0)).columns).toEqual({ requests: [5] });
    take(fold, 'a', total(60), 20_000);
    expect(toColumns(drainRows(fold, () => 0)).columns).toEqual({ requests: [1] });
  });

  it('has histograms at the bounds of Istio, whatever order they came in', () => {
    const fold = foldOf();
    const counts = (n: number) => histogram({ '+Inf': 4 * n, '10': n, '0.5': 0, '25': 3 * n });
    take(fold, 'a', total(0) + counts(0), 0);
    drainRows(fold, () => 0);
    take(fold, 'a', total(40) + counts(10), 10_000);
    const { histograms } = toColumns(drainRows(fold, () => 0));
    const at = (bound: number) => histograms.rates[durationBounds.indexOf(bound as never)];
    expect([histograms.rows, at(0.5), at(10), at(25)]).toEqual([[0], 0, 1, 3]);
  });

  it('leaves out what is beyond its bounds, and says how much', () => {
    const fold = foldOf();
    const many = (value: number) =>
      Array.from({ length: 10 }, (_, n) => total(value, { destination_workload: `w${n}` })).join(
        '',
      );
    take(fold, 'a', many(0), 0);
    take(fold, 'a', many(10), 10_000);
    expect(
      toColumns(
        drainRows(fold, () => 0),
        4,
      ),
    ).toMatchObject({ left: 6 });
  });

  it('keeps nothing of edges that are gone for long', () => {
    const fold = foldOf();
    take(fold, 'a', total(0), 0);
    for (let at = 0; at < 100; at++) drainRows(fold, () => 0);
    expect(fold.size()).toBe(0);
    take(fold, 'a', total(10), 10_000);
    expect(toColumns(drainRows(fold, () => 0)).columns).toEqual({ requests: [1] });
  });
});

const pod = (name: string): ScrapedPod => ({
  namespace: 'shop',
  pod: name,
  kind: 'sidecar',
  ip: '10.1.1.1',
  node: 'n',
  ready: true,
  version: '1',
  container: 'istio-proxy',
  isIstiod: false,
  app: name,
  appVersion: 'v1',
  workload: name,
});

describe('a round of scrapes', () => {
  const never = new AbortController().signal;
  it('goes on when proxies fail, says which and why, and forgets those that are gone', async () => {
    let running = 0;
    let most = 0;
    const http: PodHttp = {
      get: async ({ pod: name }) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (name === 'bad') throw new PodHttpError(500, 'it answered 500');
        return Readable.from([Buffer.from(total(1))]) as unknown as IncomingMessage;
      },
    };
    const scraper = makeScraper(http, () => 42, { everyMs: 10, timeoutMs: 1_000, concurrency: 3 });
    const pods = ['bad', ...Array.from({ length: 20 }, (_, n) => `web-${n}`)].map(pod);
    await scraper.round(pods, never);
    expect(scraper.stateOf('shop/bad')).toEqual({ problem: 'it answered 500', scrapedAt: null });
    expect(scraper.stateOf('shop/web-3')).toEqual({ problem: '', scrapedAt: 42 });
    expect(most).toBeLessThanOrEqual(3);
    await scraper.round([pod('web-3')], never);
    expect(scraper.stateOf('shop/web-4')).toEqual({ problem: '', scrapedAt: null });
  });
});

describe('the sender', () => {
  const signal = new AbortController().signal;
  const interval = (value: number, fold = foldOf()) => {
    if (fold.size() === 0) {
      take(fold, 'a', total(0), 0);
      drainRows(fold, () => 0);
    }
    take(fold, 'a', total(value), value * 1000);
    return {
      fold,
      rows: drainRows(fold, () => 0),
      scrapes: true,
      windowS: 10,
      proxies: [],
      badSamples: 0,
    };
  };

  /** A platform that numbers edges, and answers as it is told to. */
  function platform() {
    const reports: TelemetryReport[] = [];
    const state = { answer: 'take' as 'take' | 'refuse' | 'fail' };
    const session = {
      nowMs: () => 1_000,
      call: vi.fn(async (_path: string, { gzip }: { gzip?: Uint8Array }) => {
        if (state.answer === 'fail') throw new LinkError(503, 'busy');
        const report = telemetryReportSchema.parse(JSON.parse(gunzipSync(gzip!).toString()));
        reports.push(report);
        const accepted = state.answer === 'take';
        if (state.answer === 'refuse') state.answer = 'take';
        const numbers = report.labels.map((_, at) => at + 1);
        return { status: 200, bytes: Buffer.from(JSON.stringify({ accepted, numbers })) };
      }),
    };
    return { reports, state, session };
  }

  it('sends labels once, and a number after', async () => {
    const { reports, session } = platform();
    const sender = telemetrySender(session, () => {});
    const first = interval(10);
    await sender.send(first, signal);
    await sender.send(interval(20, first.fold), signal);
    expect(reports.map(({ seq, labels: fresh, edges }) => [seq, fresh.length, edges])).toEqual([
      [0, 1, []],
      [1, 0, [1]],
    ]);
  });

  it('drops what cannot be sent, and says so with the next; nothing is kept', async () => {
    const { reports, state, session } = platform();
    const said: string[] = [];
    const sender = telemetrySender(session, (_level, message) => said.push(message));
    const first = interval(10);
    state.answer = 'fail';
    expect(await sender.send(first, signal)).toBe(false);
    expect(await sender.send(interval(20, first.fold), signal)).toBe(false);
    state.answer = 'take';
    await sender.send(interval(30, first.fold), signal);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({
      seq: 0,
      dropped: { reports: 2 },
      columns: { requests: [1] },
    });
    expect(said).toEqual(['telemetry is dropped: busy']);
  });

  it('begins anew, once, when the platform does not know what it builds on', async () => {
    const { reports, state, session } = platform();
    const sender = telemetrySender(session, () => {});
    const first = interval(10);
    await sender.send(first, signal);
    state.answer = 'refuse';
    expect(await sender.send(interval(20, first.fold), signal)).toBe(true);
    const [before, refused, again] = reports;
    expect(refused).toMatchObject({ bootId: before!.bootId, seq: 1, edges: [1] });
    expect(again).toMatchObject({ seq: 0, edges: [], columns: refused!.columns });
    expect(again!.labels).toHaveLength(1);
    expect(again!.startedAt).toBeGreaterThan(before!.startedAt);
  });

  it('tells all proxies at first, then those that changed or are gone, and all again in another life', async () => {
    const { reports, state, session } = platform();
    const sender = telemetrySender(session, () => {});
    const proxy = (name: string, more: Partial<ReportedProxy> = {}): ReportedProxy => ({
      namespace: 'shop',
      pod: name,
      workload: name,
      node: 'n',
      kind: 'sidecar',
      version: '1',
      ready: true,
      problem: '',
      scrapedAt: 1,
      istiod: null,
      sync: {},
      syncError: '',
      ...more,
    });
    const tell = async (...proxies: ReportedProxy[]) => {
      await sender.send({ ...interval(1), rows: [], proxies }, signal);
      const { proxies: all, changed } = reports.at(-1)!;
      const names = (list: ReportedProxy[]) => list.map(({ pod: name }) => name);
      return { all: all && names(all), put: changed && names(changed.put), gone: changed?.gone };
    };
    const nothing = { all: null, put: undefined, gone: undefined };
    expect(await tell(proxy('a'), proxy('b'), proxy('c'))).toEqual({
      ...nothing,
      all: ['a', 'b', 'c'],
    });
    expect(await tell(proxy('a', { scrapedAt: 2 }), proxy('b'), proxy('c'))).toEqual(nothing);
    expect(await tell(proxy('a', { ready: false }), proxy('c'), proxy('d'))).toEqual({
      all: null,
      put: ['a', 'd'],
      gone: ['shop/b'],
    });
    expect(await tell(proxy('a', { ready: false }), proxy('c'), proxy('d'))).toEqual(nothing);
    state.answer = 'refuse';
    expect(await tell(proxy('c'), proxy('d'))).toEqual({ ...nothing, all: ['c', 'd'] });
  });

  it('drops an interval while the one before is on its way', async () => {
    const { session, reports } = platform();
    const sender = telemetrySender(session, () => {});
    const first = interval(10);
    const sent = await Promise.all([
      sender.send(first, signal),
      sender.send(interval(20, first.fold), signal),
    ]);
    expect(sent).toEqual([true, false]);
    expect(reports).toHaveLength(1);
  });
});

describe('what istiod tells of proxies', () => {
  const cluster = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
  it('is read by type, whether in fields or in resources', () => {
    const found = readSync('istiod-1', [
      {
        proxy: 'web-1.shop',
        cluster_sent: 'a',
        cluster_acked: 'a',
        listener_sent: 'b',
        listener_acked: 'a',
        route_sent: '',
      },
      {
        proxy: 'web.with.dots.shop',
        resources: { [cluster]: { sent: 'x', acked: 'w', lastError: 'bad cluster' } },
      },
      {
        proxy: 'z.istio-system',
        resources: { 'type.googleapis.com/istio.workload.Address': { sent: 'n', acked: 'n' } },
      },
      { no: 'proxy' },
    ]);
    expect(found.get('shop/web-1')).toEqual({
      istiod: 'istiod-1',
      sync: { cds: 'synced', lds: 'stale' },
      error: '',
    });
    expect(found.get('shop/web.with.dots')).toEqual({
      istiod: 'istiod-1',
      sync: { cds: 'error' },
      error: 'cds: bad cluster',
    });
    expect(found.get('istio-system/z')!.sync).toEqual({ wds: 'synced' });
    expect(found.size).toBe(3);
  });
  it('of another form is nothing', () => {
    expect(readSync('i', { message: 'no' }).size).toBe(0);
  });
});
