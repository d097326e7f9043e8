import {
  itself,
  nothing,
  ownerKey,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import type { Pod, StatefulSet } from '../objects.ts';
import { isReady, manager, remove, setStatus, templateHash } from './common.ts';
import { podFor, podsOf } from './replica-set.ts';

const hashLabel = 'controller-revision-hash';

/** Keeps pods with stable names, made in order and replaced from the last. Volumes are not simulated. */
export const statefulSetController: Controller = {
  name: 'stateful-set',
  manager,
  triggers: { 'statefulsets.apps': itself, pods: (pod) => ownerKey(pod, 'StatefulSet') },
  decide: (key, view) => {
    const set = view.get('statefulsets.apps', ...splitKey(key));
    if (set === undefined || set.metadata.deletionTimestamp) return nothing;
    return decideStatefulSet(set, podsOf(set, view));
  },
};

export function decideStatefulSet(set: StatefulSet, pods: Pod[]): Decision {
  const wanted = set.spec.replicas ?? 1;
  const { name } = set.metadata;
  const revision = `${name}-${templateHash(set.spec.template)}`;
  const ordinalOf = (pod: Pod): number => Number(pod.metadata.name.slice(name.length + 1));
  const isLeaving = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
  const isNew = (pod: Pod): boolean => pod.metadata.labels?.[hashLabel] === revision;
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
  const parallel = set.spec.podManagementPolicy === 'Parallel';
  const make: number[] = [];
  const leave: Pod[] = [];
  let steady = true;
  for (let ordinal = 0; ordinal < wanted; ordinal++) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) make.push(ordinal);
    if (pod === undefined || isLeaving(pod) || !isReady(pod)) {
      steady = false;
      if (!parallel) break;
    }
  }
  const surplus = pods.filter((pod) => ordinalOf(pod) >= wanted);
  const last = surplus.sort((a, b) => ordinalOf(b) - ordinalOf(a)).find((pod) => !isLeaving(pod));
  if (last && steady) leave.push(last);
  if (set.spec.updateStrategy?.type !== 'OnDelete') {
    const stale = pods
      .filter((pod) => ordinalOf(pod) < wanted && !isNew(pod) && !isLeaving(pod))
      .sort((a, b) => ordinalOf(b) - ordinalOf(a))[0];
    const others = pods.filter((pod) => pod !== stale && ordinalOf(pod) < wanted);
    if (stale && (!isReady(stale) || others.every((pod) => isReady(pod) && !isLeaving(pod)))) {
      leave.push(stale);
    }
  }
  const living = pods.filter((pod) => !isLeaving(pod));
  const updated = living.filter(isNew).length;
  const done = updated === wanted && living.every(isNew);
  return {
    actions: [
      ...leave.map((pod) => remove(pod)),
      ...make.map((ordinal) => ({
        do: 'create' as const,
        object: podFor(set, set.spec.template, {
          name: `${name}-${ordinal}`,
          labels: {
            [hashLabel]: revision,
            'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`,
            'apps.kubernetes.io/pod-index': String(ordinal),
          },
        }),
      })),
      ...setStatus(set, {
        observedGeneration: set.metadata.generation ?? 1,
        replicas: living.length,
        readyReplicas: living.filter(isReady).length,
        availableReplicas: living.filter(isReady).length,
        updatedReplicas: updated,
        updateRevision: revision,
        currentRevision: done ? revision : (set.status?.currentRevision ?? revision),
        currentReplicas: living.length - (done ? 0 : updated),
      }),
    ],
  };
}
