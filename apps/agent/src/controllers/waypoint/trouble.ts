import type { WaypointReason } from '@ambit/contracts/agent/waypoint';
import type { Condition, DeploymentObject, PodObject } from './objects.ts';

export interface Trouble {
  reason: WaypointReason;
  message: string;
}

const pulling = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
]);

/** What keeps a waypoint's pods from running, as Kubernetes says it; the first that is found. Pure. */
export function podTrouble(
  deployment: DeploymentObject | undefined,
  pods: readonly PodObject[],
): Trouble | null {
  for (const pod of pods) {
    const trouble = troubleOf(pod);
    if (trouble) return trouble;
  }
  const failed = deployment?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (!failed) return null;
  const text = textOf(failed);
  return /quota/i.test(text)
    ? { reason: 'QuotaExceeded', message: `the namespace's quota is used up: ${text}` }
    : { reason: 'ReplicasMissing', message: `its pods cannot be made: ${text}` };
}

function troubleOf({ metadata, status }: PodObject): Trouble | null {
  if (metadata.deletionTimestamp) return null;
  for (const { image = '', state } of status?.containerStatuses ?? []) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    if (pulling.has(reason)) {
      return {
        reason: 'ImagePullBackOff',
        message: `pod ${metadata.name} cannot get its image ${image}: ${message || reason}`,
      };
    }
    if (reason === 'CrashLoopBackOff') {
      return {
        reason: 'CrashLoop',
        message: `pod ${metadata.name} ends again and again: look at its log (${message || reason})`,
      };
    }
  }
  const unscheduled = status?.conditions?.find(
    (one) =>
      one.type === 'PodScheduled' && one.status === 'False' && one.reason === 'Unschedulable',
  );
  return unscheduled
    ? {
        reason: 'Unschedulable',
        message: `pod ${metadata.name} fits on no node: ${textOf(unscheduled)}`,
      }
    : null;
}

const textOf = ({ message, reason }: Condition): string => message || reason || '';
