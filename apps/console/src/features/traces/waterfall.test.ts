import type { Span } from '@ambit/contracts/operations/trace';
import { describe, expect, test } from 'vitest';
import { serviceOfSpan, traceNameOf, workloadOfSpan } from './names.ts';
import { barOf, ownTimes, rowsOf, shownRows, spanText, ticksOf } from './waterfall.ts';

const span = (id: string, parent: string | null, from: number, to: number, more = {}): Span => ({
  spanId: id,
  parentSpanId: parent,
  service: `s-${id}`,
  operation: id,
  kind: 'server',
  startMs: from,
  durationMs: to - from,
  failed: false,
  tags: {},
  events: [],
  ...more,
});

const tree = [
  span('a', null, 0, 100),
  span('c', 'a', 60, 90, { failed: true }),
  span('b', 'a', 10, 50),
  span('d', 'b', 20, 40, { failed: true }),
  span('e', 'gone', 95, 99),
];
const told = (rows: ReturnType<typeof rowsOf>) =>
  rows.map(({ span: { spanId }, depth, below, failedBelow }) =>
    [spanId, depth, below, failedBelow].join(' '),
  );

describe('the rows of a trace', () => {
  test('are a tree by start; a span whose parent is missing is a root', () => {
    expect(told(rowsOf(tree))).toEqual(['a 0 3 2', 'b 1 1 1', 'd 2 0 0', 'c 1 0 0', 'e 0 0 0']);
  });

  test('hide what is below a folded one, and nothing else', () => {
    const rows = rowsOf(tree);
    const shown = (folded: number[]) =>
      shownRows(rows, new Set(folded)).map((row) => row.span.spanId);
    expect(shown([1])).toEqual(['a', 'b', 'c', 'e']);
    expect(shown([0, 1])).toEqual(['a', 'e']);
    expect(shown([])).toHaveLength(5);
    expect(rows.map(({ parent }) => parent)).toEqual([-1, 0, 1, 0, -1]);
  });

  test('end, and hold every span once, also when spans are their own ancestors', () => {
    const ring = [span('x', 'y', 0, 1), span('y', 'x', 0, 1), span('z', 'z', 0, 1)];
    expect(told(rowsOf(ring))).toEqual(['z 0 0 0', 'x 0 1 0', 'y 1 0 0']);
    const twice = [span('t', null, 0, 1), span('t', null, 2, 3)];
    expect(rowsOf(twice)).toHaveLength(2);
  });

  test('of 10,000 spans in a chain are made without running out of stack', () => {
    const chain = Array.from({ length: 10_000 }, (_, at) =>
      span(String(at), at === 0 ? null : String(at - 1), at, at + 1),
    );
    expect(rowsOf(chain).at(-1)).toMatchObject({ depth: 9_999, below: 0 });
  });
});

test('bars lie inside the trace, whatever clocks say', () => {
  expect(barOf(span('a', null, 25, 75), 100)).toEqual({ left: 0.25, width: 0.5 });
  expect(barOf(span('a', null, -10, 300), 100)).toEqual({ left: 0, width: 1 });
  expect(barOf(span('a', null, 0, 0), 0)).toEqual({ left: 0, width: 1 });
});

test('own time is what a span did not wait for', () => {
  expect(ownTimes(rowsOf(tree)).map(({ service, ms }) => [service, ms])).toEqual([
    ['s-a', 30],
    ['s-c', 30],
    ['s-b', 20],
    ['s-d', 20],
    ['s-e', 4],
  ]);
});

test.each([
  [0, [0]],
  [100, [0, 20, 40, 60, 80, 100]],
  [7, [0, 2, 4, 6]],
])('the ticks of %d ms', (ms, ticks) => {
  expect(ticksOf(ms)).toEqual(ticks);
});

test.each([
  [0.02, '<0.1 ms'],
  [4.25, '4.3 ms'],
  [120.4, '120 ms'],
  [1240, '1.24 s'],
])('%d ms in words', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

const services = [
  { namespace: 'shop', name: 'cart', workloads: ['cart-v1', 'cart-v1-canary'] },
  { namespace: 'other', name: 'cart', workloads: ['cart'] },
  { namespace: 'shop', name: 'web', workloads: ['web'] },
];

test('a service is found by Istio’s tags, by its name with namespace, and by a name that only one has', () => {
  const of = (service: string, tags = {}) =>
    serviceOfSpan(span('a', null, 0, 1, { service, tags }), services);
  expect(of('x', { 'istio.canonical_service': 'cart', 'istio.namespace': 'other' })).toBe(
    services[1],
  );
  expect(of('cart.shop')).toBe(services[0]);
  expect(of('web')).toBe(services[2]);
  expect(of('cart')).toBeNull();
  expect(of('nobody.shop')).toBeNull();
});

test('a workload is found by the pod of the proxy, the longest name first', () => {
  const of = (tags: Record<string, string>) =>
    workloadOfSpan(span('a', null, 0, 1, { tags }), services)?.name ?? null;
  expect(of({ node_id: 'sidecar~10.1.1.1~cart-v1-6bf-x.shop~shop.svc.cluster.local' })).toBe(
    'cart-v1',
  );
  expect(of({ node_id: 'sidecar~10.1.1.1~cart-v1-canary-6bf-x.shop~shop.svc' })).toBe(
    'cart-v1-canary',
  );
  expect(of({ 'k8s.pod.name': 'web-1', 'k8s.namespace.name': 'shop' })).toBe('web');
  expect(of({})).toBeNull();
});

test('a service is asked for by the name that traces have for it', () => {
  expect(traceNameOf(['cart', 'web.shop'], 'shop', 'cart')).toBe('cart');
  expect(traceNameOf(['cart', 'cart.shop'], 'shop', 'cart')).toBe('cart.shop');
  expect(traceNameOf([], 'shop', 'cart')).toBe('cart.shop');
});
