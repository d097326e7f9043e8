import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeMetrics } from '@ambit/api/platform/metrics';
import { meshMetricFamilies } from '@ambit/contracts/mesh-metrics';
import type { Database } from '@ambit/db/database';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { sampleNames } from './istio-metrics.ts';
import { files, plans } from './plans.ts';

/** What Grafana puts in before Prometheus sees it. */
const asAsked = (expr: string): string => expr.replaceAll('$__rate_interval', '5m');

/** Problems of an expression, and the metrics it names. */
function read(expr: string): { errors: string[]; metrics: string[] } {
  const text = asAsked(expr);
  const errors: string[] = [];
  const metrics: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) errors.push(`at ${from}: ${text.slice(from, to) || 'nothing'}`);
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') {
        metrics.push(text.slice(from, to));
      }
    },
  });
  return { errors, metrics };
}

/** Everything that the platform's own processes tell, asked of a database that does not answer. */
async function platformNames(): Promise<string[]> {
  const db = { pool: { query: () => Promise.reject(new Error('no database')) } };
  const { registry } = makeMetrics(db as unknown as Database);
  const families = await registry.getMetricsAsJSON();
  return families.flatMap(({ name, type }) =>
    String(type) === 'histogram'
      ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`)
      : [name],
  );
}

const panels = plans.flatMap((plan) =>
  plan.rows.flatMap((row) =>
    row.panels.flatMap((panel) =>
      Object.values(panel.expr).map((expr) => [`${plan.uid}: ${panel.title}`, expr] as const),
    ),
  ),
);

test.each(panels)('%s asks what Prometheus can read: %s', (_, expr) => {
  expect(read(expr).errors).toEqual([]);
});

test('an expression that cannot be read, or names nothing, would be found', () => {
  expect(read('sum by (le (x)').errors).not.toEqual([]);
  expect(read('sum(rate(nobody_tells[$__rate_interval])) / up').metrics).toEqual([
    'nobody_tells',
    'up',
  ]);
});

describe('metrics that dashboards name', () => {
  test('are told by Ambit or by Istio', async () => {
    const known = new Set([
      ...Object.keys(meshMetricFamilies),
      ...(await platformNames()),
      ...sampleNames(),
    ]);
    const variables = plans.flatMap((plan) => plan.variables.map(({ of }) => of));
    const named = [
      ...panels.flatMap(([, expr]) => read(expr).metrics),
      ...variables.map((of) => /^label_values\((\w+)/.exec(of)?.[1] ?? of),
    ];
    expect(named.length).toBeGreaterThan(40);
    expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
  });
});

test('the dashboards in the repository are what `npm run dashboards` makes', () => {
  const folder = join(import.meta.dirname, '..', 'generated');
  const made = files();
  expect(readdirSync(folder).toSorted()).toEqual([...made.keys()].toSorted());
  for (const [name, text] of made) expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
});

test('ids are of one panel, and panels do not overlap', () => {
  for (const text of files().values()) {
    const { panels: drawn } = JSON.parse(text) as {
      panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    expect(new Set(drawn.map(({ id }) => id)).size).toBe(drawn.length);
    const taken = new Set<string>();
    for (const { gridPos: at } of drawn) {
      expect(at.x + at.w).toBeLessThanOrEqual(24);
      for (let x = at.x; x < at.x + at.w; x++) {
        for (let y = at.y; y < at.y + at.h; y++) {
          expect(taken.has(`${x} ${y}`)).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
  }
});
