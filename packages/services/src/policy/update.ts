import { policyUpdate } from '@ambit/contracts/operations/policy';
import { conflict, invalid } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { requireVersion } from '../mesh/lock.ts';
import { admitPolicies } from '../diagnosis/admit-policies.ts';
import { readPolicies } from './read.ts';
import { lockMesh } from '../mesh-api/record.ts';
import { changeOf, deliverLater, storePolicy } from './store.ts';
import { findPolicy, toPolicy } from './to-policy.ts';

export const updatePolicy = implement(
  policyUpdate,
  async (context, { meshId, policyId, version, yaml }) => {
    await lockMesh(context.tx, meshId);
    const before = await findPolicy(context, meshId, policyId, 'update');
    const what = `${before.kind} ${before.name}`;
    if (before.deletedAt) throw conflict(`${what} is deleted`, 'restore a version of it first');
    requireVersion(what, before, version);
    const [parsed, ...others] = readPolicies(yaml).policies;
    if (!parsed || others.length > 0) {
      throw invalid('one document is expected', [
        { path: 'yaml', message: `it holds ${others.length + 1}; apply takes several` },
      ]);
    }
    const { change, row } = await changeOf(context, meshId, parsed);
    if (row?.id !== policyId) {
      throw invalid('the text is of another object', [
        {
          path: 'yaml',
          message: `expected ${before.kind} ${before.namespace}/${before.name}; kind, namespace and name do not change`,
        },
      ]);
    }
    const clusters = await loadClusters(context.tx, meshId, context.now, false);
    if (change === 'unchanged') return toPolicy(before, clusters);
    await admitPolicies(context, meshId, [parsed]);
    const after = await storePolicy(context, meshId, parsed, row, 'updated');
    await deliverLater(context, meshId);
    return toPolicy(after, clusters);
  },
  ({ policyId }) => policyId,
);
