import type { Registry } from '../kinds/registry.ts';
import { CRDS, establish } from '../kinds/crd-status.ts';
import { encodeObject } from '../object-bytes.ts';
import { ApiError } from '../status.ts';
import type { JsonObject, KubeObject } from '../types.ts';
import { createCollection } from './collection.ts';
import type { KubeStore, ObjectKey, StoredObject, Write } from './store.ts';

const encoded = new WeakMap<Registry, StoredObject[]>();

/** CRDs of the registry's own kinds as objects, made once for all APIs. */
function sharedCrds(registry: Registry): StoredObject[] {
  let objects = encoded.get(registry);
  if (objects === undefined) {
    objects = [...registry.resources()]
      .flatMap(({ source }) => (source.crd === undefined ? [] : [toStored(source.crd)]))
      .sort((a, b) => (a.key.name < b.key.name ? -1 : 1));
    encoded.set(registry, objects);
  }
  return objects;
}

function toStored(crd: JsonObject): StoredObject {
  const { metadata, ...rest } = crd as KubeObject;
  const name = metadata.name ?? '';
  const object = {
    ...rest,
    metadata: {
      ...metadata,
      uid: uidFrom(name),
      creationTimestamp: metadata.creationTimestamp ?? '2020-01-01T00:00:00Z',
      generation: 1,
    },
  } as KubeObject;
  establish(object, object.metadata.creationTimestamp!);
  return {
    key: { resource: CRDS, namespace: '', name },
    revision: 1,
    bytes: encodeObject(object, 1),
  };
}

/** The same in every process, since the object is. */
function uidFrom(name: string): string {
  const hex = Buffer.from(name.padEnd(16, '.')).toString('hex').slice(-32);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/**
 * Shows the CRDs of the server's own kinds beside those of the store, without storing them for
 * every API. They cannot be changed through the API.
 */
export function withSharedCrds(store: KubeStore, registry: Registry): KubeStore {
  if (registry.byId(CRDS) === undefined) return store;
  const shared = sharedCrds(registry);
  if (shared.length === 0) return store;
  const byName = new Map(shared.map((object) => [object.key.name, object]));
  const find = (key: ObjectKey): StoredObject | undefined =>
    key.resource === CRDS ? byName.get(key.name) : undefined;
  const guard = ({ key }: Write): void => {
    if (find(key) === undefined) return;
    throw new ApiError(
      403,
      'Forbidden',
      `customresourcedefinitions.apiextensions.k8s.io ${JSON.stringify(key.name)} is forbidden: it belongs to the server and cannot be changed`,
      { name: key.name, group: 'apiextensions.k8s.io', kind: 'customresourcedefinitions' },
    );
  };
  return {
    ...store,
    get: async (key) => find(key) ?? store.get(key),
    async list(query) {
      if (query.resource !== CRDS) return store.list(query);
      const { items, revision } = await store.list({ resource: CRDS, revision: query.revision });
      const all = [...shared, ...items].sort((a, b) => (a.key.name < b.key.name ? -1 : 1));
      const page = createCollection(all).page(undefined, query.after, query.limit);
      return { ...page, revision };
    },
    async create(write) {
      guard(write);
      return store.create(write);
    },
    async update(write, expected) {
      guard(write);
      return store.update(write, expected);
    },
    async delete(write, expected) {
      guard(write);
      return store.delete(write, expected);
    },
  };
}
