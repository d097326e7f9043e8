import { createTraffic } from '@ambit/sandbox/traffic/traffic';
import { shopServices } from '@ambit/sandbox/shop/services';
import { made, readyPod, viewOf } from '@ambit/sandbox/testing/world';
import type { Inventory } from '@ambit/topology/inventory';
import { createTelemetryStore } from '@ambit/topology/store/telemetry-store';
import type { ViewOptions } from '@ambit/topology/view/options';
import { createView } from '@ambit/topology/view/view';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceError } from '../source.ts';
import { createCounters } from './counters.ts';
import { parseExposition, parseLabels, scanExposition } from './parse.ts';
import { createScrapeSource, type ScrapeTarget } from './source.ts';

describe('text', () => {
  test('is read with its escapes, spaces, time stamps and odd numbers', () => {
    const found: unknown[] = [];
    const told = parseExposition(
      [
        '# HELP a b',
        '# TYPE a counter',
        'a{x="1",y="}\\"\\\\\\n"} 3 1700000000000',
        'a 4e2',
        'a{} +Inf # {trace_id="x"} 1',
        'b{x="1"} 5',
        'a{x="1" 6',
        'a{x="1"} six',
        '',
        'a{ x = "1" , } 7\r',
      ].join('\n'),
      (name) => name === 'a',
      (name, labels, value) => found.push([name, Object.fromEntries(parseLabels(labels)!), value]),
    );
    expect(found).toEqual([
      ['a', { x: '1', y: '}"\\\n' }, 3],
      ['a', {}, 400],
      ['a', {}, Infinity],
      ['a', { x: '1' }, 7],
    ]);
    expect(told).toEqual({ samples: 4, bad: 2 });
  });

  test('of any kind is read or skipped, never thrown over', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { samples, bad } = parseExposition(
          text,
          () => true,
          (_, labels) => parseLabels(labels),
        );
        expect(samples + bad).toBeLessThanOrEqual(text.split('\n').length);
      }),
    );
  });

  test('is known again by name and labels alone, wherever it stands', () => {
    const keysOf = (text: string): string[] => {
      const keys: string[] = [];
      scanExposition(
        Buffer.from(text),
        () => 0,
        ({ low, high }) => keys.push(`${low} ${high}`),
      );
      return keys;
    };
    const series = 'a{x="1",y="}{2",z="three"}';
    const [first] = keysOf(`${series} 1`);
    for (const again of [
      `${series} 99 1700000000000`,
      `# one\n${series} 1`,
      `bb 3\n${series} 1`,
      `${series} 1 # {trace_id="}x"} 1`,
    ]) {
      expect(keysOf(again).at(-1)).toBe(first);
    }
    fc.assert(
      fc.property(fc.nat(series.length - 5), fc.nat(90), (at, letter) => {
        const other =
          series.slice(0, at + 2) + String.fromCharCode(35 + letter) + series.slice(at + 3);
        if (other === series) return;
        const keys = keysOf(`${other} 1`);
        expect(keys).not.toContain(first);
      }),
    );
    const many = Array.from(
      { length: 20_000 },
      (_, at) => `a{pod="p-${at % 200}",le="${Math.floor(at / 200)}"} 1`,
    );
    expect(new Set(keysOf(many.join('\n'))).size).toBe(many.length);
    // Half of the bits alone tell them apart nearly always: they are spread evenly.
    const halves = [0, 1].map(
      (half) => new Set(keysOf(many.join('\n')).map((key) => key.split(' ')[half])),
    );
    for (const half of halves) expect(half.size).toBeGreaterThan(many.length - 5);
  });

  test('with a line without end is refused', () => {
    const long = `a{x="${'y'.repeat(100_000)}"} 1`;
    expect(() =>
      parseExposition(
        long,
        () => true,
        () => undefined,
      ),
    ).toThrow(SourceError);
  });
});

/** Counters by name; null for no rate. */
function named() {
  const counters = createCounters();
  return {
    ...counters,
    rate: (name: string, value: number, atMs: number) => {
      const rate = counters.rate(counters.find(name.charCodeAt(0), 0), value, atMs);
      return rate < 0 ? null : rate;
    },
  };
}

