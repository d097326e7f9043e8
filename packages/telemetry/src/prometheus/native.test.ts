import { createTelemetryStore, type TelemetryStore } from '@ambit/topology/store/telemetry-store';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { captured } from '../captured/captured.ts';
import { createAggregate } from '../exposition/aggregate.ts';
import { createCounters } from '../exposition/counters.ts';
import type { Self } from '../exposition/envoy.ts';
import { parseExposition, parseLabels } from '../exposition/parse.ts';
import { tellRates } from '../exposition/source.ts';
import { serveQueries, vector, type Asked } from '../testing/server.ts';
import { workloadOf, type Whose } from './native.ts';
import { createPrometheusSource, type PrometheusSourceSettings } from './source.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Row {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const podOf = { client: 'client-7d4b9c6f5-x2x4z', waypoint: 'waypoint-6f7d8c5b9d-bcdfg' };
const selves: Record<string, Self> = {
  sidecar: { cluster: '', namespace: 'street', workload: 'client', app: 'client', version: 'v1' },
  waypoint: {
    cluster: '',
    namespace: 'mall',
    workload: 'waypoint',
    app: 'waypoint',
    version: '',
    isWaypoint: true,
  },
};

/** Rates that a Prometheus has of what a real proxy showed twice, ten seconds apart, with what its discovery adds. */
function ratesOf(proxy: 'sidecar' | 'waypoint', pod: string): Row[] {
  const read = (name: string): Map<string, Row> => {
    const rows = new Map<string, Row>();
    parseExposition(
      captured(name),
      () => true,
      (metric, text, value) => {
        const labels = Object.fromEntries(parseLabels(text)!);
        rows.set(`${metric}{${text}`, { name: metric, labels, value });
      },
    );
    return rows;
  };
  const before = read(`${proxy}-1`);
  return [...read(`${proxy}-2`)].map(([key, { name, labels, value }]) => ({
    name,
    labels: { ...labels, namespace: selves[proxy]!.namespace, pod },
    value: (value - (before.get(key)?.value ?? 0)) / 10,
  }));
}

/** Answers the questions of `native.ts` from rows; all others are empty. */
function answer(rows: readonly Row[], { promql }: Asked): string {
  const name = /(envoy_cluster_\w+)\{/.exec(promql)?.[1];
  if (name === undefined) return vector([]);
  const called = rows.filter(
    (row) =>
      row.name === name &&
      /^(outbound|inbound-vip)[|][0-9]+[|][^|]*[|].+;?$/.test(
        row.labels['cluster_name'] ?? row.labels['envoy_cluster_name'] ?? '',
      ),
  );
  if (promql.startsWith('count('))
    return vector(called.length === 0 ? [] : [{ labels: {}, value: called.length }]);
  const by = /^\w+ by \(([^)]*)\)/.exec(promql)![1]!.split(',');
  return vector(
    called.map(({ labels, value }) => ({
      labels: Object.fromEntries(by.map((label) => [label, labels[label] ?? ''])),
      value,
    })),
  );
}

async function begin(rows: () => readonly Row[], settings: Partial<PrometheusSourceSettings> = {}) {
  const server = await serveQueries((asked, response) => response.end(answer(rows(), asked)));
  const source = createPrometheusSource({ url: server.url, whose: () => null, ...settings });
  closers.push(() => source.close(), server.close);
  return { server, source };
}

/** What a store knows, in words, without what only one door asks for. */
const linksOf = ({ links, registry }: TelemetryStore) =>
  links
    .map(({ source, service, destination, signals }) => ({
      from: registry.endpoints[source],
      service: registry.services[service],
      to: registry.endpoints[destination],
      signals: signals.map(
        (each) =>
          each && {
            ...each,
            codes: Object.fromEntries(
              Array.from({ length: each.codes.length / 2 }, (_, at) => [
                registry.codes[each.codes[at * 2]!],
                Number(each.codes[at * 2 + 1]!.toFixed(6)),
              ]),
            ),
            latency: each.latency && { buckets: each.latency.buckets.map((n) => n.toFixed(6)) },
          },
      ),
    }))
    .toSorted((a, b) => (JSON.stringify(a.service) < JSON.stringify(b.service) ? -1 : 1));

