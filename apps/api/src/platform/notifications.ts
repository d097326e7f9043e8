import pg from 'pg';
import type { Log } from './log.ts';

export type Channel =
  | 'ambit_outbox'
  | 'ambit_event'
  | 'ambit_desired'
  | 'ambit_mesh'
  | 'ambit_read';

/** @param payload null: notifications may have been missed, look at everything again */
type Handler = (payload: string | null) => void;

export interface Notifications {
  /** @returns a function that stops it */
  on(channel: Channel, handler: Handler): () => void;
  close(): Promise<void>;
}

const retryMs = { first: 250, longest: 5_000 };

/**
 * One connection of the process that LISTENs, and fans out to any number of handlers. It connects again when it
 * broke, and then tells every handler `null`. Notifications only wake: who needs certainty also looks now and then.
 */
export function openNotifications(databaseUrl: string, log: Log): Notifications {
  const handlers = new Map<Channel, Set<Handler>>();
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let waitMs = retryMs.first;
  let closed = false;

  const tell = (channel: string, payload: string | null) => {
    for (const handler of handlers.get(channel as Channel) ?? []) handler(payload);
  };

  const again = (error: unknown) => {
    if (closed || timer) return;
    client?.removeAllListeners();
    client?.on('error', () => {});
    void client?.end().catch(() => {});
    client = null;
    log.warn({ err: error, waitMs }, 'the notification connection broke; connecting again');
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, waitMs);
    waitMs = Math.min(retryMs.longest, waitMs * 2);
  };

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'ambit-notifications',
      keepAlive: true,
    });
    client = next;
    next.on('error', again);
    next.on('end', () => again(new Error('the server closed the connection')));
    next.on('notification', ({ channel, payload }) => tell(channel, payload ?? ''));
    try {
      await next.connect();
      await next.query(
        'LISTEN ambit_outbox; LISTEN ambit_event; LISTEN ambit_desired; LISTEN ambit_mesh; LISTEN ambit_read',
      );
      waitMs = retryMs.first;
      for (const channel of handlers.keys()) tell(channel, null);
    } catch (error) {
      again(error);
    }
  }

  void connect();
  return {
    on: (channel, handler) => {
      const set = handlers.get(channel) ?? new Set();
      handlers.set(channel, set);
      set.add(handler);
      return () => set.delete(handler);
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      client?.removeAllListeners();
      client?.on('error', () => {});
      await client?.end().catch(() => {});
    },
  };
}
