import {
  itself,
  nothing,
  ownerKey,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import type { Job, Pod } from '../objects.ts';
import {
  isActive,
  isTrue,
  manager,
  remove,
  setStatus,
  timestamp,
  withConditions,
} from './common.ts';
import { podFor, podsOf } from './replica-set.ts';

/** Runs pods until enough of them succeeded. */
export const jobController: Controller = {
  name: 'job',
  manager,
  triggers: { 'jobs.batch': itself, pods: (pod) => ownerKey(pod, 'Job') },
  decide: (key, view, now) => {
    const job = view.get('jobs.batch', ...splitKey(key));
    if (job === undefined || job.metadata.deletionTimestamp) return nothing;
    return decideJob(job, podsOf(job, view), now);
  },
};

export function decideJob(job: Job, pods: Pod[], now: Date): Decision {
  const before = job.status?.conditions;
  if (isTrue(before, 'Complete') || isTrue(before, 'Failed')) return nothing;
  const active = pods.filter(isActive);
  const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded').length;
  const failed = pods.filter(({ status }) => status?.phase === 'Failed').length;
  const parallelism = job.spec.parallelism ?? 1;
  const completions = job.spec.completions ?? parallelism;
  const isDone = succeeded >= completions;
  const isLost = !isDone && failed > (job.spec.backoffLimit ?? 6);
  const wanted =
    isDone || isLost || job.spec.suspend ? 0 : Math.min(parallelism, completions - succeeded);
  const counts = {
    succeeded,
    failed,
    startTime: job.status?.startTime ?? timestamp(now),
  };
  const outcome = isDone
    ? [{ type: 'Complete', status: 'True' as const, reason: 'CompletionsReached', message: '' }]
    : isLost
      ? [
          {
            type: 'Failed',
            status: 'True' as const,
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
          },
        ]
      : [];
  const spec = {
    ...job.spec.template.spec,
    restartPolicy: job.spec.template.spec.restartPolicy ?? 'Never',
  };
  const missing = Math.max(0, wanted - active.length);
  return {
    actions: [
      ...active.slice(wanted).map((pod) => remove(pod)),
      ...Array.from({ length: missing }, () => ({
        do: 'create' as const,
        object: podFor(
          job,
          { ...job.spec.template, spec },
          {
            labels: {
              'batch.kubernetes.io/job-name': job.metadata.name,
              'job-name': job.metadata.name,
            },
          },
        ),
      })),
      ...setStatus(job, {
        ...counts,
        active: Math.min(wanted, active.length) + missing,
        ...(isDone ? { completionTime: timestamp(now) } : {}),
        ...(outcome.length > 0 ? { conditions: withConditions(before, outcome, now) } : {}),
      }),
    ],
  };
}
