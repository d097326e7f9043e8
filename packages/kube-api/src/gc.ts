import type { Engine, Lifecycle } from './engine.ts';
import type { Resource } from './kinds/registry.ts';
import { emptyNamespace, finishNamespace } from './namespaces.ts';
import { CRDS } from './kinds/crd-status.ts';
import { decodeObject } from './object-bytes.ts';
import {
  dropFinalizer,
  FOREGROUND,
  ORPHAN,
  type Propagation,
  remove,
  systemContext,
  systemUpdate,
} from './removal.ts';
import { KeyMissing, RevisionMismatch, type StoredObject } from './store/store.ts';
import { isObject, type KubeObject, type OwnerReference } from './types.ts';

/** Garbage collection: what an object's deletion sets off, apart from the request. */
export function createLifecycle(engine: () => Engine): Lifecycle {
  return {
    owned: (object, resource) => {
      engine().background.run(() => afterCreate(engine(), object, resource));
    },
    deleted: (object, resource) => {
      engine().background.run(() => afterDelete(engine(), object, resource));
    },
    marked: (object, resource) => {
      engine().background.run(() => afterMark(engine(), object, resource));
    },
  };
}

/** What was made for owners that are gone already goes too: their deletion could not see it. */
async function afterCreate(engine: Engine, object: KubeObject, resource: Resource): Promise<void> {
  const { ownerReferences = [], namespace = '', name = '', uid } = object.metadata;
  const left = await asyncFilter(ownerReferences, async (owner) => {
    const isKnown = engine.registry.byKind(groupOf(owner), owner.kind) !== undefined;
    return !isKnown || exists(engine, owner, namespace);
  });
  if (left.length > 0) return;
  const key = { resource: resource.id, namespace, name };
  const stored = await engine.store.get(key);
  if (stored === undefined || decodeObject(stored).metadata.uid !== uid) return;
  await removeDependent(engine, stored, 'Background');
}

async function afterDelete(engine: Engine, object: KubeObject, resource: Resource): Promise<void> {
  const { uid, ownerReferences = [], namespace = '' } = object.metadata;
  if (uid !== undefined) await collectDependents(engine, uid);
  for (const owner of ownerReferences) await recheckOwner(engine, owner, namespace);
  if (resource.id === CRDS) await removeInstances(engine, object);
  if (resource.source.namespaced) await finishNamespace(engine, namespace);
}

async function afterMark(engine: Engine, object: KubeObject, resource: Resource): Promise<void> {
  const { uid = '', name = '', finalizers = [] } = object.metadata;
  if (resource.id === 'namespaces') await emptyNamespace(engine, name);
  if (finalizers.includes(ORPHAN)) {
    await orphanDependents(engine, uid);
    await dropFinalizer(engine, resource, object, ORPHAN);
  }
  if (finalizers.includes(FOREGROUND)) await collectForeground(engine, resource, object);
}

/** Background propagation: dependents whose owners are all gone go too, others lose the reference. */
async function collectDependents(engine: Engine, ownerUid: string): Promise<void> {
  for (const dependent of await engine.store.dependents(ownerUid)) {
    const object = decodeObject(dependent);
    const others = (object.metadata.ownerReferences ?? []).filter(
      (owner) => owner.uid !== ownerUid,
    );
    const namespace = object.metadata.namespace ?? '';
    const solid = await asyncFilter(others, (owner) => exists(engine, owner, namespace));
    if (solid.length === 0) await removeDependent(engine, dependent, 'Background');
    else await disown(engine, dependent, ownerUid);
  }
}

async function orphanDependents(engine: Engine, ownerUid: string): Promise<void> {
  for (const dependent of await engine.store.dependents(ownerUid)) {
    await disown(engine, dependent, ownerUid);
  }
}

/**
 * Foreground propagation: dependents go first; when none of those that block is left, the
 * owner's finalizer falls.
 */
