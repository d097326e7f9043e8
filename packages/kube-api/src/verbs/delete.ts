import type { RequestContext } from '../engine.ts';
import { decodeJson, decodeYaml } from '../json/body.ts';
import { decodeObject, encodeObject } from '../object-bytes.ts';
import { decodeProtobuf, PROTOBUF } from '../protobuf/decode.ts';
import { type Propagation, remove, type Removed } from '../removal.ts';
import { ApiError, badRequest, invalid, notFound, preconditionFailed, success } from '../status.ts';
import { KeyMissing, RevisionMismatch, type StoredObject } from '../store/store.ts';
import { isObject, type JsonObject, type JsonValue } from '../types.ts';
import { selectItems } from './list.ts';
import { keyOf } from './modify.ts';
import { integerParameter, isTrue, parseRevision } from './options.ts';
import type { Outcome } from './outcome.ts';
import { admissionRequest, runChain } from './settle.ts';

interface DeleteOptions {
  propagation: Propagation | undefined;
  graceSeconds: number | undefined;
  uid: string | undefined;
  resourceVersion: string | undefined;
  dryRun: boolean;
}

const policies = ['Orphan', 'Background', 'Foreground'];

/** DELETE of one object. */
export async function deleteOne(ctx: RequestContext): Promise<Outcome> {
  const options = await readOptions(ctx);
  const { resource } = ctx.target.version;
  for (;;) {
    const stored = await ctx.engine.store.get(keyOf(ctx));
    if (stored === undefined) throw notFound(resource, ctx.target.name);
    try {
      const removed = await deleteStored(ctx, stored, options);
      const { uid, name } = removed.object.metadata;
      if (!removed.gone || resource.source.graceSeconds !== undefined) {
        return { code: 200, bytes: removed.bytes };
      }
      const group = resource.group === '' ? {} : { group: resource.group };
      return { code: 200, value: success({ name, ...group, kind: resource.plural, uid }) };
    } catch (error) {
      if (error instanceof KeyMissing) throw notFound(resource, ctx.target.name);
      if (!(error instanceof RevisionMismatch)) throw error;
    }
  }
}

/** DELETE of a collection, by selectors; answers the objects it deleted. */
export async function deleteCollection(ctx: RequestContext): Promise<Outcome> {
  const options = await readOptions(ctx);
  const { version } = ctx.target;
  const { items, revision } = await selectItems(ctx);
  const deleted: JsonObject[] = [];
  for (const stored of items) {
    try {
      const { bytes, object } = await deleteStored(ctx, stored, options);
      deleted.push(decodeObject({ ...stored, bytes }, version) ?? object);
    } catch (error) {
      const passed =
        error instanceof KeyMissing ||
        error instanceof RevisionMismatch ||
        (error instanceof ApiError && error.code === 409);
      if (!passed) throw error;
    }
  }
  return {
    code: 200,
    value: {
      kind: version.resource.listKind,
      apiVersion: version.apiVersion,
      metadata: { resourceVersion: String(revision) },
      items: deleted,
    },
  };
}

async function deleteStored(
  ctx: RequestContext,
  stored: StoredObject,
  options: DeleteOptions,
): Promise<Removed> {
  const { resource } = ctx.target.version;
  const { name } = stored.key;
  const live = decodeObject(stored);
  const { uid = '' } = live.metadata;
  if (options.uid !== undefined && options.uid !== uid) {
    throw preconditionFailed(resource, name, 'UID', options.uid, uid);
  }
  const asked = options.resourceVersion;
  if (asked !== undefined && parseRevision(asked) !== stored.revision) {
    throw preconditionFailed(resource, name, 'ResourceVersion', asked, String(stored.revision));
  }
  const request = admissionRequest(ctx, live, undefined, options);
  await runChain(ctx.engine.admission, 'validate', request);
  if (options.dryRun) {
    return { gone: true, object: live, bytes: encodeObject(live, stored.revision) };
  }
  return remove(ctx.engine, resource, stored, {
    propagation: options.propagation,
    graceSeconds: options.graceSeconds,
    context: { user: ctx.user, verb: 'delete', fieldManager: '' },
  });
}

/** DeleteOptions from the body, or from the query when there is none. */
async function readOptions(ctx: RequestContext): Promise<DeleteOptions> {
  const { limits } = ctx.engine;
  const { query } = ctx.request;
  const bytes = await ctx.request.body(limits.bodyBytes);
  const value = decodeOptions(ctx, bytes);
  if (!isObject(value) || (value.kind !== undefined && value.kind !== 'DeleteOptions')) {
    throw badRequest('the body of a delete is DeleteOptions');
  }
  const preconditions = isObject(value.preconditions) ? value.preconditions : {};
  const fromBody = bytes.length > 0;
  const propagation = fromBody
    ? value.propagationPolicy
    : (query.get('propagationPolicy') ?? undefined);
  const orphan = fromBody ? value.orphanDependents : (query.get('orphanDependents') ?? undefined);
  const grace = fromBody ? value.gracePeriodSeconds : integerParameter(ctx, 'gracePeriodSeconds');
  const dryRun = fromBody && Array.isArray(value.dryRun) ? value.dryRun : query.getAll('dryRun');
  const wrong = (field: string, given: unknown, allowed: string) =>
    invalid({ group: 'meta.k8s.io', plural: 'deleteoptions', kind: 'DeleteOptions' }, '', [
      {
        reason: 'FieldValueNotSupported',
        field,
        message: `Unsupported value: ${JSON.stringify(given)}: supported values: ${allowed}`,
      },
    ]);
  if (
    propagation !== undefined &&
    propagation !== null &&
    !policies.includes(propagation as string)
  ) {
    throw wrong('propagationPolicy', propagation, '"Foreground", "Background", "Orphan"');
  }
  if (dryRun.some((entry) => entry !== 'All')) throw wrong('dryRun', dryRun, '"All"');
  if (
    grace !== undefined &&
    grace !== null &&
    (!Number.isInteger(grace) || (grace as number) < 0)
  ) {
    throw wrong('gracePeriodSeconds', grace, 'non-negative integers');
  }
  const orphaned = orphan === true || (typeof orphan === 'string' && isTrue(orphan));
  return {
    propagation:
      (propagation as Propagation | null | undefined) ?? (orphaned ? 'Orphan' : undefined),
    graceSeconds: (grace as number | null | undefined) ?? undefined,
    uid: typeof preconditions.uid === 'string' ? preconditions.uid : undefined,
    resourceVersion:
      typeof preconditions.resourceVersion === 'string' ? preconditions.resourceVersion : undefined,
    dryRun: dryRun.length > 0,
  };
}

function decodeOptions(ctx: RequestContext, bytes: Buffer): JsonValue {
  if (bytes.length === 0) return {};
  const { limits } = ctx.engine;
  const type = ctx.request.header('content-type') ?? '';
  if (type.startsWith(PROTOBUF)) return decodeProtobuf(bytes);
  return (type.includes('yaml') ? decodeYaml(bytes, limits) : decodeJson(bytes, limits)).value;
}
