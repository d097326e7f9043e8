import { describeLimits, type Limit, type LimitedAct, limitsAllow } from '@ambit/contracts/limits';
import { type Permission, type Role, rolePermissions, rolesWith } from '@ambit/contracts/roles';
import { listWords } from './format.ts';

/**
 * Why `me` may not do something, and who can; undefined when it is allowed.
 * @param act upon which policy, where limits to meshes, namespaces and verbs count
 */
export function refusal(
  me: { role: Role; permissions: readonly Permission[]; limits?: readonly Limit[] | null },
  permission: Permission,
  act?: LimitedAct,
): string | undefined {
  const limits = me.limits ?? undefined;
  const isWithin = act === undefined || limitsAllow(limits, act);
  if (me.permissions.includes(permission) && isWithin) return undefined;
  if (limits && rolePermissions[me.role].includes(permission)) {
    return `You are limited to the policies of ${describeLimits(limits)}; this (${permission}) is beyond that. Ask an admin or owner for wider limits.`;
  }
  const able = listWords(rolesWith(permission));
  return `Your role ${me.role} may not do this (${permission}). Ask ${/^[aeiou]/.test(able) ? 'an' : 'a'} ${able}.`;
}
