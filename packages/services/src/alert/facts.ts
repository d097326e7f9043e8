import type { AlertSeverity, AlertSource, AlertState, Matcher } from '@ambit/contracts/alerts';

/** Something that holds now, as a source of alerts sees it. */
export interface Observation {
  source: AlertSource;
  /** Id of what it is about, stable as long as it is the same thing. */
  subject: string;
  meshId: string | null;
  severity: AlertSeverity;
  summary: string;
  description: string;
  labels: Record<string, string>;
  /** Path of its page in the console. */
  link: string;
  /** Seen for this rule, and no other. */
  ofRule?: string;
}

/** What a source cannot tell now: nothing is concluded of it. */
export interface Gap {
  source: AlertSource;
  /** Null: of every rule of the source. */
  ruleId: string | null;
  meshId: string;
  /** Null: of all. */
  subjects: ReadonlySet<string> | null;
  reason: string;
}

/** What a source tells: what holds, and of what it knows nothing. All else does not hold. */
export interface Told {
  observations: Observation[];
  gaps: Gap[];
}

export interface RuleView {
  id: string;
  name: string;
  enabled: boolean;
  source: AlertSource;
  meshId: string | null;
  matchers: Matcher[];
  forSeconds: number;
  keepFiringSeconds: number;
  labels: Record<string, string>;
}

/** Times are milliseconds since 1970. */
export interface AlertView extends Omit<Observation, 'ofRule'> {
  fingerprint: string;
  ruleId: string | null;
  ruleName: string;
  state: AlertState;
  /** How often it has begun anew. */
  episode: number;
  startedAt: number;
  firedAt: number | null;
  absentSince: number | null;
  resolvedAt: number | null;
  acknowledged: boolean;
  silenceId: string | null;
  /** Since when nobody tells whether it still holds, and why. */
  unknownSince: number | null;
  unknownReason: string;
}

export interface SilenceView {
  id: string;
  matchers: Matcher[];
  startsAt: number;
  endsAt: number;
}

export interface RouteView {
  id: string;
  enabled: boolean;
  matchers: Matcher[];
  groupBy: string[];
  groupWaitSeconds: number;
  groupIntervalSeconds: number;
  repeatIntervalSeconds: number;
  sendResolved: boolean;
  maxPerHour: number;
  /** When it was told something in the last hour, oldest first. */
  sentAt: number[];
}

export interface GroupView {
  routeId: string;
  key: string;
  labels: Record<string, string>;
  /** Episode that was told as firing, by fingerprint; what was told as resolved is gone from it. */
  told: Record<string, number>;
  firstAt: number;
  lastSentAt: number | null;
  /** A notification that nobody has begun to send again: the next one joins it. */
  waiting: { deliveryId: string; notification: Notification } | null;
}

export interface NotifiedAlert {
  fingerprint: string;
  name: string;
  severity: AlertSeverity;
  summary: string;
  description: string;
  labels: Record<string, string>;
  link: string;
  startedAt: string;
  resolvedAt: string | null;
}

/** What a receiver is told, before its own form is given to it. */
export interface Notification {
  status: 'firing' | 'resolved';
  title: string;
  groupLabels: Record<string, string>;
  firing: NotifiedAlert[];
  resolved: NotifiedAlert[];
  /** Whole counts; the lists may be cut. */
  firingCount: number;
  resolvedCount: number;
}
