import type { ChangeEvent } from '@ambit/contracts/events';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { invalidationsForAll } from './invalidations.ts';

/** Events that come within this time are answered by one refetch. */
const batchMs = 150;
/** An answer that takes longer holds back no later refetch. */
const patienceMs = 10_000;
const everything: QueryKey = [];

export interface Refetcher {
  event(event: ChangeEvent): void;
  /** Events may have been missed: all that is on screen is old. */
  gap(): void;
  stop(): void;
}

/**
 * Refetches what events made old: one round after the other, so that a stream of events never cancels its own
 * refetches. A fetch that was under way when an event came is done anew, since it may have read what was before.
 */
export function makeRefetcher(client: QueryClient): Refetcher {
  let events: ChangeEvent[] = [];
  let missed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  let stopped = false;

  const begin = () => {
    if (!stopped && !busy) timer ??= setTimeout(() => void round(), batchMs);
  };
  const round = async () => {
    const keys = missed ? [everything] : invalidationsForAll(events);
    events = [];
    missed = false;
    timer = undefined;
    busy = true;
    await within(patienceMs, refetch(client, keys));
    busy = false;
    if (missed || events.length > 0) begin();
  };

  return {
    event: (event) => {
      events.push(event);
      begin();
    },
    gap: () => {
      missed = true;
      begin();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function refetch(client: QueryClient, keys: readonly QueryKey[]): Promise<void> {
  // TanStack Query cancels no fetch that has no data before it, so a first fetch is followed by a second one.
  const first = keys.filter((queryKey) =>
    client
      .getQueryCache()
      .findAll({ queryKey, fetchStatus: 'fetching' })
      .some(({ state }) => state.data === undefined),
  );
  const invalidate = (some: readonly QueryKey[]) =>
    Promise.allSettled(some.map((queryKey) => client.invalidateQueries({ queryKey })));
  await invalidate(keys);
  await invalidate(first);
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
