import type { StatusReport } from '@ambit/contracts/agent/protocol';
import type { Tx } from '@ambit/db/database';
import { effectsOf } from '../kernel/effects.ts';
import type { Agent } from './credential.ts';

/**
 * Appends an agent's log lines to the unfinished operation of the mesh that each bundle belongs to. Lines without
 * one are dropped; lines that came before (the agent never heard that they had arrived) are not repeated.
 */
export async function appendLogs(tx: Tx, agent: Agent, logs: StatusReport['logs']): Promise<void> {
  if (logs.length === 0) return;
  const { organisationId, clusterId, clusterName } = agent;
  const bundles = await tx.desiredBundle.findMany({
    where: { clusterId },
    select: { name: true, meshId: true },
  });
  const meshOf = new Map(bundles.map(({ name, meshId }) => [name, meshId]));
  for (const [meshId, lines] of Map.groupBy(logs, ({ bundle }) => meshOf.get(bundle))) {
    if (meshId === undefined) continue;
    const operation = await tx.operation.findFirst({
      where: { targetId: meshId, finishedAt: null },
      orderBy: { id: 'desc' },
      include: { steps: { orderBy: { position: 'asc' } } },
    });
    if (!operation) continue;
    const first = lines.reduce((least, { at }) => (at < least ? at : least), lines[0]!.at);
    const known = await tx.operationLog.findMany({
      where: { operationId: operation.id, cluster: clusterName, at: { gte: new Date(first) } },
      select: { at: true, text: true },
    });
    const seen = new Set(known.map(({ at, text }) => `${at.toISOString()} ${text}`));
    const fresh = lines.filter(
      ({ at, text }) => !seen.has(`${new Date(at).toISOString()} ${text}`),
    );
    if (fresh.length === 0) continue;
    const step = operation.steps.find(({ state }) => state === 'running')?.name ?? 'apply';
    await tx.operationLog.createMany({
      data: fresh.map(({ at, level, text }) => ({
        operationId: operation.id,
        organisationId,
        at: new Date(at),
        step,
        level,
        cluster: clusterName,
        text,
      })),
    });
    await effectsOf(tx, organisationId).changed(
      'operation-log',
      operation.id,
      'created',
      operation.targetId,
    );
  }
}
