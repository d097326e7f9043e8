import type { View } from '../client/cache.ts';
import { shopNamespace, visitors, visitorsPerSecond } from '../shop/services.ts';
import { createAccessLog, type AccessLog } from './access-log.ts';
import { createMetricsBook } from './metrics.ts';
import { createRandom, pick } from './random.ts';
import { sendRequest, type Outcome } from './request.ts';
import { readWorld, type WorldFaults } from './world.ts';

export interface TrafficOptions {
  view: () => View;
  faults: WorldFaults;
  seed: number;
  /** How often the time that passed is simulated. */
  everyMs?: number;
  now?: () => number;
}

export interface Traffic {
  /** Prometheus text of the proxy of one pod (`namespace/name`), or of all. */
  metrics(pod: string | null): string;
  /** What proxies wrote of the requests they saw. */
  log: AccessLog;
  /** Simulates so many seconds at once. @returns what the visitors got */
  simulate(seconds: number): Outcome[];
  close(): void;
}

/** The longest time that is made up for after a pause, in seconds. */
const longestGap = 60;
const browsers = ['firefox', 'chrome', 'safari'];

/** Steady simulated requests through the shop; the same seed and the same cluster give the same numbers. */
export function createTraffic(options: TrafficOptions): Traffic {
  const { view, faults, everyMs = 5_000, now = Date.now } = options;
  const random = createRandom(options.seed);
  const book = createMetricsBook();
  const log = createAccessLog();
  let simulatedUntil = now();

  const simulate = (seconds: number): Outcome[] => {
    const world = readWorld(view(), faults);
    const sources = world.peersOf(shopNamespace, visitors).filter(({ alive }) => alive);
    const labels = new Map<string, string>();
    const outcomes: Outcome[] = [];
    if (sources.length === 0) return outcomes;
    const visits = seconds * visitorsPerSecond;
    for (let count = visits; count > 0; count--) {
      log.at(simulatedUntil - (count / visits) * seconds * 1000);
      const source = pick(sources, () => 1, random);
      outcomes.push(
        sendRequest(
          { world, book, labels, random, log },
          source,
          { namespace: shopNamespace, name: 'front' },
          { method: 'GET', path: random() < 0.8 ? '/' : '/basket', headers: headersOf(random) },
        ),
      );
    }
    return outcomes;
  };

  const catchUp = (): void => {
    const passed = Math.floor((now() - simulatedUntil) / 1000);
    if (passed <= 0) return;
    simulatedUntil += passed * 1000;
    simulate(Math.min(passed, longestGap));
    const isThere = (pod: string): boolean => {
      const slash = pod.indexOf('/');
      return view().get('pods', pod.slice(0, slash), pod.slice(slash + 1)) !== undefined;
    };
    book.keepOnly(isThere);
    log.keepOnly(isThere);
  };
  const timer = setInterval(catchUp, everyMs).unref();

  return {
    metrics: (pod) => {
      catchUp();
      return book.text(pod);
    },
    log: {
      ...log,
      lines: (pod) => {
        catchUp();
        return log.lines(pod);
      },
    },
    simulate,
    close: () => clearInterval(timer),
  };
}

/** One visitor in ten is signed in as jason, so that rules by header have something to match. */
const headersOf = (random: () => number): Record<string, string> => ({
  'user-agent': pick(browsers, () => 1, random),
  ...(random() < 0.1 ? { 'end-user': 'jason' } : {}),
});
