import { rolePermissions, roleSchema, type Permission } from '@ambit/contracts/permissions';
import type {
  AuthorizationDecision,
  RequestAttributes,
  ResourceRule,
  UserInfo,
} from '@ambit/kube-api/types';
import { roleOf } from './author.ts';

const readVerbs = ['get', 'list', 'watch'];

/** Whether a user's role allows a request. Secrets are for those who may write policies. */
export function authorize({ user, verb, resource }: RequestAttributes): AuthorizationDecision {
  if (resource === undefined) {
    return readVerbs.includes(verb) ? { allowed: true } : { allowed: false };
  }
  const reads = readVerbs.includes(verb) && resource !== 'secrets';
  const needed: Permission = reads ? 'policy.read' : 'policy.write';
  if (may(user, needed)) return { allowed: true };
  return { allowed: false, reason: `the role ${roleOf(user) ?? 'none'} lacks ${needed}` };
}

/** The same for `kubectl auth can-i --list`. */
export function rulesFor(user: UserInfo): ResourceRule[] {
  const all = { apiGroups: ['*'], resources: ['*'] };
  return [
    ...(may(user, 'policy.write') ? [{ verbs: ['*'], ...all }] : []),
    ...(may(user, 'policy.read') ? [{ verbs: readVerbs, ...all }] : []),
    { verbs: readVerbs, nonResourceURLs: ['*'] },
  ];
}

function may(user: UserInfo, permission: Permission): boolean {
  const role = roleSchema.safeParse(roleOf(user));
  return role.success && rolePermissions[role.data].includes(permission);
}
