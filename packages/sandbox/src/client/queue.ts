export interface QueueOptions {
  /** Works on a key; answers when it wants to be called again, in milliseconds. */
  work(key: string): Promise<number | undefined>;
  onError?(key: string, error: unknown): void;
  firstBackoffMs?: number;
  longestBackoffMs?: number;
}

/** Keys to be worked on, one after another: a key that waits already is not added twice. */
export interface Queue {
  add(key: string): void;
  /** The earliest of several wishes counts. */
  addAfter(key: string, ms: number): void;
  /** Settles when nothing is waiting to be done now; delayed keys do not count. */
  idle(): Promise<void>;
  close(): void;
}

/** How long it works before others have their turn. */
const longestTurnMs = 25;

/** Doubles with every failure in a row. */
export const backoffMs = (failures: number, firstMs: number, longestMs: number): number =>
  Math.min(longestMs, firstMs * 2 ** Math.min(30, Math.max(0, failures - 1)));

export function createQueue(options: QueueOptions): Queue {
  const { firstBackoffMs = 50, longestBackoffMs = 30_000 } = options;
  const waiting = new Set<string>();
  const due = new Map<string, number>();
  const failures = new Map<string, number>();
  let waiters: (() => void)[] = [];
  let working = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Infinity;

  const run = async (): Promise<void> => {
    if (working) return;
    working = true;
    let since = performance.now();
    for (const key of waiting) {
      // All of it happens within this process: without a pause nobody else would be answered until nothing is left to do.
      if (performance.now() - since > longestTurnMs) {
        await new Promise(setImmediate);
        since = performance.now();
      }
      if (closed) break;
      waiting.delete(key);
      try {
        const againMs = await options.work(key);
        failures.delete(key);
        if (againMs !== undefined) addAfter(key, againMs);
      } catch (error) {
        const count = (failures.get(key) ?? 0) + 1;
        failures.set(key, count);
        options.onError?.(key, error);
        addAfter(key, backoffMs(count, firstBackoffMs, longestBackoffMs));
      }
    }
    working = false;
    const settled = waiters;
    waiters = [];
    for (const settle of settled) settle();
  };

  const add = (key: string): void => {
    if (closed) return;
    due.delete(key);
    waiting.add(key);
    if (!working) queueMicrotask(() => void run());
  };

  const addAfter = (key: string, ms: number): void => {
    if (closed) return;
    const at = Date.now() + Math.max(0, ms);
    if ((due.get(key) ?? Infinity) <= at) return;
    due.set(key, at);
    if (at < timerAt) arm(at);
  };

  const arm = (at: number): void => {
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(wake, Math.max(1, at - Date.now()));
    timer.unref();
  };

  const wake = (): void => {
    timerAt = Infinity;
    const now = Date.now();
    let next = Infinity;
    for (const [key, at] of due) {
      if (at <= now) add(key);
      else next = Math.min(next, at);
    }
    if (next < Infinity) arm(next);
  };

  return {
    add,
    addAfter,
    idle: () =>
      working || waiting.size > 0
        ? new Promise((settle) => waiters.push(settle))
        : Promise.resolve(),
    close: () => {
      closed = true;
      clearTimeout(timer);
      waiting.clear();
      due.clear();
    },
  };
}
