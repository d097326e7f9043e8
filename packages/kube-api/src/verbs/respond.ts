import { stringify } from 'yaml';
import type { ApiResponse, RequestContext } from '../engine.ts';
import type { Accept } from '../http/negotiate.ts';
import { bytesAt, decodeObject } from '../object-bytes.ts';
import { badRequest } from '../status.ts';
import { toPartial, toTable } from '../table.ts';
import type { JsonObject, KubeObject } from '../types.ts';
import { listBytes, listMeta, type ListOutcome } from './list.ts';
import type { Outcome } from './outcome.ts';

const JSON_TYPE = 'application/json';

export function includeObject(ctx: RequestContext): 'None' | 'Metadata' | 'Object' {
  const wanted = ctx.request.query.get('includeObject') ?? '';
  if (wanted === '' || wanted === 'Metadata') return 'Metadata';
  if (wanted === 'None' || wanted === 'Object') return wanted;
  throw badRequest(
    `includeObject: Unsupported value: ${JSON.stringify(wanted)}: supported values: "Metadata", "None", "Object"`,
  );
}

/** Answers one object, or a Status, in the form the client accepts. */
export function respond(ctx: RequestContext, outcome: Outcome, accept: Accept): ApiResponse {
  if (outcome.value !== undefined) return valueResponse(outcome.code, outcome.value, accept);
  const { version } = ctx.target;
  if (accept.as === '' && accept.format === 'json') {
    return jsonResponse(outcome.code, bytesAt(outcome.bytes, version));
  }
  const object = JSON.parse(outcome.bytes.toString('utf8')) as KubeObject;
  object.apiVersion = version.apiVersion;
  return valueResponse(outcome.code, view(ctx, [object], accept, object, object.metadata), accept);
}

/** Answers a list. */
export function respondList(ctx: RequestContext, list: ListOutcome, accept: Accept): ApiResponse {
  const { version } = ctx.target;
  if (accept.as === '' && accept.format === 'json') return jsonResponse(200, listBytes(ctx, list));
  const objects = list.items.map((stored) => decodeObject(stored, version));
  const metadata: JsonObject = listMeta(list);
  const plain: JsonObject = {
    kind: version.resource.listKind,
    apiVersion: version.apiVersion,
    metadata,
    items: objects,
  };
  return valueResponse(200, view(ctx, objects, accept, plain, metadata), accept);
}

function view(
  ctx: RequestContext,
  objects: KubeObject[],
  accept: Accept,
  plain: JsonObject,
  metadata: JsonObject,
): JsonObject {
  switch (accept.as) {
    case 'Table': {
      const options = { includeObject: includeObject(ctx), columns: true };
      const { resourceVersion, continue: next, remainingItemCount } = metadata;
      const shown = { resourceVersion, continue: next, remainingItemCount };
      return toTable(objects, ctx.target.version, shown, options, ctx.engine.now());
    }
    case 'PartialObjectMetadata':
      return plain.items === undefined ? toPartial(objects[0]!) : partialList(objects, metadata);
    case 'PartialObjectMetadataList':
      return partialList(objects, metadata);
    default:
      return plain;
  }
}

const partialList = (objects: KubeObject[], metadata: JsonObject): JsonObject => ({
  kind: 'PartialObjectMetadataList',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
  items: objects.map(toPartial),
});

export function valueResponse(
  status: number,
  value: JsonObject,
  accept: Pick<Accept, 'format'> = { format: 'json' },
): ApiResponse {
  if (accept.format === 'yaml') {
    return {
      status,
      headers: { 'content-type': 'application/yaml', 'cache-control': 'no-cache, private' },
      body: Buffer.from(stringify(value)),
    };
  }
  return jsonResponse(status, Buffer.from(`${JSON.stringify(value)}\n`));
}

export const jsonResponse = (status: number, body: Buffer | Buffer[]): ApiResponse => ({
  status,
  headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-cache, private' },
  body,
});
