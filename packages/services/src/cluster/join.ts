import { newId } from '@ambit/contracts/ids';
import { clusterJoin } from '@ambit/contracts/operations/cluster';
import { conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { newJoinToken } from './join-token.ts';
import { findCluster, toCluster } from './to-cluster.ts';

export const joinCluster = implement(
  clusterJoin,
  async ({ tx, now, platform, organisationId, changed }, { name }) => {
    const id = newId('cluster', now.getTime());
    const { columns, join } = newJoinToken(platform, now);
    const made = await tx.cluster.createMany({
      data: [{ id, organisationId, name, createdAt: now, ...columns }],
      skipDuplicates: true,
    });
    if (made.count === 0) {
      throw conflict(
        `there is a cluster "${name}" already`,
        'take another name, or make a new join command for that cluster',
      );
    }
    await changed('cluster', id, 'created');
    return { cluster: toCluster(await findCluster(tx, id), now), join };
  },
  (_input, output) => output?.cluster.id ?? '',
);
