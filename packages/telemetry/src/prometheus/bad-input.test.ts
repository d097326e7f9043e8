import { gzipSync } from 'node:zlib';
import type { ServerResponse } from 'node:http';
import { istioLabels } from '@ambit/topology/testing/labels';
import { createTelemetryStore } from '@ambit/topology/store/telemetry-store';
import { createView } from '@ambit/topology/view/view';
import { afterEach, describe, expect, test } from 'vitest';
import { serveQueries, vector } from '../testing/server.ts';
import { createRowMemory } from './row-memory.ts';
import { createPrometheusSource, type PrometheusSourceSettings } from './source.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers the question for requests as told, and all others with nothing. */
async function asking(
  requests: (response: ServerResponse) => void,
  settings: Partial<PrometheusSourceSettings> & { series?: number } = {},
) {
  const server = await serveQueries(({ promql }, response) => {
    if (promql.includes('reporter="source"')) requests(response);
    else response.end(vector([]));
  });
  const { series, ...more } = settings;
  const source = createPrometheusSource({ url: server.url, ...more });
  closers.push(() => source.close(), server.close);
  const store = createTelemetryStore('c1', series === undefined ? {} : { series });
  const view = createView(store);
  const round = async () => {
    const told = await source.round(store);
    view.update(told.changed);
    return { ...told, graph: view.graph() };
  };
  return { round, store };
}

const rowOf = (labels: Record<string, string>, value = 1) => ({ labels, value });
const labelsOf = (more: Record<string, string>) =>
  Object.fromEntries(
    Object.entries({ ...istioLabels({ reporter: 'source', from: 'web', to: 'cart' }), ...more })
      // What the question for requests of sources keeps.
      .filter(([name]) => /^(source|destination)_|_code$|protocol|flags|status/.test(name)),
  );

describe('labels', () => {
  test('that are missing leave nodes nobody knows, and no row is lost', async () => {
    const { round } = await asking((response) =>
      response.end(vector([rowOf({}), rowOf({ source_workload: 'web' }), rowOf(labelsOf({}))])),
    );
    const { state, dropped, graph } = await round();
    expect({ state, dropped }).toEqual({ state: 'ok', dropped: 0 });
    expect(graph.edges).toHaveLength(3);
    expect(graph.edges.reduce((sum, { rate }) => sum + rate, 0)).toBe(3);
  });

  test.each([
    ['quotes, braces and marks of JSON', 'a"},"value":[1,"9"]},{"metric":{"x":"'],
    ['control characters and directions of writing', 'a\u0000\u202e\n\r\tb'],
    ['markup', '<img src=x onerror=alert(1)>'],
    ['paths and separators of ids', '../../a/b>c#http'],
    ['a name as long as a page', 'x'.repeat(20_000)],
    ['other scripts', 'кошик-馬-🛒'],
  ])('with %s are a name like another', async (_, name) => {
    const hostile = labelsOf({ source_workload: name, source_workload_namespace: name });
    const { round } = await asking((response) =>
      response.end(vector([rowOf(hostile, 2), rowOf(labelsOf({}), 3)])),
    );
    const { state, graph } = await round();
    expect(state).toBe('ok');
    expect(graph.edges.map(({ rate }) => rate).toSorted()).toEqual([2, 3]);
    const ids = graph.nodes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const node of graph.nodes) {
      // eslint-disable-next-line no-control-regex
      expect(node.name).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
      expect(node.name.length).toBeLessThanOrEqual(300);
    }
  });

  test('in a row longer than any real one end the answer, and what was known stays', async () => {
    let isLong = false;
    const { round } = await asking((response) =>
      response.end(
        vector([rowOf(labelsOf(isLong ? { source_workload: 'x'.repeat(200_000) } : {}), 2)]),
      ),
    );
    await round();
    isLong = true;
    const { state, problems, graph } = await round();
    expect(state).toBe('partial');
    expect(problems[0]).toMatchObject({ kind: 'malformed' });
    expect(graph.edges.map(({ rate }) => rate)).toEqual([2]);
  });
});

