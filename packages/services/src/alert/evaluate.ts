import { newId } from '@ambit/contracts/ids';
import { inTenant, type Tx } from '@ambit/db/database';
import { effectsOf } from '../kernel/effects.ts';
import { decideAlerts, type AlertsDecision } from './decide.ts';
import type { AlertEngine } from './engine.ts';
import type { AlertView } from './facts.ts';
import { loadAlertsView } from './load.ts';

/** An organisation is looked at this often even when nothing is due. */
const idleMs = 600_000;

/**
 * Looks at the alerts of an organisation: what changed is written, and what is to be told is written as deliveries, in
 * one transaction. Repeating it changes nothing.
 */
export async function evaluateAlerts(
  { db, now }: Pick<AlertEngine, 'db' | 'now'>,
  organisationId: string,
): Promise<void> {
  await inTenant(db, organisationId, async (tx) => {
    await lockAlerts(tx, organisationId);
    const at = now();
    const decision = decideAlerts(await loadAlertsView(tx, at));
    await writeAlerts(tx, organisationId, decision);
    await writeGroups(tx, organisationId, decision);
    await writeDeliveries(tx, organisationId, decision, at);
    const wakeAt = Math.min(decision.wakeAt ?? Infinity, at.getTime() + idleMs);
    await setClock(tx, organisationId, new Date(wakeAt));
  });
}

/** Evaluations of one organisation take turns. */
export async function lockAlerts(tx: Tx, organisationId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${`alerts/${organisationId}`}))) AS lock`;
}

const setClock = (tx: Tx, organisationId: string, nextLookAt: Date) =>
  tx.alertClock.upsert({
    where: { organisationId },
    create: { organisationId, nextLookAt },
    update: { nextLookAt },
  });

/** Has the alerts looked at as soon as the transaction is committed, also when the queue loses the job. */
export async function evaluateSoon(
  tx: Tx,
  organisationId: string,
  now: Date,
  enqueue: ReturnType<typeof effectsOf>['enqueue'],
): Promise<void> {
  await setClock(tx, organisationId, now);
  await enqueue('alerts.evaluate', { organisationId });
}

async function writeAlerts(
  tx: Tx,
  organisationId: string,
  { alerts, forgotten }: AlertsDecision,
): Promise<void> {
  if (forgotten.length > 0) {
    await tx.alert.deleteMany({ where: { fingerprint: { in: forgotten } } });
  }
  if (alerts.length > 0) {
    const rows = JSON.stringify(alerts.map(toRow));
    await tx.$executeRaw`
      INSERT INTO alert AS a (id, organisation_id, fingerprint, rule_id, rule_name, source, subject, mesh_id, state,
        severity, summary, description, labels, link, episode, started_at, fired_at, absent_since, resolved_at, silence_id,
        unknown_since, unknown_reason)
      SELECT x.id, ${organisationId}, x.fingerprint, x.rule_id, x.rule_name, x.source, x.subject, x.mesh_id, x.state,
        x.severity, x.summary, x.description, x.labels, x.link, x.episode, x.started_at, x.fired_at, x.absent_since,
        x.resolved_at, x.silence_id, x.unknown_since, x.unknown_reason
      FROM jsonb_to_recordset(${rows}::jsonb) AS x(id text, fingerprint text, rule_id text, rule_name text,
        source text, subject text, mesh_id text, state text, severity text, summary text, description text,
        labels jsonb, link text, episode int, started_at timestamptz, fired_at timestamptz, absent_since timestamptz,
        resolved_at timestamptz, silence_id text, acknowledged boolean,
        unknown_since timestamptz, unknown_reason text)
      ON CONFLICT (organisation_id, fingerprint) DO UPDATE SET
        rule_id = excluded.rule_id, rule_name = excluded.rule_name, mesh_id = excluded.mesh_id,
        state = excluded.state, severity = excluded.severity, summary = excluded.summary,
        description = excluded.description, labels = excluded.labels, link = excluded.link,
        episode = excluded.episode, started_at = excluded.started_at, fired_at = excluded.fired_at,
        absent_since = excluded.absent_since, resolved_at = excluded.resolved_at, silence_id = excluded.silence_id,
        unknown_since = excluded.unknown_since, unknown_reason = excluded.unknown_reason`;
    const released = alerts.filter((each) => !each.acknowledged).map((each) => each.fingerprint);
    await tx.$executeRaw`
      UPDATE alert SET acknowledgement = NULL WHERE fingerprint = ANY(${released}) AND acknowledgement IS NOT NULL`;
  }
  if (alerts.length + forgotten.length > 0) {
    await effectsOf(tx, organisationId).changed('alert', organisationId, 'updated');
  }
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const toRow = (alert: AlertView) => ({
  id: newId('alert'),
  fingerprint: alert.fingerprint,
  rule_id: alert.ruleId,
  rule_name: alert.ruleName,
  source: alert.source,
  subject: alert.subject,
  mesh_id: alert.meshId,
  state: alert.state,
  severity: alert.severity,
  summary: alert.summary,
  description: alert.description,
  labels: alert.labels,
  link: alert.link,
  episode: alert.episode,
  started_at: iso(alert.startedAt),
  fired_at: iso(alert.firedAt),
  absent_since: iso(alert.absentSince),
  resolved_at: iso(alert.resolvedAt),
  silence_id: alert.silenceId,
  unknown_since: iso(alert.unknownSince),
  unknown_reason: alert.unknownReason,
});

async function writeGroups(
  tx: Tx,
  organisationId: string,
  { groups, ended }: AlertsDecision,
): Promise<void> {
  for (const { routeId, key } of ended) await tx.alertGroup.deleteMany({ where: { routeId, key } });
  for (const group of groups) {
    const { routeId, key, labels, told } = group;
    const times = {
      firstAt: new Date(group.firstAt),
      lastSentAt: group.lastSentAt === null ? null : new Date(group.lastSentAt),
    };
    await tx.alertGroup.upsert({
      where: { routeId_key: { routeId, key } },
      create: { id: newId('alertGroup'), organisationId, routeId, key, labels, told, ...times },
      update: { told, ...times },
    });
  }
}

async function writeDeliveries(
  tx: Tx,
  organisationId: string,
  { deliveries }: AlertsDecision,
  now: Date,
): Promise<void> {
  const { enqueue, changed } = effectsOf(tx, organisationId);
  for (const { routeId, key, notification, into } of deliveries) {
    const content = { title: notification.title, notification: notification as object };
    if (into !== null) {
      const { count } = await tx.alertDelivery.updateMany({
        where: {
          id: into,
          state: 'pending',
          OR: [{ leaseUntil: null }, { leaseUntil: { lte: now } }],
        },
        data: content,
      });
      if (count > 0) continue;
    }
    const group = await tx.alertGroup.findUniqueOrThrow({
      where: { routeId_key: { routeId, key } },
      select: { id: true },
    });
    const id = newId('alertDelivery');
    await tx.alertDelivery.create({
      data: {
        id,
        organisationId,
        routeId,
        groupId: group.id,
        ...content,
        createdAt: now,
        nextAttemptAt: now,
      },
    });
    await enqueue('alerts.deliver', { organisationId, deliveryId: id });
  }
  if (deliveries.length > 0) await changed('alert-route', organisationId, 'updated');
}
