import { newId } from '@ambit/contracts/ids';
import type { RouteTarget } from '@ambit/contracts/operations/alert-route';
import { inTenant, type Tx } from '@ambit/db/database';
import { effectsOf } from '../kernel/effects.ts';
import { sealOf } from '../mesh-api/seal.ts';
import { targetPlace, type AlertEngine } from './engine.ts';
import type { Notification } from './facts.ts';
import { sendEmail } from './send/email.ts';
import { outcomeOf, pauseAfter, type Outcome } from './send/outcome.ts';
import type { Outgoing, Sent } from './send/outgoing.ts';
import { sendPagerDuty } from './send/pagerduty.ts';
import { sendSlack } from './send/slack.ts';
import { sendWebhook } from './send/webhook.ts';

const defaultTimeoutMs = 10_000;
/** Longer than any attempt: whoever still holds it then is dead. */
const leaseMs = 45_000;
/** A slow receiver does not take the places of others. */
const mostAtOnce = 2;
const placeWaitMs = 2_000;
const answerLength = 500;

interface Claim {
  id: string;
  attempt: number;
  groupId: string | null;
  routeId: string;
  createdAt: Date;
  target: RouteTarget;
  notification: Notification;
}

/**
 * Tries one delivery that is due. What came of it stands in the log; a try that failed is repeated with growing pauses,
 * one whose process died is repeated when its lease is over. So every delivery arrives at least once, or ends as failed
 * in plain sight.
 */
export async function deliverAlert(
  engine: AlertEngine,
  organisationId: string,
  deliveryId: string,
): Promise<void> {
  const seal = await sealOf(engine.db);
  const claimed = await inTenant(engine.db, organisationId, (tx) =>
    claim(tx, organisationId, deliveryId, engine.now(), (sealed, routeId) =>
      seal.open(sealed, targetPlace(routeId)),
    ),
  );
  if (!claimed) return;
  const began = performance.now();
  const at = engine.now();
  const result = await tryOnce(engine, claimed, at);
  const durationMs = Math.round(performance.now() - began);
  await inTenant(engine.db, organisationId, (tx) =>
    settle(tx, organisationId, claimed, { ...result, at, durationMs }, engine.now()),
  );
}

