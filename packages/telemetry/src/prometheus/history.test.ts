import { istioLabels } from '@ambit/topology/testing/labels';
import { addSignals, emptySignals, type Signals } from '@ambit/topology/signals';
import { createTelemetryStore, type TelemetryStore } from '@ambit/topology/store/telemetry-store';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { signalsOver } from '../history.ts';
import type { Side } from '../side.ts';
import { serveMesh, type Series } from '../testing/mesh-prometheus.ts';
import { vector } from '../testing/server.ts';
import { createPrometheusClient } from './client.ts';
import { readHistory, type HistoryQuestion } from './history.ts';
import { createPrometheusSource } from './source.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const range = { fromS: 1_700_000_000, toS: 1_700_000_600, stepS: 60 };
const workload = (name: string): Side => ({
  kind: 'workload',
  clusters: null,
  namespace: 'shop',
  name,
  version: '',
  workloads: [],
});

async function serve(
  series: () => readonly Series[],
  before?: Parameters<typeof serveMesh>[1],
  longestAnswer?: number,
) {
  const server = await serveMesh(series, before);
  const settings = { url: server.url, ...(longestAnswer ? { longestAnswer } : {}) };
  const client = createPrometheusClient(settings);
  const source = createPrometheusSource({ ...settings, bytes: true, latency: true });
  closers.push(
    () => client.close(),
    () => source.close(),
    server.close,
  );
  const history = (more: Partial<HistoryQuestion>) =>
    readHistory(client, {
      ...range,
      source: null,
      destination: null,
      protocol: null,
      matchers: '',
      latency: true,
      scope: null,
      ...more,
    });
  return { server, history, source };
}

/** What the graph knows of the requests from or to a workload, summed over its links. */
function graphSum(store: TelemetryStore, side: 'source' | 'destination', name: string): Signals {
  const sum = emptySignals();
  for (const link of store.links) {
    if (store.registry.endpoints[link[side]]!.workload !== name) continue;
    const [http, grpc, tcp] = link.signals;
    const above = [http, grpc].filter((each) => each != null);
    for (const each of above.length > 0 ? above : tcp ? [tcp] : []) addSignals(sum, each);
  }
  return sum;
}

const figures = ({ requests, errors, requestBytes, responseBytes, latency }: Signals) => ({
  requests,
  errors,
  requestBytes,
  responseBytes,
  latency: latency?.buckets.map((value) => Number(value.toFixed(6))) ?? null,
});

const names = ['web', 'cart', 'db'];
const told = fc.record({
  from: fc.constantFrom(...names),
  to: fc.constantFrom(...names),
  reporter: fc.constantFrom('source', 'destination', 'waypoint'),
  code: fc.constantFrom('200', '503', '0'),
  rate: fc.integer({ min: 0, max: 50 }),
});

const seriesOf = ({
  rate,
  ...of
}: {
  from: string;
  to: string;
  reporter: string;
  code: string;
  rate: number;
}): Series[] => {
  const labels = istioLabels(of);
  const { code: _code, ...plain } = of;
  const uncoded = istioLabels(plain);
  return [
    { name: 'istio_requests_total', labels, rate },
    { name: 'istio_request_bytes_sum', labels: uncoded, rate: rate * 10 },
    { name: 'istio_response_bytes_sum', labels: uncoded, rate: rate * 100 },
    ...['10', '50', '+Inf'].map((le, at) => ({
      name: 'istio_request_duration_milliseconds_bucket',
      labels: { ...uncoded, le },
      rate: (rate * (at + 1)) / 3,
    })),
  ];
};

