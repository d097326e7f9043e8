import {
  poolSpecSchema,
  waypointsReportSchema,
  type WaypointSettings,
  type WaypointsReport,
} from '@ambit/contracts/agent/waypoint';
import { canonicalJson } from '@ambit/contracts/canonical';
import { inTenant, type Tx } from '@ambit/db/database';
import { raiseGeneration } from '../desired/set-desired.ts';
import { keepTraffic } from '../waypoint/traffic-rows.ts';
import type { Platform } from '../kernel/context.ts';
import { effectsOf } from '../kernel/effects.ts';
import type { Agent } from './credential.ts';

/** Where the releases of the catalogue put istiod: there it looks for defaults of classes. */
const rootNamespace = 'istio-system';

/** What a cluster's waypoint controller goes by; null where the cluster is in no ambient mesh. */
export async function waypointSettings(
  tx: Tx,
  clusterId: string,
): Promise<WaypointSettings | null> {
  const member = await tx.meshCluster.findUnique({
    where: { clusterId },
    select: { mesh: { select: { id: true, profile: true } } },
  });
  if (member?.mesh.profile !== 'ambient') return null;
  const rows = await tx.waypointPool.findMany({
    where: { meshId: member.mesh.id },
    orderBy: { name: 'asc' },
  });
  return {
    rootNamespace,
    pools: rows.map(({ name, spec }) => ({ name, spec: poolSpecSchema.parse(spec) })),
  };
}

/** Has the agents of a mesh's clusters read their pools anew. */
export async function tellWaypointPools(tx: Tx, meshId: string): Promise<void> {
  const members = await tx.meshCluster.findMany({
    where: { meshId },
    orderBy: { clusterId: 'asc' },
    select: { clusterId: true },
  });
  for (const { clusterId } of members) await raiseGeneration(tx, clusterId);
}

/** Before a mesh goes: its agents take away what they made of pools while they still belong to it. */
export async function dropWaypointPools(tx: Tx, meshId: string): Promise<void> {
  const { count } = await tx.waypointPool.deleteMany({ where: { meshId } });
  if (count > 0) await tellWaypointPools(tx, meshId);
}

/**
 * Takes what an agent tells of its waypoints, latest wins.
 * @returns the number that is stored now: of an older report, or one of an older life, not its own
 */
export async function takeWaypoints(
  platform: Platform,
  agent: Agent,
  report: WaypointsReport,
): Promise<{ acceptedSeq: number }> {
  const { organisationId, clusterId } = agent;
  const { bootId, startedAt, seq } = report;
  return inTenant(platform.db, organisationId, async (tx) => {
    await tx.$queryRaw`SELECT id FROM cluster WHERE id = ${clusterId} FOR NO KEY UPDATE`;
    const before = await tx.clusterWaypoints.findUnique({ where: { clusterId } });
    if (before) {
      const isOlderLife = before.bootId !== bootId && Number(before.startedAt) >= startedAt;
      const isOlder = before.bootId === bootId && before.seq >= seq;
      if (isOlderLife) return { acceptedSeq: -1 };
      if (isOlder) return { acceptedSeq: before.seq };
    }
    const data = { bootId, startedAt, seq, report: report as object, at: platform.now() };
    await tx.clusterWaypoints.upsert({
      where: { clusterId },
      create: { clusterId, organisationId, ...data },
      update: data,
    });
    const was = before && waypointsReportSchema.parse(before.report);
    await keepTraffic(tx, agent, was?.waypoints ?? [], report.waypoints, platform.now());
    if (!was || stateOf(was) !== stateOf(report)) {
      const member = await tx.meshCluster.findUnique({ where: { clusterId } });
      const { changed } = effectsOf(tx, organisationId);
      await changed('waypoint', clusterId, 'updated', member?.meshId);
    }
    return { acceptedSeq: seq };
  });
}

/** What consoles hear of at once; figures alone they fetch when they look. */
const stateOf = ({ waypoints, pools, problem, metricsApi }: WaypointsReport): string =>
  canonicalJson([
    problem,
    metricsApi,
    pools,
    waypoints.map(({ namespace, name, pool, reason, message, replicas, programmed }) => [
      namespace,
      name,
      pool,
      reason,
      message,
      replicas,
      programmed,
    ]),
  ]);
