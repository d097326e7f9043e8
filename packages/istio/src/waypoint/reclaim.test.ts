import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  decideReclaim,
  reclaimRule,
  type ReclaimCandidate,
  type ReclaimSetting,
  type ReleasedCandidate,
} from './reclaim.ts';

const shop = { namespace: 'shop', name: 'waypoint' };
const setting = (
  namespace: string,
  name: string,
  mode: ReclaimSetting['mode'],
  afterS = 60,
): ReclaimSetting => ({ namespace, name, mode, afterS });

it('the nearest that says something counts, and a pool only says that its waypoints are left alone', () => {
  const mesh = setting('', '', 'automatic', 10);
  const around = setting('shop', '', 'ask', 20);
  const own = setting('shop', 'waypoint', 'off', 30);
  expect(reclaimRule([], shop, null)).toEqual({ mode: 'ask', from: 'default', afterS: 3_600 });
  expect(reclaimRule([mesh], shop, 'ask')).toEqual({
    mode: 'automatic',
    from: 'mesh',
    afterS: 10,
  });
  expect(reclaimRule([mesh], shop, 'off')).toMatchObject({ mode: 'off', from: 'pool' });
  expect(reclaimRule([mesh, around], shop, 'off')).toMatchObject({
    mode: 'ask',
    from: 'namespace',
  });
  expect(reclaimRule([own, mesh, around], shop, null)).toMatchObject({ from: 'waypoint' });
});

const rule = fc.record({
  mode: fc.constantFrom('off' as const, 'ask' as const, 'automatic' as const),
  from: fc.constant('mesh' as const),
  afterS: fc.integer({ min: 0, max: 100 }),
});
const candidate: fc.Arbitrary<ReclaimCandidate> = fc.record({
  key: fc.constantFrom('a/w', 'b/w', 'c/w'),
  bound: fc.integer({ min: 0, max: 2 }),
  releasable: fc.boolean(),
  rule,
  idleSince: fc.option(fc.integer({ min: 0, max: 300_000 })),
});
const released: fc.Arbitrary<ReleasedCandidate> = fc.record({
  key: fc.constantFrom('d/w', 'e/w'),
  rule,
  wantedBy: fc.array(fc.constant('HTTPRoute d/r'), { maxLength: 1 }),
});
const unique = <T extends { key: string }>(of: fc.Arbitrary<T>) =>
  fc.uniqueArray(of, { selector: ({ key }) => key });

it('releases only what nothing was bound to for all of its time, and takes up only what is wanted', () => {
  fc.assert(
    fc.property(
      unique(candidate),
      unique(released),
      fc.boolean(),
      fc.integer({ min: 0, max: 300_000 }),
      (waypoints, gone, complete, now) => {
        const { idle, step } = decideReclaim({ waypoints, released: gone, complete, now });
        if (!complete) expect(step).toBeNull();
        if (step?.do === 'release') {
          const one = waypoints.find(({ key }) => key === step.key)!;
          expect(one.bound).toBe(0);
          expect(one.releasable).toBe(true);
          expect(one.rule.mode).toBe('automatic');
          expect(now - idle.get(one.key)!).toBeGreaterThanOrEqual(one.rule.afterS * 1_000);
          expect(
            gone.some((other) => other.rule.mode === 'automatic' && other.wantedBy.length > 0),
          ).toBe(false);
        }
        if (step?.do === 'takeUp') {
          const one = gone.find(({ key }) => key === step.key)!;
          expect([one.rule.mode, one.wantedBy.length]).toEqual(['automatic', 1]);
        }
        for (const { key, bound } of waypoints) {
          if (complete && bound > 0) expect(idle.get(key)).toBeNull();
        }
      },
    ),
  );
});

it('counts the time anew once something was bound in between', () => {
  const one = {
    key: 'a/w',
    releasable: true,
    rule: { mode: 'automatic' as const, from: 'mesh' as const, afterS: 10 },
  };
  let idleSince: number | null = null;
  const steps: (string | undefined)[] = [];
  for (const [bound, now] of [
    [0, 0],
    [0, 9_000],
    [1, 9_500],
    [0, 10_000],
    [0, 19_000],
    [0, 20_000],
  ] as const) {
    const decided = decideReclaim({
      waypoints: [{ ...one, bound, idleSince }],
      released: [],
      complete: true,
      now,
    });
    idleSince = decided.idle.get('a/w') ?? null;
    steps.push(decided.step?.do);
  }
  expect(steps).toEqual([undefined, undefined, undefined, undefined, undefined, 'release']);
});
