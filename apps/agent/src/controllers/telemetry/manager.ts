import type { ProxyAdmin, ReportedProxy } from '@ambit/contracts/agent/telemetry';
import { podProblem, readAtMost, type PodHttp } from '../../kube/pod-http.ts';
import type { Session } from '../../link/session.ts';
import { makeBell, sleep } from '../../wait.ts';
import { syncPlace } from '../reads/admin.ts';
import type { AccessLogs } from './access-logs.ts';
import { makeScraper, scrapeTiming, type ScrapedPod, type ScrapeTiming } from './scrape.ts';
import { telemetrySender, type TelemetrySender } from './sender.ts';
import { readSync, type ProxySync } from './sync.ts';
import { drainRows } from './wire.ts';

export interface TelemetryInput {
  session: Pick<Session, 'call' | 'nowMs'>;
  http: PodHttp;
  /** Pods with a proxy, and istiod's. */
  pods(): ScrapedPod[];
  /** What is known of a proxy's own admin interface, by `namespace/pod`. */
  adminOf?(pod: string): ProxyAdmin | undefined;
  /** Access logs of proxies without Istio's metrics; left out: they are not read. */
  logs?: AccessLogs;
  say(level: 'warn', message: string): void;
  timing?: Partial<ScrapeTiming> & { syncEveryMs?: number; idleEveryMs?: number };
}

export interface Telemetry {
  /** Whether proxies are to be scraped; until it is said, they are not. */
  want(scrapes: boolean): void;
  /** Scrapes and tells until the signal ends it. */
  run(signal: AbortSignal): Promise<void>;
  readonly sent: TelemetrySender['sent'];
}

const syncMaxBytes = 64 * 1024 * 1024;

/**
 * Tells of the proxies of the cluster: that they are there, whether istiod's configuration has reached them, and, where
 * nobody else does, their traffic.
 */
export function makeTelemetry(input: TelemetryInput): Telemetry {
  const { session, http, say } = input;
  const timing = { ...scrapeTiming, syncEveryMs: 20_000, idleEveryMs: 60_000, ...input.timing };
  const scraper = makeScraper(http, session.nowMs, timing, input.logs ?? null);
  const sender = telemetrySender(session, say);
  const wanted = makeBell();
  let scrapes = false;
  let synced: Map<string, ProxySync> | null = null;
  let complained = false;

  const followSync = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const istiods = input.pods().filter(({ isIstiod, ready }) => isIstiod && ready);
      const all = new Map<string, ProxySync>();
      let isWhole = istiods.length > 0;
      for (const { namespace, pod, ip } of istiods) {
        try {
          const answer = await http.get(
            { namespace, pod, ip, timeoutMs: 10_000, ...syncPlace },
            AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
          );
          const body: unknown = JSON.parse((await readAtMost(answer, syncMaxBytes)).toString());
          for (const [proxy, status] of readSync(pod, body)) all.set(proxy, status);
        } catch (error) {
          if (signal.aborted) return;
          isWhole = false;
          if (!complained) {
            say(
              'warn',
              `${namespace}/${pod} does not tell which proxies are in sync: ${podProblem(error)}`,
            );
          }
          complained = true;
        }
      }
      if (isWhole) complained = false;
      synced = isWhole ? all : null;
      await sleep(timing.syncEveryMs, signal).catch(() => {});
    }
  };

  const proxies = (): ReportedProxy[] =>
    input.pods().flatMap((pod): ReportedProxy[] => {
      if (pod.kind === null) return [];
      const key = `${pod.namespace}/${pod.pod}`;
      const sync = synced?.get(key);
      const admin = input.adminOf?.(key);
      return [
        {
          namespace: pod.namespace,
          pod: pod.pod,
          workload: pod.workload,
          node: pod.node,
          kind: pod.kind,
          version: pod.version,
          ready: pod.ready,
          ...scraper.stateOf(key),
          istiod: synced === null ? null : (sync?.istiod ?? ''),
          sync: sync?.sync ?? {},
          syncError: sync?.error ?? '',
          ...(admin ? { admin } : {}),
        },
      ];
    });

  const tell = async (signal: AbortSignal): Promise<void> => {
    let began = performance.now();
    let scraped = false;
    while (!signal.aborted) {
      const pods = input.pods().filter(({ kind }) => kind !== null);
      const everyMs = scrapes ? timing.everyMs : timing.idleEveryMs;
      const isScraping = scrapes;
      if (isScraping) await scraper.round(pods, signal);
      else input.logs?.keep(new Set());
      const leftMs = began + everyMs - performance.now();
      if (leftMs > 0) {
        const heard = isScraping ? sleep(leftMs, signal) : wanted.heard(leftMs, signal);
        await heard.catch(() => {});
      }
      if (signal.aborted) return;
      const now = performance.now();
      const windowS = Math.min(120, Math.max(0.001, (now - began) / 1000));
      began = now;
      const rows = drainRows(scraper.fold, sender.numberOf);
      const seen = proxies();
      // The first round only learns what counters have reached: it says nothing of traffic.
      const tellsRates = isScraping && scraped;
      scraped = isScraping;
      if (seen.length === 0 && rows.length === 0) continue;
      void sender.send(
        { rows, scrapes: tellsRates, windowS, proxies: seen, badSamples: scraper.taken().bad },
        signal,
      );
    }
  };

  return {
    sent: sender.sent,
    want: (is) => {
      if (is !== scrapes) wanted.ring();
      scrapes = is;
    },
    run: async (signal) => {
      await Promise.all([followSync(signal), tell(signal)]);
    },
  };
}
