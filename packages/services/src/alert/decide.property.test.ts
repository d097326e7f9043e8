import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { alertTransitions, matchesAll } from '@ambit/contracts/alerts';
import { decideAlerts, type AlertsDecision } from './decide.ts';
import type {
  AlertView,
  Gap,
  GroupView,
  Notification,
  Observation,
  RouteView,
  RuleView,
  SilenceView,
} from './facts.ts';

const rule: RuleView = {
  id: 'arl_1',
  name: 'errors',
  enabled: true,
  source: 'finding',
  meshId: null,
  matchers: [],
  forSeconds: 30,
  keepFiringSeconds: 60,
  labels: {},
};
const route: RouteView = {
  id: 'art_1',
  enabled: true,
  matchers: [],
  groupBy: ['namespace'],
  groupWaitSeconds: 10,
  groupIntervalSeconds: 120,
  repeatIntervalSeconds: 600,
  sendResolved: true,
  maxPerHour: 12,
  sentAt: [],
};

const observation = (subject: string): Observation => ({
  source: 'finding',
  subject,
  meshId: 'msh_1',
  severity: subject.endsWith('0') ? 'error' : 'warning',
  summary: `${subject} is wrong`,
  description: '',
  labels: { namespace: `ns${subject.length % 2}${subject.charCodeAt(1) % 3}`, name: subject },
  link: `/findings/${subject}`,
});

/** Lives through decisions as the evaluation does, with the clock in its own hand. */
function world(options: { rule?: Partial<RuleView>; route?: Partial<RouteView> } = {}) {
  let alerts: AlertView[] = [];
  let groups: GroupView[] = [];
  let now = 1_000_000;
  const sent: { at: number; key: string; notification: Notification }[] = [];
  const rules = [{ ...rule, ...options.rule }];
  const settings = { ...route, ...options.route };
  const look = (
    subjects: Iterable<string>,
    silences: SilenceView[] = [],
    gaps: Gap[] = [],
  ): AlertsDecision => {
    const before = new Map(alerts.map((alert) => [alert.fingerprint, alert]));
    const decision = decideAlerts({
      now,
      rules,
      observations: [...subjects].map(observation),
      gaps,
      alerts,
      silences,
      routes: [
        {
          ...settings,
          sentAt: sent.map(({ at }) => at).filter((at) => at > now - 3_600_000),
        },
      ],
      groups,
    });
    for (const alert of decision.alerts) {
      const old = before.get(alert.fingerprint);
      if (old && old.state !== alert.state) {
        expect(alertTransitions[old.state]).toContain(alert.state);
      }
      before.set(alert.fingerprint, alert);
    }
    for (const name of decision.forgotten) {
      expect(before.get(name)?.state).toBe('pending');
      before.delete(name);
    }
    alerts = [...before.values()];
    const known = new Map(groups.map((group) => [group.key, group]));
    for (const group of decision.groups) known.set(group.key, group);
    for (const { key } of decision.ended) known.delete(key);
    groups = [...known.values()];
    for (const { key, notification } of decision.deliveries)
      sent.push({ at: now, key, notification });
    return decision;
  };
  return {
    look,
    sent,
    pass: (seconds: number) => (now += seconds * 1000),
    alerts: () => alerts,
    acknowledge: (subject: string) => {
      alerts = alerts.map((alert) =>
        alert.subject === subject ? { ...alert, acknowledged: true } : alert,
      );
    },
    groups: () => groups,
    /** Looks again as the clock of the decision says, until nothing more happens by itself. */
    settle(subjects: Iterable<string>, silences: SilenceView[] = [], mostSeconds = 50_000) {
      const until = now + mostSeconds * 1000;
      for (;;) {
        const { wakeAt } = look(subjects, silences);
        if (wakeAt === null || wakeAt > until) return;
        expect(wakeAt).toBeGreaterThan(now);
        now = wakeAt;
      }
    },
    now: () => now,
  };
}

