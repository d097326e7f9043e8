import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { durationBounds, edgeMetrics } from '@ambit/contracts/agent/telemetry';

/** Edges whose rates lie in one row. */
export const blockSize = 256;
/** The block of an interval in which nothing moved. */
export const nothingMoved = -1;
export const blockOf = (number: number): number => Math.floor(number / blockSize);

/** What moved on an edge in an interval, each a second: by index of `edgeMetrics`, and a cumulative histogram. */
export interface Reading {
  number: number;
  rates: Float32Array;
  /** One for each of `durationBounds`; null when nobody measured. */
  buckets: Float32Array | null;
}

const metricCount = edgeMetrics.length;
const boundCount = durationBounds.length;
const version = 1;
const headBytes = 4;
const mostBytes = 1 + headBytes + blockSize * (2 + 4 * (metricCount + boundCount));

/**
 * Readings of one block as bytes: which metrics there are, the places of the edges, then column by column, since what
 * stands in a column is alike and packs well.
 */
export function packBlock(readings: readonly Reading[]): Buffer {
  const rows = readings.toSorted((a, b) => a.number - b.number);
  const present = edgeMetrics.map((_, metric) => rows.some(({ rates }) => rates[metric] !== 0));
  const measured = rows.flatMap(({ buckets }, row) => (buckets ? [{ row, buckets }] : []));
  const mask = present.reduce((bits, is, metric) => bits | (is ? 1 << metric : 0), 0);
  const columns = present.filter(Boolean).length;
  const bytes = Buffer.alloc(
    headBytes +
      1 +
      rows.length +
      4 * rows.length * columns +
      measured.length * (1 + 4 * boundCount),
  );
  bytes[0] = version;
  bytes[1] = mask;
  bytes[2] = rows.length - 1;
  bytes.writeUInt16LE(measured.length, 3);
  let at = headBytes + 1;
  for (const { number } of rows) bytes[at++] = number % blockSize;
  const put = (value: number): void => {
    at = bytes.writeFloatLE(value, at);
  };
  present.forEach((is, metric) => {
    if (is) for (const { rates } of rows) put(rates[metric]!);
  });
  for (const { row } of measured) bytes[at++] = row;
  for (let bound = 0; bound < boundCount; bound++) {
    for (const { buckets } of measured) put(buckets[bound]!);
  }
  return deflateRawSync(bytes, { level: 3 });
}

/** @throws Error for bytes that are no block */
export function unpackBlock(block: number, packed: Uint8Array): Reading[] {
  const bytes = inflateRawSync(packed, { maxOutputLength: mostBytes + 16 });
  if (bytes[0] !== version) throw new Error(`a block of telemetry has version ${bytes[0]}`);
  const mask = bytes[1]!;
  const count = bytes[2]! + 1;
  const measured = bytes.readUInt16LE(3);
  let at = headBytes + 1;
  const rows: Reading[] = Array.from({ length: count }, () => ({
    number: block * blockSize + bytes[at++]!,
    rates: new Float32Array(metricCount),
    buckets: null,
  }));
  const take = (): number => {
    const value = bytes.readFloatLE(at);
    at += 4;
    return value;
  };
  for (let metric = 0; metric < metricCount; metric++) {
    if ((mask & (1 << metric)) === 0) continue;
    for (const { rates } of rows) rates[metric] = take();
  }
  const buckets = Array.from({ length: measured }, () => {
    const made = new Float32Array(boundCount);
    rows[bytes[at++]!]!.buckets = made;
    return made;
  });
  for (let bound = 0; bound < boundCount; bound++) for (const one of buckets) one[bound] = take();
  return rows;
}
