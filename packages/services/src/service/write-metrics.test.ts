import { meshMetricFamilies } from '@ambit/contracts/mesh-metrics';
import type { SubjectSignals } from '@ambit/topology/objectives/subject-signals';
import { emptySignals } from '@ambit/topology/signals';
import { expect, test } from 'vitest';
import { writeMetrics } from './write-metrics.ts';

const service = (name: string, more: Partial<SubjectSignals['signals']> = {}): SubjectSignals => ({
  kind: 'service',
  namespace: 'shop',
  name,
  clusters: [],
  signals: { ...emptySignals(), ...more },
});

const write = (services: SubjectSignals[], more: object = {}) =>
  writeMetrics({
    mesh: 'shop',
    services,
    leftOut: 0,
    sources: [{ name: 'agents', isUp: true }],
    ageS: 3,
    dropped: 0,
    ...more,
  });

test('a busy service tells everything, with one type a family', () => {
  const text = write([
    service('cart', {
      requests: 10,
      errors: 1,
      requestBytes: 5,
      responseBytes: 6,
      securityKnown: 10,
      secured: 5,
      latency: { sum: 100, count: 10, buckets: [10, 5, 20, 10, Infinity, 10] },
    }),
  ]);
  const types = [...text.matchAll(/^# TYPE (\w+) gauge$/gm)].map(([, name]) => name);
  expect(types.toSorted()).toEqual(Object.keys(meshMetricFamilies).toSorted());
  expect(text).toContain('quantile="0.5"} 10\n');
  expect(text).toContain('mutual_tls_ratio{mesh="shop",namespace="shop",service="cart"} 0.5\n');
  expect(text.endsWith('\n')).toBe(true);
});

test('what nobody tells is left out, and is no zero', () => {
  const text = write([service('quiet')], { sources: [] });
  expect(text).toContain('requests_per_second{mesh="shop",namespace="shop",service="quiet"} 0\n');
  for (const missing of ['bytes', 'latency', 'mutual_tls', 'age', 'source_up']) {
    expect(text).not.toContain(missing);
  }
});

test('names that could end a label or a line are escaped', () => {
  const text = write([service('a"b\\c\nd')]);
  expect(text).toContain(String.raw`service="a\"b\\c\nd"} 0`);
  expect(text.split('\n').every((line) => /^(#|ambit_|$)/.test(line))).toBe(true);
});
