import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import { inTenant, type Database, type Tx } from '@ambit/db/database';
import { findKind, splitApiVersion } from '@ambit/istio/kinds';
import { ApiError, badRequest } from '@ambit/kube-api/status';
import {
  FutureRevision,
  KeyExists,
  KeyMissing,
  type KubeStore,
  type ObjectKey,
  RevisionMismatch,
  type StoredObject,
  type Write,
} from '@ambit/kube-api/store/store';
import type { KubeObject } from '@ambit/kube-api/types';
import { effectsOf } from '../kernel/effects.ts';
import { AmbitError } from '../kernel/errors.ts';
import { isLostToAnother } from '../kernel/database-errors.ts';
import { auditOf, authorOf, doorOf } from './author.ts';
import { loadReplica, placeOf, readLog } from './read-log.ts';
import { awaitedBy, lockMesh, record, type Entry } from './record.ts';
import type { LogEntry, Replica } from './replica.ts';
import type { Seal } from './seal.ts';
import { wishOf } from './wish.ts';

export interface MeshStoreOptions {
  db: Database;
  organisationId: string;
  meshId: string;
  seal: Seal;
  now: () => Date;
}

export interface MeshStore extends KubeStore {
  /** Reads what other processes wrote; called when the mesh's revision moved. */
  catchUp(): Promise<void>;
  close(): void;
}

interface Pending {
  type: 'create' | 'update' | 'delete';
  write: Write;
  expected: number;
  resolve: (stored: StoredObject) => void;
  reject: (error: unknown) => void;
}

const mostInOne = 64;
const mostAttempts = 3;
const idOf = (key: ObjectKey): string => `${key.resource}/${key.namespace}/${key.name}`;

/**
 * The store of one mesh's Kubernetes API over the rows of its policies. Reads and watches are served from memory,
 * which follows the log; writes wait for their transaction, and those that come meanwhile share the next one.
 * @returns undefined when the organisation has no such mesh
 */
