import { type Collection, createCollection } from './collection.ts';
import { createHistory, type HistoryLimits } from './history.ts';
import {
  Compacted,
  FutureRevision,
  KeyExists,
  KeyMissing,
  type KubeStore,
  type ObjectKey,
  RevisionMismatch,
  type StoredObject,
  type StoreEvent,
  type WatchQuery,
  type WatchSink,
  type Write,
} from './store.ts';

export interface MemoryStoreOptions {
  /** How much history watches and continued lists can reach back to. */
  history?: Partial<HistoryLimits>;
}

interface Watcher {
  query: WatchQuery;
  sink: WatchSink;
}

const idOf = (key: ObjectKey): string => `${key.resource}/${key.namespace}/${key.name}`;

/** A store in the memory of this process. Every operation is atomic: none of them awaits. */
export function createMemoryStore(options: MemoryStoreOptions = {}): KubeStore {
  const history = createHistory({ events: 2_000, bytes: 8 * 1024 * 1024, ...options.history }, 1);
  const collections = new Map<string, Collection>();
  const watchers = new Map<string, Set<Watcher>>();
  const ownersOf = new Map<string, string[]>();
  const byOwner = new Map<string, Map<string, ObjectKey>>();
  let revision = 1;

  const collectionOf = (resource: string): Collection => {
    let collection = collections.get(resource);
    if (collection === undefined) {
      collection = createCollection();
      collections.set(resource, collection);
    }
    return collection;
  };

  const setOwners = (key: ObjectKey, owners: string[]): void => {
    const id = idOf(key);
    for (const uid of ownersOf.get(id) ?? []) {
      const dependents = byOwner.get(uid);
      dependents?.delete(id);
      if (dependents?.size === 0) byOwner.delete(uid);
    }
    if (owners.length === 0) {
      ownersOf.delete(id);
      return;
    }
    ownersOf.set(id, owners);
    for (const uid of owners) {
      const dependents = byOwner.get(uid) ?? new Map<string, ObjectKey>();
      dependents.set(id, key);
      byOwner.set(uid, dependents);
    }
  };

  const publish = (event: StoreEvent): void => {
    history.push(event);
    const { resource, namespace } = event.object.key;
    const interested = watchers.get(resource);
    if (interested === undefined) return;
    const batch = [event];
    for (const watcher of interested) {
      if (watcher.query.namespace === undefined || watcher.query.namespace === namespace) {
        watcher.sink.events(batch);
      }
    }
  };

  /** The collection as it was after `at`: the present with later events undone. */
  const rewound = (resource: string, at: number): Collection => {
    const later = history.since(at);
    if (later === undefined) throw new Compacted(history.oldest());
    const present = collections.get(resource);
    const touching = later.filter((event) => event.object.key.resource === resource);
    if (touching.length === 0) return present ?? createCollection();
    const past = present?.copy() ?? createCollection();
    for (const event of touching.reverse()) {
      if (event.previous === undefined) past.remove(event.object.key);
      else past.set(event.previous);
    }
    return past;
  };

  const write = (
    type: StoreEvent['type'],
    change: Write,
    previous: StoredObject | undefined,
  ): StoredObject => {
    const next = revision + 1;
    const object = { key: change.key, revision: next, bytes: change.encode(next) };
    revision = next;
    if (type === 'DELETED') collections.get(change.key.resource)?.remove(change.key);
    else collectionOf(change.key.resource).set(object);
    setOwners(change.key, type === 'DELETED' ? [] : change.owners);
    publish(
      previous === undefined
        ? { type, object, revision: next }
        : { type, object, previous, revision: next },
    );
    return object;
  };

  const expecting = (key: ObjectKey, expected: number): StoredObject => {
    const present = collections.get(key.resource)?.get(key);
    if (present === undefined) throw new KeyMissing(idOf(key));
    if (present.revision !== expected) throw new RevisionMismatch(idOf(key));
    return present;
  };

  return {
    revision: async () => revision,
    get: async (key) => collections.get(key.resource)?.get(key),
    list: async (query) => {
      if (query.revision !== undefined && query.revision > revision) {
        throw new FutureRevision(revision);
      }
      const shown = query.revision ?? revision;
      const collection =
        shown === revision ? collections.get(query.resource) : rewound(query.resource, shown);
      const page = collection?.page(query.namespace, query.after, query.limit);
      return { items: page?.items ?? [], remaining: page?.remaining ?? 0, revision: shown };
    },
    dependents: async (ownerUid) => {
      const found: StoredObject[] = [];
      for (const key of byOwner.get(ownerUid)?.values() ?? []) {
        const object = collections.get(key.resource)?.get(key);
        if (object !== undefined) found.push(object);
      }
      return found;
    },
    create: async (change) => {
      if (collections.get(change.key.resource)?.get(change.key) !== undefined) {
        throw new KeyExists(idOf(change.key));
      }
      return write('ADDED', change, undefined);
    },
    update: async (change, expected) => write('MODIFIED', change, expecting(change.key, expected)),
    delete: async (change, expected) => write('DELETED', change, expecting(change.key, expected)),
    watch: async (query, sink) => {
      if (query.after > revision) throw new FutureRevision(revision);
      const missed = history.since(query.after);
      if (missed === undefined) throw new Compacted(history.oldest());
      const watcher = { query, sink };
      const group = watchers.get(query.resource) ?? new Set<Watcher>();
      group.add(watcher);
      watchers.set(query.resource, group);
      const wanted = missed.filter(
        ({ object: { key } }) =>
          key.resource === query.resource &&
          (query.namespace === undefined || key.namespace === query.namespace),
      );
      if (wanted.length > 0) sink.events(wanted);
      return {
        revision: () => revision,
        close: () => {
          group.delete(watcher);
          if (group.size === 0 && watchers.get(query.resource) === group) {
            watchers.delete(query.resource);
          }
        },
      };
    },
  };
}
