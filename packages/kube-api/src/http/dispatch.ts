import { discoverGroup, discoverGroups, discoverVersion } from '../discovery.ts';
import type { ApiRequest, ApiResponse, Engine, RequestContext, Target } from '../engine.ts';
import { openApiDocument, openApiIndex } from '../openapi.ts';
import { findReview, review } from '../reviews.ts';
import {
  ApiError,
  badRequest,
  internalError,
  methodNotAllowed,
  pathNotFound,
  unauthorized,
} from '../status.ts';
import type { RequestAttributes, UserInfo } from '../types.ts';
import { create } from '../verbs/create.ts';
import { deleteCollection, deleteOne } from '../verbs/delete.ts';
import { get } from '../verbs/get.ts';
import { selectItems } from '../verbs/list.ts';
import { isTrue } from '../verbs/options.ts';
import { patch } from '../verbs/patch.ts';
import { respond, respondList, valueResponse } from '../verbs/respond.ts';
import { scale } from '../verbs/scale.ts';
import { update } from '../verbs/update.ts';
import { watch } from '../verbs/watch.ts';
import { negotiate, objectViews } from './negotiate.ts';
import { parseRoute, type Route } from './route.ts';

type ResourceRoute = Extract<Route, { kind: 'resource' }>;

/** Answers a request; whatever goes wrong becomes a Status. */
export async function dispatch(engine: Engine, request: ApiRequest): Promise<ApiResponse> {
  try {
    return await route(engine, request);
  } catch (error) {
    if (error instanceof ApiError) {
      const answer = valueResponse(error.code, error.status);
      return { ...answer, headers: { ...answer.headers, ...error.headers } };
    }
    engine.onError(error);
    return valueResponse(500, internalError().status);
  }
}

async function route(engine: Engine, request: ApiRequest): Promise<ApiResponse> {
  const user = await engine.authenticate(request);
  if (user === undefined) throw unauthorized();
  const parsed = parseRoute(request.path);
  if (parsed === undefined) throw badRequest('the path is not valid percent-encoding');
  if (parsed.kind === 'resource') return resourceRequest(engine, request, user, parsed);

  await authorizeOrRefuse(engine, {
    user,
    verb: request.method.toLowerCase(),
    group: '',
    version: '',
    namespace: '',
    name: '',
    subresource: '',
    path: request.path,
  });
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  const accept = request.header('accept');
  const etag = request.header('if-none-match');
  switch (parsed.kind) {
    case 'core':
      return discoverGroups(engine, true, accept, etag);
    case 'groups':
      return discoverGroups(engine, false, accept, etag);
    case 'group':
      return discoverGroup(engine, parsed.group);
    case 'version':
      return discoverVersion(engine, parsed.group, parsed.version);
    case 'other':
      return other(engine, parsed.path, etag);
  }
}

const OPENAPI = '/openapi/v3';

function other(engine: Engine, path: string, etag: string | undefined): ApiResponse {
  if (path === OPENAPI) return openApiIndex(engine);
  if (path.startsWith(`${OPENAPI}/`))
    return openApiDocument(engine, path.slice(OPENAPI.length + 1), etag);
  switch (path) {
    case '/version': {
      const [major = '1', minor = '34'] = engine.gitVersion.replace(/^v/, '').split('.');
      return valueResponse(200, {
        major,
        minor,
        gitVersion: engine.gitVersion,
        gitCommit: '',
        gitTreeState: 'clean',
        buildDate: '1970-01-01T00:00:00Z',
        goVersion: `node${process.versions.node}`,
        compiler: 'v8',
        platform: `${process.platform}/${process.arch}`,
      });
    }
    case '/healthz':
    case '/livez':
    case '/readyz':
      return {
        status: 200,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: Buffer.from('ok'),
      };
    case '/':
      return valueResponse(200, {
        paths: ['/api', '/apis', '/healthz', '/livez', OPENAPI, '/readyz', '/version'],
      });
    default:
      throw pathNotFound();
  }
}

