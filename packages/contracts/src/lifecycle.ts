import { z } from 'zod';
import { idOf } from './ids.ts';
import { timeSchema } from './common.ts';
import { operationStates, stepStates } from './operation-states.ts';

/**
 * Kinds of running lifecycle changes and the steps each is made of, in order. `cancelUntil` is the first step in which
 * it can no longer be cancelled. `undo` and `rollback` are skipped unless something has to be taken back.
 */
export const lifecycle = {
  'mesh.create': {
    title: 'Create mesh',
    steps: ['precheck', 'render', 'deliver', 'apply', 'ready', 'undo'],
    cancelUntil: 'undo',
  },
  'mesh.update': {
    title: 'Update mesh',
    steps: ['precheck', 'render', 'deliver', 'apply', 'ready', 'rollback'],
    cancelUntil: 'rollback',
  },
  'mesh.upgrade': {
    title: 'Upgrade mesh',
    steps: ['precheck', 'render', 'deliver', 'apply', 'ready', 'rollback'],
    cancelUntil: 'rollback',
  },
  'enrolment.change': {
    title: 'Change enrolment',
    steps: [
      'precheck',
      'waypoint',
      'unguard',
      'hold',
      'label',
      'restart',
      'probe',
      'drain',
      'guard',
      'undo',
    ],
    cancelUntil: 'undo',
  },
  'enrolment.repair': {
    title: 'Repair enrolment',
    steps: ['examine', 'repair', 'probe'],
    cancelUntil: 'repair',
  },
  'waypoint.wake': {
    title: 'Wake waypoint',
    steps: ['wake'],
    cancelUntil: 'wake',
  },
  'mesh.report': {
    title: 'Report on mesh',
    steps: [
      'diagnose',
      'versions',
      'certificates',
      'proxies',
      'configuration',
      'enrolment',
      'capacity',
    ],
    cancelUntil: 'capacity',
  },
  'mesh.delete': {
    title: 'Delete mesh',
    steps: ['check', 'withdraw', 'verify', 'forget'],
    cancelUntil: 'withdraw',
  },
} as const satisfies Record<
  string,
  { title: string; steps: readonly string[]; cancelUntil: string }
>;

export type LifecycleType = keyof typeof lifecycle;
export const lifecycleTypes = Object.keys(lifecycle) as [LifecycleType, ...LifecycleType[]];

/** What each step does, in words for people. */
export const stepTitles: Record<string, string> = {
  precheck: 'Check that it can be done',
  render: 'Render the release',
  deliver: 'Hand it to the agent',
  apply: 'Apply to the cluster',
  ready: 'Wait until everything is Ready',
  rollback: 'Return to the previous version',
  undo: 'Take back what was applied',
  label: 'Set the labels',
  restart: 'Restart workloads',
  verify: 'Prove the result',
  waypoint: 'Have the waypoints Programmed',
  unguard: 'Take guards away that would refuse everybody',
  hold: 'Have waypoints keep what is open while clients leave',
  drain: 'Wait until no request goes through what was left',
  probe: 'Prove it by the pods',
  guard: 'Put the guards in place',
  examine: 'Look at the evidence',
  repair: 'Restart what the evidence names',
  wake: 'Have its replicas ready',
  check: 'Check what depends on it',
  withdraw: 'Remove it from the clusters',
  forget: 'Close the books',
  diagnose: 'Diagnose everything',
  versions: 'Compare versions',
  certificates: 'Look at certificates',
  proxies: 'Look at proxies',
  configuration: 'Look at configuration',
  enrolment: 'Look at who is in the mesh',
  capacity: 'Look at capacity',
};

export * from './operation-states.ts';

export const stepSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    state: z.enum(stepStates),
    /** What is being done now, or what came of it. */
    message: z.string(),
    startedAt: timeSchema.nullable(),
    finishedAt: timeSchema.nullable(),
  })
  .meta({ id: 'Step' });
export type Step = z.infer<typeof stepSchema>;

export const lifecycleOperationSchema = z
  .object({
    id: idOf('operation'),
    type: z.enum(lifecycleTypes),
    title: z.string(),
    state: z.enum(operationStates),
    /** CamelCase word for the outcome, such as RolledBack or PrecheckFailed. */
    reason: z.string(),
    message: z.string(),
    target: z.object({ kind: z.enum(['mesh', 'cluster']), id: z.string(), name: z.string() }),
    actor: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
    steps: z.array(stepSchema),
    /** Why cancel or retry is not possible now; null when it is. */
    cancelDisabledReason: z.string().nullable(),
    retryDisabledReason: z.string().nullable(),
    /** What would be left if it were cancelled now. */
    ifCancelled: z.string(),
    /** What came of it: object counts, versions, a diff in words. */
    result: z.record(z.string(), z.unknown()).nullable(),
    createdAt: timeSchema,
    startedAt: timeSchema.nullable(),
    finishedAt: timeSchema.nullable(),
  })
  .meta({ id: 'Operation' });
export type LifecycleOperation = z.infer<typeof lifecycleOperationSchema>;

export const logLineSchema = z
  .object({
    id: z.number().int(),
    at: timeSchema,
    step: z.string(),
    level: z.enum(['info', 'warning', 'error']),
    /** Cluster the line came from; empty for the platform itself. */
    cluster: z.string(),
    text: z.string(),
  })
  .meta({ id: 'LogLine' });
export type LogLine = z.infer<typeof logLineSchema>;
