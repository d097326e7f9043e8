import { createCollection, type Collection } from '@ambit/kube-api/store/collection';
import { createHistory, type History } from '@ambit/kube-api/store/history';
import {
  Compacted,
  FutureRevision,
  type ListQuery,
  type ListResult,
  type ObjectKey,
  type StoredObject,
  type StoreEvent,
  type StoreWatch,
  type WatchQuery,
  type WatchSink,
} from '@ambit/kube-api/store/store';

/** A write as the log has it. */
export interface LogEntry {
  object: StoredObject;
  deleted: boolean;
}

/** The objects of one mesh in memory, with the newest part of the log. It changes only by `follow`. */
export interface Replica {
  revision(): number;
  /** What objects and history hold, roughly. */
  bytes(): number;
  get(key: ObjectKey): StoredObject | undefined;
  /** @throws FutureRevision, Compacted */
  list(query: ListQuery): ListResult;
  dependents(ownerUid: string): StoredObject[];
  /** @throws FutureRevision, Compacted */
  watch(query: WatchQuery, sink: WatchSink): StoreWatch;
  /** Takes entries in the order of their revisions; those it has already are passed over. @throws Error at a gap */
  follow(entries: LogEntry[]): void;
  /** Ends every watch: the mesh is gone. */
  end(): void;
}

const historyLimits = { events: 2_000, bytes: 4 * 1024 * 1024 };

interface Watcher {
  query: WatchQuery;
  sink: WatchSink;
}

const idOf = (key: ObjectKey): string => `${key.resource}/${key.namespace}/${key.name}`;

/** @param objects as they were at `revision`; what happened before it can not be watched any more */
export function createReplica(objects: StoredObject[], revision: number): Replica {
  const history: History = createHistory(historyLimits, revision);
  const collections = new Map<string, Collection>();
  const dependentsOf = new Map<string, Map<string, ObjectKey>>();
  const watchers = new Set<Watcher>();
  let now = revision;
  let objectBytes = 0;

  const collectionOf = (resource: string): Collection => {
    const found = collections.get(resource) ?? createCollection();
    collections.set(resource, found);
    return found;
  };
  const put = (object: StoredObject): void => {
    objectBytes += weightOf(object);
    collectionOf(object.key.resource).set(object);
    for (const uid of ownersOf(object)) {
      const of = dependentsOf.get(uid) ?? new Map<string, ObjectKey>();
      dependentsOf.set(uid, of.set(idOf(object.key), object.key));
    }
  };
  const drop = (object: StoredObject): void => {
    objectBytes -= weightOf(object);
    collections.get(object.key.resource)?.remove(object.key);
    for (const uid of ownersOf(object)) {
      const of = dependentsOf.get(uid);
      of?.delete(idOf(object.key));
      if (of?.size === 0) dependentsOf.delete(uid);
    }
  };
  const get = (key: ObjectKey) => collections.get(key.resource)?.get(key);

  /** The objects of a resource as they were: the present with later events undone. */
  const rewound = (resource: string, at: number): Collection => {
    const later = history.since(at);
    if (later === undefined) throw new Compacted(history.oldest());
    const past = collections.get(resource)?.copy() ?? createCollection();
    for (const event of later.reverse()) {
      if (event.object.key.resource !== resource) continue;
      if (event.previous === undefined) past.remove(event.object.key);
      else past.set(event.previous);
    }
    return past;
  };

  for (const object of objects) put(object);
  return {
    revision: () => now,
    bytes: () => objectBytes + history.bytes(),
    get,
    list(query) {
      const shown = query.revision ?? now;
      if (shown > now) throw new FutureRevision(now);
      const collection =
        shown === now ? collections.get(query.resource) : rewound(query.resource, shown);
      const page = collection?.page(query.namespace, query.after, query.limit);
      return { items: page?.items ?? [], remaining: page?.remaining ?? 0, revision: shown };
    },
    dependents: (ownerUid) =>
      [...(dependentsOf.get(ownerUid)?.values() ?? [])].flatMap((key) => get(key) ?? []),
    watch(query, sink) {
      if (query.after > now) throw new FutureRevision(now);
      const missed = history.since(query.after);
      if (missed === undefined) throw new Compacted(history.oldest());
      const watcher = { query, sink };
      watchers.add(watcher);
      const wanted = missed.filter((event) => isWanted(event, query));
      if (wanted.length > 0) sink.events(wanted);
      return { revision: () => now, close: () => void watchers.delete(watcher) };
    },
    follow(entries) {
      for (const { object, deleted } of entries) {
        if (object.revision <= now) continue;
        if (object.revision !== now + 1) {
          throw new Error(`the log goes from revision ${now} to ${object.revision}`);
        }
        const previous = get(object.key);
        if (previous !== undefined) drop(previous);
        if (!deleted) put(object);
        now = object.revision;
        const type = deleted ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED';
        const event: StoreEvent = { type, object, previous, revision: now };
        history.push(event);
        for (const { query, sink } of watchers) if (isWanted(event, query)) sink.events([event]);
      }
    },
    end() {
      for (const { sink } of watchers) sink.expired();
      watchers.clear();
    },
  };
}

const isWanted = ({ object: { key } }: StoreEvent, query: WatchQuery): boolean =>
  key.resource === query.resource &&
  (query.namespace === undefined || key.namespace === query.namespace);

/** Its bytes and what the process needs around them. */
const weightOf = ({ bytes }: StoredObject): number => bytes.length + 500;

const marker = Buffer.from('"ownerReferences":');

function ownersOf({ bytes }: StoredObject): string[] {
  if (!bytes.includes(marker)) return [];
  const { metadata } = JSON.parse(bytes.toString('utf8')) as {
    metadata?: { ownerReferences?: { uid: string }[] };
  };
  return (metadata?.ownerReferences ?? []).map(({ uid }) => uid);
}
