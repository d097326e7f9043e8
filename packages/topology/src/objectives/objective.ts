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

/** Requests of one stretch of time; stretches are in order and do not overlap. */
export interface Stretch {
  fromMs: number;
  toMs: number;
  good: number;
  total: number;
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
  const allowed = 1 - objective.target;
  const { good, total } = sumOver(stretches, nowMs - objective.periodDays * day, nowMs);
  const burnOver = (windowMs: number): number | null => {
    const window = sumOver(stretches, nowMs - windowMs, nowMs);
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
    severity: severities.includes('page') ? 'page' : (severities[0] ?? null),
  };
}

/** Requests between two moments; a stretch that lies in it partly counts by its part. */
function sumOver(
  stretches: readonly Stretch[],
  fromMs: number,
  toMs: number,
): { good: number; total: number } {
  const sum = { good: 0, total: 0 };
  for (const { fromMs: begin, toMs: end, good, total } of stretches) {
    const inside = Math.min(end, toMs) - Math.max(begin, fromMs);
    if (inside <= 0 || end <= begin || !(total > 0)) continue;
    const share = inside / (end - begin);
    sum.total += total * share;
    sum.good += Math.min(Math.max(good, 0), total) * share;
  }
  return sum;
}
