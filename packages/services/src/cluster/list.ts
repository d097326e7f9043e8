import { clusterList } from '@ambit/contracts/operations/cluster';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { clusterFields, toCluster } from './to-cluster.ts';

export const listClusters = implement(clusterList, async ({ tx, now }, input) => {
  const page = pageArgs(input, 'name');
  const rows = await tx.cluster.findMany({
    ...page,
    where: { AND: [page.where, input.name ? { name: input.name } : {}] },
    select: clusterFields,
  });
  return toPage(input, rows, (row) => toCluster(row, now), 'name');
});
