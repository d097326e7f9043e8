import type { Action } from '../client/actions.ts';
import type { Condition, Deployment, ReplicaSet } from '../objects.ts';
import { setStatus, timestamp } from './common.ts';
import { limitsOf } from './rollout-limits.ts';

/** Counts and the conditions Available and Progressing, as `kubectl rollout status` reads them. */
export function deploymentStatus(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  sets: ReplicaSet[],
  now: Date,
): { status: Action[]; againMs?: number } {
  const wanted = deployment.spec.replicas ?? 1;
  const total = (of: (set: ReplicaSet) => number | undefined): number =>
    sets.reduce((sum, set) => sum + (of(set) ?? 0), 0);
  const replicas = total(({ status }) => status?.replicas);
  const available = total(({ status }) => status?.availableReplicas);
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas,
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: total(({ status }) => status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
  };
  const enough = available >= wanted - limitsOf(deployment).unavailable;
  const { progressing, againMs } = progressOf(deployment, current, counts, now);
  const conditions = [
    transition(deployment.status?.conditions, {
      type: 'Available',
      status: enough ? 'True' : 'False',
      reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: enough
        ? 'Deployment has minimum availability.'
        : 'Deployment does not have minimum availability.',
      lastUpdateTime: timestamp(now),
    }),
    progressing,
    ...refusalOf(current),
  ];
  return {
    status: setStatus(deployment, { ...counts, conditions }),
    ...(againMs === undefined ? {} : { againMs }),
  };

  function transition(before: Condition[] | undefined, next: Condition): Condition {
    const same = before?.find(({ type }) => type === next.type);
    if (same?.status === next.status && same.reason === next.reason) return same;
    const kept = same?.status === next.status ? same.lastTransitionTime : undefined;
    return { ...next, lastTransitionTime: kept ?? timestamp(now) };
  }
}

const refusalOf = (current: ReplicaSet | undefined): Condition[] =>
  (current?.status?.conditions ?? []).filter(({ type }) => type === 'ReplicaFailure');

interface Counts {
  replicas: number;
  updatedReplicas: number;
  readyReplicas: number;
  availableReplicas: number;
}

function progressOf(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  counts: Counts,
  now: Date,
): { progressing: Condition; againMs?: number } {
  const wanted = deployment.spec.replicas ?? 1;
  const before = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  const name = current?.metadata.name ?? '';
  const say = (status: 'True' | 'False', reason: string, message: string, moved: boolean) => {
    const kept = before?.status === status ? before.lastTransitionTime : undefined;
    const same = !moved && before?.status === status && before.reason === reason;
    return {
      type: 'Progressing',
      status,
      reason,
      message,
      lastTransitionTime: kept ?? timestamp(now),
      lastUpdateTime: (same ? before.lastUpdateTime : undefined) ?? timestamp(now),
    };
  };
  const complete =
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted;
  if (complete) {
    const message = `ReplicaSet "${name}" has successfully progressed.`;
    return { progressing: say('True', 'NewReplicaSetAvailable', message, false) };
  }
  const past = (deployment.status ?? {}) as Partial<Counts>;
  const moved =
    before === undefined ||
    counts.updatedReplicas > (past.updatedReplicas ?? 0) ||
    counts.readyReplicas > (past.readyReplicas ?? 0) ||
    counts.availableReplicas > (past.availableReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < (past.replicas ?? 0) - (past.updatedReplicas ?? 0) ||
    (before.reason === 'NewReplicaSetAvailable' && counts.updatedReplicas < wanted);
  const updating = `ReplicaSet "${name}" is progressing.`;
  if (moved) return withDeadline(say('True', 'ReplicaSetUpdated', updating, true));
  // A rollout that was complete and lost pods is not late: it only is not available.
  if (before.reason === 'NewReplicaSetAvailable') return { progressing: before };
  const deadlineMs =
    Date.parse(before.lastUpdateTime ?? '') +
    (deployment.spec.progressDeadlineSeconds ?? 600) * 1000;
  if (now.getTime() >= deadlineMs) {
    const message = `ReplicaSet "${name}" has timed out progressing.`;
    return { progressing: say('False', 'ProgressDeadlineExceeded', message, false) };
  }
  return { progressing: before, againMs: deadlineMs - now.getTime() };

  function withDeadline(progressing: Condition) {
    return { progressing, againMs: (deployment.spec.progressDeadlineSeconds ?? 600) * 1000 };
  }
}
