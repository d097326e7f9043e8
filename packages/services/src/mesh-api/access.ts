import { describeLimits, limitsAllow, type Limit, type LimitVerb } from '@ambit/contracts/limits';
import {
  rolePermissions,
  roleSchema,
  rolesWith,
  type Permission,
} from '@ambit/contracts/permissions';
import type {
  AuthorizationDecision,
  RequestAttributes,
  ResourceRule,
  UserInfo,
} from '@ambit/kube-api/types';
import { limitsIn, roleOf } from './author.ts';

const readVerbs = ['get', 'list', 'watch'];
const selfReviews = [
  'selfsubjectreviews',
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
] as const;
const reviewGroups = ['authentication.k8s.io', 'authorization.k8s.io'];

/**
 * Whether a user may do something in a mesh: by the role, within the limits. Secrets are for those who may write
 * policies. A refusal says what is missing and who has it.
 */
export function authorize(meshId: string, request: RequestAttributes): AuthorizationDecision {
  const { user, verb, resource, group, namespace } = request;
  if (resource === undefined) {
    return readVerbs.includes(verb) ? { allowed: true } : { allowed: false };
  }
  if (reviewGroups.includes(group)) {
    const isSelf = (selfReviews as readonly string[]).includes(resource) && verb === 'create';
    return isSelf
      ? { allowed: true }
      : { allowed: false, reason: 'this API tells only what who asks may do' };
  }
  const reads = readVerbs.includes(verb) && resource !== 'secrets' && resource !== '*';
  const needed: Permission = reads ? 'policy.read' : 'policy.write';
  if (!may(user, needed)) {
    const able = rolesWith(needed).join(', ');
    const role = roleOf(user) ?? 'none';
    const reason = `the role ${role} lacks ${needed}, which ${able} have`;
    return { allowed: false, reason };
  }
  const limits = limitsIn(user);
  const asked = verb === 'deletecollection' ? 'delete' : verb;
  if (limitsAllow(limits, { meshId, namespace, verb: asked })) return { allowed: true };
  const reason = `you are limited to ${describeLimits(limits ?? [])}; ask an admin or owner for wider limits`;
  return { allowed: false, reason };
}

/**
 * The same for `kubectl auth can-i --list` in one namespace.
 * @param groups API groups of the mesh; who may not read Secrets is told all others one by one
 */
export function rulesFor(
  meshId: string,
  user: UserInfo,
  namespace: string,
  groups: readonly string[],
): ResourceRule[] {
  const everything = [{ apiGroups: ['*'], resources: ['*'] }];
  const withoutSecrets = [
    { apiGroups: [''], resources: ['namespaces', 'configmaps'] },
    { apiGroups: groups.filter((group) => group !== ''), resources: ['*'] },
  ];
  const writes = may(user, 'policy.write');
  const covering = (limitsIn(user) ?? [{}]).filter(
    (limit: Limit) =>
      (limit.meshId ?? meshId) === meshId &&
      (limit.namespaces === undefined || limit.namespaces.includes(namespace)),
  );
  const rules = covering.flatMap(({ verbs }: Limit): ResourceRule[] => {
    if (writes) {
      return everything.map((what) => ({ verbs: verbs ? kubeVerbs(verbs) : ['*'], ...what }));
    }
    const left = readVerbs.filter((verb) => verbs?.includes(verb as LimitVerb) ?? true);
    if (left.length === 0 || !may(user, 'policy.read')) return [];
    return withoutSecrets.map((what) => ({ verbs: left, ...what }));
  });
  return [
    ...rules,
    { verbs: ['create'], apiGroups: reviewGroups, resources: [...selfReviews] },
    { verbs: readVerbs, nonResourceURLs: ['*'] },
  ];
}

const kubeVerbs = (verbs: readonly LimitVerb[]): string[] =>
  verbs.flatMap((verb) => (verb === 'delete' ? ['delete', 'deletecollection'] : [verb]));

function may(user: UserInfo, permission: Permission): boolean {
  const role = roleSchema.safeParse(roleOf(user));
  return role.success && rolePermissions[role.data].includes(permission);
}
