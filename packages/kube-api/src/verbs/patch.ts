import { applyConfiguration } from '../apply/apply.ts';
import { decodeManagers, identityOf, type Managers } from '../apply/managers.ts';
import { type Writer, withoutUnowned } from '../apply/track.ts';
import type { RequestContext } from '../engine.ts';
import { ItemWithoutKey } from '../fields/elements.ts';
import { fieldSetOf } from '../fields/field-set.ts';
import { DuplicateItem } from '../fields/merge.ts';
import type { FieldSet } from '../fields/set.ts';
import { parseMediaTypes } from '../http/negotiate.ts';
import { decodeJson, decodeYaml, type DecodedBody } from '../json/body.ts';
import { clone } from '../json/value.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMerge } from '../patch/strategic.ts';
import { ApiError, badRequest, invalid, unsupportedMediaType } from '../status.ts';
import { isObject, type JsonObject, type JsonValue, type KubeObject } from '../types.ts';
import { createObject } from './create.ts';
import { asObject, intake, intakePatched } from './intake.ts';
import { keyOf, modify } from './modify.ts';
import { type WriteOptions, writeOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { timestamp } from './settle.ts';

const types = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const;

export type PatchType = (typeof types)[keyof typeof types];

/** PATCH in its four types. */
export async function patch(ctx: RequestContext): Promise<Outcome> {
  const type = patchType(ctx);
  const options = writeOptions(ctx);
  if (type === 'apply') return apply(ctx, options);
  if (options.force !== undefined) {
    throw invalid({ group: 'meta.k8s.io', plural: 'patchoptions', kind: 'PatchOptions' }, '', [
      {
        reason: 'FieldValueForbidden',
        field: 'force',
        message: 'Forbidden: may not be specified for non-apply patch',
      },
    ]);
  }
  const { limits } = ctx.engine;
  const body = decodeJson(await ctx.request.body(limits.bodyBytes), limits);
  return modify(ctx, options, 'patch', (live) => {
    const patched = applyPatch(type, live, body.value, ctx);
    return { next: intakePatched(ctx, clone(patched), body.duplicates, options) };
  });
}

export function patchType(ctx: RequestContext): PatchType {
  const type = parseMediaTypes(ctx.request.header('content-type') ?? '')[0]?.type ?? '';
  const found = Object.hasOwn(types, type) ? types[type as keyof typeof types] : undefined;
  const native = ctx.target.version.resource.source.native === true;
  if (found === undefined || (found === 'strategic' && !native)) {
    throw unsupportedMediaType(
      Object.keys(types).filter((accepted) => native || !accepted.includes('strategic')),
    );
  }
  return found;
}

/** The patched value; `before` is not changed. */
export function applyPatch(
  type: Exclude<PatchType, 'apply'>,
  before: JsonObject,
  patchBody: JsonValue,
  ctx: RequestContext,
): JsonValue {
  if (type === 'json') return jsonPatch(before, patchBody);
  if (!isObject(patchBody)) throw badRequest('the patch is not an object');
  if (type === 'merge') return mergePatch(before, patchBody);
  return strategicMerge(before, patchBody, ctx.target.version.schema());
}

async function apply(ctx: RequestContext, options: WriteOptions): Promise<Outcome> {
  const { limits } = ctx.engine;
  const { version, name, namespace, subresource } = ctx.target;
  if ((ctx.request.query.get('fieldManager') ?? '') === '') {
    throw invalid({ group: 'meta.k8s.io', plural: 'patchoptions', kind: 'PatchOptions' }, '', [
      {
        reason: 'FieldValueRequired',
        field: 'fieldManager',
        message: 'Required value: is required for apply patch',
      },
    ]);
  }
  const body = decodeYaml(await ctx.request.body(limits.bodyBytes), limits);
  const config = configuration(ctx, body, options);
  const schema = version.schema();
  const writer: Writer = {
    name: options.fieldManager,
    apiVersion: version.apiVersion,
    subresource,
    time: timestamp(ctx.engine.now()),
  };
  const applyTo = (live: KubeObject, managers: Managers) => {
    try {
      return applyConfiguration(
        live,
        clone(config),
        schema,
        managers,
        writer,
        options.force === true,
        writer.name === KUBECTL ? lastAppliedFields(live, ctx) : undefined,
      );
    } catch (error) {
      if (!(error instanceof ItemWithoutKey) && !(error instanceof DuplicateItem)) throw error;
      throw badRequest(
        `failed to create typed patch object (${namespace}/${name}; ${version.apiVersion}, Kind=${version.resource.kind}): ${error.message}`,
      );
    }
  };

  if (subresource === '' && (await ctx.engine.store.get(keyOf(ctx))) === undefined) {
    if ((config.metadata.resourceVersion ?? '') !== '' || (config.metadata.uid ?? '') !== '') {
      throw badRequest(
        'an object that does not exist cannot be applied with a uid or resourceVersion',
      );
    }
    const empty: KubeObject = {
      apiVersion: version.apiVersion,
      kind: version.resource.kind,
      metadata: {},
    };
    const { object, managers } = applyTo(empty, new Map());
    try {
      return await createObject(ctx, asObject(clone(object), version), options, 'apply', managers);
    } catch (error) {
      const taken = error instanceof ApiError && error.status.reason === 'AlreadyExists';
      if (!taken) throw error;
      // Somebody created it in between: it is an apply to what is there now.
    }
  }
  return modify(ctx, options, 'apply', (live) => {
    const { managedFields, ...metadata } = live.metadata;
    const managers = decodeManagers(managedFields) ?? new Map();
    if (managers.size === 0) beforeFirstApply(live, managers, writer, ctx);
    const { object, managers: after } = applyTo({ ...live, metadata }, managers);
    const next = clone(object) as KubeObject;
    if (writer.name === KUBECTL) syncLastApplied(live, next, config);
    if (config.metadata.resourceVersion === undefined) delete next.metadata.resourceVersion;
    return { next, applied: after };
  });
}

/** The applied configuration: without status, or for the status subresource with little else. */
function configuration(ctx: RequestContext, body: DecodedBody, options: WriteOptions): KubeObject {
  const { target } = ctx;
  const config = intake(ctx, body, options, true);
  const { metadata } = config;
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  if (metadata.name !== undefined && metadata.name !== target.name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`,
    );
  }
  metadata.name = target.name;
  if (target.namespace !== '') metadata.namespace ??= target.namespace;
  delete metadata.creationTimestamp;
  delete metadata.generation;
  if (target.version.source.status !== true) return config;
  if (target.subresource !== 'status') {
    delete config.status;
    return config;
  }
  const { name, namespace } = metadata;
  return {
    apiVersion: config.apiVersion,
    kind: config.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    ...(config.status === undefined ? {} : { status: config.status }),
  };
}

const KUBECTL = 'kubectl';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * What `kubectl apply` of old has applied from the client: server-side apply by kubectl takes
 * these fields over without a conflict.
 */
function lastAppliedFields(live: KubeObject, ctx: RequestContext): FieldSet | undefined {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  if (typeof text !== 'string') return undefined;
  try {
    const { value } = decodeJson(Buffer.from(text), ctx.engine.limits);
    return isObject(value) ? fieldSetOf(value, ctx.target.version.schema()) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the annotation right for a later client-side apply. */
function syncLastApplied(live: KubeObject, next: KubeObject, config: KubeObject): void {
  const { annotations } = next.metadata;
  if (live.metadata.annotations?.[LAST_APPLIED] === undefined) return;
  if (annotations?.[LAST_APPLIED] === undefined) return;
  annotations[LAST_APPLIED] = `${JSON.stringify(config)}\n`;
}

/** An object nobody is known to own belongs to `before-first-apply`. */
function beforeFirstApply(
  live: KubeObject,
  managers: Managers,
  writer: Writer,
  ctx: RequestContext,
): void {
  const { managedFields: _managedFields, ...metadata } = live.metadata;
  const owner = {
    ...writer,
    name: 'before-first-apply',
    subresource: '',
    operation: 'Update' as const,
    fields: withoutUnowned(fieldSetOf({ ...live, metadata }, ctx.target.version.schema())),
  };
  managers.set(identityOf(owner), owner);
}
