import {
  createPostgresBackend,
  createRedisBackend,
  Queue,
  Worker,
  type Job,
  type Processor,
} from 'bullmq';
import type { JobName } from '@ambit/contracts/jobs';
import { jobs } from '@ambit/contracts/jobs';
import { hidePassword } from '../platform/config.ts';

/** The part of BullMQ's classes that is used here, the same over both backends. */
export type OpenQueue = Pick<Queue, 'addBulk' | 'waitUntilReady' | 'close'> & OnError;
export type OpenWorker = Pick<Worker, 'waitUntilReady' | 'close'> &
  OnError & {
    on(event: 'failed', listener: (job: Job | undefined, error: Error) => void): unknown;
  };

interface OnError {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface Backend {
  kind: 'postgres' | 'redis';
  /** Where it is, as a person may read it. */
  address: string;
  openQueue(job: JobName): OpenQueue;
  openWorker(job: JobName, processor: Processor): OpenWorker;
}

/** A worker that died is noticed this soon; its jobs go to another one. */
const lockMs = 15_000;
const stalledMs = 7_500;
const prefix = 'ambit';

const queueName = (job: JobName): string => job.replaceAll('.', '-');

const workerOptions = (job: JobName) => ({
  concurrency: jobs[job].concurrency,
  lockDuration: lockMs,
  stalledInterval: stalledMs,
  maxStalledCount: 5,
});

/** BullMQ in the platform's own Postgres, in a schema of its own that it migrates itself. */
export function postgresBackend(connectionString: string, schema = 'bullmq'): Backend {
  const connection = { connectionString, schema, migrate: true, max: 4 };
  return {
    kind: 'postgres',
    address: hidePassword(connectionString),
    openQueue: (job) => new Queue(queueName(job), { connection }, createPostgresBackend),
    openWorker: (job, processor) =>
      new Worker(
        queueName(job),
        processor,
        { connection, ...workerOptions(job) },
        createPostgresBackend,
      ),
  };
}

/** BullMQ in Redis or Valkey, for larger installations. */
export function redisBackend(url: string): Backend {
  return {
    kind: 'redis',
    address: hidePassword(url),
    openQueue: (job) =>
      new Queue(
        queueName(job),
        { connection: { url, enableOfflineQueue: false, maxRetriesPerRequest: 1 }, prefix },
        createRedisBackend,
      ),
    openWorker: (job, processor) =>
      new Worker(
        queueName(job),
        processor,
        { connection: { url, maxRetriesPerRequest: null }, prefix, ...workerOptions(job) },
        createRedisBackend,
      ),
  };
}
