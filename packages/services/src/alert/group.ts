import { alertSeverities, matchesAll } from '@ambit/contracts/alerts';
import { notificationOf, joined } from './notification.ts';
import type { AlertView, GroupView, Notification, RouteView } from './facts.ts';

const hourMs = 3_600_000;

/** What became of a group. */
export interface GroupDecision {
  /** undefined: nothing is left to be remembered of it. */
  group: GroupView | undefined;
  /** To be delivered; into the waiting delivery of the group when it has one. */
  notification?: Notification;
  /** When to look again at the latest. */
  wakeAt?: number;
}

/** The group of an alert on a route; undefined when the route does not want it. */
export function groupKeyOf(
  route: RouteView,
  alert: AlertView,
): { key: string; labels: Record<string, string> } | undefined {
  if (!route.enabled || !matchesAll(route.matchers, alert.labels)) return undefined;
  const labels = Object.fromEntries(
    route.groupBy.map((label) => [label, alert.labels[label] ?? '']),
  );
  return { key: JSON.stringify(labels), labels };
}

/**
 * Whether a group has something to tell now. Pure. Nothing is told before the group's pause is over or above the
 * route's limit; what changes meanwhile is told together.
 * @param members alerts of the group, resolved ones too
 * @param find any alert by its fingerprint, for those that left the group
 */
export function decideGroup(
  route: RouteView,
  group: GroupView,
  members: readonly AlertView[],
  find: (fingerprint: string) => AlertView | undefined,
  now: number,
): GroupDecision {
  const open = members.filter((alert) => alert.firedAt !== null && alert.resolvedAt === null);
  const present = new Set(open.map(({ fingerprint }) => fingerprint));
  const firing = open.filter(({ state }) => state === 'firing');
  const fresh = firing.filter(({ fingerprint, episode }) => group.told[fingerprint] !== episode);
  const endedNames = Object.keys(group.told).filter((fingerprint) => !present.has(fingerprint));
  const ended = route.sendResolved ? endedNames.flatMap((name) => find(name) ?? []) : [];
  const told = Object.fromEntries(
    Object.entries(group.told).filter(([fingerprint]) => present.has(fingerprint)),
  );
  const dueAt = dueOf(route, group, { changed: fresh.length + ended.length > 0, firing });
  if (dueAt === undefined) {
    const quietUntil = (group.lastSentAt ?? group.firstAt) + route.groupIntervalSeconds * 1000;
    const isOver = Object.keys(told).length === 0 && open.length === 0;
    if (isOver && now >= quietUntil) return { group: undefined };
    return { group: { ...group, told }, ...(isOver ? { wakeAt: quietUntil } : {}) };
  }
  const at = Math.max(dueAt, group.waiting ? 0 : freeAt(route));
  if (now < at) return { group, wakeAt: at };
  for (const { fingerprint, episode } of firing) told[fingerprint] = episode;
  const fingerprints = new Set(firing.map(({ fingerprint }) => fingerprint));
  const fresher = notificationOf(group.labels, sorted(firing), sorted(ended));
  const notification = group.waiting
    ? joined(group.waiting.notification, fresher, fingerprints)
    : fresher;
  const next: GroupView = { ...group, told, lastSentAt: now };
  const repeats = firing.length > 0 && route.repeatIntervalSeconds > 0;
  return {
    group: next,
    notification,
    ...(repeats ? { wakeAt: now + route.repeatIntervalSeconds * 1000 } : {}),
  };
}

function dueOf(
  route: RouteView,
  group: GroupView,
  { changed, firing }: { changed: boolean; firing: readonly AlertView[] },
): number | undefined {
  const { firstAt, lastSentAt } = group;
  if (changed) {
    const first = firstAt + route.groupWaitSeconds * 1000;
    if (lastSentAt === null) return first;
    return Math.max(first, lastSentAt + route.groupIntervalSeconds * 1000);
  }
  if (firing.length === 0 || lastSentAt === null || route.repeatIntervalSeconds === 0) {
    return undefined;
  }
  const pause = Math.max(route.repeatIntervalSeconds, route.groupIntervalSeconds);
  return lastSentAt + pause * 1000;
}

/** When the route may tell something again. */
const freeAt = ({ sentAt, maxPerHour }: RouteView): number =>
  sentAt.length < maxPerHour ? 0 : (sentAt[sentAt.length - maxPerHour] ?? 0) + hourMs;

const sorted = (alerts: readonly AlertView[]): AlertView[] =>
  [...alerts].sort(
    (a, b) =>
      alertSeverities.indexOf(a.severity) - alertSeverities.indexOf(b.severity) ||
      a.startedAt - b.startedAt ||
      (a.fingerprint < b.fingerprint ? -1 : 1),
  );
