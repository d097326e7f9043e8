/** What a service promises, over a period that slides. */
export type Objective = {
  /** Share of requests that are to be good, above 0 and below 1: 0.999. */
  target: number;
  periodDays: number;
} & (
  | { kind: 'availability' }
  | {
      kind: 'latency';
      /** Good is what was answered within this; a bound of the histogram. */
      thresholdMs: number;
    }
);

export type BurnSeverity = 'page' | 'ticket';

/** An alert when the budget burns too fast over a long window, and still does over a short one. */
export interface BurnRule {
  severity: BurnSeverity;
  longMs: number;
  shortMs: number;
  /** Share of the period's budget that the long window may not burn. */
  budgetShare: number;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Google's SRE workbook, "Alerting on SLOs", 6: multiwindow, multi-burn-rate alerts. */
export const burnRules: readonly BurnRule[] = [
  { severity: 'page', longMs: hour, shortMs: 5 * minute, budgetShare: 0.02 },
  { severity: 'page', longMs: 6 * hour, shortMs: 30 * minute, budgetShare: 0.05 },
  { severity: 'ticket', longMs: day, shortMs: 2 * hour, budgetShare: 0.1 },
  { severity: 'ticket', longMs: 3 * day, shortMs: 6 * hour, budgetShare: 0.1 },
];

/** How many times faster than evenly the budget may burn over the long window of a rule. */
export const burnLimit = ({ budgetShare, longMs }: BurnRule, { periodDays }: Objective): number =>
  (budgetShare * periodDays * day) / longMs;

/** Requests of one stretch of time; stretches do not overlap. What lies between them nobody told of. */
export interface Stretch {
  fromMs: number;
  toMs: number;
  good: number;
  total: number;
  /** How much of it was told of; all when left out. */
  coveredMs?: number;
}

/** What was told of a window. */
export interface WindowSum {
  good: number;
  total: number;
  coveredMs: number;
}

export interface Burn {
  rule: BurnRule;
  limit: number;
  /** Null where nothing was asked, or nobody told. */
  long: number | null;
  short: number | null;
  isBurning: boolean;
}

export interface Evaluation {
  total: number;
  bad: number;
  /** Share of good requests over the period; null without requests. */
  reached: number | null;
  /** Share of the budget that is left, 1 to below 0; null without requests. */
  budgetLeft: number | null;
  burns: Burn[];
  /** Share of the period that somebody told of, 0 to 1. */
  coverage: number;
  /** The worst that burns now. */
  severity: BurnSeverity | null;
}

/**
 * Where an objective stands. The budget is what may be bad of the requests that the period had so far; a
 * burn rate of 1 uses it up exactly at the period's end.
 */
export function evaluate(
  objective: Objective,
  stretches: readonly Stretch[],
  nowMs: number,
): Evaluation {
  return evaluateSums(objective, (windowMs) => sumOver(stretches, nowMs - windowMs, nowMs));
}

/** Every window that an objective looks at, ascending. */
export const windowsOf = ({ periodDays }: Pick<Objective, 'periodDays'>): number[] =>
  [
    ...new Set([...burnRules.flatMap((rule) => [rule.shortMs, rule.longMs]), periodDays * day]),
  ].sort((a, b) => a - b);

/** The same from sums that were made elsewhere. @param sumOf what was told of the newest so many milliseconds */
export function evaluateSums(
  objective: Objective,
  sumOf: (windowMs: number) => WindowSum,
): Evaluation {
  const allowed = 1 - objective.target;
  const periodMs = objective.periodDays * day;
  const { good, total, coveredMs } = sumOf(periodMs);
  const burnOver = (windowMs: number): number | null => {
    const window = sumOf(windowMs);
    return window.total > 0 ? (window.total - window.good) / window.total / allowed : null;
  };
  const burns = burnRules
    .filter(({ longMs }) => longMs <= objective.periodDays * day)
    .map((rule): Burn => {
      const limit = burnLimit(rule, objective);
      const long = burnOver(rule.longMs);
      const short = burnOver(rule.shortMs);
      const isBurning = long !== null && short !== null && long >= limit && short >= limit;
      return { rule, limit, long, short, isBurning };
    });
  const severities = burns.filter(({ isBurning }) => isBurning).map(({ rule }) => rule.severity);
  return {
    total,
    bad: total - good,
    reached: total > 0 ? good / total : null,
    budgetLeft: total > 0 ? 1 - (total - good) / (total * allowed) : null,
    burns,
    coverage: Math.min(1, coveredMs / periodMs),
    severity: severities.includes('page') ? 'page' : (severities[0] ?? null),
  };
}

/** What was told between two moments; a stretch that lies in it partly counts by its part. */
export function sumOver(stretches: readonly Stretch[], fromMs: number, toMs: number): WindowSum {
  const sum = { good: 0, total: 0, coveredMs: 0 };
  for (const { fromMs: begin, toMs: end, good, total, coveredMs = end - begin } of stretches) {
    const inside = Math.min(end, toMs) - Math.max(begin, fromMs);
    if (inside <= 0 || end <= begin) continue;
    const share = inside / (end - begin);
    sum.coveredMs += coveredMs * share;
    if (!(total > 0)) continue;
    sum.total += total * share;
    sum.good += Math.min(Math.max(good, 0), total) * share;
  }
  return sum;
}