describe('signals over time out of a Prometheus', () => {
  test('are at each moment what the graph shows then, whoever has a proxy', async () => {
    let series: readonly Series[] = [];
    const { history, source } = await serve(() => series);
    await fc.assert(
      fc.asyncProperty(
        fc.array(told, { maxLength: 12 }),
        fc.constantFrom(...names),
        async (all, name) => {
          series = all.flatMap(seriesOf);
          const store = createTelemetryStore('c1');
          await source.round(store);
          for (const side of ['source', 'destination'] as const) {
            const { rows, problems } = await history({ [side]: workload(name) });
            expect(problems).toEqual([]);
            const over = signalsOver(rows, 11);
            const wanted = figures(graphSum(store, side, name));
            for (const at of [0, 10]) {
              const found = figures(over[at] ?? emptySignals());
              for (const of of ['requests', 'errors', 'requestBytes', 'responseBytes'] as const)
                expect(found[of]).toBeCloseTo(wanted[of], 6);
              expect(found.latency).toEqual(wanted.latency);
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('count clients without a proxy beside those with one', async () => {
    const call = (from: string, reporter: string, rate: number) =>
      seriesOf({ from, to: 'cart', reporter, code: '200', rate });
    const series = [
      ...call('web', 'source', 10),
      ...call('web', 'destination', 10),
      ...call('unknown', 'destination', 1),
    ];
    const { history } = await serve(() => series);
    const asked = { destination: workload('cart') };
    const rate = ({ rows }: Awaited<ReturnType<typeof history>>) =>
      signalsOver(rows, 11)[10]!.requests;
    expect(rate(await history(asked))).toBe(11);
    // More than is read link by link: the sum, and a sentence.
    const summed = await history({ ...asked, mostValues: 22 });
    expect(rate(summed)).toBe(10);
    expect(summed.problems.map(({ message }) => message).join('\n')).toMatch(
      /Requests are read as the sum of all links: 3 series are too much .* too low/,
    );
    expect(signalsOver(summed.rows, 11)[10]!.latency).not.toBeNull();
  });

  test('cost one count for what goes together', async () => {
    const { history, server } = await serve(() =>
      seriesOf({ from: 'web', to: 'cart', reporter: 'source', code: '200', rate: 4 }),
    );
    await history({ destination: workload('cart') });
    const counts = server.asked.filter(({ promql }) => promql.startsWith('count('));
    expect([counts.length, server.asked.length]).toEqual([4, 12]);
  });

  test('are summed too when the answer is longer than was counted', async () => {
    const series = seriesOf({ from: 'web', to: 'cart', reporter: 'source', code: '200', rate: 4 });
    const long = 'x'.repeat(2_200_000);
    const { history } = await serve(
      () => series,
      ({ promql, path }, response) => {
        if (!path.endsWith('query_range') || !promql.startsWith('sum by')) return false;
        if (!promql.includes('source_workload,')) return false;
        response.end(`{"a":"${long}${long}`);
        return true;
      },
    );
    const { rows, problems } = await history({ destination: workload('cart'), mostValues: 100 });
    expect(signalsOver(rows, 11)[0]!.requests).toBe(4);
    expect(problems[0]!.message).toMatch(/there is too much to be read link by link/);
  });

  test.each([
    [{ warnings: ['store gateway is down'] }, /in part: store gateway is down/],
    [{ isPartial: true }, /in part: it does not say why/],
  ])('say what is missing of them: %j', async (more, message) => {
    const series = seriesOf({ from: 'web', to: 'cart', reporter: 'source', code: '200', rate: 4 });
    const { history } = await serve(
      () => series,
      ({ promql, form }, response) => {
        if (!promql.startsWith('sum by') || !promql.includes('istio_requests_total')) return false;
        const result = [
          {
            metric: istioLabels({ reporter: 'source', from: 'web', to: 'cart' }),
            values: [[Number(form.get('start')), '3']],
          },
        ];
        response.end(
          JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, ...more }),
        );
        return true;
      },
    );
    const { rows, problems } = await history({ destination: workload('cart') });
    expect(problems.map((problem) => problem.message).join()).toMatch(message);
    const over = signalsOver(rows, 11);
    expect(over[0]!.requests).toBe(3);
    // A time without data is no zero.
    expect(over[1]).toBeNull();
  });

  test("are told by Envoy's own counters where Istio's are absent, by whom and of which service", async () => {
    const called = (host: string) => `outbound|80||${host}.svc.cluster.local`;
    const row = (pod: string, host: string, code: string) => ({
      metric: { namespace: 'shop', pod, cluster_name: called(host), response_code: code },
      values: Array.from({ length: 11 }, (_, at) => [range.fromS + at * 60, '2']),
    });
    const rows = [
      row('web-7d4b9c6f5-x2x4z', 'cart.shop', '200'),
      row('web-7d4b9c6f5-bcdfg', 'cart.shop', '503'),
      row('web-front-7d4b9c6f5-bcdfg', 'cart.shop', '200'),
      row('web-7d4b9c6f5-x2x4z', 'db.shop', '200'),
    ];
    const asked: string[] = [];
    const { history } = await serve(
      () => [],
      ({ promql }, response) => {
        if (!promql.includes('envoy_cluster_upstream_rq{')) return false;
        asked.push(promql);
        const count = { metric: {}, values: [[range.toS, String(rows.length)]] };
        const result = promql.startsWith('count(') ? [count] : rows;
        response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
        return true;
      },
    );
    const whose = () => null;
    const from = await history({ source: workload('web'), whose });
    expect(signalsOver(from.rows, 11)[5]).toMatchObject({ requests: 6, errors: 2 });
    expect(asked.join()).toContain('pod=~"web(-.+)?|"');
    const cart: Side = { ...workload('cart'), kind: 'service' };
    const into = await history({ destination: cart, whose });
    expect(signalsOver(into.rows, 11)[5]).toMatchObject({ requests: 6, errors: 2 });
    expect(asked.at(-1)).toContain('cart\\\\.shop\\\\..+');
    const edge = await history({ source: workload('web'), destination: cart, whose });
    expect(signalsOver(edge.rows, 11)[5]).toMatchObject({ requests: 4, errors: 2 });
    // Which workload answered is not known.
    expect((await history({ destination: workload('cart'), whose })).rows).toEqual([]);
    const less = await history({ destination: cart, whose, mostValues: 33 });
    expect(less.rows).toEqual([]);
    expect(less.problems[0]!.message).toMatch(
      /Requests that Envoy's own counters tell of are left out/,
    );
  });

  test("leave out Envoy's own counters of proxies with metrics of Istio, without a word", async () => {
    const asked: string[] = [];
    const { history } = await serve(
      () => [],
      ({ promql }, response) => {
        if (!promql.includes('envoy_cluster_upstream_rq{')) return false;
        asked.push(promql);
        const many = { metric: {}, values: [[range.toS, '1000000']] };
        const result = promql.includes('unless on') ? [] : [many];
        response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
        return true;
      },
    );
    const answer = await history({ source: workload('web'), whose: () => null });
    expect(answer).toEqual({ rows: [], problems: [] });
    expect(asked).toHaveLength(2);
  });

  test('are nothing where there is no data, and no problem', async () => {
    const { history } = await serve(() => []);
    expect(await history({ destination: workload('cart'), whose: () => null })).toEqual({
      rows: [],
      problems: [],
    });
  });

  test.each([
    [
      'NaN and nonsense',
      [[range.fromS, 'NaN'], [range.fromS + 60, 'x'], 7, [range.fromS + 120, '2']],
    ],
    [
      'times outside',
      [
        [0, '5'],
        [range.toS + 6_000, '5'],
        [range.fromS + 120, '2'],
      ],
    ],
  ])('leave out %s', async (_, values) => {
    const { history } = await serve(
      () => [],
      ({ promql }, response) => {
        if (!promql.startsWith('sum by') || !promql.includes('istio_requests_total')) return false;
        const result = [
          null,
          3,
          { metric: istioLabels({ reporter: 'source', from: 'web', to: 'cart' }), values },
        ];
        response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
        return true;
      },
    );
    const { rows } = await history({ destination: workload('cart') });
    const over = signalsOver(rows, 11).map((each) => each?.requests ?? null);
    expect(over).toEqual([null, null, 2, ...Array.from({ length: 8 }, () => null)]);
  });

  test('refuse what is no matrix', async () => {
    const { history } = await serve(
      () => [],
      (_asked, response) => {
        response.end(vector([]));
        return true;
      },
    );
    await expect(history({ destination: workload('cart') })).rejects.toThrow('no matrix');
  });
});
