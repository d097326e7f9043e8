import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject, ObjectRef } from '@ambit/contracts/common';
import { applyObject, readObject, type Cluster } from '../../kube/objects.ts';
import type { ManagedFields } from '../../kube/watch.ts';
import { asMember, isShared, partOfLabel, refOf } from './applyset.ts';
import { fieldManager } from './drift.ts';
import { handOver, mayTakeOver } from './take-over.ts';
import { ignoredPaths, keepLive } from './pointers.ts';
import { Problems } from './problems.ts';

/** The bundle an object belongs to, and the set its members are marked with. */
export interface Owner {
  bundle: Bundle;
  id: string;
  /** Fields on shared objects have a manager for each bundle: one bundle never gives up another's fields. */
  manager: string;
}

export const ownerOf = (bundle: Bundle, id: string): Owner => ({
  bundle,
  id,
  manager: bundle.ownership === 'fields' ? `${fieldManager}-${bundle.name}` : fieldManager,
});

/** What became of an object: it is ours, ours are only some fields, or it was there before and serves as it is. */
export interface Outcome {
  outcome: 'member' | 'shared' | 'kept';
  /** A member as the server has it now. */
  member?: KubeObject;
}

const notOurs = (ref: ObjectRef, reason: string, message: string): Problems =>
  new Problems([
    { object: ref, reason, message: `${ref.kind} ${ref.name}: ${message}`, transient: false },
  ]);

/**
 * Applies one object by the rules of ownership: what we made is repaired with force; what somebody else made is
 * never touched, but for fields of shared objects, and those without force.
 * @param isMember it is in the cluster already, as a member of the set
 * @throws Problems, KubeError
 */
export async function applyOne(
  cluster: Cluster,
  owner: Owner,
  object: KubeObject,
  isMember: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const ref = refOf(object);
  const ignored = ignoredPaths(owner.bundle, object.kind);
  const needsLook = !isMember || ignored.length > 0;
  const live = needsLook ? await readObject(cluster, ref, signal) : null;
  if (isShared(owner.bundle, ref)) return applyShared(cluster, owner, object, live, signal);
  const member = asMember(object, owner.id, owner.bundle.name);
  if (!live) {
    const options = { manager: owner.manager, force: isMember };
    return { outcome: 'member', member: await applyObject(cluster, member, options, signal) };
  }
  if (!isOurs(live, owner.id)) {
    if (!mayTakeOver(owner.bundle, ref, live)) return keepForeign(ref, object, live);
    await handOver(cluster, ref, live, owner.manager, signal);
  }
  const kept = keepLive(member, live, ignored);
  const options = { manager: owner.manager, force: true };
  return { outcome: 'member', member: await applyObject(cluster, kept, options, signal) };
}

async function applyShared(
  cluster: Cluster,
  owner: Owner,
  object: KubeObject,
  live: KubeObject | null,
  signal: AbortSignal,
): Promise<Outcome> {
  if (!live && owner.bundle.ownership === 'fields') {
    throw notOurs(
      refOf(object),
      'NamespaceMissing',
      'it does not exist; create it, or end its enrolment',
    );
  }
  // With its uid, an object that was deleted meanwhile is not made anew.
  const exact = live ? withUid(object, live) : object;
  await applyObject(cluster, exact, { manager: owner.manager, force: false }, signal);
  return { outcome: 'shared' };
}

/** Marked as ours, or applied by us and unmarked by somebody since. */
export function isOurs(live: KubeObject, id: string): boolean {
  const mark = live.metadata.labels?.[partOfLabel];
  if (mark !== undefined) return mark === id;
  const { managedFields = [] } = live.metadata as { managedFields?: ManagedFields[] };
  return managedFields.some(
    ({ manager, operation }) => manager === fieldManager && operation === 'Apply',
  );
}

export const withUid = (object: KubeObject, live: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid: live.metadata['uid'] },
});

/** An object of this name that is not ours: a CRD that serves our versions will do; anything else is refused. */
export function keepForeign(ref: ObjectRef, object: KubeObject, live: KubeObject): Outcome {
  const other = live.metadata.labels?.[partOfLabel];
  if (ref.kind === 'CustomResourceDefinition') {
    const missing = servedVersions(object).filter((name) => !servedVersions(live).includes(name));
    if (missing.length === 0) return { outcome: 'kept' };
    throw notOurs(
      ref,
      'OldDefinition',
      `it is installed already, not by Ambit, and lacks ${missing.join(', ')}; update or remove it`,
    );
  }
  throw notOurs(
    ref,
    'NotOurs',
    other
      ? 'it belongs to another set of objects; Ambit never takes it over'
      : `it exists already and was not made by Ambit, which never overwrites it; ${wayOut(ref)}`,
  );
}

/** Policies are decided about by a person in Ambit; of other objects one has to give way. */
const wayOut = ({ apiVersion }: ObjectRef): string =>
  /(^|\.)istio\.io\/|^gateway\.networking\.k8s\.io\//.test(apiVersion)
    ? 'decide in Ambit which of the two is to hold, or rename one'
    : 'remove it, or rename one of the two';

const servedVersions = (object: KubeObject): string[] => {
  const { spec } = object as { spec?: { versions?: { name: string; served: boolean }[] } };
  return (spec?.versions ?? []).filter(({ served }) => served).map(({ name }) => name);
};
