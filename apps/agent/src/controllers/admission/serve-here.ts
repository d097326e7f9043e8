import type { Serve } from './in-thread.ts';
import { runAdmission } from './run.ts';

/** Serves in the caller's own thread, which must not be busy with anything else. */
export const serveHere: Serve = async (input, first) => {
  const stop = new AbortController();
  let settings = first;
  return {
    tell: (next) => (settings = next),
    stop: () => stop.abort(),
    ended: runAdmission(input, () => settings, stop.signal),
  };
};
