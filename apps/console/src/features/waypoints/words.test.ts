import { describe, expect, it } from 'vitest';
import { namedIn } from './named-in.ts';
import { secondsOf, spanOf } from './reclaim-words.ts';
import { addedText, lifeOf, perMonth, type WaypointDetail } from './words.ts';

const waypoint: WaypointDetail = {
  clusterId: 'cls_1',
  clusterName: 'one',
  namespace: 'shop',
  name: 'waypoint',
  gatewayClass: 'ambit-waypoint-standard',
  pool: 'standard',
  takes: 'service',
  policyId: 'pol_1',
  state: 'Ready',
  reason: 'Serving',
  sentence: '',
  programmed: true,
  replicas: { desired: 2, ready: 2, updated: 2, total: 2 },
  scaling: null,
  services: 1,
  l7: 1,
  saturation: null,
  figures: {
    requestsPerSecond: 1,
    activeRequests: 0,
    p50Ms: 1,
    p99Ms: 2,
    addedMs: null,
    errorShare: 0,
    at: null,
  },
  rejected: [],
  lastActiveAt: null,
  costPerHour: 0.09,
  currency: 'EUR',
  reclaimable: false,
  sleep: null,
  wanted: { pool: 'standard', takes: 'service', sleep: 'pool' },
  from: 'Same',
  attached: [
    { kind: 'Service', namespace: 'shop', name: 'web', because: 'label', ready: true, why: '' },
  ],
  bound: [{ kind: 'HTTPRoute', namespace: 'shop', name: 'web', policyId: null, why: 'parentRef' }],
  reclaim: {
    mode: 'ask',
    from: 'default',
    afterS: 3_600,
    idleSince: null,
    dueAt: null,
    sentence: '',
    possible: false,
  },
  deletion: { blocked: true, consequences: [] },
} as WaypointDetail;
const states = (change: Partial<WaypointDetail>) =>
  lifeOf({ ...waypoint, ...change }).map(({ state }) => state);

describe('the way of a waypoint', () => {
  it('is done where it is Programmed, configured and used', () => {
    expect(new Set(states({}))).toEqual(new Set(['succeeded']));
  });

  it('waits at each step that has not come yet', () => {
    const none = { desired: 0, ready: 0, updated: 0, total: 0 };
    const asked = { state: 'Unknown' as const, programmed: false, replicas: none, attached: [] };
    expect(states(asked)).toEqual(['succeeded', 'pending', 'pending', 'pending', 'pending']);
    expect(states({ ...asked, state: 'Progressing' })).toEqual([
      'succeeded',
      'running',
      'running',
      'pending',
      'pending',
    ]);
  });

  it('fails at the step that is in trouble', () => {
    const one = { desired: 2, ready: 1, updated: 2, total: 2 };
    expect(states({ state: 'Degraded', replicas: one, rejected: ['no'] })).toEqual([
      'succeeded',
      'failed',
      'succeeded',
      'failed',
      'succeeded',
    ]);
    const late = { ...waypoint.attached[0]!, ready: false, why: 'not bound' };
    expect(lifeOf({ ...waypoint, attached: [late] }).at(-1)).toMatchObject({
      state: 'failed',
      text: expect.stringContaining('not bound'),
    });
  });
});

it('finds the policies of which Envoy speaks by their whole names', () => {
  const bound = ['web', 'web-2', 'a.b'].map((name) => ({ ...waypoint.bound[0]!, name }));
  const names = (text: string) => namedIn(text, bound).map(({ name }) => name);
  expect(names('route shop/web: bad regex')).toEqual(['web']);
  expect(names('route shop.web-2.0 refused')).toEqual(['web-2']);
  expect(names('route aXb refused')).toEqual([]);
});

it('says why the latency that it adds is not told', () => {
  const of = (addedMs: number | null, at: string | null, pool: string | null) =>
    addedText({ pool, figures: { ...waypoint.figures, addedMs, at } });
  const now = '2026-01-01T00:00:00.000Z';
  expect(of(0.4, now, null)).toContain('beside waiting for the server');
  expect(of(null, null, null)).toBe('nobody told yet');
  expect(of(null, now, null)).toContain('of no pool');
  expect(of(null, now, 'standard')).toContain('cannot be told');
});

it('tells costs by month, and spans in their largest whole unit', () => {
  expect(perMonth(0.09, 'EUR')).toBe('65.70 EUR/month');
  expect(perMonth(null, null)).toBe('no price told');
  for (const seconds of [0, 59, 90, 3_600, 5_400, 172_800]) {
    const { value, unit } = spanOf(seconds);
    expect(Number(value) * secondsOf[unit]).toBe(seconds);
  }
  expect(spanOf(5_400)).toEqual({ value: '90', unit: 'min' });
});
