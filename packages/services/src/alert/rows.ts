import type { z } from 'zod';
import type {
  AlertSource,
  DeliveryState,
  Matcher,
  RouteKind,
  SignalCondition,
} from '@ambit/contracts/alerts';
import type {
  alertRuleSchema,
  alertSchema,
  silenceSchema,
} from '@ambit/contracts/operations/alert';
import type {
  alertDeliverySchema,
  alertRouteSchema,
  RouteTarget,
} from '@ambit/contracts/operations/alert-route';
import type { Tx } from '@ambit/db/database';
import { graphOfNamespace, graphPath } from '../objective/condition.ts';

type Row<M extends 'alert' | 'alertRule' | 'alertLook' | 'silence'> = Awaited<
  ReturnType<Tx[M]['findMany']>
>[number];
type RouteRow = Awaited<ReturnType<Tx['alertRoute']['findMany']>>[number];

type Alert = z.input<typeof alertSchema>;
type Delivery = z.input<typeof alertDeliverySchema>;

export const toAlert = (row: Row<'alert'>): Alert => ({
  id: row.id,
  ruleId: row.ruleId,
  ruleName: row.ruleName,
  source: row.source as Alert['source'],
  subject: row.subject,
  meshId: row.meshId,
  state: row.state as Alert['state'],
  severity: row.severity as Alert['severity'],
  summary: row.summary,
  description: row.description,
  labels: row.labels as Record<string, string>,
  link: row.link,
  graphLink: graphLinkOf(row),
  unknownSince: row.unknownSince?.toISOString() ?? null,
  unknownReason: row.unknownReason,
  goneSince: row.resolvedAt === null ? (row.absentSince?.toISOString() ?? null) : null,
  episode: row.episode,
  startedAt: row.startedAt.toISOString(),
  firedAt: row.firedAt?.toISOString() ?? null,
  resolvedAt: row.resolvedAt?.toISOString() ?? null,
  acknowledgement: row.acknowledgement as Alert['acknowledgement'],
  silenceId: row.silenceId,
});

/** The graph when it began: around what is about traffic, its worst edge selected, and of the namespace of what was found in one. */
function graphLinkOf(row: Row<'alert'>): string {
  if (row.meshId === null) return '';
  const labels = row.labels as Record<string, string>;
  const at = row.firedAt ?? row.startedAt;
  if (row.source === 'finding') return graphOfNamespace(row.meshId, labels['namespace'] ?? '', at);
  const { kind = '', namespace = '', name = '', cluster = '', signal = '' } = labels;
  const clusters = cluster === '' ? [] : cluster.split(',');
  return graphPath(row.meshId, { kind, namespace, name, clusters }, at, signal);
}

export const toAlertRule = (
  row: Row<'alertRule'>,
  alerts: number,
  looks: readonly Omit<Row<'alertLook'>, 'memory'>[] = [],
): z.input<typeof alertRuleSchema> => ({
  id: row.id,
  name: row.name,
  enabled: row.enabled,
  source: row.source as AlertSource,
  meshId: row.meshId,
  matchers: row.matchers as unknown as Matcher[],
  signal: row.signal as SignalCondition | null,
  looks: looks
    .filter(({ ruleId }) => ruleId === row.id)
    .map(({ meshId, state, message, holds, at }) => ({
      meshId,
      state: state as 'ok' | 'partial' | 'unknown',
      message,
      holds: (holds as unknown[]).length,
      at: at.toISOString(),
    })),
  forSeconds: row.forSeconds,
  keepFiringSeconds: row.keepFiringSeconds,
  labels: row.labels as Record<string, string>,
  alerts,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
});

