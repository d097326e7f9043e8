import type { KubeObject } from '@ambit/contracts/common';
import { policyRestore } from '@ambit/contracts/operations/policy';
import { notFound } from '../kernel/errors.ts';
import { assertAllowed } from '../kernel/limits.ts';
import { implement } from '../kernel/implement.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { admitPolicies } from '../diagnosis/admit-policies.ts';
import { lockMesh } from '../mesh-api/record.ts';
import { deliverLater, storePolicy } from './store.ts';
import { findPolicy, toPolicy } from './to-policy.ts';

export const restorePolicy = implement(
  policyRestore,
  async (context, { meshId, policyId, version }) => {
    const { tx, now } = context;
    await lockMesh(context.tx, meshId);
    const before = await findPolicy(context, meshId, policyId, 'get');
    const { namespace, kind, name } = before;
    const verb = before.deletedAt ? 'create' : 'update';
    assertAllowed(context, { meshId, namespace, verb, what: `${kind} ${name}` });
    const old = await tx.policyVersion.findFirst({
      where: { policyId, version, change: { not: 'status' } },
    });
    if (!old) throw notFound('version', `${version} of ${policyId}`);
    const parsed = {
      object: old.object as KubeObject,
      group: before.group,
      namespace: before.namespace,
      yaml: old.yaml,
    };
    await admitPolicies(context, meshId, [parsed]);
    const after = await storePolicy(context, meshId, parsed, before, 'restored');
    await deliverLater(context, meshId);
    return toPolicy(after, await loadClusters(tx, meshId, now, false));
  },
  ({ policyId }) => policyId,
);
