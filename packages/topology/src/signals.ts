/** Traffic of one protocol on one link or edge; all rates per second. */
export interface Signals {
  requests: number;
  errors: number;
  requestBytes: number;
  responseBytes: number;
  /** Traffic of known security, and the part of it that was mutual TLS. */
  securityKnown: number;
  secured: number;
  waypoint: boolean;
  /** Rate by code id (`Registry.codes`), flat: id, rate, id, rate. */
  codes: number[];
  latency: Latency | null;
}

/** A merged histogram: cumulative rates by bound, ascending, flat: bound (ms), rate. */
export interface Latency {
  sum: number;
  count: number;
  buckets: number[];
}

export const emptySignals = (): Signals => ({
  requests: 0,
  errors: 0,
  requestBytes: 0,
  responseBytes: 0,
  securityKnown: 0,
  secured: 0,
  waypoint: false,
  codes: [],
  latency: null,
});

/** Adds a rate to a flat list of pairs. */
export function addPair(pairs: number[], key: number, rate: number): void {
  for (let at = 0; at < pairs.length; at += 2) {
    if (pairs[at] === key) {
      pairs[at + 1]! += rate;
      return;
    }
  }
  pairs.push(key, rate);
}

/** Adds the second to the first. Histograms of other bounds are merged at the bounds both have. */
export function addSignals(to: Signals, from: Signals): void {
  to.requests += from.requests;
  to.errors += from.errors;
  to.requestBytes += from.requestBytes;
  to.responseBytes += from.responseBytes;
  to.securityKnown += from.securityKnown;
  to.secured += from.secured;
  to.waypoint ||= from.waypoint;
  for (let at = 0; at < from.codes.length; at += 2) {
    addPair(to.codes, from.codes[at]!, from.codes[at + 1]!);
  }
  if (from.latency) to.latency = mergeLatency(to.latency, from.latency);
}

function mergeLatency(to: Latency | null, from: Latency): Latency {
  if (to === null) return { ...from, buckets: [...from.buckets] };
  to.sum += from.sum;
  to.count += from.count;
  const isSame =
    to.buckets.length === from.buckets.length &&
    to.buckets.every((value, at) => at % 2 === 1 || value === from.buckets[at]);
  if (isSame) {
    for (let at = 1; at < to.buckets.length; at += 2) to.buckets[at]! += from.buckets[at]!;
    return to;
  }
  const merged: number[] = [];
  for (let at = 0; at < to.buckets.length; at += 2) {
    for (let other = 0; other < from.buckets.length; other += 2) {
      if (to.buckets[at] === from.buckets[other])
        merged.push(to.buckets[at]!, to.buckets[at + 1]! + from.buckets[other + 1]!);
    }
  }
  to.buckets = merged;
  return to;
}

/**
 * The p-th quantile (0 to 1) of a cumulative histogram, in its own unit; null without observations.
 * As Prometheus does it: linear within a bucket, the lowest begins at 0, and what lies in the last
 * (+Inf) is the highest bound that is finite.
 */
export function histogramQuantile(p: number, buckets: readonly number[]): number | null {
  const total = buckets.at(-1) ?? 0;
  if (buckets.length < 4 || !(total > 0)) return null;
  const rank = p * total;
  let below = 0;
  let from = 0;
  for (let at = 0; at < buckets.length; at += 2) {
    const bound = buckets[at]!;
    const count = Math.max(below, buckets[at + 1]!);
    if (count >= rank) {
      if (bound === Infinity) return from;
      return count === below ? bound : from + ((bound - from) * (rank - below)) / (count - below);
    }
    below = count;
    from = bound;
  }
  return from;
}
