import type { View } from '../client/cache.ts';
import {
  itself,
  nothing,
  ownerKey,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import type { NewObject, Obj, Pod, PodTemplate, ReplicaSet } from '../objects.ts';
import {
  controllerRef,
  isActive,
  isAvailable,
  isReady,
  leastUseful,
  manager,
  nextAvailability,
  ownedBy,
  remove,
  setStatus,
  withConditions,
} from './common.ts';

/** Keeps as many pods of a template as are wanted. */
export const replicaSetController: Controller = {
  name: 'replica-set',
  manager,
  triggers: {
    'replicasets.apps': itself,
    pods: (pod) => ownerKey(pod, 'ReplicaSet'),
  },
  decide: (key, view, now, failure) => {
    const set = view.get('replicasets.apps', ...splitKey(key));
    if (set === undefined || set.metadata.deletionTimestamp) return nothing;
    return decideReplicaSet(set, podsOf(set, view), now, failure);
  },
};

export const podsOf = (owner: Obj, view: View): Pod[] =>
  view.list('pods', owner.metadata.namespace).filter((pod) => ownedBy(pod, owner));

export function decideReplicaSet(
  set: ReplicaSet,
  pods: Pod[],
  now: Date,
  failure?: string,
): Decision {
  const wanted = set.spec.replicas ?? 1;
  const minReady = set.spec.minReadySeconds ?? 0;
  const active = pods.filter(isActive);
  const surplus = active.length - wanted;
  const create = Array.from({ length: Math.max(0, -surplus) }, () => ({
    do: 'create' as const,
    object: podFor(set, set.spec.template),
  }));
  const surplusPods = [...active].sort(leastUseful).slice(0, Math.max(0, surplus));
  const before = set.status?.conditions ?? [];
  const others = before.filter(({ type }) => type !== 'ReplicaFailure');
  const told = before.find(({ type }) => type === 'ReplicaFailure');
  // What is told of a failure stays until it is over, as in Kubernetes: messages name the refused pod, and a status that
  // took each of them up would set this controller off at once, past the queue's back-off.
  const conditions =
    failure !== undefined && surplus < 0
      ? withConditions(
          before,
          [
            told ?? {
              type: 'ReplicaFailure',
              status: 'True',
              reason: 'FailedCreate',
              message: failure,
            },
          ],
          now,
        )
      : others;
  const status = setStatus(set, {
    replicas: active.length,
    fullyLabeledReplicas: active.length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => isAvailable(pod, minReady, now)).length,
    observedGeneration: set.metadata.generation ?? 1,
    ...(conditions.length > 0 || before.length > 0 ? { conditions } : {}),
  });
  const againMs = nextAvailability(active, minReady, now);
  return {
    // The status comes first: a refused pod must not keep it from being told.
    actions: [...status, ...surplusPods.map((pod) => remove(pod)), ...create],
    ...(againMs === undefined ? {} : { againMs }),
  };
}

/** A pod of a template, owned by what made it. */
export function podFor(
  owner: Obj,
  template: PodTemplate,
  more: { name?: string; labels?: Record<string, string>; nodeName?: string } = {},
): NewObject {
  const { namespace, name } = owner.metadata;
  const labels = { ...template.metadata?.labels, ...more.labels };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(more.name === undefined ? { generateName: `${name}-` } : { name: more.name }),
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      ownerReferences: [controllerRef(owner)],
    },
    spec: { ...template.spec, ...(more.nodeName === undefined ? {} : { nodeName: more.nodeName }) },
  };
}