describe("Envoy's own counters", () => {
  test.each(['sidecar', 'waypoint'] as const)(
    "of a real %s tell the same through Prometheus as in the agent's own scrape",
    async (proxy) => {
      const pod = proxy === 'sidecar' ? podOf.client : podOf.waypoint;
      const whose: Whose = (asked) =>
        asked.pod === pod && asked.namespace === selves[proxy]!.namespace ? selves[proxy]! : null;
      const rows = ratesOf(proxy, pod);
      const { source } = await begin(() => rows, { whose, bytes: true, latency: true });
      const told = createTelemetryStore('c1');
      expect(await source.round(told)).toMatchObject({ state: 'ok', problems: [], dropped: 0 });

      const counters = createCounters();
      const aggregate = createAggregate(() => counters);
      const target = { pod, ztunnel: false, self: selves[proxy]! };
      aggregate.take(target, captured(`${proxy}-1`), 0);
      aggregate.drain();
      aggregate.take(target, captured(`${proxy}-2`), 10_000);
      const scraped = createTelemetryStore('c1');
      tellRates(scraped, aggregate.drain());

      expect(linksOf(told)).toEqual(linksOf(scraped));
      const [link] = linksOf(told);
      expect(link!.service).toMatchObject({ name: 'echo' });
      expect(link!.signals[0]!.requests).toBeCloseTo(29.6, 5);
      expect(link!.signals[0]!.responseBytes).toBeGreaterThan(1_000);
    },
  );

  test('are asked for while there are some, and gone with them', async () => {
    let rows: readonly Row[] = ratesOf('sidecar', podOf.client);
    const { source } = await begin(() => rows);
    const store = createTelemetryStore('c1');
    const rate = () => store.links.reduce((sum, link) => sum + (link.signals[0]?.requests ?? 0), 0);
    await source.round(store);
    expect(rate()).toBeCloseTo(29.6, 5);
    // Nobody knows the pod: its name says its workload.
    expect(linksOf(store)[0]!.from).toMatchObject({ namespace: 'street', workload: 'client' });
    // A share of the mesh leaves them, and the share of all others has them.
    rows = [];
    await source.round(store, { scope: { only: ['street'] } });
    expect(rate()).toBeCloseTo(29.6, 5);
    await source.round(store, { scope: { except: ['street'] } });
    expect(rate()).toBe(0);
  });

  test('cost one small question a minute where there are none', async () => {
    const { server, source } = await begin(() => []);
    const store = createTelemetryStore('c1');
    for (let round = 0; round < 3; round++) await source.round(store);
    expect(server.asked.filter(({ promql }) => promql.includes('envoy_cluster'))).toHaveLength(1);
  });

  test('of proxies with metrics of Istio cost two small questions a minute, and are not told', async () => {
    const rows = ratesOf('sidecar', podOf.client);
    const server = await serveQueries((asked, response) =>
      response.end(answer(asked.promql.includes('unless on') ? [] : rows, asked)),
    );
    const source = createPrometheusSource({ url: server.url, whose: () => null });
    closers.push(() => source.close(), server.close);
    const store = createTelemetryStore('c1');
    for (let round = 0; round < 3; round++) await source.round(store);
    const asked = server.asked.filter(({ promql }) => promql.includes('envoy_cluster'));
    expect(asked.map(({ promql }) => promql.slice(0, 6))).toEqual(['count(', 'count(']);
    expect(store.links).toEqual([]);
  });

  test('are looked for once a minute while there are some', async () => {
    const { server, source } = await begin(() => ratesOf('sidecar', podOf.client));
    const store = createTelemetryStore('c1');
    for (let round = 0; round < 3; round++) await source.round(store);
    const asked = server.asked.filter(({ promql }) => promql.includes('envoy_cluster'));
    const counts = asked.filter(({ promql }) => promql.startsWith('count('));
    expect([counts.length, asked.length]).toEqual([2, 5]);
  });

  test('that are told in part for long are gone, though it is told whole that there are some', async () => {
    let isPartial = false;
    const rows = ratesOf('sidecar', podOf.client);
    const server = await serveQueries((asked, response) => {
      const isCut =
        isPartial && asked.promql.startsWith('sum by') && asked.promql.includes('envoy');
      response.end(isCut ? vector([], { isPartial }) : answer(rows, asked));
    });
    const settings = { url: server.url, whose: () => null, keepPartialMs: 1 };
    const source = createPrometheusSource(settings);
    closers.push(() => source.close(), server.close);
    const store = createTelemetryStore('c1');
    const rate = () => store.links.reduce((sum, link) => sum + (link.signals[0]?.requests ?? 0), 0);
    // Of moments it is looked each time whether there are any.
    const round = () => source.round(store, { atMs: 1_700_000_000_000 });
    await round();
    isPartial = true;
    await round();
    expect(rate()).toBeCloseTo(29.6, 5);
    await vi.waitFor(async () => {
      await round();
      expect(rate()).toBe(0);
    }, 20_000);
  });

  test('that say no pod are said so, and told of nobody', async () => {
    const rows = ratesOf('sidecar', podOf.client).map((row) => ({
      ...row,
      labels: { ...row.labels, pod: '', namespace: '' },
    }));
    const { source } = await begin(() => rows);
    const store = createTelemetryStore('c1');
    const { state, problems } = await source.round(store);
    expect(state).toBe('partial');
    expect(problems[0]!.message).toMatch(/2 series .* say no pod.*labels namespace and pod/);
    expect(store.links).toEqual([]);
  });

  test('stay as they were when the server cannot answer', async () => {
    const rows = ratesOf('sidecar', podOf.client);
    let isDown = false;
    const server = await serveQueries((asked, response) => {
      if (isDown) response.writeHead(503).end('{"error":"not now"}');
      else response.end(answer(rows, asked));
    });
    const source = createPrometheusSource({ url: server.url, whose: () => null });
    closers.push(() => source.close(), server.close);
    const store = createTelemetryStore('c1');
    await source.round(store);
    isDown = true;
    expect(await source.round(store)).toMatchObject({ state: 'failed' });
    expect(store.links[0]!.signals[0]!.requests).toBeCloseTo(29.6, 5);
  });
});

test.each([
  ['web-7d4b9c6f5-x2x4z', 'web'],
  ['my-web-app-6f7d8c5b9d-bcdfg', 'my-web-app'],
  ['node-agent-x2x4z', 'node-agent'],
  ['db-0', 'db'],
  ['db-12', 'db'],
  ['alone', 'alone'],
])('the pod %s is of the workload %s', (pod, workload) => {
  expect(workloadOf(pod)).toBe(workload);
});
