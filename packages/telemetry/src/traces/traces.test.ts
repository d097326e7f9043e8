import { afterEach, describe, expect, test } from 'vitest';
import { createDirectTransport } from '../http/transport.ts';
import { serveQueries } from '../testing/server.ts';
import { createJaeger } from './jaeger.ts';
import { createTempo } from './tempo.ts';
import { mostSpans, tagsOf, type TraceSource } from './trace.ts';
import { createZipkin } from './zipkin.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const makers = { jaeger: createJaeger, tempo: createTempo, zipkin: createZipkin };

/** A source over a server that answers by path; what is not a text is JSON, and a missing one is 404. */
async function begin(kind: keyof typeof makers, answers: Record<string, unknown>) {
  const asked: URL[] = [];
  const server = await serveQueries((one, response) => {
    asked.push(new URL(one.url, 'http://server'));
    const answer = answers[one.path];
    if (answer === undefined) response.writeHead(404).end('{}');
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  const transport = createDirectTransport();
  closers.push(server.close, () => transport.close());
  const source: TraceSource = makers[kind]({
    url: `${server.url}/base`,
    headers: { 'x-scope-orgid': 'shop' },
    timeoutMs: 5_000,
    transport,
  });
  return { source, asked };
}

const search = { service: 'web.shop', fromMs: 1_000_000, toMs: 4_600_000, limit: 5 };
const us = (ms: number): number => (1_700_000_000_000 + ms) * 1000;
const nano = (ms: number): string => `${1_700_000_000_000 + ms}000000`;

describe('Tempo', () => {
  const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
  const trace = {
    batches: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'web.shop' } }] },
        scopeSpans: [
          {
            spans: [
              {
                spanId: base64('0000000000000002'),
                parentSpanId: base64('0000000000000001'),
                name: 'GET /',
                kind: 'SPAN_KIND_CLIENT',
                startTimeUnixNano: nano(5),
                endTimeUnixNano: nano(8),
                status: { code: 'STATUS_CODE_ERROR' },
                attributes: [{ key: 'http.status_code', value: { intValue: '503' } }],
                events: [{ timeUnixNano: nano(6), name: 'retry' }],
              },
              {
                spanId: '0000000000000001',
                name: 'all',
                kind: 2,
                startTimeUnixNano: nano(0),
                endTimeUnixNano: nano(9),
              },
            ],
          },
        ],
      },
    ],
  };

  test('is asked in TraceQL, with the service as it is', async () => {
    const hit = {
      traceID: 'ab',
      rootServiceName: 'web.shop',
      rootTraceName: 'all',
      startTimeUnixNano: nano(0),
      durationMs: 9,
      serviceStats: { 'web.shop': { spanCount: 2, errorCount: 1 } },
    };
    const { source, asked } = await begin('tempo', { '/base/api/search': { traces: [hit] } });
    const service = 'a" || true || "b';
    const found = await source.list({ ...search, service, failed: true, minDurationMs: 20 });
    expect(found).toEqual([
      {
        traceId: 'ab',
        service: 'web.shop',
        operation: 'all',
        startMs: 1_700_000_000_000,
        durationMs: 9,
        spans: 2,
        errors: 1,
        services: ['web.shop'],
      },
    ]);
    expect(asked[0]!.searchParams.get('q')).toBe(
      '{ resource.service.name = "a\\" || true || \\"b" && status = error && traceDuration >= 20ms }',
    );
  });

  test('gives spans by their start, whatever form their ids have', async () => {
    const { source } = await begin('tempo', { '/base/api/traces/ab': trace });
    expect(await source.get('ab')).toMatchObject([
      { spanId: '0000000000000001', parentSpanId: null, kind: 'server', durationMs: 9 },
      {
        spanId: '0000000000000002',
        parentSpanId: '0000000000000001',
        service: 'web.shop',
        kind: 'client',
        durationMs: 3,
        failed: true,
        tags: { 'http.status_code': '503' },
        events: [{ name: 'retry' }],
      },
    ]);
    expect(await source.get('cd')).toBeNull();
  });
});

describe('Zipkin', () => {
  test('has one id for both sides of a call; here the server’s is the child of the client’s', async () => {
    const span = { traceId: 'ab', id: '1', name: 'get', timestamp: us(0), duration: 9_000 };
    const spans = [
      { ...span, kind: 'CLIENT', localEndpoint: { serviceName: 'web' } },
      {
        ...span,
        kind: 'SERVER',
        shared: true,
        timestamp: us(1),
        localEndpoint: { serviceName: 'cart' },
        tags: { error: 'no' },
      },
    ];
    const { source, asked } = await begin('zipkin', {
      '/base/api/v2/traces': [spans],
      '/base/api/v2/trace/ab': spans,
    });
    expect(await source.list(search)).toMatchObject([
      { traceId: 'ab', service: 'web', spans: 2, errors: 1, durationMs: 10 },
    ]);
    expect(asked[0]!.searchParams.get('lookback')).toBe('3600000');
    expect(await source.get('ab')).toMatchObject([
      { spanId: '1', parentSpanId: null },
      { spanId: '1-server', parentSpanId: '1', failed: true },
    ]);
  });
});

describe('Jaeger', () => {
  test('is asked in microseconds, and its services are named', async () => {
    const { source, asked } = await begin('jaeger', {
      '/base/api/traces': { data: [{ traceID: 'x', spans: [] }] },
      '/base/api/services': { data: ['web', 'cart'] },
    });
    expect(await source.list(search)).toEqual([]);
    expect(asked[0]!.searchParams.get('start')).toBe('1000000000');
    expect(await source.services()).toEqual(['web', 'cart']);
  });
});

describe('an answer', () => {
  test.each(['jaeger', 'tempo', 'zipkin'] as const)(
    'of %s that is no JSON, or of another form, is said so or empty, never thrown over',
    async (kind) => {
      const paths = ['/base/api/traces', '/base/api/search', '/base/api/v2/traces'];
      const all = (answer: unknown) => Object.fromEntries(paths.map((path) => [path, answer]));
      const page = await begin(kind, all('<html>'));
      await expect(page.source.list(search)).rejects.toThrow('no JSON');
      for (const odd of [[], {}, null, 7, { data: 'x' }, { traces: 'x' }, [[null]]]) {
        const { source } = await begin(kind, all(odd));
        expect(await source.list(search)).toEqual([]);
      }
    },
  );

  test('of hostile tags is bounded', () => {
    const many = Array.from({ length: 1000 }, (_, at) => [`k${at}`, 'x'.repeat(9_000)] as const);
    const tags = tagsOf([['__proto__', 'x'], ...many]);
    expect(Object.keys(tags).length).toBeLessThanOrEqual(64);
    expect(tags.k1!.length).toBe(2_000);
    expect(mostSpans).toBe(10_000);
  });
});
