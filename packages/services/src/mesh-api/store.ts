import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import { inTenant, type Database } from '@ambit/db/database';
import type { Pipeline } from '@ambit/db/pipeline';
import { findKind, splitApiVersion } from '@ambit/istio/kinds';
import { ApiError, badRequest } from '@ambit/kube-api/status';
import {
  FutureRevision,
  KeyExists,
  KeyMissing,
  type KubeStore,
  RevisionMismatch,
  type StoredObject,
  type Write,
} from '@ambit/kube-api/store/store';
import type { KubeObject } from '@ambit/kube-api/types';
import { AmbitError } from '../kernel/errors.ts';
import { auditOf, authorOf, doorOf } from './author.ts';
import { loadReplica, placeOf, readLog } from './read-log.ts';
import { awaitedBy, lockMesh, type Entry } from './record.ts';
import type { LogEntry, Replica } from './replica.ts';
import type { Seal } from './seal.ts';
import { wishOf } from './wish.ts';
import { writeBatch, writeBatchLocked, type Batch } from './write-batch.ts';
import { createWriteQueue, idOf, type Pending } from './write-queue.ts';
import { yamlText } from './yaml-text.ts';

export interface MeshStoreOptions {
  db: Database;
  pipeline: Pipeline;
  organisationId: string;
  meshId: string;
  seal: Seal;
  now: () => Date;
  /** Told of what was taken into memory, in order. */
  followed?: (entries: readonly LogEntry[]) => void;
}

export interface MeshStore extends KubeStore {
  /** What it holds in memory, roughly. */
  bytes(): number;
  /** Reads what other processes wrote. */
  catchUp(): Promise<void>;
  /** The same, when the mesh has come to this revision and the store has not by its own writes. */
  reach(revision: number): Promise<void>;
  close(): void;
}

interface Prepared {
  log: LogEntry[];
  /** Tell the writers, each its own outcome. */
  settled: (() => void)[];
  batch: Batch;
}

/**
 * The store of one mesh's Kubernetes API over the rows of its policies. Reads and watches are served from memory,
 * which follows the log; writes wait for their transaction, and those that come meanwhile share the next one.
 * @returns undefined when the organisation has no such mesh
 */
export async function openMeshStore(options: MeshStoreOptions): Promise<MeshStore | undefined> {
  const { db, pipeline, organisationId, meshId, seal } = options;
  const loaded = await inTenant(db, organisationId, (tx) => loadReplica(tx, meshId, seal));
  if (loaded === undefined) return undefined;
  const replica: Replica = loaded;
  const follow = (log: LogEntry[]): void => {
    replica.follow(log);
    options.followed?.(log);
  };
  let reading: Promise<void> | undefined;
  let readAgain = false;

  async function readOn(): Promise<void> {
    do {
      readAgain = false;
      const log = await inTenant(db, organisationId, (tx) =>
        readLog(tx, meshId, replica.revision(), seal),
      );
      follow(log);
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

  const queue = createWriteQueue<Prepared>({
    begin(pendings, ahead) {
      const prepared = prepare(pendings, ahead);
      const { batch } = prepared;
      return {
        writes: batch.entries.length,
        done: writeBatch(pipeline, batch).then(() => prepared, rethrowAsApiError),
      };
    },
    beginLocked: (pendings) =>
      inTenant(db, organisationId, async (tx) => {
        // With the lock held nothing more is written, so the replica is exact once it has read this far.
        const revision = await lockMesh(tx, meshId);
        if (revision > replica.revision()) {
          follow(await readLog(tx, meshId, replica.revision(), seal));
        }
        const prepared = prepare(pendings, 0);
        if (prepared.batch.entries.length > 0) await writeBatchLocked(tx, prepared.batch);
        return prepared;
      }).catch(rethrowAsApiError),
    async settle({ batch, log, settled }) {
      // The writes before it were taken for lost with their connection, but are there.
      if (log.length > 0 && replica.revision() < batch.after) await catchUp();
      follow(log);
      for (const settle of settled) settle();
    },
    catchUp,
  });

  const enqueue = (type: Pending['type'], write: Write, expected: number): Promise<StoredObject> =>
    new Promise((resolve, reject) => queue.push({ type, write, expected, resolve, reject }));

  function prepare(pendings: Pending[], ahead: number): Prepared {
    const after = replica.revision() + ahead;
    const log: LogEntry[] = [];
    const settled: (() => void)[] = [];
    const now = options.now();
    const batch: Batch = { organisationId, meshId, now, after, entries: [], audits: [] };
    for (const pending of pendings) {
      try {
        const found = refusalOf(pending);
        if (found !== undefined) throw found;
        const next = after + batch.entries.length + 1;
        const { key } = pending.write;
        const bytes = pending.write.encode(next);
        batch.entries.push(entryOf(pending, next, bytes));
        batch.audits.push(auditOf(meshId, next, pending.type, pending.write));
        const object = { key, revision: next, bytes };
        log.push({ object, deleted: pending.type === 'delete' });
        settled.push(() => pending.resolve(object));
      } catch (error) {
        settled.push(() => pending.reject(error));
      }
    }
    return { log, settled, batch };
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
      object: wish,
      yaml: yamlText(wish),
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
    bytes: () => replica.bytes(),
    catchUp,
    async reach(revision) {
      if (revision > replica.revision()) await queue.settled();
      if (revision > replica.revision()) await catchUp();
    },
    close: () => replica.end(),
  };
}

const plainChange = { create: 'created', update: 'updated', delete: 'deleted' } as const;

/** An update that leaves the wish as it is (status, finalizers, owners) makes no version of the policy. */
function changeOf(
  type: Pending['type'],
  stored: StoredObject | undefined,
  next: KubeObject,
  wish: KubeObject,
): Entry['change'] {
  if (type !== 'update' || stored === undefined) return plainChange[type];
  const before = JSON.parse(stored.bytes.toString('utf8')) as KubeObject;
  if (next.metadata.deletionTimestamp !== before.metadata.deletionTimestamp) return 'deleting';
  if (next.metadata.generation !== before.metadata.generation) return 'updated';
  return canonicalJson(wishOf(before)) === canonicalJson(wish) ? 'status' : 'updated';
}

/** What the platform refuses, as Kubernetes says it. */
function rethrowAsApiError(error: unknown): never {
  if (!(error instanceof AmbitError)) throw error;
  if (error.code === 'conflict') throw new ApiError(409, 'Conflict', error.message);
  if (error.code === 'not_found') throw new ApiError(404, 'NotFound', error.message);
  throw error;
}
