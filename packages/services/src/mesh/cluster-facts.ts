import type { StatusReport } from '@ambit/contracts/agent/protocol';
import type { Prisma } from '@ambit/db/generated/client';
import { clusterState, type ClusterState } from '../cluster/state.ts';
import type { Context } from '../kernel/context.ts';

/** What a check asks of a cluster. */
export interface ClusterFacts {
  id: string;
  name: string;
  state: ClusterState;
  mesh: { id: string; name: string } | null;
  report: Pick<StatusReport, 'cluster'> | null;
}

/** Clusters by name, without their inventories. */
export async function clusterFactsOf(
  { tx, now }: Pick<Context, 'tx' | 'now'>,
  where: Prisma.ClusterWhereInput,
): Promise<ClusterFacts[]> {
  const rows = await tx.cluster.findMany({
    where,
    orderBy: { name: 'asc' },
    omit: { inventory: true },
    include: { mesh: { include: { mesh: { select: { id: true, name: true } } } } },
  });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    state: clusterState({ ...row, report: null }, now),
    mesh: row.mesh?.mesh ?? null,
    report: row.report as ClusterFacts['report'],
  }));
}
