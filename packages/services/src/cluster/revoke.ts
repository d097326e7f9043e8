import { clusterRevoke } from '@ambit/contracts/operations/cluster';
import { raiseGeneration } from '../desired/set-desired.ts';
import { conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { findCluster, toCluster } from './to-cluster.ts';

export const revokeCluster = implement(
  clusterRevoke,
  async ({ tx, now, changed }, { clusterId }) => {
    const row = await findCluster(tx, clusterId);
    if (row.revokedAt) return toCluster(row, now);
    if (!row.registeredAt && !row.joinTokenExpiresAt) {
      throw conflict(`no agent of "${row.name}" ever got a credential; there is nothing to revoke`);
    }
    await tx.cluster.update({
      where: { id: clusterId },
      data: {
        revokedAt: now,
        credentialEpoch: { increment: 1 },
        joinTokenHash: null,
        joinTokenExpiresAt: null,
        version: { increment: 1 },
      },
    });
    // The agent's waiting long poll answers now, with the refusal.
    await raiseGeneration(tx, clusterId);
    await changed('cluster', clusterId, 'updated');
    return toCluster(await findCluster(tx, clusterId), now);
  },
);
