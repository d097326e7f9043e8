import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { burnLimit, burnRules, evaluate, type Objective, type Stretch } from './objective.ts';
import { prometheusRule } from './prometheus-rule.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = 100 * day;
const objective: Objective = { kind: 'availability', target: 0.999, periodDays: 30 };

/** A stretch of every five minutes over some days, with a share of bad ones that depends on how long ago it is. */
const history = (days: number, badShare: (agoMs: number) => number, total = 1000): Stretch[] =>
  Array.from({ length: (days * day) / (5 * minute) }, (_, at) => {
    const toMs = now - days * day + (at + 1) * 5 * minute;
    return { fromMs: toMs - 5 * minute, toMs, total, good: total * (1 - badShare(now - toMs)) };
  });

test('the limits for 30 days are those of the SRE workbook', () => {
  expect(burnRules.map((rule) => Math.round(burnLimit(rule, objective) * 10) / 10)).toEqual([
    14.4, 6, 3, 1,
  ]);
});

describe('an objective', () => {
  test('that is met exactly has used its budget at the end of the period', () => {
    const { reached, budgetLeft, burns, severity } = evaluate(
      objective,
      history(30, () => 0.001),
      now,
    );
    expect(reached).toBeCloseTo(0.999, 9);
    expect(budgetLeft).toBeCloseTo(0, 6);
    for (const { long, short } of burns) {
      expect(long).toBeCloseTo(1, 6);
      expect(short).toBeCloseTo(1, 6);
    }
    // The three-day rule speaks at a burn of 1; rounding decides here.
    expect(severity === null || severity === 'ticket').toBe(true);
  });

  test.each([
    ['all is well', () => 0, null],
    ['everything fails for five minutes', (ago: number) => (ago < 5 * minute ? 1 : 0), 'page'],
    ['one in fifty fails for an hour', (ago: number) => (ago < hour ? 0.02 : 0), 'page'],
    [
      'an outage is over since half an hour',
      (ago: number) => (ago < hour && ago >= 30 * minute ? 1 : 0),
      'ticket',
    ],
    [
      'an outage is over since seven hours',
      (ago: number) => (ago < 7.5 * hour && ago >= 7 * hour ? 1 : 0),
      null,
    ],
    ['one in 130 fails for a working day', (ago: number) => (ago < 8 * hour ? 0.0077 : 0), 'page'],
    ['one in 300 fails for a day', (ago: number) => (ago < day ? 0.0033 : 0), 'ticket'],
    [
      'twice the budget is used for three days',
      (ago: number) => (ago < 3 * day ? 0.002 : 0),
      'ticket',
    ],
  ] as const)('when %s', (_, badShare, severity) => {
    expect(evaluate(objective, history(30, badShare), now).severity).toBe(severity);
  });

  test('without requests, or without telemetry, says nothing and alarms nobody', () => {
    for (const stretches of [[], history(1, () => 0, 0)]) {
      expect(evaluate(objective, stretches, now)).toMatchObject({
        reached: null,
        budgetLeft: null,
        severity: null,
      });
    }
    const old = history(30, () => 1).filter(({ toMs }) => toMs < now - hour);
    expect(evaluate(objective, old, now).burns[0]).toMatchObject({ long: null, isBurning: false });
  });

  test('counts every request once, whatever the stretches are', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            ms: fc.integer({ min: 0, max: 2 * day }),
            total: fc.nat(1000),
            bad: fc.double({ min: -1, max: 2, noNaN: true }),
          }),
          { maxLength: 40 },
        ),
        (parts) => {
          let toMs = now;
          const stretches = parts.map(({ ms, total, bad }) => {
            const fromMs = toMs - ms;
            const stretch = { fromMs, toMs, total, good: total * (1 - bad) };
            toMs = fromMs;
            return stretch;
          });
          const { total, bad, reached } = evaluate(
            { ...objective, periodDays: 365 },
            stretches,
            now,
          );
          const all = stretches
            .filter(({ fromMs, toMs: end }) => end > fromMs)
            .reduce((sum, each) => sum + each.total, 0);
          expect(total).toBeCloseTo(all, 3);
          expect(bad).toBeGreaterThanOrEqual(-1e-9);
          expect(bad).toBeLessThanOrEqual(total + 1e-9);
          if (reached !== null) expect(reached).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

test('as a PrometheusRule it has a share for each window and an alert for each rule, and quotes what it is told', () => {
  const rule = prometheusRule({
    id: 'Cart "9"',
    objective,
    namespace: 'shop',
    service: 'cart"} or vector(1)#',
    reporter: 'destination',
    labels: { team: 'a' },
  });
  expect(rule.metadata.name).toBe('ambit-objective-cart-9');
  const { rules } = rule.spec.groups[0]!;
  expect(rules.filter(({ record }) => record)).toHaveLength(7);
  expect(rules.filter(({ alert }) => alert)).toHaveLength(4);
  expect(rules[0]!.expr).toContain('destination_service_name="cart\\"} or vector(1)#"');
  expect(rules.at(-4)).toMatchObject({
    expr: 'ambit:objective_bad:ratio_rate1h{ambit_objective="Cart \\"9\\""} > 0.0144 and ambit:objective_bad:ratio_rate5m{ambit_objective="Cart \\"9\\""} > 0.0144',
    labels: { severity: 'page', window: '1h', team: 'a' },
  });
});
