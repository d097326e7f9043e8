/** What a counter had reached, and when. */
interface Reading {
  value: number;
  atMs: number;
}

/** Rates of counters from one scrape to the next. */
export interface Counters {
  /**
   * Takes what a counter has reached. @returns its rate a second since the scrape before; null in the first
   * scrape, and when the clock did not move. A counter below what it was has begun again at 0 (a restarted
   * proxy), as Prometheus' `rate` takes it; one that a later scrape has for the first time began at 0 too,
   * since proxies make a series with its first request.
   */
  rate(key: string, value: number, atMs: number): number | null;
  /** Ends one scrape of the target. */
  end(atMs: number): void;
  /** Forgets the counters that were not told of since a time. */
  forget(beforeMs: number): void;
  readonly size: () => number;
}

/** Counters of one target that are kept at most; more are not told of. */
export const mostCounters = 200_000;

export function createCounters(): Counters {
  const last = new Map<string, Reading>();
  let scrapedMs: number | null = null;
  return {
    size: () => last.size,
    rate: (key, value, atMs) => {
      if (!Number.isFinite(value) || value < 0) return null;
      const before = last.get(key);
      if (before === undefined) {
        if (last.size >= mostCounters) return null;
        last.set(key, { value, atMs });
        const sinceS = scrapedMs === null ? 0 : (atMs - scrapedMs) / 1000;
        return sinceS > 0 ? value / sinceS : null;
      }
      const seconds = (atMs - before.atMs) / 1000;
      // A clock that was set back says nothing about how much time passed.
      if (seconds > 0 || seconds < -1) last.set(key, { value, atMs });
      if (seconds <= 0) return null;
      return (value < before.value ? value : value - before.value) / seconds;
    },
    end: (atMs) => {
      scrapedMs = atMs;
    },
    forget: (beforeMs) => {
      for (const [key, { atMs }] of last) if (atMs < beforeMs) last.delete(key);
    },
  };
}
