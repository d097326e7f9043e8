import { z } from 'zod';
import { idOf } from './ids.ts';

/** Every job of the queue: ids only. Losing all of them loses nothing; the sweep finds what is due in Postgres. */
export const jobs = {
  'operation.advance': {
    data: z.object({ organisationId: idOf('organisation'), operationId: idOf('operation') }),
    timeoutMs: 120_000,
    attempts: 8,
    concurrency: 8,
  },
  'policies.deliver': {
    data: z.object({ organisationId: idOf('organisation'), meshId: idOf('mesh') }),
    timeoutMs: 30_000,
    attempts: 8,
    concurrency: 4,
  },
  'policies.reflect': {
    data: z.object({ organisationId: idOf('organisation'), meshId: idOf('mesh') }),
    timeoutMs: 30_000,
    attempts: 8,
    concurrency: 4,
  },
  'mesh.observe': {
    data: z.object({ organisationId: idOf('organisation'), meshId: idOf('mesh') }),
    timeoutMs: 30_000,
    attempts: 5,
    concurrency: 4,
  },
  'mesh.diagnose': {
    data: z.object({ organisationId: idOf('organisation'), meshId: idOf('mesh') }),
    timeoutMs: 120_000,
    attempts: 3,
    concurrency: 2,
  },
  'alerts.evaluate': {
    data: z.object({ organisationId: idOf('organisation') }),
    timeoutMs: 60_000,
    attempts: 5,
    concurrency: 4,
  },
  'telemetry.rollUp': {
    data: z.object({ organisationId: idOf('organisation'), clusterId: idOf('cluster') }),
    timeoutMs: 60_000,
    attempts: 3,
    concurrency: 2,
  },
  'mesh.signals': {
    data: z.object({ organisationId: idOf('organisation'), meshId: idOf('mesh') }),
    timeoutMs: 60_000,
    attempts: 1,
    concurrency: 4,
  },
  'alerts.deliver': {
    data: z.object({ organisationId: idOf('organisation'), deliveryId: idOf('alertDelivery') }),
    timeoutMs: 60_000,
    attempts: 5,
    concurrency: 16,
  },
} as const;

export type JobName = keyof typeof jobs;
export const jobNames = Object.keys(jobs) as [JobName, ...JobName[]];
export type JobData<N extends JobName> = z.output<(typeof jobs)[N]['data']>;
