import { clusterRenewJoin } from '@ambit/contracts/operations/cluster';
import { implement } from '../kernel/implement.ts';
import { newJoinToken } from './join-token.ts';
import { findCluster, toCluster } from './to-cluster.ts';

export const renewJoin = implement(
  clusterRenewJoin,
  async ({ tx, now, platform, changed }, { clusterId }) => {
    await findCluster(tx, clusterId);
    const { columns, join } = newJoinToken(platform, now);
    await tx.cluster.update({
      where: { id: clusterId },
      data: { ...columns, version: { increment: 1 } },
    });
    await changed('cluster', clusterId, 'updated');
    return { cluster: toCluster(await findCluster(tx, clusterId), now), join };
  },
);
