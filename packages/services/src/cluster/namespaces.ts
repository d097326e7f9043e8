import type { Inventory, Workload } from '@ambit/contracts/agent/protocol';
import { clusterNamespaces } from '@ambit/contracts/operations/cluster';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';

export const listNamespaces = implement(clusterNamespaces, async ({ tx }, { clusterId }) => {
  const row = await tx.cluster.findUnique({
    where: { id: clusterId },
    select: { inventory: true, inventoryAt: true },
  });
  if (!row) throw notFound('cluster', clusterId);
  const inventory = row.inventory as Inventory | null;
  const workloads = Map.groupBy(
    inventory?.workloads ?? [],
    (workload: Workload) => workload.namespace,
  );
  return {
    observedAt: row.inventoryAt?.toISOString() ?? null,
    items: (inventory?.namespaces ?? []).map(({ name, labels }) => ({
      name,
      labels,
      workloads: workloads.get(name) ?? [],
    })),
  };
});
