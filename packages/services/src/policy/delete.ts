import type { KubeObject } from '@ambit/contracts/common';
import { policyDelete } from '@ambit/contracts/operations/policy';
import { conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { admitPolicies } from '../diagnosis/admit-policies.ts';
import { lockMesh } from '../mesh-api/record.ts';
import { deliverLater, markDeleted } from './store.ts';
import { findPolicy, toPolicy } from './to-policy.ts';

export const deletePolicy = implement(
  policyDelete,
  async (context, { meshId, policyId }) => {
    await lockMesh(context.tx, meshId);
    const before = await findPolicy(context, meshId, policyId, 'delete');
    if (before.deletedAt) throw conflict(`${before.kind} ${before.name} is deleted already`);
    await admitPolicies(context, meshId, [{ object: before.object as KubeObject, deleted: true }]);
    const after = await markDeleted(context, before);
    await deliverLater(context, meshId);
    return toPolicy(after, await loadClusters(context.tx, meshId, context.now, false));
  },
  ({ policyId }) => policyId,
);
