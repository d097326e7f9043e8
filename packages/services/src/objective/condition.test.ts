import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { SignalCondition } from '@ambit/contracts/alerts';
import { emptyInventory, type Inventory } from '@ambit/topology/inventory';
import { sumOver } from '@ambit/topology/objectives/objective';
import { subjectSignals } from '@ambit/topology/objectives/subject-signals';
import { createTelemetryStore } from '@ambit/topology/store/telemetry-store';
import { lookWith, type Look } from './condition.ts';
import { stepsOf } from './history.ts';
import { countOf } from './count.ts';
import { isToldIn, silenceOf, type Silence, type SourceStanding } from './silence.ts';
import { standingOf } from './standing.ts';
import { toldSpan } from './stretches.ts';

const told: Silence = { all: false, clusters: new Set(), reason: '' };
const silence = { requests: told, latency: told };

interface Call {
  to: string;
  rate: number;
  code?: string;
  flags?: string;
  reporter?: string;
  cluster?: string;
  protocol?: string;
  buckets?: [number, number][];
}

/** What a source told of some calls from "web". */
function seen(calls: readonly Call[], inventory: Inventory = emptyInventory) {
  const store = createTelemetryStore('c1');
  store.begin();
  for (const call of calls) {
    const { to, rate, code = '200', flags = '-', reporter = 'source', cluster = 'c1' } = call;
    const labels: Record<string, string> = {
      reporter,
      source_workload: 'web',
      source_workload_namespace: 'shop',
      destination_workload: to,
      destination_workload_namespace: 'shop',
      destination_service_name: to.replace(/-v\d$/, ''),
      destination_service_namespace: 'shop',
      source_cluster: cluster,
      destination_cluster: cluster,
      request_protocol: call.protocol ?? 'http',
      response_code: code,
      response_flags: flags,
    };
    const of = (name: string) => labels[name];
    const { registry } = store;
    const ends = [
      registry.endpoint('source', of),
      registry.service(of),
      registry.endpoint('destination', of),
      registry.facet(of),
    ] as const;
    const metric = call.protocol === 'tcp' ? 'connectionsOpened' : 'requests';
    store.add(store.series(metric, ...ends), rate);
    for (const [bound, at] of call.buckets ?? []) {
      store.add(store.series('durationBucket', ...ends, bound), at);
    }
  }
  store.commit();
  return { subjects: subjectSignals(store, inventory), codes: store.registry.codes };
}

const condition = (more: Partial<SignalCondition> = {}): SignalCondition => ({
  of: 'service',
  signal: 'errorShare',
  op: 'above',
  threshold: 0.05,
  minRate: 0,
  severity: 'error',
  ...more,
});

const look = (
  signal: SignalCondition,
  calls: readonly Call[],
  more: { before?: Look; now?: number; silence?: typeof silence; inventory?: Inventory } = {},
): Look => {
  const { subjects, codes } = seen(calls, more.inventory);
  return lookWith(
    { matchers: [], signal },
    'mesh',
    subjects.values(),
    codes,
    more.silence ?? silence,
    more.before ?? null,
    more.now ?? 1_000,
  );
};

const quiet: Inventory = {
  workloads: [],
  services: [
    { cluster: 'c1', namespace: 'shop', name: 'quiet', external: false, workloads: [] },
    { cluster: 'c2', namespace: 'shop', name: 'far', external: false, workloads: [] },
  ],
};

