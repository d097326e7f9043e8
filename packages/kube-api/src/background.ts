import type { Background } from './engine.ts';

/** Runs tasks one after another, apart from any request; a failing one does not stop the rest. */
export function createBackground(onError: (error: unknown) => void): Background {
  let tail: Promise<void> = Promise.resolve();
  let waiting = 0;
  return {
    run(task) {
      waiting++;
      tail = tail
        .then(task)
        .catch(onError)
        .finally(() => waiting--);
    },
    isBusy: () => waiting > 0,
    async idle() {
      let seen: Promise<void> | undefined;
      while (seen !== tail) {
        seen = tail;
        await seen;
      }
    },
  };
}
