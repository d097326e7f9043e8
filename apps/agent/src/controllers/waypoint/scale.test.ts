import fc from 'fast-check';
import { poolSpecSchema } from '@ambit/contracts/agent/waypoint';
import { describe, expect, test } from 'vitest';
import { decideReplicas, type Advice } from './scale.ts';

describe('the number of replicas', () => {
  const spec = (scaling: object, more: object = {}) =>
    poolSpecSchema.parse({
      kind: 'shared',
      minReplicas: 1,
      maxReplicas: 50,
      scaling: { by: 'agent', requestsPerSecond: 100, ...scaling },
      ...more,
    });
  const decide = (
    rps: number | null,
    current: number,
    more: { history?: Omit<Advice, 'measuredAt'>[]; scaling?: object; told?: number } = {},
  ) =>
    decideReplicas({
      spec: spec(more.scaling ?? {}),
      current,
      ready: current,
      load: { requestsPerSecond: rps, activeRequests: null, told: more.told ?? current },
      measuredAt: 1_000_000,
      history: (more.history ?? []).map((one) => ({ ...one, measuredAt: one.at })),
      now: 1_000_000,
    }).replicas;

  test('stays while the load is not known, and within the tolerance', () => {
    expect(decide(null, 3)).toBe(3);
    expect(decide(0, 3, { told: 0 })).toBe(3);
    expect(decide(325, 3)).toBe(3);
  });

  test('grows at once, and shrinks only when the whole window says so', () => {
    expect(decide(1_000, 3)).toBe(10);
    const high = [{ at: 900_000, replicas: 8, load: 8 }];
    expect(decide(100, 10, { history: high })).toBe(8);
    expect(decide(100, 10, { history: [{ at: 100_000, replicas: 8, load: 8 }] })).toBe(1);
  });

  test('keeps to the whole window however often it looks at one measurement', () => {
    let history: readonly Advice[] = [];
    const look = (rps: number, measuredAt: number, now: number) => {
      const decision = decideReplicas({
        spec: spec({ downStabilisationS: 300 }),
        current: 8,
        ready: 8,
        load: { requestsPerSecond: rps, activeRequests: null, told: 8 },
        measuredAt,
        history,
        now,
      });
      history = decision.history;
      return decision.replicas;
    };
    look(800, 0, 0);
    // Four looks a second, a measurement each 15 seconds.
    for (let now = 250; now <= 290_000; now += 250) {
      expect(look(100, now - (now % 15_000) + 1, now)).toBe(8);
    }
    expect(history).toHaveLength(21);
    expect(look(100, 300_001, 300_001)).toBe(1);
  });

  test('counts replicas that did not tell as busy as the others', () => {
    expect(decide(500, 10, { told: 5, scaling: { downStabilisationS: 0 } })).toBe(10);
  });

  test('grows ahead of a load that rises, where that is wanted', () => {
    const rising = [4, 5, 6, 7, 8, 9].map((load, index) => ({
      at: 1_000_000 - (6 - index) * 60_000,
      replicas: load,
      load,
    }));
    expect(decide(1_000, 10, { history: rising })).toBe(10);
    expect(decide(1_000, 10, { history: rising, scaling: { predict: true } })).toBeGreaterThan(10);
  });

  test('is always within the bounds, and a second look at the same load changes nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.boolean(),
        (current, rps, predict) => {
          const rules = spec(
            { downStabilisationS: 0, predict },
            { minReplicas: 2, maxReplicas: 20 },
          );
          const look = (replicas: number, history: readonly Advice[], now: number) =>
            decideReplicas({
              spec: rules,
              current: replicas,
              ready: replicas,
              load: { requestsPerSecond: rps, activeRequests: null, told: replicas },
              measuredAt: now,
              history,
              now,
            });
          const first = look(current, [], 1_000_000);
          expect(first.replicas).toBeGreaterThanOrEqual(2);
          expect(first.replicas).toBeLessThanOrEqual(20);
          const second = look(first.replicas, first.history, 1_015_000);
          const third = look(second.replicas, second.history, 1_030_000);
          expect(third.replicas).toBe(second.replicas);
        },
      ),
    );
  });
});
