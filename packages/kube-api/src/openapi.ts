import { createHash } from 'node:crypto';
import type { ApiResponse, Engine } from './engine.ts';
import type { ResourceVersion } from './kinds/registry.ts';
import { metadataSchema } from './schema/metadata.ts';
import { pathNotFound } from './status.ts';
import { isObject, type JsonObject, type JsonValue } from './types.ts';
import { valueResponse } from './verbs/respond.ts';

interface Document {
  bytes: Buffer;
  hash: string;
}

/** Documents are shared by every API that serves the same kinds of a group and version. */
const documents = new WeakMap<
  ResourceVersion,
  { versions: ResourceVersion[]; document: Document }
>();

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

const pathOf = (group: string, version: string): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`;

function groupVersions(engine: Engine): Map<string, ResourceVersion[]> {
  const grouped = new Map<string, ResourceVersion[]>();
  for (const resource of engine.registry.resources()) {
    for (const version of resource.versions) {
      if (!version.source.served) continue;
      const path = pathOf(resource.group, version.version);
      grouped.set(path, [...(grouped.get(path) ?? []), version]);
    }
  }
  return grouped;
}

/** `/openapi/v3`: which documents there are. */
export function openApiIndex(engine: Engine): ApiResponse {
  const paths: JsonObject = {};
  for (const [path, versions] of groupVersions(engine)) {
    const { hash } = documentFor(versions);
    paths[path] = { serverRelativeURL: `${engine.basePath}/openapi/v3/${path}?hash=${hash}` };
  }
  return valueResponse(200, { paths });
}

/** `/openapi/v3/apis/{group}/{version}`: schemas and paths of one group and version. */
export function openApiDocument(
  engine: Engine,
  path: string,
  etag: string | undefined,
): ApiResponse {
  const versions = groupVersions(engine).get(path);
  if (versions === undefined) throw pathNotFound();
  const { bytes, hash } = documentFor(versions);
  const headers = {
    'content-type': 'application/json',
    etag: `"${hash}"`,
    'cache-control': 'public, no-cache',
  };
  if (etag === `"${hash}"`) return { status: 304, headers, body: undefined };
  return { status: 200, headers, body: bytes };
}

function documentFor(versions: ResourceVersion[]): Document {
  const known = documents.get(versions[0]!);
  if (
    known !== undefined &&
    known.versions.length === versions.length &&
    known.versions.every((version, index) => version === versions[index])
  ) {
    return known.document;
  }
  const bytes = Buffer.from(JSON.stringify(build(versions)));
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 40).toUpperCase();
  const document = { bytes, hash };
  documents.set(versions[0]!, { versions, document });
  return document;
}

const schemaName = ({ resource, version }: ResourceVersion): string => {
  if (resource.source.native === true) {
    const group = resource.group === '' ? 'core' : resource.group.split('.')[0];
    return `io.k8s.api.${group}.${version}.${resource.kind}`;
  }
  return [...resource.group.split('.').reverse(), version, resource.kind].join('.');
};

const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

function build(versions: ResourceVersion[]): JsonObject {
  const paths: JsonObject = {};
  const schemas: JsonObject = {
    [`${META}.ObjectMeta`]: {
      description: 'ObjectMeta is metadata that all persisted resources must have.',
      ...metadataSchema,
    },
    [`${META}.ListMeta`]: {
      type: 'object',
      description: 'ListMeta describes metadata that synthetic resources must have.',
      properties: {
        continue: { type: 'string' },
        remainingItemCount: { type: 'integer', format: 'int64' },
        resourceVersion: { type: 'string' },
      },
    },
    [`${META}.DeleteOptions`]: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    [`${META}.Status`]: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  for (const version of versions) {
    const name = schemaName(version);
    schemas[name] = objectSchema(version);
    schemas[`${name}List`] = listSchema(version, name);
    Object.assign(paths, pathsOf(version, name));
  }
  const { group } = versions[0]!.resource;
  return {
    openapi: '3.0.0',
    info: { title: group === '' ? 'core' : group, version: versions[0]!.version },
    paths,
    components: { schemas },
  };
}

const kindOf = (version: ResourceVersion, kind: string): JsonValue[] => [
  { group: version.resource.group, version: version.version, kind },
];

function objectSchema(version: ResourceVersion): JsonObject {
  const raw = version.source.schema ?? {};
  const properties = isObject(raw.properties) ? raw.properties : {};
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...own } = properties;
  return {
    ...raw,
    type: 'object',
    properties: {
      apiVersion: {
        type: 'string',
        description: 'The version of the schema this object is written in, as group/version.',
      },
      kind: { type: 'string', description: 'The kind of this object.' },
      metadata: {
        description: 'Name, namespace, labels and what the server keeps about the object.',
        allOf: [reference(`${META}.ObjectMeta`)],
        default: {},
      },
      ...own,
    },
    'x-kubernetes-group-version-kind': kindOf(version, version.resource.kind),
  };
}

const listSchema = (version: ResourceVersion, name: string): JsonObject => ({
  type: 'object',
  description: `A list of ${version.resource.kind}.`,
  required: ['items'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { allOf: [reference(`${META}.ListMeta`)] },
    items: { type: 'array', items: reference(name) },
  },
  'x-kubernetes-group-version-kind': kindOf(version, version.resource.listKind),
});

const parameter = (name: string, type: string): JsonObject => ({
  name,
  in: 'query',
  schema: { type, uniqueItems: true },
});
const writeParameters = [
  parameter('dryRun', 'string'),
  parameter('fieldManager', 'string'),
  parameter('fieldValidation', 'string'),
];
const listParameters = [
  'continue',
  'fieldSelector',
  'labelSelector',
  'resourceVersion',
  'resourceVersionMatch',
]
  .map((name) => parameter(name, 'string'))
  .concat(['limit', 'timeoutSeconds'].map((name) => parameter(name, 'integer')))
  .concat(
    ['allowWatchBookmarks', 'sendInitialEvents', 'watch'].map((name) => parameter(name, 'boolean')),
  );

function pathsOf(version: ResourceVersion, name: string): JsonObject {
  const { resource } = version;
  const scope = resource.source.namespaced ? '/namespaces/{namespace}' : '';
  const base = `/${pathOf(resource.group, version.version)}`;
  const collection = `${base}${scope}/${resource.plural}`;
  const operation = (
    action: string,
    parameters: JsonObject[],
    schema: JsonObject,
    body?: JsonObject,
  ): JsonObject => ({
    operationId: `${action}${resource.source.namespaced ? 'Namespaced' : ''}${resource.kind}`,
    parameters,
    ...(body === undefined ? {} : { requestBody: { content: body } }),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kindOf(version, resource.kind)[0],
  });
  const object = reference(name);
  const whole = { '*/*': { schema: object } };
  const anything = { type: 'object' };
  const patchBody = {
    'application/apply-patch+yaml': { schema: anything },
    'application/json-patch+json': { schema: { type: 'array', items: anything } },
    'application/merge-patch+json': { schema: anything },
    ...(resource.source.native === true
      ? { 'application/strategic-merge-patch+json': { schema: anything } }
      : {}),
  };
  const forced = [...writeParameters, parameter('force', 'boolean')];
  const pathParameters = ['name', ...(resource.source.namespaced ? ['namespace'] : [])].map(
    (field) => ({
      name: field,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }),
  );
  const item = (subresource: string, schema: JsonObject): JsonObject => ({
    parameters: pathParameters,
    get: operation('get', [], schema),
    put: operation('put', writeParameters, schema, { '*/*': { schema } }),
    patch: operation('patch', forced, schema, patchBody),
    ...(subresource === ''
      ? {
          delete: operation(
            'delete',
            [parameter('dryRun', 'string'), parameter('propagationPolicy', 'string')],
            reference(`${META}.Status`),
          ),
        }
      : {}),
  });
  return {
    [collection]: {
      parameters: pathParameters.slice(1),
      get: operation('list', listParameters, reference(`${name}List`)),
      post: operation('post', writeParameters, object, whole),
      delete: operation('deletecollection', listParameters, reference(`${META}.Status`)),
    },
    [`${collection}/{name}`]: item('', object),
    ...(version.source.status === true
      ? { [`${collection}/{name}/status`]: item('status', object) }
      : {}),
    ...(resource.source.namespaced
      ? {
          [`${base}/${resource.plural}`]: {
            get: operation('list', listParameters, reference(`${name}List`)),
          },
        }
      : {}),
  };
}
