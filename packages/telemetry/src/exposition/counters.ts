/** Rates of the counters of one target from one scrape to the next. A series is known by two whole numbers of 32 bits. */
export interface Counters {
  /** The place of a series, the same until it is forgotten; -1 when there are too many. */
  find(low: number, high: number): number;
  /**
   * Takes what a counter has reached. @returns its rate a second since the scrape before; -1 in the first scrape, and when
   * the clock did not move. A counter below what it was has begun again at 0 (a restarted proxy), as Prometheus' `rate`
   * takes it; one that a later scrape has for the first time began at 0 too, since proxies make a series with its first
   * request.
   */
  rate(place: number, value: number, atMs: number): number;
  /** What the series at a place belongs to, as whoever counts set it; -1 before. */
  mark(place: number): number;
  setMark(place: number, mark: number): void;
  /** Ends one scrape of the target. */
  end(atMs: number): void;
  /** Forgets the counters that were not told of since a time. */
  forget(beforeMs: number): void;
  readonly size: () => number;
}

/** Counters of one target that are kept at most; more are not told of. */
export const mostCounters = 200_000;

interface Columns {
  low: Int32Array;
  high: Int32Array;
  mark: Int32Array;
  values: Float64Array;
  /** When it was told last; -Infinity: never. */
  times: Float64Array;
  /** Place + 1 by hash, open addressing; 0 is free. */
  table: Int32Array;
}

const columnsOf = (size: number): Columns => ({
  low: new Int32Array(size),
  high: new Int32Array(size),
  mark: new Int32Array(size),
  values: new Float64Array(size),
  times: new Float64Array(size),
  table: new Int32Array(size * 2),
});

/** All of it lies in columns of numbers: objects for each counter would be most of a scraper's memory and time. */
export function createCounters(): Counters {
  let of = columnsOf(64);
  let used = 0;
  let scrapedMs: number | null = null;

  const enter = (place: number): void => {
    const { table, low, high } = of;
    const mask = table.length - 1;
    let at = (low[place]! ^ Math.imul(high[place]!, 31)) & mask;
    while (table[at] !== 0) at = (at + 1) & mask;
    table[at] = place + 1;
  };

  /** Copies the places that stay, in their order, into columns of another size. */
  const rebuild = (size: number, stays: (place: number) => boolean): void => {
    const old = of;
    const count = used;
    of = columnsOf(size);
    used = 0;
    for (let place = 0; place < count; place++) {
      if (!stays(place)) continue;
      const to = used++;
      of.low[to] = old.low[place]!;
      of.high[to] = old.high[place]!;
      of.mark[to] = old.mark[place]!;
      of.values[to] = old.values[place]!;
      of.times[to] = old.times[place]!;
      enter(to);
    }
  };

  return {
    size: () => used,
    find: (low, high) => {
      const { table } = of;
      const mask = table.length - 1;
      let at = (low ^ Math.imul(high, 31)) & mask;
      for (let found = table[at]!; found !== 0; found = table[at]!) {
        if (of.low[found - 1] === low && of.high[found - 1] === high) return found - 1;
        at = (at + 1) & mask;
      }
      if (used >= mostCounters) return -1;
      if (used === of.low.length) rebuild(used * 2, () => true);
      const place = used++;
      of.low[place] = low;
      of.high[place] = high;
      of.mark[place] = -1;
      of.times[place] = -Infinity;
      enter(place);
      return place;
    },
    rate: (place, value, atMs) => {
      if (!(value >= 0 && value < Infinity)) return -1;
      const beforeMs = of.times[place]!;
      if (beforeMs === -Infinity) {
        of.values[place] = value;
        of.times[place] = atMs;
        const sinceS = scrapedMs === null ? 0 : (atMs - scrapedMs) / 1000;
        return sinceS > 0 ? value / sinceS : -1;
      }
      const before = of.values[place]!;
      const seconds = (atMs - beforeMs) / 1000;
      // A clock that was set back says nothing about how much time passed.
      if (seconds > 0 || seconds < -1) {
        of.values[place] = value;
        of.times[place] = atMs;
      }
      if (seconds <= 0) return -1;
      return (value < before ? value : value - before) / seconds;
    },
    mark: (place) => of.mark[place]!,
    setMark: (place, mark) => {
      of.mark[place] = mark;
    },
    end: (atMs) => {
      scrapedMs = atMs;
    },
    forget: (beforeMs) => {
      let stale = 0;
      for (let place = 0; place < used; place++) if (of.times[place]! < beforeMs) stale++;
      if (stale === 0) return;
      const size = Math.max(64, 2 ** Math.ceil(Math.log2(used - stale + 1)));
      const { times } = of;
      rebuild(size, (place) => times[place]! >= beforeMs);
    },
  };
}