describe('values', () => {
  test.each(['NaN', '+Inf', '-Inf', '-3', '', 'many'])('of "%s" are no traffic', async (value) => {
    const text = vector([rowOf(labelsOf({}), 7), rowOf(labelsOf({ destination_workload: 'db' }))]);
    const { round } = await asking((response) => response.end(text.replace('"7"', `"${value}"`)));
    const { graph } = await round();
    const rates = graph.edges.map(({ rate }) => rate);
    expect(rates.every(Number.isFinite)).toBe(true);
    expect(rates.reduce((sum, rate) => sum + rate, 0)).toBe(1);
  });
});

describe('more than is kept', () => {
  const many = 4_000;
  const stream = (response: ServerResponse): void => {
    const labels = labelsOf({});
    response.write('{"status":"success","data":{"resultType":"vector","result":[');
    const more = (from: number): void => {
      for (let at = from; at < many; at += 1_000) {
        const rows = Array.from({ length: 1_000 }, (_, row) => {
          const metric = JSON.stringify({ ...labels, source_workload: `w${at + row}` });
          return `${at + row === 0 ? '' : ','}{"metric":${metric},"value":[1700000000,"1"]}`;
        });
        if (!response.write(rows.join(''))) {
          response.once('drain', () => more(at + 1_000));
          return;
        }
      }
      response.end(']}}');
    };
    more(0);
  };

  test('is counted and left out, and the rest is shown', async () => {
    const { round, store } = await asking(stream, { series: 500, timeoutMs: 120_000 });
    const { state, rows, dropped } = await round();
    expect(state).not.toBe('failed');
    expect(rows).toBe(many);
    expect(store.links.filter(({ signals }) => signals.some(Boolean))).toHaveLength(500);
    expect(dropped).toBe(many - 500);
  });

  test('is not read to its end when the answer is too long', async () => {
    let asked = 0;
    const counted = (response: ServerResponse): void => {
      asked++;
      stream(response);
    };
    const { round } = await asking(counted, { longestAnswer: 500_000, timeoutMs: 120_000 });
    const { state, problems, bytes } = await round();
    expect(state).toBe('partial');
    expect(problems[0]!.message).toMatch(/is over 1 MB: ask for fewer namespaces/);
    expect(bytes).toBeLessThan(10_000);
    // Nor asked for each time again; it is said each time.
    expect((await round()).problems).toEqual(problems);
    expect(asked).toBe(1);
  });

  test('is remembered as far as there is room, and found again', () => {
    const memory = createRowMemory(100_000);
    const row = (at: number) => Buffer.from(`"name":"${String(at).padStart(20, '0')}"`);
    for (let at = 0; at < 10_000; at++) {
      const bytes = row(at);
      memory.add(bytes, 0, bytes.length, at, at);
    }
    memory.begin();
    expect(memory.expected(row(0), 0, row(0).length)).toBe(0);
    expect(memory.find(row(9_999), 0, row(9_999).length, 9_999)).toBe(-1);
  });

  test('when unpacked is not unpacked to its end', async () => {
    const packed = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
    const { round } = await asking(
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
      { longestAnswer: 1_000_000, timeoutMs: 120_000 },
    );
    expect((await round()).problems[0]).toMatchObject({ kind: 'tooLarge' });
  });
});

test('an answer that comes in drops is left after the time-out', async () => {
  const { round } = await asking(
    (response) => {
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    },
    { timeoutMs: 1_000 },
  );
  expect((await round()).problems[0]).toMatchObject({ kind: 'timeout' });
});

test.each([
  ['behind', -3_600_000],
  ['ahead of', 3_600_000],
])(
  'a clock that is %s ours is said, and the traffic is shown with its time',
  async (word, apart) => {
    const at = Math.round((Date.now() + apart) / 1000);
    const { round } = await asking((response) =>
      response.end(vector([rowOf(labelsOf({}), 2)], {}, at)),
    );
    const { state, problems, at: told, graph } = await round();
    expect(state).toBe('ok');
    expect(problems[0]!.message).toMatch(new RegExp(`3[56]\\d\\d s ${word} this one`));
    expect(told).toBe(at * 1000);
    expect(graph.edges).toHaveLength(1);
  },
);
