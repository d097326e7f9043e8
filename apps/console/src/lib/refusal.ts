import { type Permission, type Role, rolesWith } from '@ambit/contracts/roles';
import { listWords } from './format.ts';

/** Why `me` may not do something, and who can; undefined when it is allowed. */
export function refusal(
  me: { role: Role; permissions: readonly Permission[] },
  permission: Permission,
): string | undefined {
  if (me.permissions.includes(permission)) return undefined;
  const able = listWords(rolesWith(permission));
  return `Your role ${me.role} may not do this (${permission}). Ask ${/^[aeiou]/.test(able) ? 'an' : 'a'} ${able}.`;
}
