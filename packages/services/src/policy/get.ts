import { policyGet } from '@ambit/contracts/operations/policy';
import { implement } from '../kernel/implement.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { findPolicy, toPolicy } from './to-policy.ts';

export const getPolicy = implement(policyGet, async ({ tx, now }, { meshId, policyId }) =>
  toPolicy(await findPolicy(tx, meshId, policyId), await loadClusters(tx, meshId, now, false)),
);