describe('counters', () => {
  test('give back what was counted, over restarts and whenever they are read', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            by: fc.nat(1000),
            ms: fc.integer({ min: 1, max: 60_000 }),
            restarts: fc.boolean(),
          }),
        ),
        (steps) => {
          const counters = named();
          let value = 5;
          let at = 0;
          counters.rate('c', value, at);
          counters.end(at);
          for (const { by, ms, restarts } of steps) {
            // What was counted before a restart and not read is lost to everybody.
            const before = value;
            value = restarts ? Math.min(by, before - 1) : before + by;
            if (value < 0) value = 0;
            at += ms;
            const rate = counters.rate('c', value, at)!;
            counters.end(at);
            const grown = value < before ? value : value - before;
            expect((rate * ms) / 1000).toBeCloseTo(grown, 6);
          }
        },
      ),
    );
  });

  test('that come later began at nothing; in the first scrape nobody knows since when they count', () => {
    const counters = named();
    expect(counters.rate('a', 100, 0)).toBeNull();
    counters.end(0);
    expect(counters.rate('a', 110, 10_000)).toBe(1);
    expect(counters.rate('b', 20, 10_000)).toBe(2);
  });

  test('keep still while the clock does, and take a clock that was set back as no time at all', () => {
    const counters = named();
    counters.rate('a', 100, 50_000);
    counters.end(50_000);
    expect(counters.rate('a', 200, 50_000)).toBeNull();
    expect(counters.rate('a', 300, 10_000)).toBeNull();
    expect(counters.rate('a', 310, 20_000)).toBe(1);
  });

  test('of any number are found again, and those that are forgotten make room', () => {
    const counters = createCounters();
    const all = Array.from({ length: 1_000 }, (_, at) => [Math.imul(at, 40_503), -at] as const);
    for (const [at, [low, high]] of all.entries()) {
      counters.setMark(counters.find(low, high), at);
      counters.rate(counters.find(low, high), at, at % 2 === 0 ? 0 : 1_000);
    }
    expect(all.map(([low, high]) => counters.mark(counters.find(low, high)))).toEqual(
      all.map((_, at) => at),
    );
    counters.forget(500);
    expect(counters.size()).toBe(500);
    for (const [at, [low, high]] of all.entries()) {
      if (at % 2 === 0) continue;
      expect(counters.mark(counters.find(low, high))).toBe(at);
      expect(counters.rate(counters.find(low, high), at + 5, 2_000)).toBe(5);
    }
    expect(counters.size()).toBe(500);
  });
});

