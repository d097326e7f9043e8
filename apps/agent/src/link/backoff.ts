/**
 * How long to wait before trying again: doubles from `firstMs` to `longestMs`, of which a random half is taken off,
 * so that many agents that lost the platform at one moment do not come back at one moment.
 * @param attempt 0 for the first failure
 * @param random a number from 0 up to 1
 */
export function backoffMs(
  attempt: number,
  random: number,
  { firstMs = 500, longestMs = 60_000 } = {},
): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling * (1 - random / 2));
}
