import type { RequestContext } from '../engine.ts';
import { parseMediaTypes } from '../http/negotiate.ts';
import { decodeJson, decodeYaml, type DecodedBody } from '../json/body.ts';
import type { ResourceVersion } from '../kinds/registry.ts';
import { compile } from '../schema/compile.ts';
import { metadataSchema } from '../schema/metadata.ts';
import { prune, pruneNulls } from '../schema/prune.ts';
import { validate } from '../schema/validate.ts';
import { type ApiError, badRequest, invalid, unsupportedMediaType } from '../status.ts';
import { isObject, type JsonObject, type JsonValue, type KubeObject } from '../types.ts';
import { decodeProtobuf, PROTOBUF } from '../protobuf/decode.ts';
import type { WriteOptions } from './options.ts';

const metadataNode = compile(metadataSchema);

/** Reads and decodes the body by its Content-Type (JSON when none is given). */
export async function readBody(ctx: RequestContext): Promise<DecodedBody> {
  const header = ctx.request.header('content-type');
  const type = header === undefined ? '' : (parseMediaTypes(header)[0]?.type ?? '');
  const isJson = type === '' || type === 'application/json' || type === 'text/plain';
  if (type === PROTOBUF && ctx.target.version.resource.source.native === true) {
    const bytes = await ctx.request.body(ctx.engine.limits.bodyBytes);
    return { value: decodeProtobuf(bytes), duplicates: [] };
  }
  if (!isJson && type !== 'application/yaml' && type !== 'application/x-yaml') {
    throw unsupportedMediaType(['application/json', 'application/yaml']);
  }
  const { limits } = ctx.engine;
  const bytes = await ctx.request.body(limits.bodyBytes);
  return isJson ? decodeJson(bytes, limits) : decodeYaml(bytes, limits);
}

/**
 * A body as an object of the target kind: checked to be one, unknown fields dropped or refused. Only an applied
 * configuration keeps nulls where there may be none, and is refused for them.
 */
export function intake(
  ctx: RequestContext,
  body: DecodedBody,
  options: WriteOptions,
  isApplied = false,
): KubeObject {
  const { version } = ctx.target;
  const object = asObject(body.value, version);
  const unknown = cleanse(object, version);
  if (!isApplied) pruneNulls(object, version.schema());
  report(ctx, options, unknown, body.duplicates, (problem) =>
    badRequest(
      `${version.resource.kind} in version ${JSON.stringify(version.version)} cannot be handled as a ${version.resource.kind}: strict decoding error: ${problem}`,
    ),
  );
  return object;
}

/** The same for the outcome of a patch. */
export function intakePatched(
  ctx: RequestContext,
  value: JsonValue,
  duplicates: string[],
  options: WriteOptions,
): KubeObject {
  const { version, name } = ctx.target;
  const object = asObject(value, version);
  const unknown = cleanse(object, version);
  pruneNulls(object, version.schema());
  report(ctx, options, unknown, duplicates, (problem) =>
    invalid(version.resource, name, [
      {
        reason: 'FieldValueInvalid',
        field: 'patch',
        message: `Invalid value: strict decoding error: ${problem}`,
      },
    ]),
  );
  return object;
}

function report(
  ctx: RequestContext,
  options: WriteOptions,
  unknown: string[],
  duplicates: string[],
  refuse: (problem: string) => ApiError,
): void {
  if (options.fieldValidation === 'Ignore' || unknown.length + duplicates.length === 0) return;
  const problems = [
    ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
    ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  ];
  if (options.fieldValidation === 'Strict') throw refuse(problems.slice(0, 50).join(', '));
  ctx.warnings.push(...problems.slice(0, 50));
}

export function asObject(value: JsonValue, version: ResourceVersion): KubeObject {
  if (!isObject(value)) {
    throw badRequest(`the body is not an object of kind ${version.resource.kind}`);
  }
  const { kind } = version.resource;
  if (value.apiVersion === undefined) value.apiVersion = version.apiVersion;
  if (value.kind === undefined) value.kind = kind;
  if (value.kind !== kind) {
    throw badRequest(
      `${text(value.kind)} in version ${JSON.stringify(version.version)} cannot be handled as a ${kind}: the kind in the data does not match the expected kind`,
    );
  }
  if (value.apiVersion !== version.apiVersion) {
    throw badRequest(
      `the API version in the data (${text(value.apiVersion)}) does not match the expected API version (${version.apiVersion})`,
    );
  }
  if (value.metadata === undefined || value.metadata === null) value.metadata = {};
  if (!isObject(value.metadata)) {
    throw badRequest(
      `${kind} in version ${JSON.stringify(version.version)} cannot be handled as a ${kind}: metadata is not an object`,
    );
  }
  const { name, namespace, generateName } = value.metadata;
  for (const [field, given] of Object.entries({ name, namespace, generateName })) {
    if (given !== undefined && typeof given !== 'string') {
      throw badRequest(`metadata.${field} is not a string`);
    }
  }
  return value as KubeObject;
}

const text = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value.slice(0, 200) : JSON.stringify(value ?? null).slice(0, 200);

/** Drops unknown fields, and nulls where Kubernetes drops them; answers the unknown ones. */
export function cleanse(object: KubeObject, version: ResourceVersion): string[] {
  dropMetadataNulls(object.metadata);
  if (version.resource.source.native === true) dropNulls(object);
  const [wrong] = validate(object.metadata, metadataNode);
  if (wrong !== undefined) {
    throw badRequest(
      `${version.resource.kind} in version ${JSON.stringify(version.version)} cannot be handled as a ${version.resource.kind}: metadata.${wrong.field}: ${wrong.message}`,
    );
  }
  return prune(object, version.schema());
}

function dropMetadataNulls(metadata: JsonObject): void {
  for (const key of Object.keys(metadata)) if (metadata[key] === null) delete metadata[key];
}

function dropNulls(value: JsonValue | undefined): void {
  if (Array.isArray(value)) value.forEach(dropNulls);
  else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      if (value[key] === null) delete value[key];
      else if (typeof value[key] === 'object') dropNulls(value[key]);
    }
  }
}
