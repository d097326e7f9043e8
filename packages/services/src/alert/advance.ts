import { matchesAll, type AlertState } from '@ambit/contracts/alerts';
import type { AlertView, Gap, Observation, RuleView, SilenceView } from './facts.ts';

export const fingerprintOf = (ruleId: string, source: string, subject: string): string =>
  `${ruleId}/${source}/${subject}`;

/** The observations a rule is about, with the labels its alerts get. */
export function observed(
  rule: RuleView,
  observations: readonly Observation[],
): Map<string, Observation> {
  const found = new Map<string, Observation>();
  if (!rule.enabled) return found;
  for (const each of observations) {
    const { ofRule, ...seen } = each;
    if (each.source !== rule.source || (ofRule !== undefined && ofRule !== rule.id)) continue;
    if (rule.meshId !== null && rule.meshId !== each.meshId) continue;
    const labels = { ...each.labels, ...rule.labels, alertname: rule.name };
    if (!matchesAll(rule.matchers, each.labels)) continue;
    found.set(fingerprintOf(rule.id, each.source, each.subject), { ...seen, labels });
  }
  return found;
}

/** Why nothing can be said of an alert now; undefined when its source tells. */
export const gapOf = (alert: AlertView, gaps: readonly Gap[]): string | undefined =>
  gaps.find(
    (gap) =>
      gap.source === alert.source &&
      gap.meshId === alert.meshId &&
      (gap.ruleId === null || gap.ruleId === alert.ruleId) &&
      (gap.subjects === null || gap.subjects.has(alert.subject)),
  )?.reason;

/**
 * The next state of one alert. Pure.
 * @param seen what is observed now; undefined: nothing any more
 * @param rule undefined: it was deleted
 * @param unknown why it is not known whether it still holds: it stays as it is, and its times begin anew afterwards
 * @returns undefined when there is nothing to keep: it never fired, nor did an earlier episode of it
 */
export function advanceAlert(
  before: AlertView | undefined,
  seen: Observation | undefined,
  rule: RuleView | undefined,
  now: number,
  unknown?: string,
): AlertView | undefined {
  if (seen && rule?.enabled) return present(before, seen, rule, now);
  if (!before || before.resolvedAt !== null) return before;
  if (unknown !== undefined && rule?.enabled) {
    const unknownSince = before.unknownSince ?? now;
    return { ...before, absentSince: null, unknownSince, unknownReason: unknown };
  }
  return absent({ ...before, unknownSince: null, unknownReason: '' }, rule, now);
}

function absent(before: AlertView, rule: RuleView | undefined, now: number): AlertView | undefined {
  if (before.firedAt === null) {
    // An earlier episode fired: receivers may still have to hear of its end, in its words.
    return before.episode > 1 ? { ...before, absentSince: now, resolvedAt: now } : undefined;
  }
  const absentSince = before.absentSince ?? now;
  const keepMs = rule?.enabled ? rule.keepFiringSeconds * 1000 : 0;
  const orphan = rule ? {} : { ruleId: null };
  if (now - absentSince < keepMs) return { ...before, absentSince };
  return { ...before, ...orphan, absentSince, resolvedAt: now, acknowledged: false };
}

function present(
  before: AlertView | undefined,
  seen: Observation,
  rule: RuleView,
  now: number,
): AlertView {
  const again = before?.resolvedAt != null;
  const open = before && !again ? before : undefined;
  // Time in which nobody told does not count for how long it has to last.
  const untoldMs = open?.firedAt === null && open.unknownSince ? now - open.unknownSince : 0;
  const startedAt = (open?.startedAt ?? now) + untoldMs;
  const due = now - startedAt >= rule.forSeconds * 1000;
  return {
    ...seen,
    fingerprint: fingerprintOf(rule.id, seen.source, seen.subject),
    ruleId: rule.id,
    ruleName: rule.name,
    state: before?.state ?? 'pending',
    episode: (before?.episode ?? 0) + (open ? 0 : 1),
    startedAt,
    firedAt: open?.firedAt ?? (due ? now : null),
    absentSince: null,
    resolvedAt: null,
    acknowledged: open?.acknowledged ?? false,
    silenceId: before?.silenceId ?? null,
    unknownSince: null,
    unknownReason: '',
  };
}

/** The state that is shown, with the silence that holds: the one that lasts longest. */
export function withState(
  alert: AlertView,
  silences: readonly SilenceView[],
  now: number,
): AlertView {
  if (alert.resolvedAt !== null) return { ...alert, state: 'resolved', silenceId: null };
  if (alert.firedAt === null) return { ...alert, state: 'pending', silenceId: null };
  const silence = silences
    .filter((each) => each.startsAt <= now && now < each.endsAt)
    .filter((each) => matchesAll(each.matchers, alert.labels))
    .reduce<SilenceView | undefined>((a, b) => (a && a.endsAt >= b.endsAt ? a : b), undefined);
  const state: AlertState = silence ? 'silenced' : alert.acknowledged ? 'acknowledged' : 'firing';
  return { ...alert, state, silenceId: silence?.id ?? null };
}

/** When the alert changes by time alone; undefined: not before something happens. */
export function nextChangeAt(
  alert: AlertView,
  rule: RuleView | undefined,
  silences: readonly SilenceView[],
  now: number,
): number | undefined {
  if (alert.resolvedAt !== null || !rule) return undefined;
  const times = silences.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]);
  if (alert.firedAt === null && alert.unknownSince === null)
    times.push(alert.startedAt + rule.forSeconds * 1000);
  if (alert.absentSince !== null) times.push(alert.absentSince + rule.keepFiringSeconds * 1000);
  const later = times.filter((at) => at > now);
  return later.length > 0 ? Math.min(...later) : undefined;
}
