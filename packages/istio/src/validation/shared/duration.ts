const msNs = 1_000_000n;

/** Istio's durations are at least a millisecond and whole milliseconds. */
export function durationProblem(ns: bigint): string | undefined {
  if (ns < msNs) return 'a duration must be at least 1ms';
  return ns % msNs === 0n ? undefined : 'a duration must be a whole number of milliseconds';
}