async function authorizeOrRefuse(engine: Engine, attributes: RequestAttributes): Promise<void> {
  const decision = await engine.authorize(attributes);
  if (decision.allowed) return;
  const { user, verb, resource, group, name, namespace, subresource, path } = attributes;
  const who = `User ${JSON.stringify(user.username)} cannot`;
  const because =
    decision.reason === undefined || decision.reason === '' ? '' : `: ${decision.reason}`;
  if (resource === undefined) {
    throw new ApiError(
      403,
      'Forbidden',
      `forbidden: ${who} ${verb} path ${JSON.stringify(path)}${because}`,
      {},
    );
  }
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where =
    namespace === '' ? ' at the cluster scope' : ` in the namespace ${JSON.stringify(namespace)}`;
  const qualified = group === '' ? resource : `${resource}.${group}`;
  throw new ApiError(
    403,
    'Forbidden',
    `${qualified}${name === '' ? '' : ` ${JSON.stringify(name)}`} is forbidden: ${who} ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)}${where}${because}`,
    { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource },
  );
}

function verbOf(request: ApiRequest, name: string): string {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      if (name !== '') return 'get';
      return isTrue(request.query.get('watch')) ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      throw methodNotAllowed();
  }
}

async function resourceRequest(
  engine: Engine,
  request: ApiRequest,
  user: UserInfo,
  parsed: ResourceRoute,
): Promise<ApiResponse> {
  const { group, version, plural, name, subresource } = parsed;
  const isNamespace = group === '' && plural === 'namespaces';
  const verb = verbOf(request, name);
  const asked = findReview(group, version, plural);
  if (asked !== undefined) {
    if (verb !== 'create' || name !== '') throw methodNotAllowed();
    if (asked.kind === 'SubjectAccessReview') await authorizeOrRefuse(engine, attributes());
    return review(engine, request, user, asked);
  }
  await authorizeOrRefuse(engine, attributes());

  const found = engine.registry.find(group, version, plural);
  if (found === undefined) throw pathNotFound();
  const { namespaced } = found.resource.source;
  if (parsed.scoped !== namespaced && (parsed.scoped || name !== '' || verb === 'create')) {
    throw pathNotFound();
  }
  const target: Target = { version: found, namespace: parsed.namespace, name, subresource };
  const ctx: RequestContext = { engine, request, user, target, warnings: [] };
  if (found.source.deprecated === true) {
    ctx.warnings.push(
      found.source.deprecationWarning ?? `${found.apiVersion} ${found.resource.kind} is deprecated`,
    );
  }
  const response = await perform(ctx, verb);
  return ctx.warnings.length === 0 ? response : withWarnings(response, ctx.warnings);

  function attributes(): RequestAttributes {
    return {
      user,
      verb,
      resource: plural,
      group,
      version,
      namespace: isNamespace ? name : parsed.namespace,
      name,
      subresource,
      path: request.path,
    };
  }
}

async function perform(ctx: RequestContext, verb: string): Promise<ApiResponse> {
  const { target, request } = ctx;
  const { source } = target.version;
  const accept = negotiate(request.header('accept'), objectViews);
  if (target.subresource !== '' && target.subresource !== 'status') {
    if (target.subresource === 'scale')
      return respond(ctx, await scale(ctx, verb), { ...accept, as: '' });
    const answer = await ctx.engine.connect({ request, user: ctx.user, target });
    if (answer === undefined) throw pathNotFound();
    return { status: answer.status, headers: {}, body: answer };
  }
  if (target.subresource === 'status') {
    if (source.status !== true) throw pathNotFound();
    if (verb !== 'get' && verb !== 'update' && verb !== 'patch') throw methodNotAllowed();
  }
  switch (verb) {
    case 'get':
      return respond(ctx, await get(ctx), accept);
    case 'list':
      return respondList(ctx, await selectItems(ctx), accept);
    case 'watch':
      return watch(ctx, accept);
    case 'create':
      if (target.name !== '') throw methodNotAllowed();
      return respond(ctx, await create(ctx), accept);
    case 'update':
      if (target.name === '') throw methodNotAllowed();
      return respond(ctx, await update(ctx), accept);
    case 'patch':
      if (target.name === '') throw methodNotAllowed();
      return respond(ctx, await patch(ctx), accept);
    case 'delete':
      return respond(ctx, await deleteOne(ctx), accept);
    default:
      return respond(ctx, await deleteCollection(ctx), accept);
  }
}

function withWarnings(response: ApiResponse, warnings: string[]): ApiResponse {
  const header = [...new Set(warnings)].slice(0, 40).map((text) => `299 - "${quotable(text)}"`);
  return { ...response, headers: { ...response.headers, warning: header } };
}

/** Header text: printable ASCII, quotes escaped. */
const quotable = (text: string): string =>
  text
    .slice(0, 500)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .replaceAll(/["\\]/g, '\\$&');
