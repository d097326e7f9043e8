import { createHash } from 'node:crypto';
import type { z } from 'zod';
import {
  agentLimits,
  type StatusReport,
  type statusReplySchema,
} from '@ambit/contracts/agent/protocol';
import { canonicalJson } from '@ambit/contracts/canonical';
import { inTenant, type Tx } from '@ambit/db/database';
import type { Platform } from '../kernel/context.ts';
import { effectsOf } from '../kernel/effects.ts';
import { invalid } from '../kernel/errors.ts';
import { wakeOperations } from '../lifecycle/wake.ts';
import type { Agent } from './credential.ts';
import { appendLogs } from './logs.ts';
import { statusChange } from './status-change.ts';

export type StatusReply = z.infer<typeof statusReplySchema>;

/**
 * Takes a status report: the latest by (startedAt, seq) wins, a replayed or older one is dropped and answered with
 * the seq that stands. Operations of the mesh are woken when bundles or actions changed; consoles hear of it only
 * when something visible did.
 * @throws AmbitError invalid_input for a report from more than ten minutes in the future
 */
export async function takeStatus(
  platform: Platform,
  agent: Agent,
  report: StatusReport,
): Promise<StatusReply> {
  const now = platform.now();
  if (Date.parse(report.startedAt) - now.getTime() > agentLimits.clockSkewMs) {
    throw invalid(
      `the agent says it started at ${report.startedAt}, which is in the future`,
      [{ path: 'startedAt', message: 'more than 10 minutes ahead of the platform' }],
      "set the clocks of the cluster's nodes",
    );
  }
  const { seq: _seq, ...content } = report;
  const digest = createHash('sha256').update(canonicalJson(content)).digest('hex');
  const heard = heardBy(platform);
  if (await isHeartbeat(platform, agent, report, heard.get(agent.clusterId), digest, now)) {
    heard.set(agent.clusterId, { seq: report.seq, digest });
    return { acceptedSeq: report.seq };
  }
  return inTenant(platform.db, agent.organisationId, async (tx) => {
    const before = await lockReport(tx, agent.clusterId);
    if (!isNewer(report, before)) {
      await tx.cluster.update({ where: { id: agent.clusterId }, data: { lastSeenAt: now } });
      return { acceptedSeq: before.reportSeq };
    }
    const { logs, ...kept } = report;
    await tx.cluster.update({
      where: { id: agent.clusterId },
      data: {
        report: kept as object,
        reportBootId: report.bootId,
        reportStartedAt: new Date(report.startedAt),
        reportSeq: report.seq,
        lastSeenAt: now,
      },
    });
    await follow(tx, platform, agent, report, before, now);
    await appendLogs(tx, agent, logs);
    return { acceptedSeq: report.seq };
  }).then((reply) => {
    if (reply.acceptedSeq === report.seq) heard.set(agent.clusterId, { seq: report.seq, digest });
    return reply;
  });
}

interface Heard {
  seq: number;
  digest: string;
}

/** What this process took last of each cluster: 100 bytes a cluster, lost without harm. */
const heardByDatabase = new WeakMap<object, Map<string, Heard>>();

function heardBy({ db }: Platform): Map<string, Heard> {
  let heard = heardByDatabase.get(db);
  if (!heard) heardByDatabase.set(db, (heard = new Map()));
  return heard;
}

/**
 * A report that says what the one before said costs one statement. It counts only when this very one is stored
 * (nobody took another in between, the agent did not begin anew) and the cluster was not stale.
 */
async function isHeartbeat(
  platform: Platform,
  agent: Agent,
  report: StatusReport,
  last: Heard | undefined,
  digest: string,
  now: Date,
): Promise<boolean> {
  if (last?.digest !== digest || report.seq <= last.seq) return false;
  const { count } = await platform.db.system.cluster.updateMany({
    where: {
      id: agent.clusterId,
      organisationId: agent.organisationId,
      reportBootId: report.bootId,
      reportSeq: last.seq,
      lastSeenAt: { gte: new Date(now.getTime() - agentLimits.staleAfterMs) },
    },
    data: { reportSeq: report.seq, lastSeenAt: now },
  });
  return count === 1;
}

interface Before {
  report: StatusReport | null;
  reportBootId: string | null;
  reportStartedAt: Date | null;
  reportSeq: number;
  lastSeenAt: Date | null;
}

async function lockReport(tx: Tx, clusterId: string): Promise<Before> {
  // Two reports of one cluster take turns here, so that "the latest" is decided by what is stored.
  await tx.$queryRaw`SELECT 1 FROM "cluster" WHERE "id" = ${clusterId} FOR UPDATE`;
  const row = await tx.cluster.findUniqueOrThrow({
    where: { id: clusterId },
    select: {
      report: true,
      reportBootId: true,
      reportStartedAt: true,
      reportSeq: true,
      lastSeenAt: true,
    },
  });
  return { ...row, report: row.report as StatusReport | null };
}

export function isNewer(
  report: Pick<StatusReport, 'startedAt' | 'bootId' | 'seq'>,
  before: Pick<Before, 'reportStartedAt' | 'reportBootId' | 'reportSeq'>,
): boolean {
  if (!before.reportStartedAt) return true;
  const later = Date.parse(report.startedAt) - before.reportStartedAt.getTime();
  if (later !== 0) return later > 0;
  return report.bootId === before.reportBootId && report.seq > before.reportSeq;
}

async function follow(
  tx: Tx,
  platform: Platform,
  agent: Agent,
  report: StatusReport,
  before: Before,
  now: Date,
): Promise<void> {
  const { organisationId, clusterId } = agent;
  const effects = effectsOf(tx, organisationId);
  const change = statusChange(before.report, report);
  const silentMs = before.lastSeenAt ? now.getTime() - before.lastSeenAt.getTime() : Infinity;
  const wasStale = silentMs > agentLimits.staleAfterMs;
  if (change.actions) await writeActions(tx, agent, report, now);
  const mesh = await tx.meshCluster.findUnique({ where: { clusterId } });
  if (change.visible || wasStale) {
    await effects.changed('cluster', clusterId, 'updated', mesh?.meshId);
  }
  const meshIds = new Set(
    (await tx.desiredBundle.findMany({ where: { clusterId }, select: { meshId: true } })).map(
      (row) => row.meshId,
    ),
  );
  if (mesh) meshIds.add(mesh.meshId);
  for (const meshId of meshIds) {
    if (change.bundles || change.actions || wasStale) {
      await wakeOperations({ tx, organisationId, ...effects }, meshId);
    }
    if (change.bundles || wasStale) {
      await effects.enqueue('mesh.observe', { organisationId, meshId });
    }
  }
}

async function writeActions(tx: Tx, agent: Agent, report: StatusReport, now: Date) {
  for (const action of report.actions) {
    await tx.agentAction.updateMany({
      where: {
        id: action.id,
        clusterId: agent.clusterId,
        state: { in: ['pending', 'running'] },
      },
      data: {
        state: action.state,
        message: action.message,
        ...(action.state === 'running' ? {} : { finishedAt: now }),
      },
    });
  }
}
