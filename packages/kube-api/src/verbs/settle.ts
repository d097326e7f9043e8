import type { Admission, AdmissionRequest } from '../admission.ts';
import { decodeManagers, encodeManagers, isReset, type Managers } from '../apply/managers.ts';
import { trackUpdate, type Writer } from '../apply/track.ts';
import type { RequestContext } from '../engine.ts';
import { equal } from '../json/value.ts';
import type { Kind } from '../kinds/kind.ts';
import { validateMetadata } from '../metadata-rules.ts';
import { checkIntegers } from '../schema/integers.ts';
import { applyDefaults } from '../schema/default.ts';
import { evaluateRules } from '../schema/rules.ts';
import { validate } from '../schema/validate.ts';
import { badRequest, type FieldError, invalid } from '../status.ts';
import type { JsonObject, KubeObject } from '../types.ts';
import type { WriteOptions } from './options.ts';

/** RFC 3339 to the second, as Kubernetes writes times. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** Errors after which rules would look at values they cannot expect. */
const blocking = new Set([
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const rulesSkipped: FieldError = {
  reason: 'FieldValueInvalid',
  field: '',
  message:
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

/**
 * Brings an object to the state in which it is stored: defaults, admission, validation,
 * generation, ownership. `applied`: server-side apply has settled ownership already.
 */
export async function settle(
  ctx: RequestContext,
  live: KubeObject | undefined,
  next: KubeObject,
  options: WriteOptions,
  applied?: Managers,
): Promise<void> {
  const { version } = ctx.target;
  const { source } = version.resource;
  const schema = version.schema();
  const now = ctx.engine.now();
  applyDefaults(next, schema);
  const prepared = source.prepare?.(next, live, now) ?? [];
  const request = admissionRequest(ctx, live, next, options);
  await runChain(ctx.engine.admission, 'mutate', request);

  const errors: FieldError[] = [
    ...prepared,
    ...validateMetadata(next, source),
    ...validate(next, schema),
    ...(source.native === true ? checkIntegers(next, schema) : []),
  ];
  if (!errors.some(({ reason }) => blocking.has(reason))) {
    errors.push(...evaluateRules(next, live, schema));
  } else if (schema.hasRules) errors.push(rulesSkipped);
  if (errors.length > 0) throw invalid(version.resource, next.metadata.name ?? '', errors);
  await runChain(ctx.engine.admission, 'validate', request);

  if (live !== undefined)
    next.metadata.generation = generationOf(live, next, version.source.status, source);
  if (next.metadata.generation === undefined) delete next.metadata.generation;

  const writer: Writer = {
    name: options.fieldManager,
    apiVersion: version.apiVersion,
    subresource: ctx.target.subresource,
    time: timestamp(now),
  };
  const ignored =
    version.source.status === true && writer.subresource !== 'status' ? ['status'] : [];
  const managers =
    applied ?? trackUpdate(live, next, schema, managersFor(live, next), writer, ignored);
  const entries = encodeManagers(managers);
  if (entries === undefined) delete next.metadata.managedFields;
  else next.metadata.managedFields = entries;
}

/** Entries the client sent count when they are well formed; otherwise those that are stored. */
function managersFor(live: KubeObject | undefined, next: KubeObject): Managers {
  const sent = next.metadata.managedFields;
  if (isReset(sent)) return new Map();
  const decoded = decodeManagers(sent);
  if (decoded === undefined && live === undefined)
    throw badRequest('metadata.managedFields is not well formed');
  if (decoded !== undefined && decoded.size > 0) return decoded;
  return decodeManagers(live?.metadata.managedFields) ?? new Map();
}

export function admissionRequest(
  ctx: RequestContext,
  live: KubeObject | undefined,
  next: KubeObject | undefined,
  options: Pick<WriteOptions, 'dryRun'>,
): AdmissionRequest {
  const { version, namespace, subresource } = ctx.target;
  const operation = live === undefined ? 'CREATE' : next === undefined ? 'DELETE' : 'UPDATE';
  return {
    operation,
    user: ctx.user,
    version,
    namespace,
    name: (next ?? live)?.metadata.name ?? '',
    subresource,
    object: next,
    old: live,
    dryRun: options.dryRun,
    warn: (message) => ctx.warnings.push(message),
  };
}

export async function runChain(
  chain: Admission[],
  phase: 'mutate' | 'validate',
  request: AdmissionRequest,
): Promise<void> {
  for (const link of chain) {
    const done = link[phase]?.(request);
    if (done !== undefined) await done;
  }
}

/** Grows when anything but metadata and status changes; kinds without a status of their own have none. */
function generationOf(
  live: KubeObject,
  next: KubeObject,
  hasStatus: boolean | undefined,
  kind: Kind,
): number | undefined {
  const before = live.metadata.generation;
  if (before === undefined) return undefined;
  const custom = kind.native !== true && hasStatus !== true;
  return equal(specOf(live, custom), specOf(next, custom)) ? before : before + 1;
}

function specOf(object: KubeObject, withStatus: boolean): JsonObject {
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, status, ...rest } = object;
  return withStatus ? { ...rest, status } : rest;
}
