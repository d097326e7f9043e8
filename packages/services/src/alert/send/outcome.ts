import type { Sent } from './outgoing.ts';

/** How an attempt ended: `refused` is said by the receiver and hardly changes by itself, `failed` may pass. */
export type Outcome = 'delivered' | 'refused' | 'failed';

/** HTTP statuses that may pass although they begin with 4. */
const passing = new Set([408, 409, 421, 423, 425, 429]);

export function outcomeOf({ status }: Pick<Sent, 'status'>): Outcome {
  if (status >= 200 && status < 300) return 'delivered';
  return status >= 300 && status < 500 && !passing.has(status) ? 'refused' : 'failed';
}

const firstPauseMs = 5_000;
const longestPauseMs = 1_800_000;
const longestAskedMs = 3_600_000;
const mostRefusals = 8;
const giveUpMs = 72 * 3_600_000;

/**
 * When to try again. Pure.
 * @param attempt the number of the attempt that has just ended, from 1
 * @param ageMs since the delivery was made
 * @param random 0 to 1; spreads deliveries that failed together
 * @returns milliseconds, or null: no more by itself
 */
export function pauseAfter(
  outcome: Exclude<Outcome, 'delivered'>,
  attempt: number,
  ageMs: number,
  retryAfterSeconds: number | null,
  random: number,
): number | null {
  if (ageMs > giveUpMs || (outcome === 'refused' && attempt >= mostRefusals)) return null;
  const grown = Math.min(longestPauseMs, firstPauseMs * 3 ** Math.min(attempt - 1, 8));
  const asked = Math.min(longestAskedMs, Math.max(0, (retryAfterSeconds ?? 0) * 1000));
  return Math.round(Math.max(grown * (0.8 + 0.4 * random), asked));
}
