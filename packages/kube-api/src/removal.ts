import type { Engine } from './engine.ts';
import type { Resource } from './kinds/registry.ts';
import { decodeObject, encodeObject } from './object-bytes.ts';
import {
  KeyMissing,
  RevisionMismatch,
  type StoredObject,
  type WriteContext,
} from './store/store.ts';
import type { KubeObject } from './types.ts';

export type Propagation = 'Orphan' | 'Background' | 'Foreground';

export interface Removal {
  propagation: Propagation | undefined;
  graceSeconds: number | undefined;
  context: WriteContext;
}

export interface Removed {
  /** False: the object stays until its finalizers (or its grace period) are over. */
  gone: boolean;
  object: KubeObject;
  bytes: Buffer;
}

export const ORPHAN = 'orphan';
export const FOREGROUND = 'foregroundDeletion';

/** Deletes a stored object, or marks it as being deleted when something has to happen first. */
export async function remove(
  engine: Engine,
  resource: Resource,
  stored: StoredObject,
  removal: Removal,
): Promise<Removed> {
  const object = decodeObject(stored);
  const { metadata } = object;
  const finalizers = finalizersFor(metadata.finalizers ?? [], removal.propagation);
  const grace = graceOf(resource, object, removal.graceSeconds);
  const isNamespace = resource.id === 'namespaces';
  const write = {
    key: stored.key,
    encode: (revision: number) => encodeObject(object, revision),
    owners: (metadata.ownerReferences ?? []).map((owner) => owner.uid),
    context: removal.context,
  };

  if (finalizers.length === 0 && grace === 0 && !isNamespace) {
    const gone = await engine.store.delete(write, stored.revision);
    engine.lifecycle.deleted(object, resource);
    return { gone: true, object, bytes: gone.bytes };
  }
  const alreadyMarked =
    metadata.deletionTimestamp !== undefined &&
    finalizers.length === (metadata.finalizers ?? []).length &&
    grace >= (metadata.deletionGracePeriodSeconds ?? 0);
  if (alreadyMarked) return { gone: false, object, bytes: stored.bytes };

  const due = new Date(engine.now().getTime() + grace * 1000);
  metadata.deletionTimestamp ??= `${due.toISOString().slice(0, 19)}Z`;
  metadata.deletionGracePeriodSeconds = grace;
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  if (metadata.generation !== undefined) metadata.generation++;
  if (isNamespace) object.status = { ...(object.status as object), phase: 'Terminating' };
  const marked = await engine.store.update(write, stored.revision);
  engine.lifecycle.marked(object, resource);
  return { gone: false, object, bytes: marked.bytes };
}

function finalizersFor(present: string[], propagation: Propagation | undefined): string[] {
  if (propagation === undefined) return present;
  const others = present.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (propagation === 'Orphan') return [...others, ORPHAN];
  return propagation === 'Foreground' ? [...others, FOREGROUND] : others;
}

/** Only objects that run somewhere are given time. */
function graceOf(resource: Resource, object: KubeObject, asked: number | undefined): number {
  const usual = resource.source.graceSeconds;
  const { nodeName, terminationGracePeriodSeconds } = (object.spec ?? {}) as {
    nodeName?: string;
    terminationGracePeriodSeconds?: number;
  };
  if (usual === undefined || (nodeName ?? '') === '') return 0;
  return asked ?? terminationGracePeriodSeconds ?? usual;
}

/** Takes a finalizer off; the object goes when it was the last one. */
export async function dropFinalizer(
  engine: Engine,
  resource: Resource,
  { metadata: { namespace = '', name = '', uid } }: KubeObject,
  finalizer: string,
): Promise<void> {
  await systemUpdate(engine, resource, { namespace, name }, (object) => {
    if (object.metadata.uid !== uid) return false;
    const before = object.metadata.finalizers ?? [];
    if (!before.includes(finalizer)) return false;
    object.metadata.finalizers = before.filter((other) => other !== finalizer);
    if (object.metadata.finalizers.length === 0) delete object.metadata.finalizers;
    return true;
  });
}

export const systemContext = (verb: WriteContext['verb']): WriteContext => ({
  user: {
    username: 'system:serviceaccount:kube-system:generic-garbage-collector',
    groups: ['system:serviceaccounts', 'system:authenticated'],
  },
  verb,
  fieldManager: 'kube-controller-manager',
});

/**
 * A write of the server itself, tried again when somebody was faster. `change` answers whether
 * there is something to write; an object being deleted whose finalizers are gone is removed.
 */
export async function systemUpdate(
  engine: Engine,
  resource: Resource,
  { namespace, name }: { namespace: string; name: string },
  change: (object: KubeObject) => boolean,
): Promise<void> {
  const key = { resource: resource.id, namespace, name };
  for (;;) {
    const stored = await engine.store.get(key);
    if (stored === undefined) return;
    const object = decodeObject(stored);
    if (!change(object)) return;
    const { metadata } = object;
    const write = {
      key,
      encode: (revision: number) => encodeObject(object, revision),
      owners: (metadata.ownerReferences ?? []).map((owner) => owner.uid),
      context: systemContext('update'),
    };
    const finished =
      metadata.deletionTimestamp !== undefined &&
      (metadata.finalizers ?? []).length === 0 &&
      (metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
      resource.id !== 'namespaces';
    try {
      if (!finished) await engine.store.update(write, stored.revision);
      else {
        await engine.store.delete(write, stored.revision);
        engine.lifecycle.deleted(object, resource);
      }
      return;
    } catch (error) {
      if (error instanceof KeyMissing) return;
      if (!(error instanceof RevisionMismatch)) throw error;
    }
  }
}
