import { invalid } from '../kernel/errors.ts';

const mostPoints = 1_500;
const usualPoints = 120;
const hourMs = 3_600_000;

export interface Span {
  fromS: number;
  toS: number;
  stepS: number;
}

/**
 * What a question about the past asks for, in whole steps of seconds since 1970; the last hour in about 120 points where it
 * says nothing.
 * @param leastS what is finer is not kept
 * @throws AmbitError invalid_input for an empty span, and for one of more than 1,500 points
 */
export function spanOf(
  input: { from?: string | undefined; to?: string | undefined; stepS?: number | undefined },
  now: Date,
  leastS = 15,
): Span {
  const to = input.to === undefined ? now.getTime() : new Date(input.to).getTime();
  const from = input.from === undefined ? to - hourMs : new Date(input.from).getTime();
  if (from >= to) {
    throw invalid('the span is empty', [{ path: 'from', message: 'expected a time before `to`' }]);
  }
  const stepS =
    input.stepS ?? Math.max(leastS, Math.ceil((to - from) / 1000 / usualPoints / leastS) * leastS);
  const toS = Math.floor(to / 1000 / stepS) * stepS;
  const fromS = Math.min(toS, Math.ceil(from / 1000 / stepS) * stepS);
  if ((toS - fromS) / stepS >= mostPoints) {
    throw invalid(`that is ${Math.floor((toS - fromS) / stepS) + 1} points`, [
      { path: 'stepS', message: `at most ${mostPoints} are given: take a longer step` },
    ]);
  }
  return { fromS, toS, stepS };
}
