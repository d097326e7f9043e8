import { exactShareText } from '../../lib/format.ts';

/** What is promised, in one line. */
export const promiseOf = (objective: {
  kind: string;
  thresholdMs: number | null;
  target: number;
  periodDays: number;
}): string =>
  `${exactShareText(objective.target)} ${
    objective.kind === 'latency' ? `within ${objective.thresholdMs} ms` : 'answered without error'
  } over ${objective.periodDays} ${objective.periodDays === 1 ? 'day' : 'days'}`;

/** The status word of the console for an objective's state. */
export const statusOf: Record<string, string> = {
  met: 'Ready',
  burning: 'Degraded',
  exhausted: 'Failed',
  idle: 'Waiting',
  unknown: 'Unknown',
};
const words: Record<string, string> = {
  met: 'Met',
  burning: 'Burning',
  exhausted: 'Used up',
  idle: 'No traffic',
  unknown: 'Unknown',
};
export const wordOf = (state: string): string => words[state] ?? state;

/** The fastest burn over a short window, and whether it is too fast. */
export function fastestBurn(
  burns: readonly { long: number | null; isBurning: boolean; longMs: number }[],
): string {
  const first = burns.find(({ isBurning }) => isBurning) ?? burns[0];
  if (!first || first.long === null) return '–';
  const hours = first.longMs / 3_600_000;
  return `${Number(first.long.toPrecision(2))}× over ${hours} h`;
}
