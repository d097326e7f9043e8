import { createHash } from 'node:crypto';
import { admissionType } from '@ambit/contracts/agent/admission';
import {
  agentActionSchema,
  desiredStateType,
  type DesiredState,
} from '@ambit/contracts/agent/protocol';
import { waypointsType } from '@ambit/contracts/agent/waypoint';
import { canonicalJson } from '@ambit/contracts/canonical';
import { inTenant } from '@ambit/db/database';
import type { Platform } from '../kernel/context.ts';
import { admissionOf } from './admission.ts';
import { waypointSettings } from './waypoints.ts';
import type { Agent } from './credential.ts';

/**
 * What a cluster is to have, signed: bundles by digest in their order, and the actions that are not done.
 * @param have generation the agent has; -1 for none
 * @returns null when nothing is newer
 */
export async function desiredState(
  platform: Platform,
  agent: Agent,
  have: number,
): Promise<DesiredState | null> {
  if (agent.generation <= have) return null;
  const found = await inTenant(platform.db, agent.organisationId, async (tx) => {
    const { generation } = await tx.cluster.findUniqueOrThrow({
      where: { id: agent.clusterId },
      select: { generation: true },
    });
    if (generation <= have) return null;
    const bundles = await tx.desiredBundle.findMany({
      where: { clusterId: agent.clusterId },
      orderBy: [{ order: 'asc' }, { name: 'asc' }],
      select: { name: true, digest: true, order: true, mode: true, drift: true },
    });
    const actions = await tx.agentAction.findMany({
      where: {
        clusterId: agent.clusterId,
        state: { in: ['pending', 'running'] },
        expiresAt: { gt: platform.now() },
      },
      orderBy: { id: 'asc' },
    });
    const admission = await admissionOf(tx, agent.clusterId);
    const waypoints = await waypointSettings(tx, agent.clusterId);
    return {
      generation,
      bundles: bundles as DesiredState['bundles'],
      actions,
      admission,
      waypoints,
    };
  });
  if (!found) return null;
  const { generation, bundles, admission, waypoints } = found;
  const actions = found.actions.map(({ id, kind, payload, expiresAt }) =>
    agentActionSchema.parse({
      ...(payload as object),
      id,
      kind,
      expiresAt: expiresAt.toISOString(),
    }),
  );
  const dig = createHash('sha256').update(canonicalJson({ bundles, actions })).digest('hex');
  const signature = await platform.keys.sign(
    { sub: agent.clusterId, gen: generation, dig },
    desiredStateType,
  );
  const asked = admission && {
    admission: await platform.keys.sign(
      { sub: agent.clusterId, gen: generation, admission },
      admissionType,
    ),
  };
  const looked = waypoints && {
    waypoints: await platform.keys.sign(
      { sub: agent.clusterId, gen: generation, waypoints },
      waypointsType,
    ),
  };
  return {
    clusterId: agent.clusterId,
    generation,
    bundles,
    actions,
    ...asked,
    ...looked,
    signature,
  };
}

/** The trace of the unfinished operation on a cluster's mesh, which the agent's next calls continue. */
export async function operationTrace(platform: Platform, agent: Agent): Promise<string | null> {
  return inTenant(platform.db, agent.organisationId, async (tx) => {
    const member = await tx.meshCluster.findUnique({
      where: { clusterId: agent.clusterId },
      select: { meshId: true },
    });
    if (!member) return null;
    const row = await tx.operation.findFirst({
      where: { targetId: member.meshId, finishedAt: null },
      select: { traceparent: true },
    });
    return row?.traceparent ?? null;
  });
}
