import type { TelemetryStore } from '@ambit/topology/store/telemetry-store';
import {
  toProblem,
  type Problem,
  type Round,
  type RoundOptions,
  type TelemetrySource,
} from '../source.ts';
import { createAggregate, type EdgeRate, type Target } from './aggregate.ts';
import { createCounters, type Counters } from './counters.ts';

/** One place whose metrics are read. */
export interface ScrapeTarget extends Target {
  /** Its metrics as text; rejects (best with a SourceError) when it does not answer. */
  read(signal: AbortSignal | undefined): Promise<string>;
}

export interface ScrapeSettings {
  /** What is to be scraped now: pods come and go. */
  targets: () => readonly ScrapeTarget[];
  /** Targets read at once. */
  concurrency?: number;
  /** Now, in milliseconds, by a clock that never goes back. */
  now?: () => number;
}

const defaultConcurrency = 8;
/** What a target told stays for so long when it does not answer. */
const keepMs = 60_000;
/** Counters of a target are forgotten when it was not read for so long. */
const forgetMs = 10 * 60_000;

/**
 * Telemetry straight from the proxies, for who has no Prometheus. The first round only learns what the
 * counters have reached; each next one tells the rates since. When targets do not answer the round is
 * partial: edges that only they tell of stay for a minute, those that others tell of too are lower by their part.
 */
export function createScrapeSource(settings: ScrapeSettings): TelemetrySource {
  const { targets, concurrency = defaultConcurrency, now = () => performance.now() } = settings;
  const counters = new Map<string, { of: Counters; seenMs: number }>();
  const aggregate = createAggregate((pod) => {
    const found = counters.get(pod) ?? { of: createCounters(), seenMs: 0 };
    found.seenMs = now();
    counters.set(pod, found);
    return found.of;
  });
  let lastMs: number | null = null;
  let answered: string[] = [];
  let queue: Promise<unknown> = Promise.resolve();

  async function run(store: TelemetryStore, { signal }: RoundOptions): Promise<Round> {
    const all = targets();
    const problems: Problem[] = [];
    const sum = { bytes: 0, rows: 0, dropped: 0 };
    const failed: string[] = [];
    const waiting = [...all];
    const work = async (): Promise<void> => {
      for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
        try {
          const text = await target.read(signal);
          const { samples, bad } = aggregate.take(target, text, now());
          sum.bytes += text.length;
          sum.rows += samples;
          sum.dropped += bad;
        } catch (error) {
          failed.push(target.pod);
          const { kind, message } = toProblem(error);
          problems.push({ kind, message: `${target.pod}: ${message}` });
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    const hasFailed = new Set(failed);
    answered = all.flatMap(({ pod }) => (hasFailed.has(pod) ? [] : [pod]));
    const atMs = now();
    for (const [pod, { of, seenMs }] of counters) {
      if (seenMs < atMs - forgetMs) counters.delete(pod);
      else of.forget(atMs - forgetMs);
    }
    const keeps = failed.some((pod) => (counters.get(pod)?.seenMs ?? -Infinity) > atMs - keepMs);
    const windowS = lastMs === null ? 0 : (atMs - lastMs) / 1000;
    lastMs = atMs;
    const hasNobody = all.length > 0 && failed.length === all.length;
    const changed = hasNobody ? [] : tellRates(store, aggregate.drain(), keeps);
    const { bytes, rows, dropped } = sum;
    return {
      state: hasNobody ? 'failed' : problems.length > 0 ? 'partial' : 'ok',
      problems: problems.slice(0, 20),
      at: Date.now(),
      windowS,
      changed,
      asked: all.length,
      bytes,
      rows,
      dropped: dropped + store.dropped(),
    };
  }

  return {
    round: (store, options = {}) => {
      const mine = queue.then(() => run(store, options));
      queue = mine.catch(() => undefined);
      return mine;
    },
    reporting: () => Promise.resolve(new Set(answered)),
    close: () => counters.clear(),
  };
}

/** Tells a store one interval of edge rates. What they do not tell of is gone, unless others are kept. @returns the links that changed */
export function tellRates(
  store: TelemetryStore,
  rates: readonly EdgeRate[],
  keepsOthers = false,
): number[] {
  const { registry } = store;
  store.begin();
  for (const { metric, labels, boundMs, rate } of rates) {
    const label = (name: string): string | undefined => labels[name];
    const source = registry.endpoint('source', label);
    const destination = registry.endpoint('destination', label);
    const facet = registry.facet(label);
    const service = registry.service(label);
    store.add(store.series(metric, source, service, destination, facet, boundMs), rate);
  }
  return store.commit(() => keepsOthers);
}