export async function openMeshStore(options: MeshStoreOptions): Promise<MeshStore | undefined> {
  const { db, organisationId, meshId, seal } = options;
  const loaded = await inTenant(db, organisationId, (tx) => loadReplica(tx, meshId, seal));
  if (loaded === undefined) return undefined;
  const replica: Replica = loaded;
  let waiting: Pending[] = [];
  let writing = false;
  let reading: Promise<void> | undefined;
  let readAgain = false;

  async function readOn(): Promise<void> {
    do {
      readAgain = false;
      const log = await inTenant(db, organisationId, (tx) =>
        readLog(tx, meshId, replica.revision(), seal),
      );
      replica.follow(log);
    } while (readAgain);
  }

  const catchUp = (): Promise<void> => {
    if (reading !== undefined) readAgain = true;
    return (reading ??= readOn().finally(() => (reading = undefined)));
  };

  /** A client may know of a revision that another process wrote: it is read before it counts as a future one. */
  async function knowing<T>(read: () => T): Promise<T> {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FutureRevision)) throw error;
      await catchUp();
      return read();
    }
  }

  const enqueue = (type: Pending['type'], write: Write, expected: number): Promise<StoredObject> =>
    new Promise((resolve, reject) => {
      waiting.push({ type, write, expected, resolve, reject });
      if (!writing) void drain();
    });

  async function drain(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = nextBatch();
      await commit(batch);
    }
    writing = false;
  }

  /** Writes of different objects; a second one of the same object waits for the next transaction. */
  function nextBatch(): Pending[] {
    const taken = new Map<string, Pending>();
    const left: Pending[] = [];
    for (const pending of waiting) {
      const id = idOf(pending.write.key);
      if (taken.size < mostInOne && !taken.has(id)) taken.set(id, pending);
      else left.push(pending);
    }
    waiting = left;
    return [...taken.values()];
  }

  async function commit(batch: Pending[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const done = await inTenant(db, organisationId, (tx) => writeBatch(tx, batch));
        replica.follow(done.log);
        for (const settle of done.settled) settle();
        return;
      } catch (error) {
        if (attempt < mostAttempts && isLostToAnother(error)) continue;
        for (const { reject } of batch) reject(toApiError(error));
        return;
      }
    }
  }

  async function writeBatch(
    tx: Tx,
    batch: Pending[],
  ): Promise<{ log: LogEntry[]; settled: (() => void)[] }> {
    const revision = await lockMesh(tx, meshId);
    // With the lock held nothing more is written, so the replica is exact once it has read this far.
    if (revision > replica.revision()) {
      replica.follow(await readLog(tx, meshId, replica.revision(), seal));
    }
    const log: LogEntry[] = [];
    const settled: (() => void)[] = [];
    const entries: Entry[] = [];
    const accepted: Pending[] = [];
    for (const pending of batch) {
      try {
        const found = refusalOf(pending);
        if (found !== undefined) throw found;
        const next = revision + entries.length + 1;
        const { key } = pending.write;
        const bytes = pending.write.encode(next);
        entries.push(entryOf(pending, next, bytes));
        accepted.push(pending);
        const object = { key, revision: next, bytes };
        log.push({ object, deleted: pending.type === 'delete' });
        settled.push(() => pending.resolve(object));
      } catch (error) {
        settled.push(() => pending.reject(error));
      }
    }
    if (entries.length === 0) return { log, settled };
    const now = options.now();
    const ids = await record(tx, organisationId, meshId, now, entries);
    const { enqueue: queue } = effectsOf(tx, organisationId);
    await tx.auditEntry.createMany({
      data: accepted.map(({ type, write }, index) =>
        auditOf(organisationId, meshId, ids[index]!, type, write),
      ),
    });
    await tx.changeEvent.create({
      data: { organisationId, topic: 'audit', resourceId: 'kube', change: 'created' },
    });
    if (entries.some(({ auxiliary, change }) => !auxiliary && change !== 'status')) {
      await queue('policies.deliver', { organisationId, meshId });
    }
    return { log, settled };
  }

  function refusalOf({ type, write, expected }: Pending): Error | undefined {
    const present = replica.get(write.key);
    if (type === 'create') return present && new KeyExists(idOf(write.key));
    if (present === undefined) return new KeyMissing(idOf(write.key));
    return present.revision === expected ? undefined : new RevisionMismatch(idOf(write.key));
  }

  function entryOf({ type, write }: Pending, revision: number, bytes: Buffer): Entry {
    const text = bytes.toString('utf8');
    if (/\\u0000|\\ud[89a-f]/i.test(text)) {
      throw badRequest('a text of the object holds a NUL or half of a surrogate pair');
    }
    const object = JSON.parse(text) as KubeObject;
    const { resource, namespace, name } = write.key;
    const { group } = splitApiVersion(object.apiVersion);
    const isSecret = resource === 'secrets';
    if (isSecret) for (const field of ['data', 'stringData']) delete object[field];
    const wish = wishOf(object);
    const auxiliary = findKind(group, object.kind) === undefined;
    return {
      id: newId('policy'),
      resource,
      apiVersion: object.apiVersion,
      group,
      kind: object.kind,
      namespace,
      name,
      auxiliary,
      revision,
      kube: isSecret ? seal.close(text, placeOf(meshId, resource, namespace, name)) : text,
      object: wish.object,
      yaml: wish.yaml,
      change: auxiliary ? plainChange[type] : changeOf(type, replica.get(write.key), object, wish),
      finalizers: type === 'delete' ? null : awaitedBy(object),
      author: authorOf(write),
      door: doorOf(write),
      manager: write.context.fieldManager,
    };
  }

  return {
    revision: async () => replica.revision(),
    get: async (key) => replica.get(key),
    list: (query) => knowing(() => replica.list(query)),
    dependents: async (ownerUid) => replica.dependents(ownerUid),
    create: (write) => enqueue('create', write, 0),
    update: (write, expected) => enqueue('update', write, expected),
    delete: (write, expected) => enqueue('delete', write, expected),
    watch: (query, sink) => knowing(() => replica.watch(query, sink)),
    catchUp,
    close: () => replica.end(),
  };
}

const plainChange = { create: 'created', update: 'updated', delete: 'deleted' } as const;

/** An update that leaves the wish as it is (status, finalizers, owners) makes no version of the policy. */
function changeOf(
  type: Pending['type'],
  stored: StoredObject | undefined,
  next: KubeObject,
  wish: { object: KubeObject },
): Entry['change'] {
  if (type !== 'update' || stored === undefined) return plainChange[type];
  const before = JSON.parse(stored.bytes.toString('utf8')) as KubeObject;
  if (next.metadata.deletionTimestamp !== before.metadata.deletionTimestamp) return 'deleting';
  const isSame = canonicalJson(wishOf(before).object) === canonicalJson(wish.object);
  return isSame ? 'status' : 'updated';
}

/** What the platform refuses, as Kubernetes says it. */
function toApiError(error: unknown): unknown {
  if (!(error instanceof AmbitError)) return error;
  if (error.code === 'conflict') return new ApiError(409, 'Conflict', error.message);
  if (error.code === 'not_found') return new ApiError(404, 'NotFound', error.message);
  return error;
}