async function collectForeground(
  engine: Engine,
  resource: Resource,
  owner: KubeObject,
): Promise<void> {
  const uid = owner.metadata.uid ?? '';
  for (const dependent of await engine.store.dependents(uid)) {
    const object = decodeObject(dependent);
    if (object.metadata.deletionTimestamp === undefined) {
      await removeDependent(engine, dependent, 'Foreground');
    }
  }
  const left = await engine.store.dependents(uid);
  const blocking = left.some((dependent) =>
    decodeObject(dependent).metadata.ownerReferences?.some(
      (reference) => reference.uid === uid && reference.blockOwnerDeletion === true,
    ),
  );
  if (!blocking) await dropFinalizer(engine, resource, owner, FOREGROUND);
}

async function recheckOwner(
  engine: Engine,
  reference: OwnerReference,
  namespace: string,
): Promise<void> {
  const found = await lookUp(engine, reference, namespace);
  if (found === undefined) return;
  const owner = decodeObject(found.stored);
  const { deletionTimestamp, finalizers = [] } = owner.metadata;
  if (deletionTimestamp !== undefined && finalizers.includes(FOREGROUND)) {
    await collectForeground(engine, found.resource, owner);
  }
}

async function removeDependent(
  engine: Engine,
  dependent: StoredObject,
  propagation: Propagation,
): Promise<void> {
  const resource = engine.registry.byId(dependent.key.resource);
  if (resource === undefined) return;
  for (;;) {
    const stored = await engine.store.get(dependent.key);
    if (stored === undefined) return;
    try {
      await remove(engine, resource, stored, {
        propagation: propagation === 'Background' ? undefined : propagation,
        graceSeconds: undefined,
        context: systemContext('delete'),
      });
      return;
    } catch (error) {
      if (error instanceof KeyMissing) return;
      if (!(error instanceof RevisionMismatch)) throw error;
    }
  }
}

async function disown(engine: Engine, dependent: StoredObject, ownerUid: string): Promise<void> {
  const resource = engine.registry.byId(dependent.key.resource);
  if (resource === undefined) return;
  await systemUpdate(engine, resource, dependent.key, ({ metadata }) => {
    const before = metadata.ownerReferences ?? [];
    const after = before.filter((owner) => owner.uid !== ownerUid);
    if (after.length === before.length) return false;
    if (after.length === 0) delete metadata.ownerReferences;
    else metadata.ownerReferences = after;
    return true;
  });
}

function groupOf({ apiVersion }: OwnerReference): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

async function exists(engine: Engine, owner: OwnerReference, namespace: string): Promise<boolean> {
  return (await lookUp(engine, owner, namespace)) !== undefined;
}

async function lookUp(
  engine: Engine,
  owner: OwnerReference,
  namespace: string,
): Promise<{ resource: Resource; stored: StoredObject } | undefined> {
  const resource = engine.registry.byKind(groupOf(owner), owner.kind);
  if (resource === undefined) return undefined;
  const stored = await engine.store.get({
    resource: resource.id,
    namespace: resource.source.namespaced ? namespace : '',
    name: owner.name,
  });
  if (stored === undefined || decodeObject(stored).metadata.uid !== owner.uid) return undefined;
  return { resource, stored };
}

async function asyncFilter<T>(items: T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(test));
  return items.filter((_, index) => kept[index]);
}

/** A CRD takes its objects with it. */
async function removeInstances(engine: Engine, crd: KubeObject): Promise<void> {
  const spec = isObject(crd.spec) ? crd.spec : {};
  const names = isObject(spec.names) ? spec.names : {};
  const resource = `${String(names.plural)}.${String(spec.group)}`;
  if (engine.registry.byId(resource) !== undefined) return;
  const { items } = await engine.store.list({ resource });
  for (const stored of items) {
    const write = {
      key: stored.key,
      encode: () => stored.bytes,
      owners: [],
      context: systemContext('delete'),
    };
    await engine.store.delete(write, stored.revision);
  }
}
