import type { RequestAttributes, ResourceRule, UserInfo } from './types.ts';
import { isObject, type JsonObject, type JsonValue } from './types.ts';
import type { ApiRequest, ApiResponse, Engine } from './engine.ts';
import { parseMediaTypes } from './http/negotiate.ts';
import { decodeJson, decodeYaml } from './json/body.ts';
import { decodeProtobuf, PROTOBUF } from './protobuf/decode.ts';
import { badRequest, unsupportedMediaType } from './status.ts';
import { valueResponse } from './verbs/respond.ts';

interface ReviewKind {
  group: string;
  version: string;
  plural: string;
  kind: string;
}

/** Kinds that are asked and answered, and never stored. */
export const reviewKinds: ReviewKind[] = [
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    plural: 'selfsubjectreviews',
    kind: 'SelfSubjectReview',
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectrulesreviews',
    kind: 'SelfSubjectRulesReview',
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'subjectaccessreviews',
    kind: 'SubjectAccessReview',
  },
];

export const findReview = (
  group: string,
  version: string,
  plural: string,
): ReviewKind | undefined =>
  reviewKinds.find(
    (kind) => kind.group === group && kind.version === version && kind.plural === plural,
  );

/** Answers a review. Everybody may ask about themselves. */
export async function review(
  engine: Engine,
  request: ApiRequest,
  user: UserInfo,
  kind: ReviewKind,
): Promise<ApiResponse> {
  const asked = await readReview(engine, request, kind);
  const spec = isObject(asked.spec) ? asked.spec : {};
  const metadata = { creationTimestamp: null };
  const answer = (status: JsonObject, withSpec = true): ApiResponse =>
    valueResponse(201, {
      kind: kind.kind,
      apiVersion: `${kind.group}/${kind.version}`,
      metadata,
      ...(withSpec ? { spec } : {}),
      status,
    });
  switch (kind.kind) {
    case 'SelfSubjectReview':
      return answer({ userInfo: userStatus(user) }, false);
    case 'SelfSubjectRulesReview':
      return answer(await rulesStatus(engine, user, text(spec.namespace)));
    case 'SubjectAccessReview':
      return answer(await accessStatus(engine, subjectOf(spec), spec));
    default:
      return answer(await accessStatus(engine, user, spec));
  }
}

async function readReview(
  engine: Engine,
  request: ApiRequest,
  kind: ReviewKind,
): Promise<JsonObject> {
  const type = parseMediaTypes(request.header('content-type') ?? '')[0]?.type ?? 'application/json';
  if (!type.includes('json') && !type.includes('yaml') && type !== PROTOBUF) {
    throw unsupportedMediaType(['application/json', 'application/yaml']);
  }
  const bytes = await request.body(engine.limits.bodyBytes);
  if (type === PROTOBUF) return checkKind(decodeProtobuf(bytes), kind);
  const { value } = type.includes('yaml')
    ? decodeYaml(bytes, engine.limits)
    : decodeJson(bytes, engine.limits);
  return checkKind(value, kind);
}

function checkKind(value: JsonValue, { kind }: ReviewKind): JsonObject {
  if (isObject(value) && (value.kind === undefined || value.kind === kind)) return value;
  throw badRequest(`the body is not a ${kind}`);
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

const userStatus = (user: UserInfo): JsonObject => ({
  username: user.username,
  ...(user.uid === undefined ? {} : { uid: user.uid }),
  groups: user.groups,
  ...(user.extra === undefined ? {} : { extra: user.extra }),
});

const subjectOf = (spec: JsonObject): UserInfo => ({
  username: text(spec.user),
  groups: Array.isArray(spec.groups)
    ? spec.groups.filter((group) => typeof group === 'string')
    : [],
});

async function accessStatus(engine: Engine, user: UserInfo, spec: JsonObject): Promise<JsonObject> {
  const decision = await engine.authorize(attributesOf(user, spec));
  return {
    allowed: decision.allowed,
    ...(decision.reason === undefined ? {} : { reason: decision.reason }),
  };
}

function attributesOf(user: UserInfo, spec: JsonObject): RequestAttributes {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const base = { user, group: '', version: '', namespace: '', name: '', subresource: '', path: '' };
  if (isObject(nonResourceAttributes)) {
    return {
      ...base,
      verb: text(nonResourceAttributes.verb),
      path: text(nonResourceAttributes.path),
    };
  }
  if (!isObject(resourceAttributes)) {
    throw badRequest(
      'spec: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
  return {
    ...base,
    verb: text(resourceAttributes.verb),
    group: text(resourceAttributes.group),
    version: text(resourceAttributes.version),
    resource: text(resourceAttributes.resource),
    namespace: text(resourceAttributes.namespace),
    name: text(resourceAttributes.name),
    subresource: text(resourceAttributes.subresource),
  };
}

async function rulesStatus(engine: Engine, user: UserInfo, namespace: string): Promise<JsonObject> {
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = await engine.rulesFor(user, namespace);
  const plain = (rule: ResourceRule): JsonObject => JSON.parse(JSON.stringify(rule)) as JsonObject;
  return {
    resourceRules: rules.filter((rule) => rule.nonResourceURLs === undefined).map(plain),
    nonResourceRules: rules.filter((rule) => rule.nonResourceURLs !== undefined).map(plain),
    incomplete: false,
  };
}
