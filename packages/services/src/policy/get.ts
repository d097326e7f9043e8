import { policyGet } from '@ambit/contracts/operations/policy';
import { implement } from '../kernel/implement.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { findPolicy, toPolicy } from './to-policy.ts';

export const getPolicy = implement(policyGet, async (context, { meshId, policyId }) => {
  const { tx, now } = context;
  const row = await findPolicy(context, meshId, policyId, 'get');
  return toPolicy(row, await loadClusters(tx, meshId, now, false));
});
