import {
  poolSpecSchema,
  waypointsReportSchema,
  type PoolSpec,
  type WaypointsReport,
} from '@ambit/contracts/agent/waypoint';
import type { Tx } from '@ambit/db/database';

export interface ClusterReport {
  clusterId: string;
  clusterName: string;
  /** Null: its agent told nothing yet. */
  report: WaypointsReport | null;
  at: Date | null;
}

/** What the agents of a mesh told of their waypoints last, by the names of the clusters. */
export async function loadReports(tx: Tx, meshId: string): Promise<ClusterReport[]> {
  const clusters = await tx.cluster.findMany({
    where: { mesh: { meshId } },
    orderBy: { name: 'asc' },
    select: { id: true, name: true },
  });
  const rows = await tx.clusterWaypoints.findMany({
    where: { clusterId: { in: clusters.map(({ id }) => id) } },
  });
  const byId = new Map(rows.map((row) => [row.clusterId, row]));
  return clusters.map(({ id, name }) => {
    const row = byId.get(id);
    return {
      clusterId: id,
      clusterName: name,
      report: row ? waypointsReportSchema.parse(row.report) : null,
      at: row?.at ?? null,
    };
  });
}

/** A mesh's pools by name. */
export async function loadPools(tx: Tx, meshId: string): Promise<Map<string, PoolSpec>> {
  const rows = await tx.waypointPool.findMany({ where: { meshId }, orderBy: { name: 'asc' } });
  return new Map(rows.map(({ name, spec }) => [name, poolSpecSchema.parse(spec)]));
}
