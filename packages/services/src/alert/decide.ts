import { alertSeverities } from '@ambit/contracts/alerts';
import { advanceAlert, gapOf, nextChangeAt, observed, withState } from './advance.ts';
import { decideGroup, groupKeyOf } from './group.ts';
import type {
  AlertView,
  Gap,
  GroupView,
  Notification,
  Observation,
  RouteView,
  RuleView,
  SilenceView,
} from './facts.ts';

/** Everything a decision may look at. */
export interface AlertsView {
  now: number;
  rules: RuleView[];
  observations: Observation[];
  gaps: Gap[];
  alerts: AlertView[];
  silences: SilenceView[];
  routes: RouteView[];
  groups: GroupView[];
}

export interface AlertsDecision {
  /** New and changed ones. */
  alerts: AlertView[];
  /** Fingerprints of pending ones that ended before they fired. */
  forgotten: string[];
  groups: GroupView[];
  /** Groups that nothing is left to be remembered of. */
  ended: { routeId: string; key: string }[];
  deliveries: {
    routeId: string;
    key: string;
    notification: Notification;
    /** Joins this delivery, which has not left yet. */
    into: string | null;
  }[];
  /** When to look again at the latest; null: when something happens. */
  wakeAt: number | null;
}

/** What is to be written and told, from everything that is known. Pure. */
export function decideAlerts(view: AlertsView): AlertsDecision {
  const { now } = view;
  const wakes: number[] = [];
  const { alerts, changed, forgotten } = advanceAll(view, wakes);
  const decision: AlertsDecision = {
    alerts: changed,
    forgotten,
    groups: [],
    ended: [],
    deliveries: [],
    wakeAt: null,
  };
  for (const route of view.routes) {
    decideRoute(view, route, alerts, decision, wakes);
  }
  const later = wakes.filter((at) => at > now);
  decision.wakeAt = later.length > 0 ? Math.min(...later) : null;
  return decision;
}

function advanceAll(view: AlertsView, wakes: number[]) {
  const { now, rules, silences } = view;
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const seen = new Map(rules.flatMap((rule) => [...observed(rule, view.observations)]));
  const before = new Map(view.alerts.map((alert) => [alert.fingerprint, alert]));
  const alerts = new Map<string, AlertView>();
  const changed: AlertView[] = [];
  const forgotten: string[] = [];
  for (const fingerprint of new Set([...before.keys(), ...seen.keys()])) {
    const old = before.get(fingerprint);
    const rule = ruleOf.get(fingerprint.split('/', 1)[0] ?? '');
    const next = advanceAlert(old, seen.get(fingerprint), rule, now, old && gapOf(old, view.gaps));
    if (!next) {
      forgotten.push(fingerprint);
      continue;
    }
    const stated = withState(next, silences, now);
    alerts.set(fingerprint, stated);
    if (!old || JSON.stringify(old) !== JSON.stringify(stated)) changed.push(stated);
    const at = nextChangeAt(stated, rule, silences, now);
    if (at !== undefined) wakes.push(at);
  }
  return { alerts, changed, forgotten };
}

function decideRoute(
  view: AlertsView,
  route: RouteView,
  alerts: ReadonlyMap<string, AlertView>,
  decision: AlertsDecision,
  wakes: number[],
): void {
  const { now } = view;
  const groups = new Map(
    view.groups.filter(({ routeId }) => routeId === route.id).map((group) => [group.key, group]),
  );
  const members = new Map<string, AlertView[]>();
  for (const alert of alerts.values()) {
    const found = groupKeyOf(route, alert);
    if (!found) continue;
    if (!groups.has(found.key)) {
      if (alert.state !== 'firing') continue;
      groups.set(found.key, {
        routeId: route.id,
        ...found,
        told: {},
        firstAt: now,
        lastSentAt: null,
        waiting: null,
      });
    }
    members.set(found.key, [...(members.get(found.key) ?? []), alert]);
  }
  const budget: RouteView = { ...route, sentAt: [...route.sentAt] };
  const urgent = [...groups.values()].sort(
    (a, b) => rankOf(members.get(a.key)) - rankOf(members.get(b.key)) || a.firstAt - b.firstAt,
  );
  for (const group of urgent) {
    const { key } = group;
    const find = (fingerprint: string) => alerts.get(fingerprint);
    const result = decideGroup(budget, group, members.get(key) ?? [], find, now);
    if (result.wakeAt !== undefined) wakes.push(result.wakeAt);
    if (result.group === undefined) decision.ended.push({ routeId: route.id, key });
    else if (result.group !== group || group.lastSentAt === null)
      decision.groups.push(result.group);
    if (!result.notification) continue;
    const into = group.waiting?.deliveryId ?? null;
    if (into === null) budget.sentAt.push(now);
    decision.deliveries.push({ routeId: route.id, key, notification: result.notification, into });
  }
}

/** Errors are told first when the route's limit does not let all through. */
const rankOf = (alerts: readonly AlertView[] = []): number =>
  Math.min(
    alertSeverities.length,
    ...alerts
      .filter(({ state }) => state === 'firing')
      .map(({ severity }) => alertSeverities.indexOf(severity)),
  );
