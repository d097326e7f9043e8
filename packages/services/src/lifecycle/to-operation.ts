import type { z } from 'zod';
import {
  isFinished,
  lifecycle,
  stepTitles,
  type LifecycleType,
  type lifecycleOperationSchema,
  type OperationState,
  type StepState,
} from '@ambit/contracts/lifecycle';
import type { Memory, OperationInput } from './view.ts';

export type LifecycleOperation = z.input<typeof lifecycleOperationSchema>;

export interface OperationWithSteps {
  id: string;
  type: string;
  state: string;
  reason: string;
  message: string;
  targetKind: string;
  targetId: string;
  targetName: string;
  actor: unknown;
  input: unknown;
  memory: unknown;
  result: unknown;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  steps: {
    position: number;
    name: string;
    state: string;
    message: string;
    startedAt: Date | null;
    finishedAt: Date | null;
  }[];
}

export const withSteps = { steps: { orderBy: { position: 'asc' } } } as const;

export function toOperation(row: OperationWithSteps): LifecycleOperation {
  return {
    id: row.id,
    type: row.type as LifecycleType,
    title: titleOf(row.type as LifecycleType, row.input as OperationInput),
    state: row.state as OperationState,
    reason: row.reason,
    message: row.message,
    target: { kind: row.targetKind as 'mesh', id: row.targetId, name: row.targetName },
    actor: row.actor as LifecycleOperation['actor'],
    steps: row.steps.map((step) => ({
      name: step.name,
      title: stepTitles[step.name] ?? step.name,
      state: step.state as StepState,
      message: step.message,
      startedAt: step.startedAt?.toISOString() ?? null,
      finishedAt: step.finishedAt?.toISOString() ?? null,
    })),
    cancelDisabledReason: cancelDisabledReason(row),
    retryDisabledReason: retryDisabledReason(row),
    ifCancelled: ifCancelled[row.type as LifecycleType],
    result: row.result as Record<string, unknown> | null,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

/** What an operation is called where only one line is free. */
export function titleOf(type: LifecycleType, input: OperationInput): string {
  if (type === 'mesh.upgrade' && input.release) return `Upgrade to ${input.release}`;
  if (type === 'enrolment.change' && input.words) return input.words;
  if (type === 'enrolment.repair' && input.pod) return `Repair ${input.namespace}/${input.pod}`;
  if (type === 'waypoint.wake' && input.name) return `Wake ${input.namespace}/${input.name}`;
  return lifecycle[type].title;
}

const ifCancelled: Record<LifecycleType, string> = {
  'mesh.create':
    'What was applied is removed from the clusters; the mesh stays in the list, not installed.',
  'mesh.update': 'The options of before are applied again.',
  'mesh.upgrade': 'The mesh goes back to the release it was Ready on.',
  'enrolment.change':
    'The labels go back to what they were, and workloads that were restarted are restarted again.',
  'enrolment.repair': 'Nothing was done yet.',
  'waypoint.wake': 'Nothing was done yet.',
  'mesh.report': 'Nothing: a report changes nothing.',
  'mesh.delete': 'The mesh stays as it is.',
};

/** Why it cannot be cancelled now; null when it can. */
export function cancelDisabledReason(row: OperationWithSteps): string | null {
  const state = row.state as OperationState;
  if (isFinished(state)) return 'It is finished.';
  if (state === 'cancelling') return 'It is being cancelled already.';
  if ((row.memory as Memory).recovery) return 'It is being taken back already.';
  const { steps, cancelUntil } = lifecycle[row.type as LifecycleType];
  const lastAt = (steps as readonly string[]).indexOf(cancelUntil);
  const late = row.steps.find((step) => step.position >= lastAt && step.state !== 'pending');
  return late ? `Too late: "${stepTitles[late.name] ?? late.name}" has begun.` : null;
}

/** Why it cannot be started again; null when it can. */
export function retryDisabledReason(row: OperationWithSteps): string | null {
  const state = row.state as OperationState;
  if (!isFinished(state)) return 'It is still under way.';
  if (state === 'succeeded') return 'It succeeded.';
  if (row.reason === 'MeshGone') return 'The mesh is gone.';
  if (row.type === 'enrolment.change' && !(row.input as OperationInput).change) {
    return 'An older Ambit began it, without a plan: begin it anew under Enrolment.';
  }
  return null;
}