const steps = fc.array(
  fc.record({
    subjects: fc.uniqueArray(fc.constantFrom('a0', 'b1', 'c2', 'd30', 'e41', 'f52'), {
      maxLength: 6,
    }),
    seconds: fc.integer({ min: 1, max: 900 }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** What a receiver believes that reads every notification. */
function beliefs(sent: { notification: Notification }[]): Set<string> {
  const firing = new Set<string>();
  for (const { notification } of sent) {
    for (const { fingerprint } of notification.resolved) firing.delete(fingerprint);
    for (const { fingerprint } of notification.firing) firing.add(fingerprint);
  }
  return firing;
}

test('whatever comes and goes, the receiver knows the truth in the end', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const on = world({ route: { repeatIntervalSeconds: 0 } });
      for (const { subjects, seconds } of history) {
        on.look(subjects);
        on.pass(seconds);
      }
      const last = history.at(-1)?.subjects ?? [];
      on.settle(last);
      const truth = on.alerts().filter(({ state }) => state === 'firing');
      expect(truth.map(({ subject }) => subject).sort()).toEqual([...last].sort());
      expect([...beliefs(on.sent)].sort()).toEqual(truth.map((each) => each.fingerprint).sort());
    }),
    { numRuns: 1000 },
  );
});

test('a group is never told twice within its interval, nor a route above its limit', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (history, maxPerHour) => {
      const on = world({ route: { maxPerHour } });
      for (const { subjects, seconds } of history) {
        on.look(subjects);
        on.pass(seconds);
      }
      on.settle(history.at(-1)?.subjects ?? [], [], 7_200);
      for (const [i, { at, key }] of on.sent.entries()) {
        const before = on.sent
          .slice(0, i)
          .filter((other) => other.key === key)
          .at(-1);
        if (before) expect(at - before.at).toBeGreaterThanOrEqual(120_000);
        const hour = on.sent.filter((other) => other.at <= at && other.at > at - 3_600_000);
        expect(hour.length).toBeLessThanOrEqual(maxPerHour);
      }
    }),
    { numRuns: 200 },
  );
});

test('looking again at the same moment changes and tells nothing', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const on = world();
      for (const { subjects, seconds } of history) {
        on.look(subjects);
        const again = on.look(subjects);
        expect(again.alerts).toEqual([]);
        expect(again.deliveries).toEqual([]);
        on.pass(seconds);
      }
    }),
    { numRuns: 200 },
  );
});

