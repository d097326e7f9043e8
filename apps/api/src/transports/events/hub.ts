import type { ChangeEvent } from '@ambit/contracts/events';
import type { Database } from '@ambit/db/database';
import type { Log } from '../../platform/log.ts';
import type { Notifications } from '../../platform/notifications.ts';
import { isBehind, type EventCursor } from './cursor.ts';
import { readEvents } from './read.ts';

export interface EventSink {
  event(event: ChangeEvent, cursor: EventCursor): void;
  /** Nothing new up to here. */
  reached(cursor: EventCursor): void;
}

export interface EventHub {
  /**
   * Tells `sink` every event of an organisation behind `from` (null: from now on), in order, each once.
   * @returns a function that ends it
   */
  follow(organisationId: string, from: EventCursor | null, sink: EventSink): Promise<() => void>;
  close(): void;
}

interface Follower {
  sink: EventSink;
  last: EventCursor;
  /** Held back while the follower still reads what was before. */
  held: { event: ChangeEvent; cursor: EventCursor }[] | null;
}

interface Feed {
  followers: Set<Follower>;
  position: EventCursor | null;
  reading: boolean;
  again: boolean;
}

export const lookAgainMs = { unsettled: 40, quiet: 15_000 };

/** Reads each followed organisation's events once a process, and fans them out. */
export function openEventHub(
  { pool }: Pick<Database, 'pool'>,
  notifications: Pick<Notifications, 'on'>,
  log: Log,
): EventHub {
  const feeds = new Map<string, Feed>();
  const soon = new Set<NodeJS.Timeout>();

  const wake = (organisationId: string) => {
    const feed = feeds.get(organisationId);
    if (feed) void advance(organisationId, feed);
  };
  const wakeAll = () => {
    for (const organisationId of feeds.keys()) wake(organisationId);
  };

  async function advance(organisationId: string, feed: Feed): Promise<void> {
    if (feed.reading) {
      feed.again = true;
      return;
    }
    feed.reading = true;
    try {
      do {
        feed.again = false;
        const batch = await readEvents(pool, organisationId, feed.position);
        for (const { event, cursor } of batch.events) {
          for (const follower of feed.followers) give(follower, event, cursor);
        }
        for (const follower of feed.followers) reach(follower, batch.next);
        feed.position = batch.next;
        if (batch.more) feed.again = true;
        else if (batch.unsettled) later(organisationId);
      } while (feed.again);
    } catch (error) {
      log.warn({ err: error, organisationId }, 'events could not be read; trying again');
      later(organisationId, 1_000);
    } finally {
      feed.reading = false;
    }
  }

  function later(organisationId: string, ms = lookAgainMs.unsettled) {
    const timer = setTimeout(() => {
      soon.delete(timer);
      wake(organisationId);
    }, ms);
    soon.add(timer);
  }

  const stopListening = notifications.on('ambit_event', (organisationId) =>
    organisationId === null ? wakeAll() : wake(organisationId),
  );
  const quiet = setInterval(wakeAll, lookAgainMs.quiet);

  return {
    follow: async (organisationId, from, sink) => {
      const feed: Feed = feeds.get(organisationId) ?? {
        followers: new Set(),
        position: null,
        reading: false,
        again: false,
      };
      feeds.set(organisationId, feed);
      const start = from ?? (await readEvents(pool, organisationId, null)).next;
      const follower: Follower = { sink, last: start, held: [] };
      feed.followers.add(follower);
      feed.position ??= start;
      const end = () => {
        feed.followers.delete(follower);
        if (feed.followers.size === 0 && feeds.get(organisationId) === feed) {
          feeds.delete(organisationId);
        }
      };
      try {
        await catchUp(organisationId, follower);
      } catch (error) {
        end();
        throw error;
      }
      wake(organisationId);
      return end;
    },
    close: () => {
      stopListening();
      clearInterval(quiet);
      for (const timer of soon) clearTimeout(timer);
      feeds.clear();
    },
  };

  async function catchUp(organisationId: string, follower: Follower): Promise<void> {
    let batch;
    do {
      batch = await readEvents(pool, organisationId, follower.last);
      for (const { event, cursor } of batch.events) tell(follower, event, cursor);
      if (isBehind(follower.last, batch.next)) follower.last = batch.next;
    } while (batch.more);
    const held = follower.held ?? [];
    follower.held = null;
    for (const { event, cursor } of held) tell(follower, event, cursor);
    follower.sink.reached(follower.last);
  }
}

function give(follower: Follower, event: ChangeEvent, cursor: EventCursor): void {
  if (follower.held) follower.held.push({ event, cursor });
  else tell(follower, event, cursor);
}

function tell(follower: Follower, event: ChangeEvent, cursor: EventCursor): void {
  if (!isBehind(follower.last, cursor)) return;
  follower.last = cursor;
  follower.sink.event(event, cursor);
}

function reach(follower: Follower, cursor: EventCursor): void {
  if (follower.held || !isBehind(follower.last, cursor)) return;
  follower.last = cursor;
  follower.sink.reached(cursor);
}
