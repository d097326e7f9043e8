'use client';

import { type Permission, rolesWith } from '@ambit/contracts/roles';
import type { AppRouter } from '@ambit/client/trpc';
import type { inferRouterOutputs } from '@trpc/server';
import { createContext, useContext } from 'react';
import { listWords } from './format.ts';

export type Outputs = inferRouterOutputs<AppRouter>;
export type Me = Outputs['me']['get'];

export const MeContext = createContext<Me | null>(null);

/** Who is signed in, where, and what they may do. Only inside the shell. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe is for pages inside the shell');
  return me;
}

/** Why `me` may not do something, and who can; undefined when it is allowed. */
export function refusal(
  me: Pick<Me, 'permissions' | 'role'>,
  permission: Permission,
): string | undefined {
  if (me.permissions.includes(permission)) return undefined;
  const able = listWords(rolesWith(permission));
  return `Your role ${me.role} may not do this (${permission}). Ask ${/^[aeiou]/.test(able) ? 'an' : 'a'} ${able}.`;
}

/** A function that tells why a permission is missing; undefined when it is held. */
export function useRefusal(): (permission: Permission) => string | undefined {
  const me = useMe();
  return (permission) => refusal(me, permission);
}