describe('an alert', () => {
  it('is pending for its time, then fires, then is told after the wait of its group', () => {
    const on = world();
    on.look(['a0']);
    expect(on.alerts()[0]).toMatchObject({ state: 'pending' });
    on.pass(29);
    on.look(['a0']);
    expect(on.alerts()[0]).toMatchObject({ state: 'pending' });
    on.pass(1);
    on.look(['a0']);
    expect(on.alerts()[0]).toMatchObject({ state: 'firing' });
    expect(on.sent).toEqual([]);
    on.pass(10);
    on.look(['a0']);
    expect(on.sent).toMatchObject([{ notification: { status: 'firing', firingCount: 1 } }]);
  });

  it('that ends while pending is forgotten and never told', () => {
    const on = world();
    on.look(['a0']);
    on.pass(5);
    on.settle([]);
    expect(on.alerts()).toEqual([]);
    expect(on.sent).toEqual([]);
  });

  it('that comes back for a moment before its end was told is told to have ended', () => {
    const on = world();
    on.settle(['a0'], [], 60);
    on.look([]);
    on.pass(60);
    on.look([]);
    on.pass(1);
    on.look(['a0']);
    expect(on.alerts()[0]).toMatchObject({ state: 'pending', episode: 2 });
    on.pass(1);
    on.settle([]);
    expect(on.alerts()[0]).toMatchObject({ state: 'resolved' });
    expect(on.sent.at(-1)).toMatchObject({
      notification: { status: 'resolved', resolvedCount: 1 },
    });
  });

  it('that is gone for a moment does not resolve', () => {
    const on = world();
    on.settle(['a0'], [], 60);
    on.look([]);
    on.pass(59);
    on.look([]);
    expect(on.alerts()[0]).toMatchObject({ state: 'firing', episode: 1 });
    on.look(['a0']);
    on.pass(60);
    on.look(['a0']);
    expect(on.alerts()[0]).toMatchObject({ state: 'firing', episode: 1, absentSince: null });
  });

  it('that is acknowledged is not told again, but its end is', () => {
    const on = world();
    on.settle(['a0'], [], 60);
    expect(on.sent).toHaveLength(1);
    on.acknowledge('a0');
    on.settle(['a0'], [], 40_000);
    expect(on.sent).toHaveLength(1);
    expect(on.alerts()[0]).toMatchObject({ state: 'acknowledged' });
    on.settle([]);
    expect(on.sent).toHaveLength(2);
    expect(on.sent[1]).toMatchObject({ notification: { status: 'resolved', resolvedCount: 1 } });
    on.settle(['a0'], [], 400);
    expect(on.alerts()[0]).toMatchObject({ state: 'firing', episode: 2 });
  });

  it('that is silenced is told when the silence is over, and the silence that lasts longest is named', () => {
    const on = world();
    const silence = (id: string, seconds: number): SilenceView => ({
      id,
      matchers: [{ label: 'name', op: '=', value: 'a0' }],
      startsAt: 0,
      endsAt: on.now() + seconds * 1000,
    });
    const silences = [silence('sil_short', 100), silence('sil_long', 1_000)];
    on.settle(['a0', 'c2'], silences, 90);
    expect(on.alerts().find(({ subject }) => subject === 'a0')).toMatchObject({
      state: 'silenced',
      silenceId: 'sil_long',
    });
    const told = () => on.sent.flatMap(({ notification }) => notification.firing);
    expect(told().map(({ summary }) => summary)).toEqual(['c2 is wrong']);
    on.settle(['a0', 'c2'], silences, 1_500);
    expect(told().map(({ summary }) => summary)).toContain('a0 is wrong');
  });

  it('fires again and again only at the interval of repetition', () => {
    const on = world();
    on.settle(['a0'], [], 40 + 600 * 3 + 5);
    expect(on.sent).toHaveLength(4);
    expect(on.sent[1]!.at - on.sent[0]!.at).toBe(600_000);
  });

  it('of a rule that is deleted resolves at once', () => {
    const on = world();
    on.settle(['a0'], [], 60);
    const decision = decideAlerts({
      now: on.now(),
      rules: [],
      observations: [observation('a0')],
      gaps: [],
      alerts: on.alerts(),
      silences: [],
      routes: [],
      groups: [],
    });
    expect(decision.alerts).toMatchObject([{ state: 'resolved', ruleId: null }]);
  });
});

it('a route without resolved notices is told of nothing that ends', () => {
  const on = world({ route: { sendResolved: false } });
  on.settle(['a0'], [], 60);
  on.settle([]);
  expect(on.sent).toHaveLength(1);
  expect(on.groups()).toEqual([]);
});

it('what could not be delivered is joined by what came after it, and nothing of it is lost', () => {
  const on = world();
  on.settle(['a0', 'd30'], [], 60);
  const first = on.sent[0]!.notification;
  const key = on.sent[0]!.key;
  const decision = decideAlerts({
    now: on.now() + 300_000,
    rules: [{ ...rule, keepFiringSeconds: 0 }],
    observations: [observation('a0')].filter(({ subject }) => first.firing.length > 9 && subject),
    gaps: [],
    alerts: on.alerts(),
    silences: [],
    routes: [{ ...route, maxPerHour: 1, sentAt: [on.now()] }],
    groups: on
      .groups()
      .map((group) =>
        group.key === key
          ? { ...group, waiting: { deliveryId: 'ald_1', notification: first } }
          : group,
      ),
  });
  const mine = decision.deliveries.filter((each) => each.key === key);
  expect(mine).toMatchObject([{ into: 'ald_1', notification: { status: 'resolved' } }]);
  expect(mine[0]!.notification.resolved.map(({ fingerprint }) => fingerprint)).toEqual(
    first.firing.map(({ fingerprint }) => fingerprint),
  );
});