async function claim(
  tx: Tx,
  organisationId: string,
  id: string,
  now: Date,
  open: (sealed: string, routeId: string) => string,
): Promise<Claim | undefined> {
  const found = await tx.alertDelivery.findUnique({ where: { id }, select: { routeId: true } });
  if (!found) return undefined;
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${`deliveries/${found.routeId}`}))) AS lock`;
  // Locked before it is read: what joins it from now on finds it under way, and makes a delivery of its own.
  await tx.$queryRaw`SELECT id FROM alert_delivery WHERE id = ${id} FOR UPDATE`;
  const row = await tx.alertDelivery.findUnique({ where: { id }, include: { route: true } });
  if (!row || row.state !== 'pending' || !row.nextAttemptAt || row.nextAttemptAt > now)
    return undefined;
  if (row.leaseUntil && row.leaseUntil > now) return undefined;
  if (!row.route.enabled && !row.test) {
    await tx.alertDelivery.update({
      where: { id },
      data: { state: 'failed', nextAttemptAt: null, leaseUntil: null },
    });
    return undefined;
  }
  // Of one group the older is told first, so that nobody reads of an end before the beginning.
  const older = row.groupId
    ? await tx.alertDelivery.count({
        where: { groupId: row.groupId, state: 'pending', id: { lt: id } },
      })
    : 0;
  const underWay = await tx.alertDelivery.count({
    where: { routeId: row.routeId, state: 'pending', leaseUntil: { gt: now } },
  });
  if (older > 0 || underWay >= mostAtOnce) {
    const nextAttemptAt = new Date(now.getTime() + placeWaitMs);
    await tx.alertDelivery.update({ where: { id }, data: { nextAttemptAt } });
    await effectsOf(tx, organisationId).enqueue(
      'alerts.deliver',
      { organisationId, deliveryId: id },
      nextAttemptAt,
    );
    return undefined;
  }
  if (row.leaseUntil) {
    await tx.alertAttempt.createMany({
      data: [
        {
          deliveryId: id,
          number: row.attempt,
          organisationId,
          at: new Date(row.leaseUntil.getTime() - leaseMs),
          outcome: 'interrupted',
          answer: 'the process that tried it ended; it is not known whether it arrived',
        },
      ],
      skipDuplicates: true,
    });
  }
  const attempt = row.attempt + 1;
  await tx.alertDelivery.update({
    where: { id },
    data: { attempt, leaseUntil: new Date(now.getTime() + leaseMs) },
  });
  return {
    id,
    attempt,
    groupId: row.groupId,
    routeId: row.routeId,
    createdAt: row.createdAt,
    target: JSON.parse(open(row.route.target, row.routeId)) as RouteTarget,
    notification: row.notification as unknown as Notification,
  };
}

interface Result {
  outcome: Outcome;
  status: number | null;
  answer: string;
  retryAfterSeconds: number | null;
}

async function tryOnce(engine: AlertEngine, claimed: Claim, now: Date): Promise<Result> {
  const out: Outgoing = {
    deliveryId: claimed.id,
    groupId: claimed.groupId,
    target: claimed.target,
    notification: claimed.notification,
    publicUrl: engine.publicUrl,
    now,
    guard: engine.guard,
    timeoutMs: engine.timeoutMs ?? defaultTimeoutMs,
  };
  try {
    const sent = await send(out);
    return {
      outcome: outcomeOf(sent),
      status: sent.status,
      answer: sent.text.slice(0, answerLength),
      retryAfterSeconds: sent.retryAfterSeconds,
    };
  } catch (error) {
    const { message, code, responseCode } = error as Error & {
      code?: string;
      responseCode?: number;
    };
    const isRefusal = code === 'unprocessable' || (responseCode ?? 0) >= 500;
    return {
      outcome: isRefusal ? 'refused' : 'failed',
      status: responseCode ?? null,
      answer: (message || String(code)).slice(0, answerLength),
      retryAfterSeconds: null,
    };
  }
}

function send(out: Outgoing): Promise<Sent> {
  switch (out.target.kind) {
    case 'webhook':
      return sendWebhook(out as Outgoing<'webhook'>);
    case 'slack':
      return sendSlack(out as Outgoing<'slack'>);
    case 'email':
      return sendEmail(out as Outgoing<'email'>);
    case 'pagerduty':
      return sendPagerDuty(out as Outgoing<'pagerduty'>);
  }
}

async function settle(
  tx: Tx,
  organisationId: string,
  { id, attempt: number, createdAt }: Claim,
  result: Result & { at: Date; durationMs: number },
  now: Date,
): Promise<void> {
  const { outcome, status, retryAfterSeconds, at, durationMs } = result;
  const [still] = await tx.$queryRaw<object[]>`
    SELECT id FROM alert_delivery WHERE id = ${id} FOR UPDATE`;
  // The route was deleted meanwhile, and its log with it.
  if (!still) return;
  // Postgres takes no NUL, and a receiver may answer anything.
  const answer = result.answer.replaceAll('\0', '');
  const pauseMs =
    outcome === 'delivered'
      ? null
      : pauseAfter(
          outcome,
          number,
          now.getTime() - createdAt.getTime(),
          retryAfterSeconds,
          Math.random(),
        );
  const nextAttemptAt = pauseMs === null ? null : new Date(now.getTime() + pauseMs);
  const state = outcome === 'delivered' ? 'delivered' : nextAttemptAt ? 'pending' : 'failed';
  const { count } = await tx.alertDelivery.updateMany({
    where: { id, attempt: number, state: 'pending' },
    data: {
      state,
      nextAttemptAt,
      leaseUntil: null,
      ...(outcome === 'delivered' ? { deliveredAt: now } : {}),
    },
  });
  await tx.alertAttempt.createMany({
    data: [{ deliveryId: id, number, organisationId, at, durationMs, outcome, status, answer }],
    skipDuplicates: true,
  });
  const { enqueue, changed } = effectsOf(tx, organisationId);
  if (count > 0 && nextAttemptAt) {
    await enqueue('alerts.deliver', { organisationId, deliveryId: id }, nextAttemptAt);
  }
  await changed('alert-route', id, 'updated');
}

/** A delivery that says only that the route works. */
export async function queueTest(
  tx: Tx,
  organisationId: string,
  routeId: string,
  by: string,
  now: Date,
): Promise<string> {
  const id = newId('alertDelivery', now.getTime());
  const notification: Notification = {
    status: 'firing',
    title: 'Test of an alert route of Ambit',
    groupLabels: {},
    firing: [
      {
        fingerprint: 'test',
        name: 'test',
        severity: 'info',
        summary: 'Test of an alert route of Ambit',
        description: `${by} asked for it; nothing is wrong.`,
        labels: { alertname: 'test', severity: 'info' },
        link: '/alerts/routes',
        startedAt: now.toISOString(),
        resolvedAt: null,
      },
    ],
    resolved: [],
    firingCount: 1,
    resolvedCount: 0,
  };
  await tx.alertDelivery.create({
    data: {
      id,
      organisationId,
      routeId,
      test: true,
      title: notification.title,
      notification: notification as object,
      createdAt: now,
      nextAttemptAt: now,
    },
  });
  await effectsOf(tx, organisationId).enqueue('alerts.deliver', { organisationId, deliveryId: id });
  return id;
}
