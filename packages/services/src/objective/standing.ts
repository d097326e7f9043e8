import type { Evaluation } from '@ambit/topology/objectives/objective';
import { unknownAfterMs, type ObjectiveStatus, type Promised } from './facts.ts';

/**
 * Where an objective stands, in the words of the contract. Pure.
 * @param toldMs when somebody told of its requests last; null: never
 * @param silence why nobody tells now; empty when somebody does
 */
export function standingOf(
  promised: Pick<Promised, 'periodDays' | 'target'>,
  evaluation: Evaluation,
  toldMs: number | null,
  nowMs: number,
  silence: string,
): ObjectiveStatus {
  const isKnown = toldMs !== null && nowMs - toldMs <= unknownAfterMs;
  const { total, bad, reached, budgetLeft, coverage, burns } = evaluation;
  const severity = isKnown ? evaluation.severity : null;
  const state = !isKnown
    ? 'unknown'
    : total === 0
      ? 'idle'
      : budgetLeft !== null && budgetLeft <= 0
        ? 'exhausted'
        : severity
          ? 'burning'
          : 'met';
  return {
    state,
    message: messageOf(state, promised, evaluation, silence),
    total: rounded(total),
    bad: rounded(bad),
    reached,
    budgetLeft,
    coverage,
    severity,
    burns: burns.map(({ rule, limit, long, short, isBurning }) => ({
      severity: rule.severity,
      longMs: rule.longMs,
      shortMs: rule.shortMs,
      limit,
      long,
      short,
      isBurning: isBurning && isKnown,
    })),
    toldAt: toldMs === null ? null : new Date(toldMs).toISOString(),
    evaluatedAt: new Date(nowMs).toISOString(),
  };
}

function messageOf(
  state: ObjectiveStatus['state'],
  { periodDays, target }: Pick<Promised, 'periodDays' | 'target'>,
  { budgetLeft, reached, burns }: Evaluation,
  silence: string,
): string {
  const window = `${periodDays} ${periodDays === 1 ? 'day' : 'days'}`;
  if (state === 'unknown') {
    return silence || 'Nobody has told of its requests yet.';
  }
  if (state === 'idle') return `Nobody asked anything of it in ${window}.`;
  const fastest = burns
    .filter(({ isBurning }) => isBurning)
    .reduce((most, { short }) => Math.max(most, short ?? 0), 0);
  const burning =
    fastest > 0 ? ` It burns ${fastest.toPrecision(2)} times faster than the budget lasts.` : '';
  if (state === 'exhausted') {
    return `The budget of ${window} is used up: ${percent(reached ?? 0)} were good, ${percent(target)} are promised.${burning}`;
  }
  return `${percent(budgetLeft ?? 0)} of the budget of ${window} is left.${burning}`;
}

export const percent = (share: number): string =>
  `${Number((share * 100).toPrecision(share > 0.9 && share < 1 ? 5 : 3))}%`;

const rounded = (count: number): number => Math.round(count * 1000) / 1000;
