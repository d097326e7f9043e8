/** Rates of counters from one scrape to the next. */
export interface Counters {
  /**
   * Takes what a counter has reached. @returns its rate a second since the scrape before; null in the first
   * scrape, and when the clock did not move. A counter below what it was has begun again at 0 (a restarted
   * proxy), as Prometheus' `rate` takes it; one that a later scrape has for the first time began at 0 too,
   * since proxies make a series with its first request.
   */
  rate(key: string | number, value: number, atMs: number): number | null;
  /** Ends one scrape of the target. */
  end(atMs: number): void;
  /** Forgets the counters that were not told of since a time. */
  forget(beforeMs: number): void;
  readonly size: () => number;
}

/** Counters of one target that are kept at most; more are not told of. */
export const mostCounters = 200_000;

/** What counters reached and when lies in arrays: objects for each would be most of a scraper's memory. */
export function createCounters(): Counters {
  const places = new Map<string | number, number>();
  let values = new Float64Array(64);
  let times = new Float64Array(64);
  let free: number[] = [];
  let used = 0;
  let scrapedMs: number | null = null;

  const placeFor = (key: string | number): number => {
    const place = free.pop() ?? used++;
    if (place === values.length) {
      values = grown(values);
      times = grown(times);
    }
    places.set(key, place);
    return place;
  };

  return {
    size: () => places.size,
    rate: (key, value, atMs) => {
      if (!Number.isFinite(value) || value < 0) return null;
      const place = places.get(key);
      if (place === undefined) {
        if (places.size >= mostCounters) return null;
        const made = placeFor(key);
        values[made] = value;
        times[made] = atMs;
        const sinceS = scrapedMs === null ? 0 : (atMs - scrapedMs) / 1000;
        return sinceS > 0 ? value / sinceS : null;
      }
      const before = values[place]!;
      const seconds = (atMs - times[place]!) / 1000;
      // A clock that was set back says nothing about how much time passed.
      if (seconds > 0 || seconds < -1) {
        values[place] = value;
        times[place] = atMs;
      }
      if (seconds <= 0) return null;
      return (value < before ? value : value - before) / seconds;
    },
    end: (atMs) => {
      scrapedMs = atMs;
    },
    forget: (beforeMs) => {
      for (const [key, place] of places) {
        if (times[place]! >= beforeMs) continue;
        places.delete(key);
        free.push(place);
      }
      if (places.size === 0) {
        free = [];
        used = 0;
      }
    },
  };
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
