import type { ServerResponse } from 'node:http';
import { istioLabels } from '@ambit/topology/testing/labels';
import { serveQueries, vector, type Asked } from './server.ts';

/** A series with its rate, as a simulated Prometheus has it. */
export interface Series {
  name: string;
  labels: Record<string, string>;
  rate: number;
}

/** Series of a call between two workloads of a namespace, as the client's and the server's proxy tell it. */
export function callSeries(call: {
  from: string;
  to: string;
  rate: number;
  namespace?: string;
  /** Share of requests that are answered 503. */
  errorShare?: number;
  /** All requests take this long; a bucket's bound. */
  ms?: number;
  more?: Record<string, string>;
}): Series[] {
  const { from, to, rate, namespace = 'shop', errorShare = 0, ms, more = {} } = call;
  return ['source', 'destination'].flatMap((reporter) => {
    const labels = (code: string, also: Record<string, string> = {}) =>
      istioLabels({ reporter, from, to, namespace, code, more: { ...more, ...also } });
    const requests = [
      { name: 'istio_requests_total', labels: labels('200'), rate: rate * (1 - errorShare) },
      { name: 'istio_requests_total', labels: labels('503'), rate: rate * errorShare },
    ].filter((series) => series.rate > 0);
    const bytes = [
      { name: 'istio_request_bytes_sum', labels: labels('200'), rate: rate * 100 },
      { name: 'istio_response_bytes_sum', labels: labels('200'), rate: rate * 1000 },
    ];
    const buckets =
      ms === undefined
        ? []
        : [10, 25, 50, 100, Infinity].map((bound) => ({
            name: 'istio_request_duration_milliseconds_bucket',
            labels: labels('200', { le: bound === Infinity ? '+Inf' : String(bound) }),
            rate: ms <= bound ? rate : 0,
          }));
    return [...requests, ...bytes, ...buckets];
  });
}

/**
 * A simulated Prometheus over series with fixed rates. It answers `sum by (…) (rate(name{…}[…]))`, `count` of that, and
 * `count(name{…})`, at one moment and over a range, and `vector(1)`; everything else is an empty vector. `before` may answer in its place.
 */
export async function serveMesh(
  series: () => readonly Series[],
  before: (asked: Asked, response: ServerResponse) => boolean = () => false,
) {
  return serveQueries((asked, response) => {
    if (before(asked, response)) return;
    const rows = evaluate(asked.promql, series());
    if (!asked.path.endsWith('/query_range')) {
      response.end(vector(rows));
      return;
    }
    const number = (name: string): number => Number(asked.form.get(name));
    const [start, end, step] = [number('start'), number('end'), number('step')];
    const values = (value: number) =>
      Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, at) => [
        start + at * step,
        String(value),
      ]);
    const result = rows.map(({ labels, value }) => ({ metric: labels, values: values(value) }));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
}

const ratePattern = /^sum by \(([^)]*)\) \(rate\((\w+)\{(.*)\}\[\d+s\]\)\)$/;
const countedPattern = /^count\((sum by .*)\)$/;
const countPattern = /^count\((\w+)(?:\{(.*)\})?\)$/;

function evaluate(
  promql: string,
  series: readonly Series[],
): { labels: Record<string, string>; value: number }[] {
  const inner = countedPattern.exec(promql)?.[1];
  if (inner !== undefined) {
    const { length } = evaluate(inner, series);
    return length === 0 ? [] : [{ labels: {}, value: length }];
  }
  if (promql === 'vector(1)') return [{ labels: {}, value: 1 }];
  const counted = countPattern.exec(promql);
  if (counted) {
    const found = select(series, counted[1]!, counted[2] ?? '');
    return found.length === 0 ? [] : [{ labels: {}, value: found.length }];
  }
  const rated = ratePattern.exec(promql);
  if (!rated) return [];
  const by = rated[1]!.split(',');
  const sums = new Map<string, { labels: Record<string, string>; value: number }>();
  for (const { labels, rate } of select(series, rated[2]!, rated[3]!)) {
    const kept = Object.fromEntries(by.map((name) => [name, labels[name] ?? '']));
    const key = JSON.stringify(kept);
    const sum = sums.get(key) ?? { labels: kept, value: 0 };
    sum.value += rate;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

function select(series: readonly Series[], name: string, matchers: string): readonly Series[] {
  const parsed = [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"/g)];
  return series.filter(
    (each) =>
      each.name === name &&
      parsed.every(([, label = '', operator = '', quoted = '']) => {
        const text = quoted.replaceAll('\\\\', '\\').replaceAll('\\"', '"');
        const value = each.labels[label] ?? '';
        const isRegex = operator.endsWith('~');
        // RE2 writes characters as \x{2f}, JavaScript as \u{2f}.
        const fits = isRegex
          ? new RegExp(`^(?:${text.replaceAll('\\x{', '\\u{').replaceAll('\\-', '-')})$`, 'u').test(
              value,
            )
          : value === text;
        return operator.startsWith('!') ? !fits : fits;
      }),
  );
}
