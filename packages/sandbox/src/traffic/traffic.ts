import type { View } from '../client/cache.ts';
import { shopNamespace, visitors, visitorsPerSecond } from '../shop/services.ts';
import { createAccessLog, type AccessLog } from './access-log.ts';
import { createMetricsBook } from './metrics.ts';
import { createRandom, pick } from './random.ts';
import { makeDoors } from './doors.ts';
import { sendRequest, Waiting, type Outcome } from './request.ts';
import { readWorld, type Peer, type World, type WorldFaults } from './world.ts';

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
  /** Simulates so many seconds at once. @returns what the visitors got; those that wait at a door get it later */
  simulate(seconds: number): Outcome[];
  /** Visitors that wait for a waypoint that sleeps, and what those got that did, the last ones. */
  waiting(): { now: number; over: Outcome[] };
  close(): void;
}

interface Visit {
  source: Peer;
  sent: { method: string; path: string; headers: Record<string, string> };
  since: number;
}

/** A visitor goes after so long. */
const patienceMs = 30_000;
const goOnEveryMs = 250;
const keptWaited = 1_000;

/** The longest time that is made up for after a pause, in seconds. */
const longestGap = 60;
const browsers = ['firefox', 'chrome', 'safari'];

/** Steady simulated requests through the shop; the same seed and the same cluster give the same numbers. */
export function createTraffic(options: TrafficOptions): Traffic {
  const { view, faults, everyMs = 5_000, now = Date.now } = options;
  const random = createRandom(options.seed);
  const book = createMetricsBook();
  const log = createAccessLog();
  const waiting = new Set<Visit>();
  const waited: Outcome[] = [];
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
      const sent = {
        method: 'GET',
        path: random() < 0.8 ? '/' : '/basket',
        headers: headersOf(random),
      };
      const visit = { source, sent, since: now() };
      const outcome = visitShop(visit, world, labels);
      if (outcome) outcomes.push(outcome);
      else waiting.add(visit);
    }
    return outcomes;
  };

  /** Null: it waits at the door of a waypoint that sleeps; all of it happens once that is awake. */
  const visitShop = (
    { source, sent }: Visit,
    world: World,
    labels: Map<string, string>,
  ): Outcome | null => {
    const told: (() => void)[] = [];
    try {
      const front = { namespace: shopNamespace, name: 'front' };
      const outcome = sendRequest({ world, book, labels, random, log, told }, source, front, sent);
      for (const say of told) say();
      return outcome;
    } catch (error) {
      if (!(error instanceof Waiting)) throw error;
      doors.knock(error.door);
      return null;
    }
  };

  const goOn = (): void => {
    const world = readWorld(view(), faults);
    const labels = new Map<string, string>();
    for (const visit of waiting) {
      const waitedMs = now() - visit.since;
      const outcome =
        waitedMs > patienceMs ? { code: 503, ms: 0 } : visitShop(visit, world, labels);
      if (!outcome) continue;
      waiting.delete(visit);
      waited.push({ code: outcome.code, ms: outcome.ms + waitedMs });
      if (waited.length > keptWaited) waited.shift();
    }
  };
  const doors = makeDoors();
  const going = setInterval(() => {
    if (waiting.size > 0) goOn();
  }, goOnEveryMs).unref();

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
    waiting: () => ({ now: waiting.size, over: [...waited] }),
    close: () => {
      clearInterval(timer);
      clearInterval(going);
      doors.close();
    },
  };
}

/** One visitor in ten is signed in as jason, so that rules by header have something to match. */
const headersOf = (random: () => number): Record<string, string> => ({
  'user-agent': pick(browsers, () => 1, random),
  ...(random() < 0.1 ? { 'end-user': 'jason' } : {}),
});
