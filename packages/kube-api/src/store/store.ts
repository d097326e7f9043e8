import type { UserInfo } from '../types.ts';

/** Where an object lives. `resource` is `plural.group` (`plural` for the core group). */
export interface ObjectKey {
  resource: string;
  /** Empty for cluster-scoped kinds. */
  namespace: string;
  name: string;
}

/**
 * One object as stored: `bytes` is its whole JSON in UTF-8, resourceVersion included, and begins
 * with apiVersion and kind, so that it goes to clients and watchers as it is.
 */
export interface StoredObject {
  key: ObjectKey;
  /** The revision of the last write; equal to metadata.resourceVersion. */
  revision: number;
  bytes: Buffer;
}

export interface WriteContext {
  user: UserInfo;
  verb: 'create' | 'update' | 'patch' | 'apply' | 'delete';
  fieldManager: string;
}

export interface Write {
  key: ObjectKey;
  /** Called once with the revision of this write, inside its transaction. */
  encode: (revision: number) => Buffer;
  /** uids of the owners, so that dependents can be found by owner. */
  owners: string[];
  context: WriteContext;
}

export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** For DELETED: the last state, with the revision of the deletion. */
  object: StoredObject;
  /** The state before; absent for ADDED. */
  previous?: StoredObject;
  revision: number;
}

export interface ListQuery {
  resource: string;
  /** Only this namespace; absent: all. */
  namespace?: string;
  /** The state at this revision; absent: now. */
  revision?: number;
  /** Only objects after this one in (namespace, name) order. */
  after?: { namespace: string; name: string };
  /** At most this many; absent: all. */
  limit?: number;
}

export interface ListResult {
  items: StoredObject[];
  /** The revision the list shows. */
  revision: number;
  /** Objects after the last one returned. */
  remaining: number;
}

export interface WatchQuery {
  resource: string;
  namespace?: string;
  /** Events with a greater revision are delivered. */
  after: number;
}

export interface WatchSink {
  events(batch: readonly StoreEvent[]): void;
  /** The store cannot go on (history lost); the watcher has to list again. */
  expired(): void;
}

export interface StoreWatch {
  /** Every event up to this revision was given to the sink. */
  revision(): number;
  close(): void;
}

/**
 * What the engine needs of a store. One store is one API: one revision that grows by one a
 * write. Writes are atomic; `expected` is compared inside the same transaction. Failures:
 * KeyExists, KeyMissing, RevisionMismatch, Compacted.
 */
export interface KubeStore {
  revision(): Promise<number>;
  get(key: ObjectKey): Promise<StoredObject | undefined>;
  list(query: ListQuery): Promise<ListResult>;
  /** Objects of any resource that name this owner. */
  dependents(ownerUid: string): Promise<StoredObject[]>;
  create(write: Write): Promise<StoredObject>;
  update(write: Write, expected: number): Promise<StoredObject>;
  delete(write: Write, expected: number): Promise<StoredObject>;
  watch(query: WatchQuery, sink: WatchSink): Promise<StoreWatch>;
}

export class KeyExists extends Error {}
export class KeyMissing extends Error {}
export class RevisionMismatch extends Error {}

/** The asked revision is older than the history (`oldest` is the oldest that can be served). */
export class Compacted extends Error {
  readonly oldest: number;
  constructor(oldest: number) {
    super(`history begins at revision ${oldest}`);
    this.oldest = oldest;
  }
}

/** The asked revision has not happened yet. */
export class FutureRevision extends Error {
  readonly current: number;
  constructor(current: number) {
    super(`the current revision is ${current}`);
    this.current = current;
  }
}
