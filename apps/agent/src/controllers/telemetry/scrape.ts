import { createCounters, type Counters } from '@ambit/telemetry/exposition/counters';
import type { Counted, Self } from '@ambit/telemetry/exposition/envoy';
import { createFold, nativeCounts, type Fold } from '@ambit/telemetry/exposition/fold';
import { podProblem, reusedReader, type PodHttp } from '../../kube/pod-http.ts';
import { sleep } from '../../wait.ts';
import type { ProxyPod } from '../proxies/facts.ts';
import { metricsPlace } from '../reads/admin.ts';
import type { AccessLogs } from './access-logs.ts';

export type ScrapedPod = ProxyPod & { workload: string };

export interface ScrapeTiming {
  everyMs: number;
  timeoutMs: number;
  concurrency: number;
}

export const scrapeTiming: ScrapeTiming = { everyMs: 10_000, timeoutMs: 5_000, concurrency: 16 };

/** Largest exposition of one proxy that is read. */
const maxBytes = 32 * 1024 * 1024;
/** Counters that a proxy did not tell for so long are forgotten. */
const forgetMs = 10 * 60_000;
/** Share of the interval over which the scrapes of a round are spread. */
const spread = 0.7;

/** How the last scrape of a proxy went. */
export interface ScrapeState {
  /** Empty when its metrics could be read. */
  problem: string;
  /** Milliseconds since 1970, null: never. */
  scrapedAt: number | null;
}

export interface Scraper {
  fold: Fold;
  stateOf(pod: string): ScrapeState;
  /** Reads all proxies once, a few at a time, spread over the interval. Resolves when all are read or gave up. */
  round(pods: readonly ScrapedPod[], signal: AbortSignal): Promise<void>;
  /** Bytes read and samples that could not be, since the last time this was asked. */
  taken(): { bytes: number; bad: number };
}

interface Native {
  requests: number;
  /** Its own counters were told last, and not its log. */
  tellsItself: boolean;
}

/** An access log is believed when it tells of at least this share of what was counted. */
const believedFrom = 0.5;

const keyOf = ({ namespace, pod }: ProxyPod): string => `${namespace}/${pod}`;

/**
 * @param nowMs by the platform's clock; rates go by a clock that never goes back
 * @param logs of proxies without Istio's metrics; null: they are not looked at
 */
export function makeScraper(
  http: PodHttp,
  nowMs: () => number,
  timing: ScrapeTiming = scrapeTiming,
  logs: AccessLogs | null = null,
): Scraper {
  const counters = new Map<string, Counters>();
  const states = new Map<string, ScrapeState>();
  /** What proxies without Istio's metrics counted of requests. */
  const natives = new Map<string, Native>();
  const readers = Array.from({ length: timing.concurrency }, () => reusedReader(maxBytes));
  let bytes = 0;
  let bad = 0;
  const fold = createFold((pod) => {
    let own = counters.get(pod);
    if (!own) counters.set(pod, (own = createCounters()));
    return own;
  });

  /**
   * Tells what a proxy without Istio's metrics wrote to its access log, which knows more than its counters. @returns
   * whether it is to be believed: a log may be switched off, or filtered, and counters count more where requests are
   * tried again.
   */
  const tellLogged = (
    pod: ScrapedPod,
    self: Self,
    { requests }: Counted,
    signal: AbortSignal,
  ): boolean => {
    const key = keyOf(pod);
    const before = natives.get(key);
    const moved =
      before === undefined || requests < before.requests ? requests : requests - before.requests;
    const told = logs?.drain(pod, self, signal) ?? null;
    const isTold = told !== null && told.requests > 0 && told.requests >= moved * believedFrom;
    natives.set(key, { requests, tellsItself: !isTold });
    if (!isTold) return false;
    bad += told.doubtful;
    for (const edge of told.edges) {
      // Whoever asked tells of it by its own counters, which do not know who answered: it would count twice.
      const isToldElsewhere = [...edge.askedBy].some((peer) => natives.get(peer)?.tellsItself);
      if (!isToldElsewhere && !fold.add(edge)) bad++;
    }
    return true;
  };

  const scrape = async (
    pod: ScrapedPod,
    reader: ReturnType<typeof reusedReader>,
    signal: AbortSignal,
  ): Promise<void> => {
    const { namespace, ip, kind, app, appVersion, workload } = pod;
    const key = keyOf(pod);
    try {
      const over = AbortSignal.any([signal, AbortSignal.timeout(timing.timeoutMs)]);
      const answer = await http.get(
        { namespace, pod: pod.pod, ip, timeoutMs: timing.timeoutMs, ...metricsPlace(kind) },
        over,
      );
      const text = await reader.read(answer);
      bytes += text.length;
      const isWaypoint = kind === 'waypoint';
      const self = { cluster: '', namespace, workload, app, version: appVersion, isWaypoint };
      const ztunnel = kind === 'ztunnel';
      const counted = ztunnel ? null : nativeCounts(text);
      const target = { pod: key, ztunnel, counted, ...(ztunnel ? {} : { self }) };
      const isLogged = counted !== null && tellLogged(pod, self, counted, signal);
      if (counted === null) natives.delete(key);
      bad += fold.take(target, text, performance.now(), isLogged).bad;
      states.set(key, { problem: '', scrapedAt: nowMs() });
    } catch (error) {
      if (signal.aborted) return;
      const problem = isTimeout(error)
        ? `no answer within ${timing.timeoutMs / 1000} s`
        : podProblem(error);
      const before = states.get(key)?.scrapedAt ?? null;
      states.set(key, { problem: problem.slice(0, 500), scrapedAt: before });
    }
  };

  return {
    fold,
    stateOf: (pod) => states.get(pod) ?? { problem: '', scrapedAt: null },
    taken: () => {
      const sum = { bytes, bad };
      bytes = 0;
      bad = 0;
      return sum;
    },
    round: async (pods, signal) => {
      const there = new Set(pods.map(keyOf));
      for (const pod of counters.keys()) if (!there.has(pod)) counters.delete(pod);
      for (const pod of states.keys()) if (!there.has(pod)) states.delete(pod);
      for (const pod of natives.keys()) if (!there.has(pod)) natives.delete(pod);
      // A log is of no use any more once its proxy has Istio's metrics.
      logs?.keep(new Set(natives.keys()));
      const began = performance.now();
      for (const own of counters.values()) own.forget(began - forgetMs);
      // The same order each time: every proxy is read at its own moment of the interval.
      const inOrder = pods.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      const apartMs = (timing.everyMs * spread) / Math.max(1, inOrder.length);
      let next = 0;
      const work = async (reader: ReturnType<typeof reusedReader>): Promise<void> => {
        for (let at = next++; at < inOrder.length && !signal.aborted; at = next++) {
          const earlyMs = began + at * apartMs - performance.now();
          if (earlyMs > 1) await sleep(earlyMs, signal).catch(() => {});
          await scrape(inOrder[at]!, reader, signal);
        }
      };
      await Promise.all(readers.map(work));
    },
  };
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
