import type { Inventory, Workload } from '@ambit/contracts/agent/protocol';
import type { Tx } from '@ambit/db/database';

export interface MeshWorkload extends Workload {
  clusterId: string;
  clusterName: string;
}

/** Every workload of a mesh's clusters, as the agents reported them last. */
export async function workloadsOf(tx: Tx, meshId: string): Promise<MeshWorkload[]> {
  const clusters = await tx.cluster.findMany({
    where: { mesh: { meshId } },
    select: { id: true, name: true, inventory: true },
    orderBy: { name: 'asc' },
  });
  return clusters.flatMap(({ id, name, inventory }) =>
    ((inventory as Inventory | null)?.workloads ?? []).map((workload) => ({
      ...workload,
      clusterId: id,
      clusterName: name,
    })),
  );
}
