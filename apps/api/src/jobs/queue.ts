import type { Job } from 'bullmq';
import { jobNames, jobs, type JobName } from '@ambit/contracts/jobs';
import { DatabaseError } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import type { Backend, OpenQueue, OpenWorker } from './backend.ts';

/** One job to be handed over. A job whose id is waiting or running already is not added again. */
export interface JobEntry {
  job: JobName;
  id: string;
  data: object;
  /** Forget it when it ended, so that the same id can be added again. */
  once?: boolean;
}

export type Handle = (job: JobName, data: unknown) => Promise<void>;

/** The queue of a worker process. It delivers; what has to be done stands in Postgres. */
export interface JobQueue {
  add(entries: JobEntry[]): Promise<void>;
  /** Opens everything anew when the queue's storage was lost under it. */
  heal(): Promise<void>;
  /** Takes no more jobs, lets those under way end. */
  close(): Promise<void>;
}

interface Open {
  queues: Map<JobName, OpenQueue>;
  workers: OpenWorker[];
}

const keep = { age: 3_600, count: 1_000 };
const closeMs = 10_000;
const openMs = 15_000;

/**
 * Opens the queue and its workers.
 * @param handle does a job; a job is repeated with growing pauses when it throws, or takes longer than its timeout
 */
export async function openQueue(backend: Backend, handle: Handle, log: Log): Promise<JobQueue> {
  let open: Open | undefined;
  let healing: Promise<void> | undefined;
  let closed = false;

  async function start(): Promise<Open> {
    const next: Open = { queues: new Map(), workers: [] };
    try {
      for (const job of jobNames) {
        const queue = backend.openQueue(job);
        queue.on('error', (err) => log.debug({ err, job }, 'queue error'));
        next.queues.set(job, queue);
        await reached(queue.waitUntilReady(), backend);
      }
      for (const job of jobNames) {
        const worker = backend.openWorker(job, (bullJob: Job) =>
          withTimeout(handle(job, bullJob.data), jobs[job].timeoutMs, job),
        );
        worker.on('error', (err) => {
          log.debug({ err, job }, 'queue worker error');
          if (isLost(err)) void heal();
        });
        worker.on('failed', (bullJob, err) =>
          log.warn({ err, job, id: bullJob?.id, attempt: bullJob?.attemptsMade }, 'job failed'),
        );
        next.workers.push(worker);
        await reached(worker.waitUntilReady(), backend);
      }
      return next;
    } catch (error) {
      await shut(next);
      throw error;
    }
  }

  function heal(): Promise<void> {
    healing ??= (async () => {
      try {
        if (closed) return;
        log.warn({ backend: backend.kind }, 'the queue was lost; opening it anew');
        const before = open;
        open = undefined;
        if (before) await shut(before);
        open = await start();
      } finally {
        healing = undefined;
      }
    })();
    return healing;
  }

  open = await start();
  return {
    heal,
    async add(entries) {
      for (const [job, some] of Map.groupBy(entries, (entry) => entry.job)) {
        const queue = open?.queues.get(job);
        if (!queue) throw new Error('the queue is being opened anew');
        await queue.addBulk(
          some.map(({ id, data, once }) => ({
            name: job,
            data,
            opts: {
              jobId: id,
              attempts: jobs[job].attempts,
              backoff: { type: 'exponential', delay: 250 },
              removeOnComplete: once ? true : keep,
              removeOnFail: once ? true : keep,
            },
          })),
        );
      }
    },
    async close() {
      closed = true;
      await healing?.catch(() => {});
      if (open) await shut(open);
    },
  };
}

/** @throws DatabaseError when the queue's server does not answer */
async function reached(ready: Promise<unknown>, backend: Backend): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${openMs / 1000} s`)), openMs);
  });
  try {
    await Promise.race([ready, late]);
  } catch (error) {
    const name = backend.kind === 'redis' ? 'AMBIT_REDIS_URL' : 'AMBIT_DATABASE_URL';
    throw new DatabaseError(
      `The queue at ${backend.address} (${name}) cannot be used: ${error instanceof Error ? error.message : String(error)}. Start it there, or correct the address.`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

async function shut({ queues, workers }: Open): Promise<void> {
  const ending = Promise.allSettled([
    ...workers.map((worker) => worker.close()),
    ...[...queues.values()].map((queue) => queue.close()),
  ]);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeMs)));
  await Promise.race([ending, late]);
  clearTimeout(timer);
}

/** Postgres says: no such schema, table, function or type. */
function isLost(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code ?? '';
  return ['3F000', '42P01', '42883', '42704'].includes(code);
}

async function withTimeout(work: Promise<void>, timeoutMs: number, job: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${job} did not end within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
