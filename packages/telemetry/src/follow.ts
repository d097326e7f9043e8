import type { TelemetryStore } from '@ambit/topology/store/telemetry-store';
import type { Round, RoundOptions, Scope, TelemetrySource } from './source.ts';

export interface FollowSettings {
  source: TelemetrySource;
  store: TelemetryStore;
  /** Takes what a round brought; the next one waits for it. */
  onRound: (round: Round) => void | Promise<void>;
  /** How old the traffic of any part of the mesh may become. */
  everyMs?: number;
  /** How long a source that fails is left alone at most. */
  longestPauseMs?: number;
  /** Links of one share; a mesh with no more is asked for whole. */
  linksEach?: number;
  /** Waits; resolves early when the signal aborts. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Follower {
  /** Ends after the round that is under way. */
  stop(): Promise<void>;
}

const defaultEveryMs = 15_000;
const defaultLinksEach = 1_000;
const defaultLongestPauseMs = 5 * 60_000;
/** Rounds over the whole mesh between two that ask for names too. */
const namesEvery = 20;

/**
 * Keeps a store fresh. After one whole round the mesh is asked for share by share, evenly over the interval:
 * each answer is small, soon there, and changes only its part, and no server gets all the work at once. A
 * source that fails is asked ever less often, up to every five minutes, and whole when it answers again.
 */
export function follow(settings: FollowSettings): Follower {
  const { source, store, onRound, everyMs = defaultEveryMs } = settings;
  const { linksEach = defaultLinksEach, wait = waitFor } = settings;
  const { longestPauseMs = defaultLongestPauseMs } = settings;
  const stopped = new AbortController();
  const { signal } = stopped;

  const ask = async (options: RoundOptions): Promise<Round['state']> => {
    const round = await source.round(store, { ...options, signal });
    if (!signal.aborted) await onRound(round);
    return round.state;
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    let shares: Scope[] = [];
    let sharedOut = '';
    for (let turn = 0; !signal.aborted; turn++) {
      const counts = countLinks(store);
      const namespaces = JSON.stringify([...counts.keys()].sort());
      // Shares stay while the namespaces do: the source knows their rows again.
      if (namespaces !== sharedOut || turn % namesEvery === 1) {
        shares = sharesOf(counts, linksEach);
        sharedOut = namespaces;
      }
      const isWhole = turn === 0 || failures > 0 || shares.length < 2;
      // Names are asked for after the first picture, not before it.
      const names = turn % namesEvery === 1;
      if (isWhole || names) {
        const state = await ask({ names });
        failures = state === 'failed' ? failures + 1 : 0;
        await wait(Math.min(everyMs * 2 ** failures, longestPauseMs), signal);
        continue;
      }
      for (const scope of shares) {
        if (signal.aborted || failures > 0) break;
        if ((await ask({ scope })) === 'failed') failures++;
        await wait(everyMs / shares.length, signal);
      }
    }
  };
  const ended = run();
  return {
    stop: async () => {
      stopped.abort();
      await ended;
    },
  };
}

/** Links by the namespace that begins them. */
function countLinks({ links, registry }: TelemetryStore): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { source, signals } of links) {
    if (signals.every((each) => each === null)) continue;
    const { namespace } = registry.endpoints[source]!;
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  return counts;
}

/**
 * Namespaces in shares of about as many links each, and one share for all that is not known yet. Fewer than
 * two when the mesh is small enough to be asked for whole.
 */
export function sharesOf(counts: ReadonlyMap<string, number>, linksEach: number): Scope[] {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total <= linksEach) return [];
  const shares: { only: string[]; links: number }[] = Array.from(
    { length: Math.min(Math.ceil(total / linksEach), counts.size) },
    () => ({ only: [], links: 0 }),
  );
  const known = [...counts].sort(([a, most], [b, fewest]) => fewest - most || (a < b ? -1 : 1));
  for (const [namespace, count] of known) {
    const least = shares.reduce((best, share) => (share.links < best.links ? share : best));
    // What Istio calls unknown has no name here.
    least.only.push(...(namespace === '' ? ['', 'unknown'] : [namespace]));
    least.links += count;
  }
  return [...shares.map(({ only }) => ({ only })), { except: shares.flatMap(({ only }) => only) }];
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
