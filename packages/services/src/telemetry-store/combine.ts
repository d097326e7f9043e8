import { durationBounds } from '@ambit/contracts/agent/telemetry';
import { nothingMoved, unpackBlock, type Reading } from './block.ts';

/** A row of rates as it is stored. */
export interface StoredBlock {
  at: Date;
  windowMs: number;
  block: number;
  body: Uint8Array;
}

export interface Combined {
  /** Time that is told of, of all intervals together; 0 when nobody told. */
  coveredMs: number;
  /** End of the newest interval; null when there is none. */
  at: Date | null;
  readings: Reading[];
}

/**
 * Several intervals as one: what moved in one alone is spread over all that were told. An interval that nobody told of
 * counts for nothing, so a gap is not taken for silence.
 * @param wants edges by number; all when missing
 */
export function combine(blocks: readonly StoredBlock[], wants?: ReadonlySet<number>): Combined {
  const intervals = new Map<number, number>();
  const sums = new Map<number, Reading>();
  for (const { at, windowMs, block, body } of blocks) {
    intervals.set(at.getTime(), windowMs);
    if (block === nothingMoved) continue;
    for (const reading of unpackBlock(block, body)) {
      if (wants && !wants.has(reading.number)) continue;
      add(sums, reading, windowMs);
    }
  }
  const coveredMs = [...intervals.values()].reduce((sum, ms) => sum + ms, 0);
  const readings = [...sums.values()];
  for (const { rates, buckets } of readings) {
    for (let at = 0; at < rates.length; at++) rates[at]! /= coveredMs;
    if (buckets) for (let at = 0; at < buckets.length; at++) buckets[at]! /= coveredMs;
  }
  const newest = Math.max(...intervals.keys());
  return { coveredMs, at: intervals.size === 0 ? null : new Date(newest), readings };
}

function add(sums: Map<number, Reading>, { number, rates, buckets }: Reading, weight: number) {
  let sum = sums.get(number);
  if (!sum) {
    sum = { number, rates: new Float32Array(rates.length), buckets: null };
    sums.set(number, sum);
  }
  for (let at = 0; at < rates.length; at++) sum.rates[at]! += rates[at]! * weight;
  if (!buckets) return;
  sum.buckets ??= new Float32Array(durationBounds.length);
  for (let at = 0; at < buckets.length; at++) sum.buckets[at]! += buckets[at]! * weight;
}
