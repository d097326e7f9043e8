import { waypointsReportSchema, type WaypointsReport } from '@ambit/contracts/agent/waypoint';
import { takeWaypoints } from '../agent-link/waypoints.ts';
import { renderedMesh } from '../testing/rendered-mesh.ts';
import type { Tenant, TestPlatform } from '../testing/tenant.ts';

export const shop = { namespace: 'shop', name: 'waypoint' };

/** An ambient mesh over one cluster, which has no waypoint. */
export async function ambientMesh(
  platform: TestPlatform,
  tenant: Tenant,
): Promise<{ meshId: string; clusterId: string }> {
  const meshId = await renderedMesh(platform, tenant);
  const { system } = platform.db;
  await system.mesh.update({ where: { id: meshId }, data: { profile: 'ambient' } });
  const { clusterId } = await system.meshCluster.findFirstOrThrow({ where: { meshId } });
  return { meshId, clusterId };
}

/** The agent of a cluster, with all that it was handed. */
export async function agentOf({ db }: TestPlatform, { organisationId }: Tenant, clusterId: string) {
  const { generation } = await db.system.cluster.findUniqueOrThrow({ where: { id: clusterId } });
  return { clusterId, clusterName: 'c1', organisationId, generation };
}

/** What an agent tells of one waypoint, shop/waypoint of Istio's own class, that serves with one replica. */
const toldWaypoint = {
  ...shop,
  gatewayClass: 'istio-waypoint',
  pool: '',
  takes: 'service',
  state: 'Ready',
  reason: 'Serving',
  message: '1 of 1 replicas ready',
  programmed: true,
  replicas: { desired: 1, ready: 1, updated: 1, total: 1 },
  scaling: { by: 'none', min: 0, max: 0, message: '', lastAt: null },
  figures: { requestsPerSecond: null, activeRequests: null, p50Ms: null, p99Ms: null, at: null },
  rejected: [],
  lastActiveAt: null,
};

/** A whole report of waypoints. */
export const waypointsReport = (
  seq: number,
  waypoint: object,
  more: Partial<WaypointsReport> = {},
): WaypointsReport =>
  waypointsReportSchema.parse({
    bootId: 'one',
    startedAt: 1_000,
    seq,
    metricsApi: false,
    problem: '',
    pools: [],
    waypoints: [{ ...toldWaypoint, ...waypoint }],
    ...more,
  });

/** Has the agent of a cluster report. */
export const tellWaypoints = async (
  platform: TestPlatform,
  tenant: Tenant,
  clusterId: string,
  report: WaypointsReport,
) => takeWaypoints(platform, await agentOf(platform, tenant, clusterId), report);
