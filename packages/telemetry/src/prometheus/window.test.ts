import { createTelemetryStore } from '@ambit/topology/store/telemetry-store';
import { afterEach, expect, test } from 'vitest';
import { serveQueries, vector } from '../testing/server.ts';
import { createPrometheusClient } from './client.ts';
import { createPrometheusSource } from './source.ts';
import { createWindows, windowFor } from './window.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

test.each([
  [5, 60],
  [15, 60],
  [15.8, 60],
  [30, 120],
  [33, 120],
  [60, 240],
  [300, 600],
  [Number.NaN, null],
  [Infinity, null],
  [0, null],
  [-3, null],
])('proxies scraped every %s s are asked for rates over %s s', (every, windowS) => {
  expect(windowFor(every)).toBe(windowS);
});

async function begin(every: (asked: number) => string | null) {
  let asked = 0;
  const server = await serveQueries(({ promql }, response) => {
    if (!promql.startsWith('quantile(')) response.end(vector([]));
    else {
      const answer = every(asked++);
      if (answer === null) response.writeHead(503).end();
      else response.end(vector([{ labels: {}, value: 0 }]).replace('"0"', `"${answer}"`));
    }
  });
  const source = createPrometheusSource({ url: server.url, windowS: createWindows('') });
  closers.push(() => source.close(), server.close);
  const store = createTelemetryStore('c1');
  const round = async (more: object = {}) => {
    const before = server.asked.length;
    const { windowS } = await source.round(store, more);
    const spans = server.asked
      .slice(before)
      .flatMap(({ promql }) => /\(rate\(.*\[(\d+)s\]\)\)$/.exec(promql)?.[1] ?? []);
    expect(new Set(spans)).toEqual(new Set([String(windowS)]));
    return windowS;
  };
  return { round, asked: () => asked };
}

test('a server that scrapes every minute is asked for rates over four, and how often it does now and then', async () => {
  const { round, asked } = await begin(() => '60');
  expect(await round()).toBe(240);
  expect(await round({ scope: { only: ['shop'] } })).toBe(240);
  expect(asked()).toBe(1);
  // A moment in the past has its own.
  expect(await round({ atMs: Date.now() - 3_600_000 })).toBe(240);
  expect(asked()).toBe(2);
});

test('all who ask a server at once ask it once how often it scrapes', async () => {
  const server = await serveQueries((_, response) =>
    response.end(vector([{ labels: {}, value: 60 }])),
  );
  const client = createPrometheusClient({ url: server.url });
  closers.push(() => client.close(), server.close);
  const windows = createWindows('mesh_id="m"');
  expect(await Promise.all([windows(client, {}), windows(client, {})])).toEqual([240, 240]);
  expect(server.asked).toHaveLength(1);
});

test.each(['NaN', '+Inf', null])('where that is %s a minute is taken', async (answer) => {
  const { round } = await begin(() => answer);
  expect(await round()).toBe(60);
});
