import { canonicalJson } from '@ambit/contracts/canonical';
import type { Condition } from '@ambit/contracts/common';
import type { LifecycleType, OperationState } from '@ambit/contracts/lifecycle';
import type { Release } from '@ambit/contracts/release';
import type { Tx } from '@ambit/db/database';
import type { Context } from '../kernel/context.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { titleOf } from '../lifecycle/to-operation.ts';
import type { Memory, OperationInput } from '../lifecycle/view.ts';
import { meshConditions, meshStatus, type MeshFacts } from './conditions.ts';

export interface Refresh extends Pick<Context, 'changed'> {
  tx: Tx;
  organisationId: string;
  releases: readonly Release[];
}

/** Looks at the facts of a mesh and writes its conditions and status where they differ. Nothing when it is gone. */
export async function refreshMesh(
  { tx, releases, changed }: Refresh,
  meshId: string,
  now: Date,
): Promise<void> {
  // Two looks at one mesh take turns, so that the older facts never overwrite the newer.
  await tx.$queryRaw`SELECT id FROM mesh WHERE id = ${meshId} FOR NO KEY UPDATE`;
  const mesh = await tx.mesh.findUnique({ where: { id: meshId } });
  if (!mesh) return;
  const facts: MeshFacts = {
    now,
    mesh: { ...mesh, conditions: mesh.conditions as Condition[] },
    clusters: await loadClusters(tx, meshId, now, false),
    release: releases.find((release) => release.version === mesh.activeRelease) ?? null,
    ...(await operationsOf(tx, meshId)),
  };
  const conditions = meshConditions(facts);
  const { status, statusMessage } = meshStatus(facts, conditions);
  const same =
    mesh.status === status &&
    mesh.statusMessage === statusMessage &&
    canonicalJson(mesh.conditions) === canonicalJson(conditions);
  await tx.mesh.update({
    where: { id: meshId },
    data: same ? { observedAt: now } : { status, statusMessage, conditions, observedAt: now },
  });
  if (!same) await changed('mesh', meshId, 'updated');
}

async function operationsOf(
  tx: Tx,
  meshId: string,
): Promise<Pick<MeshFacts, 'operation' | 'lastOperation'>> {
  const [newest, before] = await tx.operation.findMany({
    // A report changes nothing, so the mesh is what it was.
    where: { targetId: meshId, type: { not: 'mesh.report' } },
    orderBy: { id: 'desc' },
    take: 2,
    include: { steps: { where: { state: 'running' }, take: 1 } },
  });
  const running = newest && !newest.finishedAt ? newest : null;
  const last = running ? before : newest;
  return {
    operation: running
      ? {
          type: running.type,
          title: titleOf(running.type as LifecycleType, running.input as OperationInput),
          message: running.steps[0]?.message ?? '',
          paused: (running.memory as Memory).pausedSince !== undefined,
        }
      : null,
    lastOperation: last
      ? {
          title: titleOf(last.type as LifecycleType, last.input as OperationInput),
          state: last.state as OperationState,
          reason: last.reason,
          message: last.message,
        }
      : null,
  };
}
