import type { AlertSeverity, AlertSource, AlertState, Matcher } from '@ambit/contracts/alerts';
import type { Tx } from '@ambit/db/database';
import type { AlertsView } from './decide.ts';
import type { AlertView, GroupView, Notification, RouteView, RuleView, Told } from './facts.ts';
import { alertSourceReaders } from './sources.ts';

const rememberedMs = 7 * 86_400_000;
const hourMs = 3_600_000;

/** Everything a decision about the alerts of the transaction's organisation may look at. */
export async function loadAlertsView(tx: Tx, now: Date): Promise<AlertsView> {
  const rules = (await tx.alertRule.findMany({ orderBy: { id: 'asc' } })).map((row): RuleView => ({
    id: row.id,
    name: row.name,
    enabled: row.enabled,
    source: row.source as AlertSource,
    meshId: row.meshId,
    matchers: row.matchers as unknown as Matcher[],
    forSeconds: row.forSeconds,
    keepFiringSeconds: row.keepFiringSeconds,
    labels: row.labels as Record<string, string>,
  }));
  const wanted = new Set(rules.filter(({ enabled }) => enabled).map(({ source }) => source));
  const told: Told[] = [];
  for (const source of wanted) told.push(await alertSourceReaders[source](tx, now));
  const groups = await loadGroups(tx, now);
  const fingerprints = groups.flatMap((group) => Object.keys(group.told));
  const alerts = await tx.alert.findMany({
    where: {
      OR: [
        { state: { not: 'resolved' } },
        { resolvedAt: { gt: new Date(now.getTime() - rememberedMs) } },
        ...(fingerprints.length > 0 ? [{ fingerprint: { in: fingerprints } }] : []),
      ],
    },
  });
  return {
    now: now.getTime(),
    rules,
    observations: told.flatMap(({ observations }) => observations),
    gaps: told.flatMap(({ gaps }) => gaps),
    alerts: alerts.map(toAlertView),
    silences: (await tx.silence.findMany({ where: { endsAt: { gt: now } } })).map((row) => ({
      id: row.id,
      matchers: row.matchers as unknown as Matcher[],
      startsAt: row.startsAt.getTime(),
      endsAt: row.endsAt.getTime(),
    })),
    routes: await loadRoutes(tx, now),
    groups,
  };
}

type AlertRow = Awaited<ReturnType<Tx['alert']['findMany']>>[number];

export const toAlertView = (row: AlertRow): AlertView => ({
  source: row.source as AlertSource,
  subject: row.subject,
  meshId: row.meshId,
  severity: row.severity as AlertSeverity,
  summary: row.summary,
  description: row.description,
  labels: row.labels as Record<string, string>,
  link: row.link,
  fingerprint: row.fingerprint,
  ruleId: row.ruleId,
  ruleName: row.ruleName,
  state: row.state as AlertState,
  episode: row.episode,
  startedAt: row.startedAt.getTime(),
  firedAt: row.firedAt?.getTime() ?? null,
  absentSince: row.absentSince?.getTime() ?? null,
  resolvedAt: row.resolvedAt?.getTime() ?? null,
  acknowledged: row.acknowledgement !== null,
  silenceId: row.silenceId,
  unknownSince: row.unknownSince?.getTime() ?? null,
  unknownReason: row.unknownReason,
});

async function loadRoutes(tx: Tx, now: Date): Promise<RouteView[]> {
  const rows = await tx.alertRoute.findMany({ where: { enabled: true }, orderBy: { id: 'asc' } });
  const sent = await tx.alertDelivery.findMany({
    where: { test: false, createdAt: { gt: new Date(now.getTime() - hourMs) } },
    select: { routeId: true, createdAt: true },
    orderBy: { createdAt: 'asc' },
  });
  const sentAt = Map.groupBy(sent, ({ routeId }) => routeId);
  return rows.map((row) => ({
    id: row.id,
    enabled: row.enabled,
    matchers: row.matchers as unknown as Matcher[],
    groupBy: row.groupBy as string[],
    groupWaitSeconds: row.groupWaitSeconds,
    groupIntervalSeconds: row.groupIntervalSeconds,
    repeatIntervalSeconds: row.repeatIntervalSeconds,
    sendResolved: row.sendResolved,
    maxPerHour: row.maxPerHour,
    sentAt: (sentAt.get(row.id) ?? []).map(({ createdAt }) => createdAt.getTime()),
  }));
}

async function loadGroups(tx: Tx, now: Date): Promise<GroupView[]> {
  const rows = await tx.alertGroup.findMany({ where: { route: { enabled: true } } });
  const waiting = await tx.alertDelivery.findMany({
    where: {
      state: 'pending',
      groupId: { not: null },
      OR: [{ leaseUntil: null }, { leaseUntil: { lte: now } }],
    },
    orderBy: { id: 'asc' },
    select: { id: true, groupId: true, notification: true },
  });
  const byGroup = new Map(waiting.map((row) => [row.groupId, row]));
  return rows.map((row) => {
    const open = byGroup.get(row.id);
    return {
      routeId: row.routeId,
      key: row.key,
      labels: row.labels as Record<string, string>,
      told: row.told as Record<string, number>,
      firstAt: row.firstAt.getTime(),
      lastSentAt: row.lastSentAt?.getTime() ?? null,
      waiting: open
        ? { deliveryId: open.id, notification: open.notification as unknown as Notification }
        : null,
    };
  });
}
