import { meshPrecheck } from '@ambit/contracts/operations/mesh';
import { implement } from '../kernel/implement.ts';
import { isAllowed } from './checks.ts';
import { planCreate } from './plan-create.ts';

export const precheckMesh = implement(meshPrecheck, async (context, input) => {
  const { checks } = await planCreate(context, input);
  return { checks, allowed: isAllowed(checks) };
});
