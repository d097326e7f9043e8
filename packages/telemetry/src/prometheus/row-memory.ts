/** Remembers which series each row of a query was, by the bytes of its labels. */
export interface RowMemory {
  /** Begins an answer: rows are expected in the order of the last one. */
  begin(): void;
  /** The number given for these labels if they are the ones expected next, or -1. */
  expected(bytes: Buffer, from: number, to: number): number;
  /** The number given for these labels, wherever they stood, or -1. */
  find(bytes: Buffer, from: number, to: number, hash: number): number;
  /** Remembers labels that `find` does not know, as long as there is room. */
  add(bytes: Buffer, from: number, to: number, hash: number, series: number): void;
  /** Ends a whole answer; rows that have not come for long are forgotten. */
  end(): void;
}

/** Rows kept that the last answer did not have, before all are forgotten. */
const spareRows = 20_000;

/** Bytes of labels that are remembered of one query: some 200,000 rows. */
const mostBytes = 64 * 1024 * 1024;

/**
 * A server gives the rows of one query in the same order again, so most are found by comparing with the one
 * that is expected next; the others by a hash. Both compare all bytes: nothing is ever taken for something else.
 */
export function createRowMemory(most = mostBytes): RowMemory {
  let arena = Buffer.allocUnsafe(1 << 16);
  let used = 0;
  let count = 0;
  let begins = new Int32Array(1024);
  let ends = new Int32Array(1024);
  let series = new Int32Array(1024);
  let sameHash = new Int32Array(1024);
  let byHash = new Map<number, number>();
  let next = 0;
  let seen = 0;

  const isAt = (row: number, bytes: Buffer, from: number, to: number): boolean =>
    to - from === ends[row]! - begins[row]! &&
    bytes.compare(arena, begins[row]!, ends[row]!, from, to) === 0;

  const forget = (): void => {
    used = 0;
    count = 0;
    byHash = new Map();
  };

  return {
    begin: () => {
      next = 0;
      seen = 0;
    },
    expected: (bytes, from, to) => {
      seen++;
      return next < count && isAt(next, bytes, from, to) ? series[next++]! : -1;
    },
    find: (bytes, from, to, hash) => {
      for (let row = byHash.get(hash) ?? -1; row !== -1; row = sameHash[row]!) {
        if (isAt(row, bytes, from, to)) {
          next = row + 1;
          return series[row]!;
        }
      }
      return -1;
    },
    add: (bytes, from, to, hash, value) => {
      const length = to - from;
      if (used + length > most) return;
      if (used + length > arena.length) {
        const larger = Buffer.allocUnsafe(
          Math.min(most, Math.max(arena.length * 2, used + length)),
        );
        arena.copy(larger, 0, 0, used);
        arena = larger;
      }
      if (count === begins.length) {
        begins = doubled(begins);
        ends = doubled(ends);
        series = doubled(series);
        sameHash = doubled(sameHash);
      }
      bytes.copy(arena, used, from, to);
      begins[count] = used;
      ends[count] = used += length;
      series[count] = value;
      sameHash[count] = byHash.get(hash) ?? -1;
      byHash.set(hash, count);
      next = ++count;
    },
    end: () => {
      if (count > seen * 2 + spareRows) forget();
    },
  };
}

function doubled(list: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(list.length * 2);
  larger.set(list);
  return larger;
}
