import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { AdmissionSettings } from '@ambit/contracts/agent/admission';
import type { AdmissionInput } from './run.ts';

/** An admission that serves until it is stopped. */
export interface Serving {
  tell(settings: AdmissionSettings): void;
  stop(): void;
  /** Resolves once it is stopped. Rejects when it ends by itself. */
  ended: Promise<void>;
}

/** Starts serving; how is the caller's choice. */
export type Serve = (input: AdmissionInput, settings: AdmissionSettings) => Promise<Serving>;

/** What the thread cannot ask for itself: the token of the API server, and how far the platform's clock is ahead. */
interface Clock {
  token: string | undefined;
  aheadMs: number;
}

export interface ThreadStart extends Clock {
  kube: { server: string; tls: object };
  place: AdmissionInput['place'];
  timing: AdmissionInput['timing'];
  settings: AdmissionSettings;
}

export interface ToThread {
  settings?: AdmissionSettings;
  clock?: Clock;
  stop?: true;
}

export interface FromThread {
  level: 'info' | 'warn' | 'error';
  message: string;
}

/** A token of a pod is renewed by the kubelet long before it ends. */
const clockEveryMs = 30_000;

/** A thread that does not end by itself in this time is ended. */
const endsWithinMs = 10_000;

/** The thread's file; bundled, all of the agent is one file, which knows that it runs as a thread. */
const file = import.meta.url.endsWith('.ts')
  ? new URL('./thread.ts', import.meta.url)
  : new URL(import.meta.url);

/** Serves in a thread of its own. */
export const serveInThread: Serve = async (input, settings) => {
  const { cluster, place, nowMs, timing } = input;
  const { server, tls, token } = cluster.client.config;
  const clock = async (): Promise<Clock> => ({
    token: await token(),
    aheadMs: nowMs() - Date.now(),
  });
  const workerData: ThreadStart = {
    ...(await clock()),
    kube: { server: server.href, tls },
    place,
    timing,
    settings,
  };
  const worker = new Worker(file, { workerData });
  const send = (message: ToThread) => worker.postMessage(message, []);
  worker.on('message', ({ level, message }: FromThread) => input.say(level, message));
  let isStopped = false;
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  let kill: NodeJS.Timeout | undefined;
  const exited = once(worker, 'exit').then(([code]) => {
    clearTimeout(kill);
    if (!isStopped) throw new Error(`its thread ended with ${code}`);
  });
  const upkeep = setInterval(() => {
    clock().then(
      (now) => send({ clock: now }),
      (error: unknown) => input.say('warn', `admission: no token for it: ${String(error)}`),
    );
  }, clockEveryMs);
  return {
    tell: (next) => send({ settings: next }),
    stop: () => {
      isStopped = true;
      send({ stop: true });
      kill = setTimeout(() => void worker.terminate(), endsWithinMs);
    },
    ended: Promise.race([failed, exited]).finally(() => clearInterval(upkeep)),
  };
};
