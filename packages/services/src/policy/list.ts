import { policyList } from '@ambit/contracts/operations/policy';
import { implement } from '../kernel/implement.ts';
import { listedNamespaces } from '../kernel/limits.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { requireMesh } from '../mesh/lock.ts';
import { toPolicy } from './to-policy.ts';

export const listPolicies = implement(policyList, async (context, input) => {
  const { tx, now } = context;
  const { meshId } = input;
  await requireMesh(tx, meshId);
  const namespaces = listedNamespaces(context, meshId, input.namespace);
  const page = pageArgs(input, 'id');
  const rows = await tx.policy.findMany({
    ...page,
    where: {
      ...page.where,
      meshId,
      auxiliary: false,
      deletedAt: input.deleted ? { not: null } : null,
      ...(input.kind ? { kind: input.kind } : {}),
      ...(namespaces ? { namespace: { in: namespaces } } : {}),
    },
  });
  const clusters = await loadClusters(tx, meshId, now, false);
  return toPage(input, rows, (row) => toPolicy(row, clusters), 'id');
});
