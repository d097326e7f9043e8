import type { Engine } from './engine.ts';
import { decodeObject, encodeObject } from './object-bytes.ts';
import { remove, systemContext } from './removal.ts';
import { KeyMissing, RevisionMismatch } from './store/store.ts';

const KEY = 'namespaces';

/** Deletes all that is in a namespace, then the namespace. */
export async function emptyNamespace(engine: Engine, namespace: string): Promise<void> {
  for (const resource of engine.registry.resources()) {
    if (!resource.source.namespaced) continue;
    const { items } = await engine.store.list({ resource: resource.id, namespace });
    for (const stored of items) {
      try {
        await remove(engine, resource, stored, {
          propagation: undefined,
          graceSeconds: undefined,
          context: systemContext('delete'),
        });
      } catch (error) {
        if (!(error instanceof KeyMissing) && !(error instanceof RevisionMismatch)) throw error;
      }
    }
  }
  await finishNamespace(engine, namespace);
}

/** Removes a namespace that is being deleted, once nothing is left in it. */
export async function finishNamespace(engine: Engine, namespace: string): Promise<void> {
  const resource = engine.registry.byId(KEY);
  if (resource === undefined) return;
  const stored = await engine.store.get({ resource: KEY, namespace: '', name: namespace });
  if (stored === undefined || !stored.bytes.includes('"deletionTimestamp":')) return;
  for (const other of engine.registry.resources()) {
    if (!other.source.namespaced) continue;
    const { items } = await engine.store.list({ resource: other.id, namespace, limit: 1 });
    if (items.length > 0) return;
  }
  const object = decodeObject(stored);
  if ((object.metadata.finalizers ?? []).length > 0) return;
  delete object.spec;
  try {
    await engine.store.delete(
      {
        key: stored.key,
        encode: (revision) => encodeObject(object, revision),
        owners: [],
        context: systemContext('delete'),
      },
      stored.revision,
    );
    engine.lifecycle.deleted(object, resource);
  } catch (error) {
    if (!(error instanceof KeyMissing) && !(error instanceof RevisionMismatch)) throw error;
  }
}
