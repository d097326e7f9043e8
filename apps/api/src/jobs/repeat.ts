export interface Repeat {
  /** Does the work now, or once more when it is being done at this moment. */
  now(): void;
  /** No more; waits for the one under way. */
  stop(): Promise<void>;
}

/** Work that may be asked for at any moment, is never done twice at once, and never forgets a request. */
export function repeat(
  work: () => Promise<void>,
  onError: (error: unknown) => Promise<void> | void,
): Repeat {
  let running: Promise<void> | undefined;
  const state = { wanted: false, stopped: false };

  async function run(): Promise<void> {
    while (state.wanted && !state.stopped) {
      state.wanted = false;
      try {
        await work();
      } catch (error) {
        await onError(error);
      }
    }
    running = undefined;
  }

  return {
    now: () => {
      if (state.stopped) return;
      state.wanted = true;
      running ??= run();
    },
    stop: async () => {
      state.stopped = true;
      await running;
    },
  };
}
