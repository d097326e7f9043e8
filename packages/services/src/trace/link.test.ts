import { expect, test } from 'vitest';
import { traceLink } from './link.ts';

const of = (kind: string, url: string, settings: object = {}) =>
  traceLink({ kind, url, settings: { reach: 'platform', ...settings } as never }, 'ab12');

test.each([
  ['jaeger', 'https://jaeger.example/', {}, 'https://jaeger.example/trace/ab12'],
  ['jaeger', 'https://all.example/jaeger', {}, 'https://all.example/jaeger/trace/ab12'],
  ['zipkin', 'https://zipkin.example:9411', {}, 'https://zipkin.example:9411/zipkin/traces/ab12'],
  ['zipkin', 'https://all.example/zipkin', {}, 'https://all.example/zipkin/traces/ab12'],
  ['tempo', 'https://tempo.example', {}, ''],
  ['jaeger', 'http://jaeger.tracing:16686', { reach: 'agent' }, ''],
  [
    'tempo',
    'https://tempo.example',
    { traceUrl: 'https://grafana.example/t/{traceId}?of={traceId}' },
    'https://grafana.example/t/ab12?of=ab12',
  ],
] as const)('the page of a trace of %s at %s with %j', (kind, url, settings, link) => {
  expect(of(kind, url, settings)).toBe(link);
});