describe('while nobody tells', () => {
  const all: Gap = {
    source: 'finding',
    ruleId: null,
    meshId: 'msh_1',
    subjects: null,
    reason: 'prometheus: no answer',
  };

  it('an alert that fires goes on firing, says why, and resolves only when it is told to be over', () => {
    const on = world();
    on.settle(['a0'], [], 60);
    on.pass(10_000);
    on.look([], [], [all]);
    expect(on.alerts()).toMatchObject([
      { state: 'firing', unknownReason: 'prometheus: no answer', absentSince: null },
    ]);
    on.pass(10_000);
    on.look([]);
    expect(on.alerts()).toMatchObject([{ state: 'firing', unknownSince: null }]);
    on.pass(61);
    on.look([]);
    expect(on.alerts()).toMatchObject([{ state: 'resolved' }]);
  });

  it('one that waits does not fire, and the time does not count', () => {
    const on = world();
    on.look(['a0']);
    on.pass(20);
    on.look([], [], [all]);
    on.pass(10_000);
    on.look([], [], [all]);
    expect(on.alerts()).toMatchObject([{ state: 'pending', firedAt: null }]);
    on.look(['a0']);
    expect(on.alerts()).toMatchObject([{ state: 'pending', unknownSince: null }]);
    on.pass(11);
    on.look(['a0']);
    expect(on.alerts()).toMatchObject([{ state: 'firing' }]);
  });

  it('of other subjects, rules or meshes, an alert resolves as ever', () => {
    for (const gap of [
      { ...all, subjects: new Set(['b0']) },
      { ...all, ruleId: 'arl_2' },
      { ...all, meshId: 'msh_2' },
      { ...all, source: 'signal' as const },
    ]) {
      const on = world();
      on.settle(['a0'], [], 60);
      on.look([], [], [gap]);
      on.pass(61);
      on.look([], [], [gap]);
      expect(on.alerts()).toMatchObject([{ state: 'resolved' }]);
    }
  });

  it('nothing fires and nothing resolves, whatever was before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.subarray(['a0', 'b1', 'c0']), fc.integer({ min: 1, max: 200 })), {
          maxLength: 8,
        }),
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 6 }),
        (known, silent) => {
          const on = world();
          for (const [subjects, seconds] of known) {
            on.look(subjects);
            on.pass(seconds);
          }
          const statesOf = () =>
            on.alerts().map(({ fingerprint, state }) => `${fingerprint} ${state}`);
          const before = statesOf();
          for (const seconds of silent) {
            on.look([], [], [all]);
            on.pass(seconds);
          }
          expect(statesOf()).toEqual(before);
        },
      ),
    );
  });
});

describe('matchers', () => {
  it.each([
    ['a*', 'abc', true],
    ['a*', 'bc', false],
    ['*b*', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'a', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['abc', 'abc', true],
    ['a*b*c', 'a-b-b-c', true],
    ['*a*a*', 'xa', false],
  ])('pattern %s on %s: %s', (value, text, expected) => {
    expect(matchesAll([{ label: 'x', op: '~', value }], { x: text })).toBe(expected);
    expect(matchesAll([{ label: 'x', op: '!~', value }], { x: text })).toBe(!expected);
  });

  it('agree with a regular expression on any pattern', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(
        letters,
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }),
        (p, t) => {
          const expected = new RegExp(`^${p.replaceAll('*', '.*')}$`).test(t);
          expect(matchesAll([{ label: 'x', op: '~', value: p }], { x: t })).toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });
});
