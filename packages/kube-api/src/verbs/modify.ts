import type { Managers } from '../apply/managers.ts';
import type { RequestContext } from '../engine.ts';
import { equal } from '../json/value.ts';
import { decodeObject } from '../object-bytes.ts';
import { badRequest, conflict, invalid, notFound, objectModified } from '../status.ts';
import { KeyMissing, type ObjectKey, RevisionMismatch, type StoredObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { matchNamespace, writeOf } from './create.ts';
import { parseRevision, type WriteOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { settle } from './settle.ts';

export interface Change {
  next: KubeObject;
  /** Ownership as server-side apply settled it. */
  applied?: Managers;
}

const MAX_ATTEMPTS = 5;

export const keyOf = (ctx: RequestContext): ObjectKey => ({
  resource: ctx.target.version.resource.id,
  namespace: ctx.target.namespace,
  name: ctx.target.name,
});

/**
 * Reads, changes and writes an object. When somebody else wrote in between, it starts again,
 * unless the change names a resourceVersion, which must then be the stored one.
 */
export async function modify(
  ctx: RequestContext,
  options: WriteOptions,
  verb: 'update' | 'patch' | 'apply',
  change: (live: KubeObject) => Change | Promise<Change>,
): Promise<Outcome> {
  const { resource } = ctx.target.version;
  for (let attempt = 1; ; attempt++) {
    const stored = await ctx.engine.store.get(keyOf(ctx));
    if (stored === undefined) throw notFound(resource, ctx.target.name);
    try {
      return await modifyOnce(ctx, options, verb, stored, change);
    } catch (error) {
      if (error instanceof KeyMissing) throw notFound(resource, ctx.target.name);
      if (!(error instanceof RevisionMismatch)) throw error;
      if (attempt === MAX_ATTEMPTS) throw objectModified(resource, ctx.target.name);
    }
  }
}

async function modifyOnce(
  ctx: RequestContext,
  options: WriteOptions,
  verb: 'update' | 'patch' | 'apply',
  stored: StoredObject,
  change: (live: KubeObject) => Change | Promise<Change>,
): Promise<Outcome> {
  const { target, engine } = ctx;
  const live = decodeObject(stored, target.version);
  const { next, applied } = await change(live);
  checkIdentity(ctx, stored, live, next);
  keepSystemFields(ctx, live, next);
  await settle(ctx, live, next, options, applied);
  delete next.metadata.resourceVersion;
  if (unchanged(live, next)) return { code: 200, bytes: stored.bytes };
  checkFinalizers(ctx, live, next);

  const write = writeOf(ctx, next, options, verb);
  const finished =
    next.metadata.deletionTimestamp !== undefined &&
    (next.metadata.finalizers ?? []).length === 0 &&
    !isWaitingForGrace(ctx, next);
  if (options.dryRun) return { code: 200, bytes: write.encode(stored.revision) };
  if (!finished)
    return { code: 200, bytes: (await engine.store.update(write, stored.revision)).bytes };
  const deleted = await engine.store.delete(write, stored.revision);
  engine.lifecycle.deleted(next, target.version.resource);
  return { code: 200, bytes: deleted.bytes };
}

/** A pod that still has its grace period goes when its kubelet deletes it. */
const isWaitingForGrace = (ctx: RequestContext, object: KubeObject): boolean =>
  ctx.target.version.resource.source.graceSeconds !== undefined &&
  (object.metadata.deletionGracePeriodSeconds ?? 0) > 0;

function unchanged(live: KubeObject, next: KubeObject): boolean {
  const { resourceVersion: _resourceVersion, ...metadata } = live.metadata;
  return equal({ ...live, metadata }, next);
}

function checkIdentity(
  ctx: RequestContext,
  stored: StoredObject,
  live: KubeObject,
  next: KubeObject,
): void {
  const { resource } = ctx.target.version;
  const { name } = ctx.target;
  const { metadata } = next;
  if ((metadata.name ?? '') === '') metadata.name = name;
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  matchNamespace(ctx, next);
  const revision = metadata.resourceVersion ?? '';
  if (revision !== '' && parseRevision(revision) !== stored.revision) {
    throw objectModified(resource, name);
  }
  if ((metadata.uid ?? '') !== '' && metadata.uid !== live.metadata.uid) {
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${live.metadata.uid}`,
    );
  }
}

/** What clients cannot change by writing the object. */
function keepSystemFields(ctx: RequestContext, live: KubeObject, next: KubeObject): void {
  const { metadata } = next;
  for (const field of [
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
    'generateName',
  ] as const) {
    const kept = live.metadata[field];
    if (kept === undefined) delete metadata[field];
    else (metadata as Record<string, unknown>)[field] = kept;
  }
  delete metadata.selfLink;
  if (ctx.target.version.source.status !== true) return;
  if (ctx.target.subresource !== 'status') {
    if (live.status === undefined) delete next.status;
    else next.status = live.status;
    return;
  }
  const { managedFields } = metadata;
  for (const key of Object.keys(next)) {
    if (!['apiVersion', 'kind', 'metadata', 'status'].includes(key)) delete next[key];
  }
  for (const key of Object.keys(live)) {
    if (!['apiVersion', 'kind', 'metadata', 'status'].includes(key)) next[key] = live[key];
  }
  next.metadata = { ...live.metadata, managedFields };
}

function checkFinalizers(ctx: RequestContext, live: KubeObject, next: KubeObject): void {
  if (live.metadata.deletionTimestamp === undefined) return;
  const before = new Set(live.metadata.finalizers);
  const added = (next.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return;
  throw invalid(ctx.target.version.resource, ctx.target.name, [
    {
      reason: 'FieldValueForbidden',
      field: 'metadata.finalizers',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
    },
  ]);
}
