import type { AdmissionSettings } from '@ambit/contracts/agent/admission';
import { canonicalJson } from '@ambit/contracts/canonical';
import { sleep } from '../../wait.ts';
import { withdraw } from './configuration.ts';
import { serveInThread, type Serving } from './in-thread.ts';
import type { AdmissionInput } from './run.ts';

export interface Admission {
  /** Goes by these from now on; null: no write is asked about. */
  want(settings: AdmissionSettings | null): void;
  stop(): Promise<void>;
}

const retryMs = 5_000;

/**
 * Starts and ends the webhook as the mesh's settings say. The analysis is loaded only when it is wanted.
 * @param serve in a thread of its own when left out
 */
export function makeAdmission(input: AdmissionInput, serve = serveInThread): Admission {
  let wanted: AdmissionSettings | null | undefined;
  let running: { key: string; settings: AdmissionSettings } | undefined;
  let serving: Serving | undefined;
  let ending = new AbortController();
  let work: Promise<void> = Promise.resolve();

  const restart = (settings: AdmissionSettings | null, key: string) => {
    ending.abort();
    ending = new AbortController();
    const { signal } = ending;
    const before = work;
    running = settings ? { key, settings } : undefined;
    work = before.then(() => (settings ? keepServing(signal) : clear(signal)));
  };

  const serveOnce = async (settings: AdmissionSettings, signal: AbortSignal) => {
    const started = await serve(input, settings);
    const stop = () => started.stop();
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) stop();
      else serving = started;
      // What changed while it was started.
      if (running && running.settings !== settings) started.tell(running.settings);
      await started.ended;
    } finally {
      signal.removeEventListener('abort', stop);
      if (serving === started) serving = undefined;
    }
  };

  const keepServing = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      try {
        if (!running) return;
        await serveOnce(running.settings, signal);
      } catch (error) {
        if (signal.aborted) return;
        input.say('warn', `admission: it cannot be served: ${String(error)}`);
        await sleep(retryMs, signal).catch(() => {});
      }
    }
  };

  const clear = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      try {
        await withdraw(input.cluster, input.place, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        input.say('warn', `admission: the webhook cannot be taken away: ${String(error)}`);
        await sleep(retryMs, signal).catch(() => {});
      }
    }
  };

  return {
    want: (settings) => {
      // What the analysis is made of; rules and their modes are read at each write.
      const key = settings ? canonicalJson([settings.alone, settings.meshConfig]) : '';
      const isSame = settings ? running?.key === key : wanted === null;
      wanted = settings;
      if (!isSame) restart(settings, key);
      else if (running && settings) {
        running.settings = settings;
        serving?.tell(settings);
      }
    },
    stop: async () => {
      ending.abort();
      await work;
    },
  };
}
