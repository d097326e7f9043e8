'use client';

import type { LimitedAct } from '@ambit/contracts/limits';
import type { Permission } from '@ambit/contracts/roles';
import type { AppRouter } from '@ambit/client/trpc';
import type { inferRouterOutputs } from '@trpc/server';
import { createContext, useContext } from 'react';
import { refusal } from './refusal.ts';

export type Outputs = inferRouterOutputs<AppRouter>;
export type Me = Outputs['me']['get'];

export const MeContext = createContext<Me | null>(null);

/** Who is signed in, where, and what they may do. Only inside the shell. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe is for pages inside the shell');
  return me;
}

/** A function that tells why a permission is missing; undefined when it is held. */
export function useRefusal(): (permission: Permission, act?: LimitedAct) => string | undefined {
  const me = useMe();
  return (permission, act) => refusal(me, permission, act);
}
