import type { View } from '../client/cache.ts';
import {
  itself,
  nothing,
  ownerKey,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import type { Action } from '../client/actions.ts';
import type { Deployment, NewObject, PodTemplate, ReplicaSet } from '../objects.ts';
import { controllerRef, manager, ownedBy, patch, remove, templateHash } from './common.ts';
import { deploymentStatus } from './deployment-status.ts';
import { limitsOf } from './rollout-limits.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const hashLabel = 'pod-template-hash';

/** Rolls a template out, one ReplicaSet for each (Kubernetes, "Deployments"). */
export const deploymentController: Controller = {
  name: 'deployment',
  manager,
  triggers: {
    'deployments.apps': itself,
    'replicasets.apps': (set) => ownerKey(set, 'Deployment'),
  },
  decide: (key, view, now) => {
    const deployment = view.get('deployments.apps', ...splitKey(key));
    if (deployment === undefined || deployment.metadata.deletionTimestamp) return nothing;
    return decideDeployment(deployment, setsOf(deployment, view), now);
  },
};

const setsOf = (deployment: Deployment, view: View): ReplicaSet[] =>
  view
    .list('replicasets.apps', deployment.metadata.namespace)
    .filter((set) => ownedBy(set, deployment) && !set.metadata.deletionTimestamp);

const revisionOf = ({ metadata }: { metadata: { annotations?: Record<string, string> } }): number =>
  Number(metadata.annotations?.[revisionAnnotation] ?? 0);

function withoutHash({ spec: { template } }: ReplicaSet): PodTemplate {
  const { [hashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

const sizeOf = ({ spec }: ReplicaSet): number => spec.replicas ?? 1;
const availableOf = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0;
const sum = (sets: ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + of(set), 0);

export function decideDeployment(deployment: Deployment, sets: ReplicaSet[], now: Date): Decision {
  const hash = templateHash(deployment.spec.template);
  // A set of the same template counts too: its hash may come from before the server knew a new default.
  const current =
    sets.find(({ metadata }) => metadata.labels?.[hashLabel] === hash) ??
    sets.find((set) => templateHash(withoutHash(set)) === hash);
  const old = sets.filter((set) => set !== current).sort((a, b) => revisionOf(a) - revisionOf(b));
  const actions: Action[] = [];
  const newest = Math.max(0, ...old.map(revisionOf));
  const revision = current && revisionOf(current) > newest ? revisionOf(current) : newest + 1;

  if (!deployment.spec.paused || current === undefined) {
    if (current === undefined)
      actions.push({ do: 'create', object: newSet(deployment, hash, revision, old) });
    else if (revisionOf(current) !== revision) {
      actions.push(
        patch(current, { metadata: { annotations: { [revisionAnnotation]: String(revision) } } }),
      );
    }
  }
  if (revisionOf(deployment) !== revision) {
    actions.push(
      patch(deployment, { metadata: { annotations: { [revisionAnnotation]: String(revision) } } }),
    );
  }
  if (current !== undefined) {
    const sizes = nextSizes(deployment, current, old);
    for (const [set, size] of sizes) {
      if (size !== sizeOf(set)) actions.push(patch(set, { spec: { replicas: size } }));
    }
    if (sizes.size === 0) actions.push(...cleanUp(deployment, old));
  }
  const { status, againMs } = deploymentStatus(deployment, current, sets, now);
  return { actions: [...actions, ...status], ...(againMs === undefined ? {} : { againMs }) };
}

function newSet(
  deployment: Deployment,
  hash: string,
  revision: number,
  old: ReplicaSet[],
): NewObject {
  const { spec, metadata } = deployment;
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace!,
      labels,
      annotations: { [revisionAnnotation]: String(revision) },
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas: firstSize(deployment, old),
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash },
      },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

function firstSize(deployment: Deployment, old: ReplicaSet[]): number {
  const replicas = deployment.spec.replicas ?? 1;
  const present = sum(old, sizeOf);
  if (present === 0) return replicas;
  if (deployment.spec.strategy?.type === 'Recreate') return 0;
  return Math.min(replicas, Math.max(0, replicas + limitsOf(deployment).surge - present));
}

/** Sizes the ReplicaSets are to have next; empty when the rollout is over. */
export function nextSizes(
  deployment: Deployment,
  current: ReplicaSet,
  old: ReplicaSet[],
): Map<ReplicaSet, number> {
  const replicas = deployment.spec.replicas ?? 1;
  const present = old.filter((set) => sizeOf(set) > 0 || (set.status?.replicas ?? 0) > 0);
  const sizes = new Map<ReplicaSet, number>();
  if (deployment.spec.paused) return sizes.set(current, sizeOf(current));
  if (present.length === 0) {
    if (sizeOf(current) !== replicas) sizes.set(current, replicas);
    return sizes;
  }
  if (deployment.spec.strategy?.type === 'Recreate') {
    for (const set of present) sizes.set(set, 0);
    const empty = present.every((set) => (set.status?.replicas ?? 0) === 0 && sizeOf(set) === 0);
    sizes.set(current, empty ? replicas : sizeOf(current));
    return sizes;
  }
  const { surge, unavailable } = limitsOf(deployment);
  const room = replicas + surge - sum(present, sizeOf) - sizeOf(current);
  const grown =
    sizeOf(current) > replicas
      ? replicas
      : sizeOf(current) + Math.max(0, Math.min(room, replicas - sizeOf(current)));
  sizes.set(current, grown);
  for (const [set, size] of shrunk(present, current, replicas - unavailable)) sizes.set(set, size);
  return sizes;
}

/** Old sets give up what is not available first, then as many as may be missing, the oldest first. */
function shrunk(old: ReplicaSet[], current: ReplicaSet, atLeast: number): Map<ReplicaSet, number> {
  const sizes = new Map(old.map((set) => [set, sizeOf(set)]));
  const newUnavailable = sizeOf(current) - availableOf(current);
  let mayGo = sum(old, sizeOf) + sizeOf(current) - atLeast - newUnavailable;
  for (const set of old) {
    const broken = Math.max(0, Math.min(mayGo, sizeOf(set) - availableOf(set)));
    sizes.set(set, sizeOf(set) - broken);
    mayGo -= broken;
  }
  // Counts of pods lag behind sizes: never more than the sizes allow.
  let mayStop = Math.min(mayGo, sum(old, availableOf) + availableOf(current) - atLeast);
  for (const set of old) {
    const size = sizes.get(set)!;
    const stopped = Math.max(0, Math.min(mayStop, size));
    sizes.set(set, size - stopped);
    mayStop -= stopped;
  }
  return sizes;
}

function cleanUp({ spec }: Deployment, old: ReplicaSet[]): Action[] {
  const idle = old.filter((set) => sizeOf(set) === 0 && (set.status?.replicas ?? 0) === 0);
  const surplus = idle.length - (spec.revisionHistoryLimit ?? 10);
  return idle.slice(0, Math.max(0, surplus)).map((set) => remove(set));
}
