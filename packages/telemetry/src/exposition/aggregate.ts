import { edgeLabels, edgeMetrics } from '@ambit/contracts/agent/telemetry';
import type { Metric } from '@ambit/topology/model';
import type { Counters } from './counters.ts';
import { createFold, type Target } from './fold.ts';

export type { Target } from './fold.ts';

/** One edge's rate of one metric, summed over the proxies that were scraped. */
export interface EdgeRate {
  metric: Metric;
  labels: Readonly<Record<string, string>>;
  /** Upper bound in milliseconds, of `durationBucket`. */
  boundMs?: number;
  rate: number;
}

export interface Aggregate {
  /** Takes one scrape of a target. */
  take(target: Target, text: string, atMs: number): { samples: number; bad: number };
  /** The rates of all targets since the last time they were asked for, and begins anew. */
  drain(): EdgeRate[];
}

/** Folds scrapes into edges (fold.ts), and tells each rate by itself. */
export function createAggregate(countersOf: (pod: string) => Counters): Aggregate {
  const fold = createFold(countersOf);
  return {
    take: (target, text, atMs) => fold.take(target, Buffer.from(text), atMs),
    drain: () => {
      const told: EdgeRate[] = [];
      fold.drain(({ labels: texts, rates, buckets, told: bits }) => {
        const labels = Object.fromEntries(
          edgeLabels.flatMap((name, at) => (texts[at] ? [[name, texts[at]] as const] : [])),
        );
        edgeMetrics.forEach((metric, at) => {
          if (bits & (1 << at)) told.push({ metric, labels, rate: rates[at]! });
        });
        if (!buckets) return;
        fold.bounds.forEach((boundMs, at) => {
          told.push({ metric: 'durationBucket', labels, boundMs, rate: buckets[at]! });
        });
      });
      return told;
    },
  };
}