describe('a condition', () => {
  const cart = (rate: number, more: Partial<Call> = {}): Call => ({ to: 'cart-v1', rate, ...more });
  test.each<[string, SignalCondition, Call[], string[]]>([
    ['few errors', condition(), [cart(99), cart(1, { code: '503' })], []],
    ['many errors', condition(), [cart(9), cart(1, { code: '503' })], ['service/shop/cart']],
    [
      'errors of one version, together few',
      condition(),
      [cart(1, { code: '500' }), { to: 'cart-v2', rate: 99 }],
      [],
    ],
    [
      'the same by workload',
      condition({ of: 'workload' }),
      [cart(1, { code: '500' }), { to: 'cart-v2', rate: 99 }],
      ['workload/shop/cart-v1'],
    ],
    ['errors of hardly any requests', condition({ minRate: 1 }), [cart(0.1, { code: '503' })], []],
    ['no traffic at all', condition({ threshold: 0 }), [], []],
    [
      'too little',
      condition({ signal: 'rate', op: 'below', threshold: 1 }),
      [cart(0.5)],
      ['service/shop/cart'],
    ],
    [
      'turned away',
      condition({ signal: 'overloadShare' }),
      [cart(1), cart(1, { code: '503', flags: 'UO' })],
      ['service/shop/cart'],
    ],
    [
      'rate limited',
      condition({ signal: 'overloadShare' }),
      [cart(1), cart(1, { code: '429' })],
      ['service/shop/cart'],
    ],
    [
      'both sides of one request',
      condition({ signal: 'rate', threshold: 1.5 }),
      [cart(1), cart(1, { reporter: 'destination' })],
      [],
    ],
    [
      'connections below requests',
      condition({ signal: 'rate', threshold: 1.5 }),
      [cart(1), cart(9, { protocol: 'tcp' })],
      [],
    ],
    [
      'slow',
      condition({ signal: 'p95Ms', threshold: 100 }),
      [
        cart(1, {
          buckets: [
            [100, 0.5],
            [250, 1],
            [Infinity, 1],
          ],
        }),
      ],
      ['service/shop/cart'],
    ],
    [
      'fast',
      condition({ signal: 'p95Ms', threshold: 100 }),
      [
        cart(1, {
          buckets: [
            [100, 1],
            [250, 1],
            [Infinity, 1],
          ],
        }),
      ],
      [],
    ],
  ])('%s', (_, signal, calls, expected) => {
    expect(look(signal, calls).holds.map(({ subject }) => subject)).toEqual(expected);
  });

  it('on a rate sees the service that nobody asks, and says nothing of one in a silent cluster', () => {
    const c2 = { all: false, clusters: new Set(['c2']), reason: 'prometheus: refused' };
    const found = look(condition({ signal: 'rate', op: 'below', threshold: 1 }), [], {
      inventory: quiet,
      silence: { requests: c2, latency: c2 },
    });
    expect(found).toMatchObject({
      state: 'partial',
      message: 'prometheus: refused',
      holds: [{ subject: 'service/shop/quiet', value: 0 }],
      unknown: ['service/shop/far'],
    });
  });

  it('is unknown of all when nobody tells, and of latency when only that is missing', () => {
    const none = { all: true, clusters: new Set<string>(), reason: 'nobody' };
    const all = look(condition(), [cart(1, { code: '503' })], {
      silence: { requests: none, latency: none },
    });
    expect(all).toMatchObject({ state: 'unknown', holds: [], unknown: '*', message: 'nobody' });
    const slow = look(condition({ signal: 'p95Ms', threshold: 1 }), [cart(1)]);
    expect(slow).toMatchObject({ state: 'partial', unknown: ['service/shop/cart'] });
  });

  it('keeps since when it holds', () => {
    const failing = [cart(1, { code: '503' })];
    const first = look(condition(), failing, { now: 1_000 });
    const second = look(condition(), failing, { now: 9_000, before: first });
    expect(second.holds[0]?.since).toBe(1_000);
    const over = look(condition(), [cart(1)], { now: 10_000, before: second });
    expect(look(condition(), failing, { now: 11_000, before: over }).holds[0]?.since).toBe(11_000);
  });

  it('on a drop compares with the hour before, and not with what nobody told', () => {
    const drop = condition({ signal: 'rateDrop', threshold: 0.5 });
    let before = look(drop, [cart(10)], { now: 0, inventory: quiet });
    expect(before.holds).toEqual([]);
    const none = { all: true, clusters: new Set<string>(), reason: 'nobody' };
    before = look(drop, [], {
      now: 60_000,
      before,
      silence: { requests: none, latency: none },
      inventory: quiet,
    });
    expect(before.memory?.rates).toEqual({ 'service/shop/cart': 10 });
    const dropped = look(drop, [cart(2)], { now: 70_000, before });
    expect(dropped.holds[0]).toMatchObject({ subject: 'service/shop/cart', value: 0.8 });
  });
});

describe('silence', () => {
  const standing = (state: 'ok' | 'partial' | 'failed' | 'pending') => ({
    state,
    problems: state === 'failed' ? ['no answer'] : [],
    atMs: null,
  });
  const source = (
    clusterId: string | null,
    state: 'ok' | 'partial' | 'failed' | 'pending',
    details?: 'ok' | 'failed',
  ): SourceStanding => ({
    source: { name: `of ${clusterId}`, clusterId },
    traffic: standing(state),
    details: details ? standing(details) : null,
  });
  const clusters = [
    { id: 'cls_1', name: 'c1' },
    { id: 'cls_2', name: 'c2' },
  ];
  test.each<[string, SourceStanding[], boolean, boolean, boolean]>([
    ['no source', [], false, false, false],
    ['one for all', [source(null, 'ok')], true, true, true],
    ['one for all that tells in part', [source(null, 'partial')], true, true, true],
    ['one for all that is away', [source(null, 'failed')], false, false, false],
    ['one that has not answered yet', [source(null, 'pending')], false, false, false],
    ['one of two away', [source('cls_1', 'ok'), source('cls_2', 'failed')], true, false, true],
    ['a cluster without any', [source('cls_1', 'ok')], true, false, true],
    ['without latency', [source(null, 'ok', 'failed')], true, true, false],
  ])('%s', (_, standings, first, second, latency) => {
    const requests = silenceOf(standings, clusters, 'requests');
    expect(isToldIn(requests, ['c1'])).toBe(first);
    expect(isToldIn(requests, ['c2'])).toBe(second);
    expect(isToldIn(silenceOf(standings, clusters, 'latency'), ['c1'])).toBe(latency);
    expect(requests.reason === '').toBe(first && second);
  });
});

