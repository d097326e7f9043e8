import { clusterLeave } from '@ambit/contracts/operations/cluster';
import { installLabel } from '../agent-link/install/names.ts';
import { raiseGeneration } from '../desired/set-desired.ts';
import { conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { findCluster, toCluster } from './to-cluster.ts';

const uninstallCommand = `kubectl delete clusterrolebinding,clusterrole,namespace -l ${installLabel.key}=${installLabel.value}`;

export const leaveCluster = implement(clusterLeave, async ({ tx, now, changed }, { clusterId }) => {
  const row = await findCluster(tx, clusterId);
  if (row.mesh) {
    throw conflict(
      `the cluster "${row.name}" is part of the mesh "${row.mesh.mesh.name}"`,
      'delete that mesh, or take the cluster out of it, and try again',
    );
  }
  // Wakes the agent's long poll, which then finds that its cluster is gone.
  await raiseGeneration(tx, clusterId);
  await tx.cluster.delete({ where: { id: clusterId } });
  await changed('cluster', clusterId, 'deleted');
  const left = { ...row, revokedAt: row.revokedAt ?? now };
  return { ...toCluster(left, now), uninstallCommand };
});
