import type { ServerResponse } from 'node:http';
import { istioLabels } from '@ambit/topology/testing/labels';
import { createTelemetryStore } from '@ambit/topology/store/telemetry-store';
import { createView } from '@ambit/topology/view/view';
import { afterEach, describe, expect, test } from 'vitest';
import { serveQueries, vector, type Asked } from '../testing/server.ts';
import { createPrometheusSource, type PrometheusSourceSettings } from './source.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Rates = Record<string, number>;

/** Rows for a query of requests: `from>to` by rate, as the client saw it. */
const rowsOf = (promql: string, rates: Rates) =>
  Object.entries(rates).flatMap(([edge, value]) => {
    const [from = '', to = ''] = edge.split('>');
    if (!promql.includes('istio_requests_total') || promql.includes('reporter!=')) return [];
    const namespace = from.startsWith('far') ? 'far' : 'shop';
    if (promql.includes('source_workload_namespace=~') && !promql.includes(`"${namespace}`))
      return [];
    const labels = istioLabels({ reporter: 'source', from, to, namespace });
    const asked = /by \(([^)]*)\)/.exec(promql)![1]!.split(',');
    return [{ labels: Object.fromEntries(asked.map((name) => [name, labels[name] ?? ''])), value }];
  });

async function begin(
  answer: (asked: Asked, response: ServerResponse) => void,
  settings: Partial<PrometheusSourceSettings> = {},
) {
  const server = await serveQueries(answer);
  const source = createPrometheusSource({ url: server.url, ...settings });
  const store = createTelemetryStore('c1');
  const view = createView(store);
  closers.push(() => source.close(), server.close);
  const round = async (options = {}) => {
    const told = await source.round(store, options);
    const diff = view.update(told.changed);
    return { ...told, diff };
  };
  const edges = (): string[] =>
    view
      .graph()
      .edges.map(
        ({ source: from, target, rate }) => `${from.split('/')[2]}>${target.split('/')[2]} ${rate}`,
      );
  return { server, source, round, edges, view };
}

describe('a round', () => {
  test('asks a few queries for the whole mesh and reads the traffic', async () => {
    const { server, round, edges } = await begin((asked, response) => {
      response.end(vector(rowsOf(asked.promql, { 'a>b': 2, 'b>c': 1 })));
    });
    expect(await round()).toMatchObject({
      state: 'ok',
      problems: [],
      rows: 2,
      dropped: 0,
      asked: 6,
    });
    expect(edges()).toEqual(['a>b 2', 'b>c 1']);
    expect(server.asked).toHaveLength(6);
  });

  test('after another one changes what changed, whatever order the rows come in', async () => {
    let rates: Rates = { 'a>b': 2, 'b>c': 1, 'c>d': 5 };
    const { round, edges } = await begin((asked, response) => {
      response.end(vector(rowsOf(asked.promql, rates)));
    });
    await round();
    rates = { 'c>d': 5, 'new>a': 3, 'a>b': 4 };
    const { diff } = await round();
    expect(diff.edges.map(({ rate }) => rate)).toEqual([4, 3]);
    expect(diff.removedEdges).toHaveLength(1);
    expect(edges()).toEqual(['a>b 4', 'c>d 5', 'new>a 3']);
  });

  test('for one namespace leaves the others as they were', async () => {
    let rates: Rates = { 'a>b': 2, 'far-a>far-b': 1 };
    const { server, round, edges } = await begin((asked, response) => {
      response.end(vector(rowsOf(asked.promql, rates)));
    });
    await round();
    rates = {};
    await round({ scope: { only: ['shop'] } });
    expect(edges()).toEqual(['far-a>far-b 1']);
    expect(server.asked.at(-1)!.promql).toContain('source_workload_namespace=~"shop"');
    await round({ scope: { only: ['far', 'a.b"\\'] } });
    expect(edges()).toEqual([]);
    expect(server.asked.at(-1)!.promql).toContain('=~"far|a\\\\x{2e}b\\\\x{22}\\\\x{5c}"');
  });

  test('can ask for the names of apps and versions too', async () => {
    const { round, view } = await begin((asked, response) => {
      if (!asked.promql.startsWith('group')) {
        response.end(vector(rowsOf(asked.promql, { 'a-v1>b-v2': 2 })));
        return;
      }
      const labels = istioLabels({ reporter: 'source', from: 'a-v1', to: 'b-v2' });
      const side = asked.promql.includes('(source_') ? 'source' : 'destination';
      const of = Object.entries(labels).filter(
        ([name]) => name.startsWith(`${side}_`) && !name.includes('destination_service'),
      );
      response.end(vector([{ labels: Object.fromEntries(of), value: 1 }]));
    });
    await round();
    expect(view.graph().nodes.map(({ app }) => app)).toEqual(['', '']);
    await round({ names: true });
    expect(view.graph().nodes.map(({ app, version }) => `${app} ${version}`)).toEqual([
      'a v1',
      'b v2',
    ]);
  });

  test('for a moment in the past asks for that moment, and tells the time of the server', async () => {
    const times: (string | null)[] = [];
    const { server, round } = await begin((asked, response) => {
      times.push(asked.form.get('time'));
      response.end(vector(rowsOf(asked.promql, { 'a>b': 2 }), {}, 1_700_000_000));
    });
    const past = await round({ atMs: 1_700_000_000_500 });
    expect(times).toEqual(Array.from({ length: server.asked.length }, () => '1700000000.5'));
    expect(past).toMatchObject({ at: 1_700_000_000_000, state: 'ok', problems: [] });
    const now = await round();
    expect(times.at(-1)).toBeNull();
    expect(now).toMatchObject({ at: 1_700_000_000_000, state: 'ok' });
    expect(now.problems[0]).toMatchObject({ kind: 'clock' });
    expect(now.problems[0]!.message).toMatch(/clock of Prometheus is \d+ s behind/);
  });

  test('tells which proxies are heard of at all', async () => {
    const { source } = await begin((_, response) => {
      response.end(
        vector([
          { labels: { namespace: 'shop', pod: 'a-1' }, value: 1 },
          { labels: { kubernetes_namespace: 'shop', kubernetes_pod_name: 'b-1' }, value: 1 },
          { labels: { job: 'other' }, value: 1 },
        ]),
      );
    });
    expect(await source.reporting()).toEqual(new Set(['shop/a-1', 'shop/b-1']));
  });

  test('carries credentials, tenant and matchers, and never more at once than allowed', async () => {
    const { server, round } = await begin(
      (asked, response) => void setImmediate(() => response.end(vector(rowsOf(asked.promql, {})))),
      {
        auth: { kind: 'bearer', token: 'secret' },
        headers: { 'X-Scope-OrgID': 'one' },
        matchers: 'mesh_id="m"',
        concurrency: 2,
      },
    );
    await round();
    for (const { headers, promql } of server.asked) {
      expect(headers).toMatchObject({ authorization: 'Bearer secret', 'x-scope-orgid': 'one' });
      expect(promql).toContain('{mesh_id="m"');
    }
    expect(server.most()).toBeLessThanOrEqual(2);
  });
});

