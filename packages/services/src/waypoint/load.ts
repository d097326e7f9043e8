import {
  istioWaypointClass,
  waypointClassPrefix,
  type PoolSpec,
  type ReportedWaypoint,
} from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import type { WaypointSummary } from '@ambit/contracts/operations/waypoint';
import type { Tx } from '@ambit/db/database';
import { keyOf } from '@ambit/istio/enrolment/facts';
import { waypointForLabel } from '@ambit/istio/enrolment/waypoint';
import { waypointUsers, type WaypointUsers } from '@ambit/istio/waypoint/bound';
import { loadFacts, type KnownCluster } from '../enrolment/load.ts';
import { costOf } from '../waypoint-pool/rows.ts';
import { loadPools, loadReports, type ClusterReport } from './reports.ts';
import { saturationOf } from './saturation.ts';
import { toSleep } from './sleep-words.ts';
import { sentenceOf } from './words.ts';

export interface KnownWaypoint {
  summary: WaypointSummary;
  users: WaypointUsers;
  pool: PoolSpec | null;
}

export interface WaypointsOfMesh {
  waypoints: KnownWaypoint[];
  reports: ClusterReport[];
  clusters: KnownCluster[];
  /** Policies of the mesh by `kind/namespace/name`. */
  policyIds: Map<string, string>;
  /** The mesh's own Gateways of waypoints, by `namespace/name`. */
  gateways: Map<string, KubeObject>;
}

/** Whether a mesh has a waypoint at all, by its policies and the reports of its agents, without reading what uses it. */
export async function hasWaypoints(tx: Tx, meshId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ has: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM policy WHERE mesh_id = ${meshId} AND deleted_at IS NULL AND NOT auxiliary AND kind = 'Gateway'
        AND (object #>> '{spec,gatewayClassName}' = ${istioWaypointClass}
          OR starts_with(object #>> '{spec,gatewayClassName}', ${waypointClassPrefix}))
    ) OR EXISTS (
      SELECT FROM cluster_waypoints JOIN mesh_cluster USING (cluster_id)
      WHERE mesh_id = ${meshId} AND report -> 'waypoints' <> '[]'::jsonb
    ) AS has`;
  return row!.has;
}

const nobody: WaypointUsers = { attached: [], bound: [] };

/**
 * Every waypoint of a mesh: those that agents told of, and those that the mesh wants of a cluster whose agent has not told
 * of them.
 * @throws AmbitError not_found
 */
export async function loadWaypoints(tx: Tx, meshId: string, now: Date): Promise<WaypointsOfMesh> {
  const clusters = await loadFacts(tx, meshId, now);
  const [reports, pools, policies] = [
    await loadReports(tx, meshId),
    await loadPools(tx, meshId),
    await tx.policy.findMany({
      where: { meshId, deletedAt: null, auxiliary: false },
      select: { id: true, kind: true, namespace: true, name: true, object: true },
    }),
  ];
  const policyIds = new Map(
    policies.map(({ id, kind, namespace, name }) => [`${kind}/${namespace}/${name}`, id]),
  );
  const wanted = policies.flatMap(({ kind, namespace, name, object }) => {
    const { spec } = object as { spec?: { gatewayClassName?: string } };
    const ofClass = spec?.gatewayClassName ?? '';
    const is =
      kind === 'Gateway' &&
      (ofClass === istioWaypointClass || ofClass.startsWith(waypointClassPrefix));
    return is ? [{ namespace, name, ofClass, object }] : [];
  });
  const gateways = new Map(
    wanted.map(({ namespace, name, object }) => [
      keyOf(namespace, name),
      object as unknown as KubeObject,
    ]),
  );
  const waypoints = reports.flatMap((cluster) => {
    const facts = clusters.find(({ clusterId }) => clusterId === cluster.clusterId)?.facts;
    const users = facts ? waypointUsers(facts) : new Map<string, WaypointUsers>();
    const told = cluster.report?.waypoints ?? [];
    const known = new Set(told.map(({ namespace, name }) => keyOf(namespace, name)));
    const missing = wanted.filter(({ namespace, name }) => !known.has(keyOf(namespace, name)));
    return [
      ...told.map((reported) => ({ reported, ofClass: reported.gatewayClass, ...reported })),
      ...missing.map((one) => ({ reported: null, ...one })),
    ].map(({ reported, ofClass, namespace, name }): KnownWaypoint => {
      const of = users.get(keyOf(namespace, name)) ?? nobody;
      const policyId = policyIds.get(`Gateway/${namespace}/${name}`) ?? null;
      const poolName = ofClass.startsWith(waypointClassPrefix)
        ? ofClass.slice(waypointClassPrefix.length)
        : null;
      const pool = poolName === null ? null : (pools.get(poolName) ?? null);
      return {
        users: of,
        pool,
        summary: toSummary({
          cluster,
          reported,
          users: of,
          pool,
          poolName,
          policyId,
          namespace,
          name,
          ofClass,
          takes:
            gateways.get(keyOf(namespace, name))?.metadata.labels?.[waypointForLabel] ?? 'service',
        }),
      };
    });
  });
  return { waypoints, reports, clusters, policyIds, gateways };
}

function toSummary(known: {
  cluster: ClusterReport;
  reported: ReportedWaypoint | null;
  users: WaypointUsers;
  pool: PoolSpec | null;
  poolName: string | null;
  policyId: string | null;
  namespace: string;
  name: string;
  ofClass: string;
  takes: string;
}): WaypointSummary {
  const { cluster, reported, users, pool, poolName, policyId, namespace, name, ofClass, takes } =
    known;
  const services = users.attached.filter(({ kind }) => kind === 'Service').length;
  const at = (ms: number | null | undefined): string | null =>
    ms === null || ms === undefined ? null : new Date(ms).toISOString();
  const empty = { desired: 0, ready: 0, updated: 0, total: 0 };
  const figures = reported?.figures;
  return {
    clusterId: cluster.clusterId,
    clusterName: cluster.clusterName,
    namespace,
    name,
    gatewayClass: ofClass,
    pool: poolName,
    takes: reported?.takes ?? takes,
    policyId,
    state: reported?.state ?? 'Unknown',
    reason: reported?.reason ?? null,
    sentence: sentenceOf(reported, users, cluster),
    programmed: reported?.programmed ?? false,
    replicas: reported?.replicas ?? empty,
    scaling: reported
      ? {
          by: reported.scaling.by,
          min: reported.scaling.min,
          max: reported.scaling.max,
          message: reported.scaling.message,
        }
      : null,
    services,
    l7: users.bound.length,
    saturation: saturationOf(reported, pool),
    figures: {
      requestsPerSecond: figures?.requestsPerSecond ?? null,
      activeRequests: figures?.activeRequests ?? null,
      p50Ms: figures?.p50Ms ?? null,
      p99Ms: figures?.p99Ms ?? null,
      addedMs: figures?.addedMs ?? null,
      errorShare: figures?.errorShare ?? null,
      at: at(figures?.at),
    },
    rejected: reported?.rejected ?? [],
    lastActiveAt: at(reported?.lastActiveAt),
    costPerHour: pool && reported ? costOf(pool, reported.replicas.total) : null,
    currency: pool && pool.pricePerHour !== null ? pool.currency : null,
    sleep: toSleep(reported),
    reclaimable: users.bound.length === 0 && pool?.reclaim !== 'off',
  };
}
