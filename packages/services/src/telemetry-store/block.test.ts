import { durationBounds, edgeMetrics } from '@ambit/contracts/agent/telemetry';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockSize, packBlock, unpackBlock, type Reading } from './block.ts';
import { combine } from './combine.ts';

const rate = fc.oneof(fc.constant(0), fc.float({ min: 0, max: 1e6, noNaN: true }));
const reading = (number: number): fc.Arbitrary<Reading> =>
  fc.record({
    number: fc.constant(number),
    rates: fc
      .array(rate, { minLength: edgeMetrics.length, maxLength: edgeMetrics.length })
      .map((values) => Float32Array.from(values)),
    buckets: fc.option(
      fc
        .array(rate, { minLength: durationBounds.length, maxLength: durationBounds.length })
        .map((values) => Float32Array.from(values)),
    ),
  });

const one = (number: number, requests: number, buckets: number[] | null = null): Reading => ({
  number,
  rates: Float32Array.from(edgeMetrics, (metric) => (metric === 'requests' ? requests : 0)),
  buckets: buckets && Float32Array.from(durationBounds, (_, at) => buckets[at] ?? 0),
});

describe('a block', () => {
  it('comes back as it was packed', () => {
    const block = 3;
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.integer({ min: 0, max: blockSize - 1 }), { minLength: 1, maxLength: 40 })
          .chain((places) => fc.tuple(...places.map((at) => reading(block * blockSize + at)))),
        (readings) => {
          const back = unpackBlock(block, packBlock(readings));
          expect(back).toEqual(readings.toSorted((a, b) => a.number - b.number));
        },
      ),
    );
  });
  it('that is full holds every edge', () => {
    const full = Array.from({ length: blockSize }, (_, at) => one(at, at, [1, 2, 3]));
    expect(unpackBlock(0, packBlock(full))).toEqual(full);
  });
});

describe('intervals together', () => {
  const row = (at: number, windowMs: number, readings: Reading[]) => ({
    at: new Date(at),
    windowMs,
    block: readings.length ? 0 : -1,
    body: readings.length ? packBlock(readings) : new Uint8Array(),
  });
  it('weigh by their length, and silence counts where it was told', () => {
    const { coveredMs, at, readings } = combine([
      row(10_000, 10_000, [one(1, 6, [6])]),
      row(20_000, 10_000, []),
      row(40_000, 20_000, [one(1, 3), one(2, 1)]),
    ]);
    expect({ coveredMs, at }).toEqual({ coveredMs: 40_000, at: new Date(40_000) });
    expect(readings.map(({ number, rates, buckets }) => [number, rates[0], buckets?.[0]])).toEqual([
      [1, 3, 1.5],
      [2, 0.5, undefined],
    ]);
  });
  it('of nothing are nothing', () => {
    expect(combine([])).toEqual({ coveredMs: 0, at: null, readings: [] });
  });
});