describe('a server that', () => {
  const fails = async (
    answer: (response: ServerResponse) => void,
    settings: Partial<PrometheusSourceSettings> = {},
  ) => {
    let isBad = false;
    const begun = await begin((asked, response) => {
      if (isBad) answer(response);
      else response.end(vector(rowsOf(asked.promql, { 'a>b': 2 })));
    }, settings);
    await begun.round();
    isBad = true;
    const told = await begun.round();
    return { ...told, edges: begun.edges() };
  };

  test.each([
    ['refuses the credentials', 401, 'unauthorised', /credentials \(401\)/],
    ['is overloaded', 503, 'unavailable', /cannot answer now \(503\)/],
    ['limits', 422, 'tooLarge', /too many samples/],
    ['is something else', 404, 'refused', /root of a Prometheus API/],
  ] as const)('%s leaves what was known, and says why', async (_, status, kind, message) => {
    const told = await fails((response) => {
      response
        .writeHead(status)
        .end(
          status === 422
            ? '{"status":"error","error":"query processing would load too many samples"}'
            : 'no',
        );
    });
    expect(told.state).toBe('failed');
    expect(told.problems).toHaveLength(1);
    expect(told.problems[0]!.kind).toBe(kind);
    expect(told.problems[0]!.message).toMatch(message);
    expect(told.edges).toEqual(['a>b 2']);
  });

  test('breaks off in the middle is not believed', async () => {
    const told = await fails((response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write(vector([]).slice(0, 20), () => response.destroy());
    });
    expect(told).toMatchObject({ state: 'failed', edges: ['a>b 2'] });
    expect(told.problems[0]!.kind).toBe('unreachable');
  });

  test('is slow is left after the time-out', async () => {
    const told = await fails(() => undefined, { timeoutMs: 2_000 });
    expect(told.problems[0]).toMatchObject({ kind: 'timeout' });
    expect(told.edges).toEqual(['a>b 2']);
  });

  test('answers without end is stopped', async () => {
    const told = await fails(
      (response) => {
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      },
      { longestAnswer: 1_000_000 },
    );
    expect(told.problems.map(({ kind }) => kind)).toContain('tooLarge');
  });

  test.each([
    ['says so', { isPartial: true }],
    ['warns', { warnings: ['store gateway is down'] }],
  ])('answers in part and %s leaves the rest as it was, for a while', async (_, more) => {
    const answer = (response: ServerResponse): void => void response.end(vector([], more));
    const told = await fails(answer);
    expect(told).toMatchObject({ state: 'partial', edges: ['a>b 2'] });
    expect(told.problems[0]).toMatchObject({ kind: 'partial' });
    expect((await fails(answer, { keepPartialMs: 0 })).edges).toEqual([]);
  });

  test('warns of the query alone is believed', async () => {
    const told = await fails((response) => {
      response.end(vector([], { warnings: ['PromQL warning: odd'] }));
    });
    expect(told).toMatchObject({ state: 'partial', edges: [] });
  });

  test('nobody can reach is said so', async () => {
    const source = createPrometheusSource({ url: 'http://127.0.0.1:1/prometheus' });
    const told = await source.round(createTelemetryStore('c1'));
    source.close();
    expect(told.state).toBe('failed');
    expect(told.problems[0]!.message).toContain(
      'http://127.0.0.1:1/prometheus/ refuses the connection',
    );
  });
});