/** The sandbox's shop, whose simulated proxies are scraped twice with its visitors in between. */
async function shop(
  mode: 'sidecar' | 'ambient',
  seconds: number,
  options: Partial<ViewOptions> = {},
  waypoint = false,
) {
  const enrol = {
    sidecar: mode === 'sidecar',
    ...(mode === 'ambient' ? { annotations: { 'ambient.istio.io/redirection': 'enabled' } } : {}),
  };
  const pods = [
    readyPod('visitors-0', { labels: { app: 'visitors' }, account: 'visitors', ...enrol }),
    ...shopServices.flatMap(({ name, versions }) =>
      versions.map(({ version }) =>
        readyPod(`${name}-${version}`, { labels: { app: name, version }, account: name, ...enrol }),
      ),
    ),
    ...(mode === 'ambient'
      ? [readyPod('ztunnel-0', { namespace: 'istio-system', labels: { app: 'ztunnel' } })]
      : []),
    ...(waypoint
      ? [
          readyPod('waypoint-0', {
            labels: { 'gateway.networking.k8s.io/gateway-name': 'waypoint' },
            account: 'waypoint',
          }),
        ]
      : []),
  ];
  const services = shopServices.map(({ name, port, protocol }) =>
    made('services', {
      metadata: { name, labels: waypoint ? { 'istio.io/use-waypoint': 'waypoint' } : {} },
      spec: { selector: { app: name }, ports: [{ name: protocol, port }] },
      ...(waypoint
        ? {
            status: {
              conditions: [
                { type: 'istio.io/WaypointBound', status: 'True', reason: 'WaypointAccepted' },
              ],
            },
          }
        : {}),
    }),
  );
  const view = viewOf({ pods, services });
  const faults = {
    isBroken: () => false,
    isExpired: () => false,
    isSlow: () => false,
    isFailing: () => false,
  };
  const traffic = createTraffic({ view: () => view, faults, seed: 3, everyMs: 1e9, now: () => 0 });
  let nowMs = 0;
  const source = createScrapeSource({
    targets: () => [
      { pod: 'all', ztunnel: false, read: () => Promise.resolve(traffic.metrics(null)) },
    ],
    now: () => nowMs,
  });
  const store = createTelemetryStore('sandbox');
  traffic.simulate(5);
  await source.round(store);
  const outcomes = traffic.simulate(seconds);
  nowMs = seconds * 1000;
  const round = await source.round(store);
  traffic.close();
  const inventory: Inventory = {
    services: [],
    workloads: waypoint
      ? [
          {
            cluster: 'sandbox',
            namespace: 'shop',
            name: 'waypoint-0',
            app: '',
            version: '',
            role: 'waypoint',
            proxy: 'ztunnel',
            desired: 1,
            available: 1,
            unsynced: 0,
            isReporting: true,
          },
        ]
      : [],
  };
  return { round, outcomes, graph: createView(store, options, inventory).graph() };
}

describe('the simulated shop', () => {
  test.each(['sidecar', 'ambient'] as const)(
    '%s: the graph tells what its visitors did',
    async (mode) => {
      const { round, outcomes, graph } = await shop(mode, 60, { by: 'app' });
      expect(round).toMatchObject({ state: 'ok', dropped: 0 });
      const rate = outcomes.length / 60;
      const first = graph.edges.find(
        ({ target, source }) => source.includes('visitors') && target.includes('front'),
      )!;
      expect(first.rate).toBeCloseTo(rate, 5);
      if (mode === 'sidecar') {
        const failed = outcomes.filter(({ code }) => code >= 500).length;
        expect(first).toMatchObject({ protocol: 'http', layer: 'L7', mutualTlsShare: 1 });
        expect(first.errorShare).toBeCloseTo(failed / outcomes.length, 3);
        expect(first.p50Ms).toBeGreaterThan(0);
        expect(graph.edges.find(({ target }) => target.includes('currency'))!.protocol).toBe(
          'grpc',
        );
        expect(
          graph.edges.find(({ target }) => target.includes('orders-db'))!.requestBytes,
        ).toBeGreaterThan(0);
      } else expect(graph.edges.every(({ layer }) => layer === 'L4')).toBe(true);
    },
  );

  test('behind a waypoint is the same shop, one edge for each call', async () => {
    const { outcomes, graph } = await shop('ambient', 60, { by: 'app' }, true);
    const calls = graph.edges.filter(({ source }) => source.includes('visitors'));
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ layer: 'L7', waypoint: true, mutualTlsShare: 1 });
    expect(calls[0]!.rate).toBeCloseTo(outcomes.length / 60, 5);
  });
});

