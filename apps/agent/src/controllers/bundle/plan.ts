import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { ObjectRef } from '@ambit/contracts/common';
import { canonicalJson } from '@ambit/contracts/canonical';
import { groupKind, isShared, keyOf, refOf, type ParentState } from './applyset.ts';

const unique = (items: string[]): string[] => [...new Set(items)].sort();

const allObjects = (bundle: Bundle) => bundle.phases.flatMap(({ objects }) => objects);

/** Objects the bundle owns, and objects of others on which it only sets fields. */
export function partsOf(bundle: Bundle): { members: ObjectRef[]; shared: ObjectRef[] } {
  const refs = allObjects(bundle).map(refOf);
  return {
    members: refs.filter((ref) => !isShared(bundle, ref)),
    shared: refs.filter((ref) => isShared(bundle, ref)),
  };
}

/** What the parent must say before the first object is applied: everything of before and of now. */
export function parentBefore(bundle: Bundle, digest: string, before: ParentState): ParentState {
  const now = parentAfter(bundle, digest);
  const shared = new Map([...before.shared, ...now.shared].map((ref) => [keyOf(ref), ref]));
  return {
    groupKinds: unique([...before.groupKinds, ...now.groupKinds]),
    namespaces: unique([...before.namespaces, ...now.namespaces]),
    digest: before.digest,
    progress: before.progress?.digest === digest ? before.progress : null,
    shared: [...shared.values()],
  };
}

/** What it says when all is applied and pruned. */
export function parentAfter(bundle: Bundle, digest: string): ParentState {
  const { members, shared } = partsOf(bundle);
  return {
    groupKinds: unique(members.map(groupKind)),
    namespaces: unique(members.flatMap(({ namespace }) => namespace ?? [])),
    digest,
    progress: { digest, phases: bundle.phases.length },
    shared,
  };
}

/**
 * Index of the phase to go on with: after a restart, the one that was not finished; 0 for another digest.
 * A phase that only waits for itself (a rollout) counts as finished when its wait ended.
 */
export function resumeAt(bundle: Bundle, digest: string, parent: ParentState): number {
  if (parent.progress?.digest !== digest) return 0;
  return Math.min(parent.progress.phases, bundle.phases.length);
}

/**
 * Whether the bundle is in the cluster as a whole, and nothing of another digest since: one that was begun and broken
 * off leaves its own progress behind.
 */
export function isWhole(bundle: Bundle, digest: string, parent: ParentState | null): boolean {
  return (
    parent?.digest === digest &&
    parent.progress?.digest === digest &&
    parent.progress.phases === bundle.phases.length
  );
}

/**
 * Keys of policies that are the same as in the bundle that was applied last: of thousands, one changes at a time.
 * Other phases are always applied whole.
 */
export function unchangedPolicies(bundle: Bundle, last: { bundle: Bundle } | null): Set<string> {
  const policies = (of: Bundle | undefined) =>
    (of?.phases ?? []).filter(({ name }) => name === 'policies').flatMap(({ objects }) => objects);
  const before = new Map(
    policies(last?.bundle).map((object) => [keyOf(refOf(object)), canonicalJson(object)]),
  );
  if (before.size === 0) return new Set();
  return new Set(
    policies(bundle)
      .map((object) => [keyOf(refOf(object)), canonicalJson(object)] as const)
      .filter(([key, text]) => before.get(key) === text)
      .map(([key]) => key),
  );
}

/** Members that are in the cluster and not in the bundle any more. CRDs are never among them: data hangs on them. */
export function leftBehind(bundle: Bundle, found: ObjectRef[]): ObjectRef[] {
  const wanted = new Set(partsOf(bundle).members.map(keyOf));
  return found.filter((ref) => !wanted.has(keyOf(ref)) && ref.kind !== 'CustomResourceDefinition');
}

/** As few as these may always go. */
export const pruneFloor = 10;

/**
 * Whether so many objects may be deleted in one pass. A bundle of policies alone is not held: each deletion there
 * was asked for by name.
 */
export function mayPrune(
  bundle: Pick<Bundle, 'phases'>,
  pruned: number,
  total: number,
  capPercent: number,
): boolean {
  const policiesOnly =
    bundle.phases.length > 0 && bundle.phases.every(({ name }) => name === 'policies');
  if (policiesOnly || pruned <= pruneFloor) return true;
  return pruned * 100 <= total * capPercent;
}

/** Kinds in the order they may be removed when no phase says it: what serves last goes last. */
const removalRank = [
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'DaemonSet',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'Deployment',
  'Service',
  'ConfigMap',
  'ServiceAccount',
  'RoleBinding',
  'ClusterRoleBinding',
  'Role',
  'ClusterRole',
  'CustomResourceDefinition',
];

/**
 * Members in the order of removal, group by group: the bundle's phases backwards; what stands in no phase first,
 * by kind.
 */
export function removalOrder(bundle: Bundle | null, members: ObjectRef[]): ObjectRef[][] {
  const phaseOf = new Map<string, number>();
  bundle?.phases.forEach(({ objects }, index) => {
    for (const object of objects) phaseOf.set(keyOf(refOf(object)), index);
  });
  const crds = (bundle?.phases ?? []).findIndex(({ name }) => name === 'crds');
  const count = bundle?.phases.length ?? 0;
  const position = (ref: ObjectRef): number => {
    const phase = phaseOf.get(keyOf(ref));
    if (phase !== undefined) return count - phase;
    if (ref.kind === 'CustomResourceDefinition') return crds >= 0 ? count - crds : count + 1;
    const rank = removalRank.indexOf(ref.kind);
    return rank < 0 ? -removalRank.length - 1 : rank - removalRank.length;
  };
  const groups = Map.groupBy(members, position);
  return [...groups].sort(([a], [b]) => a - b).map(([, refs]) => refs);
}