/** Alerts that are not resolved, by rule or by silence. */
export async function openAlerts(tx: Tx, by: 'ruleId' | 'silenceId'): Promise<Map<string, number>> {
  const rows = await tx.alert.findMany({
    where: { state: { not: 'resolved' }, [by]: { not: null } },
    select: { ruleId: true, silenceId: true },
  });
  const counts = new Map<string, number>();
  for (const row of rows) {
    const id = row[by];
    if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

export const toSilence = (
  row: Row<'silence'>,
  now: Date,
  alerts: number,
): z.input<typeof silenceSchema> => ({
  id: row.id,
  matchers: row.matchers as unknown as Matcher[],
  reason: row.reason,
  createdBy: row.createdBy,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  state: row.endsAt <= now ? 'expired' : row.startsAt > now ? 'waiting' : 'active',
  alerts,
});

export interface RouteHealth {
  waiting: number;
  lastDeliveredAt: Date | null;
  /** The newest attempt. */
  last: { outcome: string; status: number | null; answer: string } | null;
}

/** How the deliveries of each route go. */
export async function routeHealth(tx: Tx): Promise<Map<string, RouteHealth>> {
  const rows = await tx.$queryRaw<
    {
      routeId: string;
      waiting: bigint;
      lastDeliveredAt: Date | null;
      outcome: string | null;
      status: number | null;
      answer: string | null;
    }[]
  >`SELECT r.id AS "routeId",
      (SELECT count(*) FROM alert_delivery d WHERE d.route_id = r.id AND d.state = 'pending') AS waiting,
      (SELECT max(d.delivered_at) FROM alert_delivery d WHERE d.route_id = r.id) AS "lastDeliveredAt",
      last.outcome, last.status, last.answer
    FROM alert_route r LEFT JOIN LATERAL (
      SELECT a.outcome, a.status, a.answer FROM alert_attempt a JOIN alert_delivery d ON d.id = a.delivery_id
      WHERE d.route_id = r.id ORDER BY a.at DESC, a.number DESC LIMIT 1) AS last ON true`;
  return new Map(
    rows.map((row) => [
      row.routeId,
      {
        waiting: Number(row.waiting),
        lastDeliveredAt: row.lastDeliveredAt,
        last:
          row.outcome === null
            ? null
            : { outcome: row.outcome, status: row.status, answer: row.answer ?? '' },
      },
    ]),
  );
}

const attemptWords: Record<string, string> = {
  failed: 'failed',
  refused: 'was refused',
  interrupted: 'was interrupted',
};

export function toAlertRoute(
  row: RouteRow,
  target: RouteTarget,
  health: RouteHealth | undefined,
): z.input<typeof alertRouteSchema> {
  const last = health?.last;
  const works = last?.outcome === 'delivered';
  return {
    id: row.id,
    name: row.name,
    kind: row.kind as RouteKind,
    enabled: row.enabled,
    matchers: row.matchers as unknown as Matcher[],
    groupBy: row.groupBy as string[],
    groupWaitSeconds: row.groupWaitSeconds,
    groupIntervalSeconds: row.groupIntervalSeconds,
    repeatIntervalSeconds: row.repeatIntervalSeconds,
    sendResolved: row.sendResolved,
    maxPerHour: row.maxPerHour,
    target: withoutSecrets(target),
    health: {
      state: last ? (works ? 'ok' : 'failing') : 'unknown',
      message: !last
        ? 'Nothing was sent yet'
        : works
          ? 'The last notification arrived'
          : `The last attempt ${attemptWords[last.outcome] ?? 'failed'}${last.status ? ` (${last.status})` : ''}: ${last.answer || 'no answer'}`,
      lastDeliveredAt: health?.lastDeliveredAt?.toISOString() ?? null,
      waiting: health?.waiting ?? 0,
    },
    version: row.version,
    createdAt: row.createdAt.toISOString(),
  };
}

/** What may be shown of a target. A path or query of a webhook is often a secret by itself. */
function withoutSecrets(target: RouteTarget): z.input<typeof alertRouteSchema>['target'] {
  switch (target.kind) {
    case 'webhook':
      return { address: shortUrl(target.url), url: shortUrl(target.url) };
    case 'slack':
      return { address: shortUrl(target.webhookUrl) };
    case 'pagerduty':
      return { address: target.url, url: target.url };
    case 'email': {
      const { host, port, tls, username, from, to } = target;
      return { address: to.join(', '), host, port, tls, username, from, to };
    }
  }
}

function shortUrl(text: string): string {
  const { origin, pathname, search } = new URL(text);
  return pathname === '/' && search === '' ? origin : `${origin}/…`;
}

type DeliveryRow = Awaited<ReturnType<typeof readDeliveries>>[number];

export const readDeliveries = (
  tx: Tx,
  args: Pick<Parameters<Tx['alertDelivery']['findMany']>[0] & {}, 'where' | 'orderBy' | 'take'>,
) =>
  tx.alertDelivery.findMany({
    ...args,
    include: {
      route: { select: { name: true } },
      attempts: { orderBy: { number: 'desc' }, take: 20 },
    },
  });

export function toDelivery(row: DeliveryRow): Delivery {
  const counts = row.notification as unknown as { firingCount: number; resolvedCount: number };
  return {
    id: row.id,
    alertRouteId: row.routeId,
    routeName: row.route.name,
    test: row.test,
    state: row.state as DeliveryState,
    title: row.title,
    firing: counts.firingCount,
    resolved: counts.resolvedCount,
    nextAttemptAt: row.state === 'pending' ? (row.nextAttemptAt?.toISOString() ?? null) : null,
    createdAt: row.createdAt.toISOString(),
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
    attempts: row.attempts.map((each) => ({
      number: each.number,
      at: each.at.toISOString(),
      durationMs: each.durationMs,
      outcome: each.outcome as Delivery['attempts'][number]['outcome'],
      status: each.status,
      answer: each.answer,
    })),
  };
}
