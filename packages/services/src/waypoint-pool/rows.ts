import {
  poolSpecSchema,
  waypointClassPrefix,
  type PoolSpec,
} from '@ambit/contracts/agent/waypoint';
import type { WaypointPool } from '@ambit/contracts/operations/waypoint-pool';
import { counted } from '@ambit/contracts/words';
import type { Tx } from '@ambit/db/database';
import { notFound } from '../kernel/errors.ts';
import { loadReports, type ClusterReport } from '../waypoint/reports.ts';

export interface PoolRow {
  id: string;
  meshId: string;
  name: string;
  spec: unknown;
  version: number;
  createdAt: Date;
}

/** @throws AmbitError not_found, also for a pool of another mesh */
export async function findPool(tx: Tx, meshId: string, poolId: string): Promise<PoolRow> {
  const row = await tx.waypointPool.findFirst({ where: { id: poolId, meshId } });
  if (!row) throw notFound('waypoint pool', poolId);
  return row;
}

export async function toPools(tx: Tx, meshId: string, rows: PoolRow[]): Promise<WaypointPool[]> {
  const reports = await loadReports(tx, meshId);
  return rows.map((row) => toPool(row, reports));
}

export function toPool(row: PoolRow, reports: readonly ClusterReport[]): WaypointPool {
  const spec = poolSpecSchema.parse(row.spec);
  const waypoints = reports.flatMap(({ report }) =>
    (report?.waypoints ?? []).filter(({ pool }) => pool === row.name),
  );
  const replicas = waypoints.reduce((sum, one) => sum + one.replicas.total, 0);
  const clusters = reports.flatMap(({ clusterId, clusterName, report }) => {
    const told = report?.pools.find(({ name }) => name === row.name);
    if (!told) return [];
    const { ready, scaler, message, prePulled } = told;
    return [{ clusterId, clusterName, ready, scaler, message, prePulled }];
  });
  return {
    id: row.id,
    meshId: row.meshId,
    name: row.name,
    gatewayClass: `${waypointClassPrefix}${row.name}`,
    spec,
    waypoints: waypoints.length,
    replicas,
    costPerHour: costOf(spec, replicas),
    clusters,
    sentence: sentenceOf(reports, clusters, waypoints.length, replicas),
    version: row.version,
    createdAt: row.createdAt.toISOString(),
  };
}

export const costOf = ({ pricePerHour }: PoolSpec, replicas: number): number | null =>
  pricePerHour === null ? null : Math.round(pricePerHour * replicas * 10_000) / 10_000;

function sentenceOf(
  reports: readonly ClusterReport[],
  clusters: WaypointPool['clusters'],
  waypoints: number,
  replicas: number,
): string {
  const use = `${counted(waypoints, 'waypoint')} with ${counted(replicas, 'replica')}`;
  const missing = reports.filter(
    ({ clusterId }) => !clusters.some((one) => one.clusterId === clusterId && one.ready),
  );
  const troubled = clusters.filter(({ message }) => message !== '');
  if (missing.length > 0) {
    return `${use}; not there yet in ${missing.map(({ clusterName }) => clusterName).join(', ')}.`;
  }
  const [first] = troubled;
  return first ? `${use}; ${first.clusterName}: ${first.message}.` : `${use}.`;
}