describe('what is counted for an objective', () => {
  const promised = {
    subject: { kind: 'service', namespace: 'shop', name: 'cart' },
    kind: 'latency',
    thresholdMs: 100,
    target: 0.99,
    periodDays: 7,
  } as const;
  const call = (buckets?: [number, number][]): Call => ({
    to: 'cart',
    rate: 4,
    ...(buckets ? { buckets } : {}),
  });
  it('is what was within the bound; without histogram or bound nothing is said', () => {
    const count = (calls: Call[]) => countOf(promised, { ...seen(calls), silence }).counted;
    expect(
      count([
        call([
          [50, 1],
          [100, 3],
          [Infinity, 4],
        ]),
      ]),
    ).toEqual({ good: 3, total: 4 });
    expect(count([call()])).toBeNull();
    expect(
      count([
        call([
          [50, 1],
          [Infinity, 4],
        ]),
      ]),
    ).toBeNull();
    expect(count([])).toEqual({ good: 0, total: 0 });
  });

  it('never tells of time before the objective, nor of more than a minute that nobody told of', () => {
    expect(toldSpan(null, 1_000_000, 1_010_000)).toEqual({ fromMs: 1_000_000, toMs: 1_010_000 });
    expect(toldSpan(1_000_000, 0, 1_010_000)).toEqual({ fromMs: 1_000_000, toMs: 1_010_000 });
    expect(toldSpan(1_000_000, 0, 9_000_000)).toEqual({ fromMs: 8_940_000, toMs: 9_000_000 });
    expect(toldSpan(1_000_000, 0, 1_000_000)).toBeNull();
    expect(toldSpan(1_000_000, 0, 900_000)).toBeNull();
  });
});

describe('a gap', () => {
  it('makes the state unknown after two minutes, and burns nothing', () => {
    const evaluation = {
      total: 10,
      bad: 10,
      reached: 0,
      budgetLeft: -99,
      coverage: 0.1,
      burns: [
        {
          rule: { severity: 'page', longMs: 1, shortMs: 1, budgetShare: 1 } as const,
          limit: 1,
          long: 9,
          short: 9,
          isBurning: true,
        },
      ],
      severity: 'page' as const,
    };
    const promised = { periodDays: 7, target: 0.99 };
    const at = (ago: number) => standingOf(promised, evaluation, 1e9 - ago, 1e9, 'prometheus away');
    expect(at(1_000)).toMatchObject({ state: 'exhausted', severity: 'page' });
    expect(at(121_000)).toMatchObject({
      state: 'unknown',
      severity: null,
      message: 'prometheus away',
      burns: [{ isBurning: false }],
    });
  });

  test('is never counted: sums and coverage of any stretches are those of what was told', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            gap: fc.integer({ min: 0, max: 5_000 }),
            ms: fc.integer({ min: 1, max: 5_000 }),
            total: fc.nat(100),
            badShare: fc.double({ min: 0, max: 1, noNaN: true }),
          }),
          { maxLength: 30 },
        ),
        (parts) => {
          let at = 0;
          const stretches = parts.map(({ gap, ms, total, badShare }) => {
            const fromMs = at + gap;
            at = fromMs + ms;
            return { fromMs, toMs: at, total, good: total * (1 - badShare) };
          });
          const end = Math.max(at, 1);
          const whole = sumOver(stretches, 0, end);
          const steps = stepsOf(stretches, 0, end, 7);
          const sum = (of: 'good' | 'total') => steps.reduce((all, step) => all + step[of], 0);
          expect(sum('total')).toBeCloseTo(whole.total, 5);
          expect(sum('good')).toBeCloseTo(whole.good, 5);
          const covered = parts.reduce((all, { ms }) => all + ms, 0);
          expect(whole.coveredMs).toBeCloseTo(covered, 5);
          for (const { coverage } of steps) expect(coverage).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
