/** Waits, or throws the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const timer = setTimeout(done, ms);
    function done() {
      signal.removeEventListener('abort', stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      reject(signal.reason as Error);
    }
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** A flag that wakes one waiter: raised any number of times before it is looked at, it wakes once. */
export interface Bell {
  ring(): void;
  /** Resolves when rung (also before this call), after `timeoutMs`, or throws when aborted. */
  heard(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export function makeBell(): Bell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    heard: async (timeoutMs, signal) => {
      if (!rung) {
        const over = new AbortController();
        wake = () => over.abort();
        const either = AbortSignal.any([signal, over.signal]);
        try {
          await sleep(timeoutMs, either);
        } catch (error) {
          if (signal.aborted) throw error;
        } finally {
          wake = null;
        }
      }
      rung = false;
    },
  };
}

/** Runs `work` over all items, at most `width` at a time. The first error stops the rest and is thrown. */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const worker = async () => {
    for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