describe('proxies that are scraped', () => {
  const line = (name: string, to: string, code: string, value: number): string =>
    `istio_requests_total{reporter="source",source_workload="a",source_workload_namespace="n",destination_workload="${to}",destination_workload_namespace="n",destination_service_name="${to}",destination_service_namespace="n",request_protocol="http",response_code="${code}",response_flags="-",pod="${name}"} ${value}\n`;

  function world() {
    const texts = new Map<string, string>();
    let nowMs = 0;
    const target = (pod: string): ScrapeTarget => ({
      pod,
      ztunnel: false,
      self: { cluster: 'c', namespace: 'n', workload: 'a', app: 'a', version: 'v1' },
      read: () => {
        const text = texts.get(pod);
        return text === undefined
          ? Promise.reject(new SourceError('unreachable', 'it does not answer'))
          : Promise.resolve(text);
      },
    });
    const pods = new Set<string>();
    const source = createScrapeSource({ targets: () => [...pods].map(target), now: () => nowMs });
    const store = createTelemetryStore('c');
    const view = createView(store);
    return {
      tell: (pod: string, text: string | undefined) => {
        pods.add(pod);
        if (text === undefined) texts.delete(pod);
        else texts.set(pod, text);
      },
      after: async (ms: number) => {
        nowMs += ms;
        const round = await source.round(store);
        view.update(round.changed);
        return { ...round, edges: view.graph().edges };
      },
    };
  }

  test('are summed, each by its own clock; a new code counts from its first request', async () => {
    const { tell, after } = world();
    tell('p1', line('p1', 'b', '200', 1000));
    tell('p2', line('p2', 'b', '200', 5));
    await after(0);
    tell('p1', line('p1', 'b', '200', 1050) + line('p1', 'b', '503', 10));
    tell('p2', line('p2', 'b', '200', 15));
    const { edges, state } = await after(10_000);
    expect(state).toBe('ok');
    expect(edges[0]).toMatchObject({
      rate: 7,
      codes: [
        ['200 -', 6],
        ['503 -', 1],
      ],
    });
  });

  test('and do not answer leave their edges for a minute, and are said so', async () => {
    const { tell, after } = world();
    tell('p1', line('p1', 'b', '200', 0));
    tell('p2', line('p2', 'c', '200', 0));
    await after(0);
    tell('p1', line('p1', 'b', '200', 10));
    tell('p2', line('p2', 'c', '200', 10));
    await after(10_000);
    tell('p2', undefined);
    const partial = await after(10_000);
    expect(partial).toMatchObject({ state: 'partial' });
    expect(partial.problems[0]!.message).toBe('p2: it does not answer');
    expect(partial.edges.map(({ target }) => target)).toEqual(['workload:c/n/c']);
    const later = await after(60_000);
    expect(later.edges).toEqual([]);
    tell('p1', undefined);
    expect(await after(10_000)).toMatchObject({ state: 'failed', changed: [] });
  });

  test("without Istio's metrics are read by Envoy's own", async () => {
    const { tell, after } = world();
    const envoy = (good: number, bad: number): string =>
      [
        '# TYPE envoy_cluster_upstream_rq counter',
        `envoy_cluster_upstream_rq{response_code="200",cluster_name="outbound|80||b.n.svc.cluster.local"} ${good}`,
        `envoy_cluster_upstream_rq{response_code="503",cluster_name="outbound|80||b.n.svc.cluster.local"} ${bad}`,
        // As a real Envoy with Istio's tags writes it: the same requests again, by class.
        `envoy_cluster_upstream_rq{cluster_name="outbound|80||b.n.svc.cluster.local",response_code_class="2xx"} ${good}`,
        `envoy_cluster_upstream_rq{cluster_name="outbound|80||b.n.svc.cluster.local",response_code_class="5xx"} ${bad}`,
        `envoy_cluster_upstream_rq{response_code="200",cluster_name="xds-grpc"} ${good}`,
        `envoy_cluster_upstream_rq{response_code="200",cluster_name="inbound|80||"} ${good}`,
        `envoy_cluster_upstream_rq_time_bucket{cluster_name="outbound|80||b.n.svc.cluster.local",le="5"} ${good}`,
        `envoy_cluster_upstream_rq_time_bucket{cluster_name="outbound|80||b.n.svc.cluster.local",le="+Inf"} ${good + bad}`,
        '',
      ].join('\n');
    tell('p1', envoy(0, 0));
    await after(0);
    tell('p1', envoy(80, 20));
    const { edges, dropped } = await after(10_000);
    expect(dropped).toBe(0);
    expect(edges).toHaveLength(1);
    expect(edges[0]).toMatchObject({
      source: 'workload:c/n/a',
      target: 'service:c/n/b',
      rate: 10,
      errorShare: 0.2,
      p50Ms: 3.1,
    });
  });
});
