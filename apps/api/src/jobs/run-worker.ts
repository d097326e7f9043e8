import { setInterval } from 'node:timers';
import type { Database } from '@ambit/db/database';
import type { AlertEngine } from '@ambit/services/alert/engine';
import type { Platform } from '@ambit/services/kernel/context';
import type { Engine } from '@ambit/services/lifecycle/engine';
import type { Log } from '../platform/log.ts';
import type { Notifications } from '../platform/notifications.ts';
import { inSpan } from '../platform/tracing.ts';
import { traceOf } from './trace-of.ts';
import type { Backend } from './backend.ts';
import { handlersOf } from './handlers.ts';
import { openQueue } from './queue.ts';
import { relayOutbox, removeRelayed } from './relay.ts';
import { repeat } from './repeat.ts';
import { findDue } from './sweep.ts';

export interface WorkerParts {
  db: Database;
  engine: Engine;
  alerts: AlertEngine;
  /** For jobs that look at signals; without it nobody does. */
  platform?: Platform;
  backend: Backend;
  notifications: Pick<Notifications, 'on'>;
  log: Log;
  /** Told about every job that ended. */
  measure?(job: string, outcome: 'done' | 'failed', seconds: number): void;
}

export interface RunningWorker {
  /** Takes nothing new, lets jobs under way end. */
  stop(): Promise<void>;
}

const sweepMs = 2_000;
/** The outbox is looked at this often even when no notification came. */
const relayMs = 1_000;
const cleanMs = 600_000;

/** Runs jobs: relay from the outbox, queue, sweep. Killed at any moment, the next one goes on from Postgres. */
export async function runWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { db, engine, alerts, backend, notifications, log } = parts;
  const handlers = handlersOf(engine, alerts, parts.platform);
  const queue = await openQueue(
    backend,
    async (job, data) => {
      const measured = async () => {
        const began = performance.now();
        const end = (outcome: 'done' | 'failed') =>
          parts.measure?.(job, outcome, (performance.now() - began) / 1000);
        await handlers[job](data).then(
          () => end('done'),
          (error: unknown) => {
            end('failed');
            throw error;
          },
        );
      };
      await inSpan(`job ${job}`, ids(data), measured, await traceOf(db, data));
    },
    log,
  );
  const heal = () => queue.heal().catch((err: unknown) => log.error({ err }, 'no queue'));
  const relayed = outage(
    log,
    'the outbox cannot be relayed; trying again',
    'the outbox is relayed',
  );
  const relay = repeat(
    async () => {
      await relayOutbox(db.pool, queue);
      relayed.over();
    },
    async (err) => {
      relayed.met(err);
      if (backend.kind === 'postgres') await heal();
    },
  );
  const swept = outage(log, 'the sweep cannot be done; trying again', 'the sweep is done again');
  const sweep = repeat(async () => {
    await queue.add(await findDue(db.pool, engine.now()));
    swept.over();
  }, swept.met);
  const clean = repeat(
    () => removeRelayed(db.pool),
    (err) => log.warn({ err }, 'old outbox entries could not be removed'),
  );
  const unsubscribe = notifications.on('ambit_outbox', relay.now);
  const timers = [
    setInterval(relay.now, relayMs),
    setInterval(sweep.now, sweepMs),
    setInterval(clean.now, cleanMs),
  ];
  relay.now();
  sweep.now();
  clean.now();
  return {
    stop: async () => {
      unsubscribe();
      for (const timer of timers) clearInterval(timer);
      await Promise.all([relay.stop(), sweep.stop(), clean.stop()]);
      await queue.close();
    },
  };
}

/** Tells that something does not work once, and that it works again once. */
function outage(log: Log, broken: string, mended: string) {
  let out = false;
  return {
    met: (err: unknown) => {
      if (!out) log.warn({ err }, broken);
      out = true;
    },
    over: () => {
      if (out) log.info(mended);
      out = false;
    },
  };
}

const ids = (data: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(data ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
