import type { Database } from '@ambit/db/database';
import type { Platform } from '../kernel/context.ts';

/** Told by id: a cluster somebody asks, or whose wish to scrape may have changed (the triggers `wake_reader`), or a read that went on. */
export const readChannel = 'ambit_read';

export interface Wakes {
  /** Resolves when something happened to `id`, after `timeoutMs`, or when the signal ends it; whoever waits looks again. */
  wait(id: string, timeoutMs: number, signal?: AbortSignal): Promise<void>;
}

/** Without notifications one looks this often. With them nothing is missed: all are woken when their connection was made anew. */
const lookEveryMs = 100;

const known = new WeakMap<Database, Wakes>();

/** One for each process and database. */
export function wakesOf({ db, notifications }: Pick<Platform, 'db' | 'notifications'>): Wakes {
  const found = known.get(db);
  if (found) return found;
  const waiting = new Map<string, Set<() => void>>();
  notifications?.on(readChannel, (id) => {
    const sets = id === null ? [...waiting.values()] : [waiting.get(id) ?? []];
    for (const set of sets) for (const wake of set) wake();
  });
  const longestMs = notifications ? Infinity : lookEveryMs;
  const wakes: Wakes = {
    wait: (id, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || timeoutMs <= 0) return resolve();
        const set = waiting.get(id) ?? new Set();
        waiting.set(id, set);
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          set.delete(done);
          if (set.size === 0 && waiting.get(id) === set) waiting.delete(id);
          resolve();
        };
        const timer = setTimeout(done, Math.min(timeoutMs, longestMs));
        signal?.addEventListener('abort', done);
        set.add(done);
      }),
  };
  known.set(db, wakes);
  return wakes;
}
