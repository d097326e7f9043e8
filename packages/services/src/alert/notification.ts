import type { AlertView, Notification, NotifiedAlert } from './facts.ts';

/** Alerts of a list that are told one by one; the counts tell of all. */
const most = 50;

const iso = (ms: number): string => new Date(ms).toISOString();

export const toNotified = (alert: AlertView): NotifiedAlert => ({
  fingerprint: alert.fingerprint,
  name: alert.ruleName,
  severity: alert.severity,
  summary: alert.summary,
  description: alert.description,
  labels: alert.labels,
  link: alert.link,
  startedAt: iso(alert.firedAt ?? alert.startedAt),
  resolvedAt: alert.resolvedAt === null ? null : iso(alert.resolvedAt),
});

export function notificationOf(
  groupLabels: Record<string, string>,
  firing: AlertView[],
  resolved: AlertView[],
): Notification {
  return assembled(
    groupLabels,
    firing.slice(0, most).map(toNotified),
    resolved.slice(0, most).map(toNotified),
    firing.length,
    resolved.length,
  );
}

/**
 * A notification that did not arrive yet with what changed since: what fires now, and everything that ended.
 * @param firing fingerprints of all that fire now
 */
export function joined(
  before: Notification,
  now: Notification,
  firing: ReadonlySet<string>,
): Notification {
  const known = new Set(now.resolved.map(({ fingerprint }) => fingerprint));
  const older = before.resolved.filter(
    ({ fingerprint }) => !known.has(fingerprint) && !firing.has(fingerprint),
  );
  return assembled(
    now.groupLabels,
    now.firing,
    [...now.resolved, ...older].slice(0, most),
    now.firingCount,
    now.resolvedCount + older.length,
  );
}

function assembled(
  groupLabels: Record<string, string>,
  firing: NotifiedAlert[],
  resolved: NotifiedAlert[],
  firingCount: number,
  resolvedCount: number,
): Notification {
  const status = firingCount > 0 ? 'firing' : 'resolved';
  return {
    status,
    title: titleOf(status, firing[0] ?? resolved[0], firingCount, resolvedCount),
    groupLabels,
    firing,
    resolved,
    firingCount,
    resolvedCount,
  };
}

function titleOf(
  status: Notification['status'],
  first: NotifiedAlert | undefined,
  firing: number,
  resolved: number,
): string {
  const count = status === 'firing' ? firing : resolved;
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  const also = status === 'firing' && resolved > 0 ? `, ${resolved} resolved` : '';
  const word = status === 'firing' ? 'Firing' : 'Resolved';
  return `${word}: ${first?.summary ?? 'nothing'}${more}${also}`.slice(0, 300);
}
