import {
  matchesAll,
  type AlertSignal,
  type Matcher,
  type SignalCondition,
} from '@ambit/contracts/alerts';
import {
  figuresOf,
  subjectKey,
  type SubjectSignals,
} from '@ambit/topology/objectives/subject-signals';
import { nodeIdOf } from '@ambit/topology/node-id';
import { isToldIn, type Silence } from './silence.ts';
import { percent } from './standing.ts';

/** A rule on signals that looks at a mesh. */
export interface LookingRule {
  matchers: Matcher[];
  signal: SignalCondition;
}

/** Something of which the condition holds, as it is kept. */
export interface Hold {
  subject: string;
  kind: SubjectSignals['kind'];
  namespace: string;
  name: string;
  clusters: string[];
  value: number;
  /** Since when, milliseconds since 1970. */
  since: number;
}

export interface Look {
  state: 'ok' | 'partial' | 'unknown';
  message: string;
  holds: Hold[];
  /** Subjects of which it is not known; `*` is all of them. */
  unknown: string[] | '*' | null;
  /** Average rate of the last hour by subject, of rules on its drop, and when it was. */
  memory: { at: number; rates: Record<string, number> } | null;
}

/** What is kept of one look at most; what is beyond is said. */
export const mostHolds = 500;
const mostRemembered = 5_000;
const averageMs = 3_600_000;
/** A drop from next to nothing says nothing. */
const leastAverage = 0.05;

/** Labels that matchers of a rule see, without those of the mesh. */
export const labelsOf = (
  { kind, namespace, name }: Pick<SubjectSignals, 'kind' | 'namespace' | 'name'>,
  signal: SignalCondition,
): Record<string, string> => ({
  kind,
  namespace,
  name,
  signal: signal.signal,
  severity: signal.severity,
});

/** What a rule sees in a mesh now. Pure. @param before what it saw last */
export function lookWith(
  rule: LookingRule,
  mesh: string,
  subjects: Iterable<SubjectSignals>,
  codes: readonly string[],
  silence: { requests: Silence; latency: Silence },
  before: Look | null,
  nowMs: number,
): Look {
  const { signal } = rule;
  const quiet = signal.signal === 'p95Ms' ? silence.latency : silence.requests;
  const isDrop = signal.signal === 'rateDrop';
  const memory = isDrop ? { at: nowMs, rates: {} as Record<string, number> } : null;
  const since = new Map(before?.holds.map((hold) => [hold.subject, hold.since]));
  const holds: Hold[] = [];
  const unknown: string[] = [];
  let beyond = 0;
  let remembered = 0;
  if (quiet.all) {
    return {
      state: 'unknown',
      message: quiet.reason,
      holds: [],
      unknown: '*',
      memory: before?.memory ?? null,
    };
  }
  for (const each of subjects) {
    if (each.kind !== signal.of) continue;
    const labels = { ...labelsOf(each, signal), mesh, cluster: each.clusters.join(',') };
    if (!matchesAll(rule.matchers, labels)) continue;
    const subject = subjectKey(each);
    if (!isToldIn(quiet, each.clusters)) {
      unknown.push(subject);
      const average = before?.memory?.rates[subject];
      if (memory && average !== undefined) {
        memory.rates[subject] = average;
        remembered++;
      }
      continue;
    }
    const figures = figuresOf(each.signals, codes);
    let value: number | null;
    if (memory) {
      const old = before?.memory?.rates[subject];
      const average = old ?? figures.rate;
      value = average >= leastAverage ? Math.max(0, 1 - figures.rate / average) : null;
      const weight = 1 - Math.exp(-Math.max(0, nowMs - (before?.memory?.at ?? nowMs)) / averageMs);
      const next = average + (figures.rate - average) * weight;
      if (next > 0.001 && remembered < mostRemembered) {
        remembered++;
        memory.rates[subject] = Number(next.toPrecision(6));
      }
      if (average < signal.minRate) value = null;
    } else {
      const { rate } = figures;
      value = figures[signal.signal as keyof typeof figures];
      if (signal.signal !== 'rate' && rate < signal.minRate) value = null;
    }
    if (value === null && signal.signal === 'p95Ms' && isBusy(figures.rate, signal.minRate)) {
      // There is traffic, and nobody tells how long it takes.
      unknown.push(subject);
      continue;
    }
    if (value === null) continue;
    const isWrong = signal.op === 'above' ? value > signal.threshold : value < signal.threshold;
    if (!isWrong) continue;
    if (holds.length >= mostHolds) {
      beyond++;
      continue;
    }
    const { kind, namespace, name, clusters } = each;
    holds.push({
      subject,
      kind,
      namespace,
      name,
      clusters,
      value,
      since: since.get(subject) ?? nowMs,
    });
  }
  const more =
    beyond > 0 ? `It holds of ${beyond} more, which are left out: narrow the rule. ` : '';
  return {
    state: unknown.length > 0 || more !== '' ? 'partial' : 'ok',
    message:
      `${more}${unknown.length > 0 ? quiet.reason || 'Nobody tells how long requests take.' : ''}`.trim(),
    holds,
    unknown: unknown.length > 0 ? unknown : null,
    memory,
  };
}

const isBusy = (rate: number, minRate: number): boolean => rate > 0 && rate >= minRate;

const words: Record<AlertSignal, string> = {
  errorShare: 'share of failed requests',
  p95Ms: '95th percentile of latency',
  rate: 'rate of requests',
  rateDrop: 'drop of the rate against the last hour',
  mutualTlsShare: 'share of mutual TLS',
  overloadShare: 'share that was turned away',
};

const amount = (signal: AlertSignal, value: number): string =>
  signal === 'p95Ms'
    ? `${Number(value.toPrecision(3))} ms`
    : signal === 'rate'
      ? `${Number(value.toPrecision(3))}/s`
      : percent(value);

/** In one line: what is wrong. */
export const summaryOf = (hold: Hold, { signal, op, threshold }: SignalCondition): string =>
  `${hold.kind === 'namespace' ? `Namespace ${hold.name}` : `${hold.kind === 'service' ? 'Service' : 'Workload'} ${hold.namespace}/${hold.name}`}: ${words[signal]} is ${amount(signal, hold.value)}, ${op} ${amount(signal, threshold)}`;

/** What the colours of the graph show where errors are not what it is about. */
const modes: Readonly<Record<string, string>> = {
  p95Ms: 'latency',
  rate: 'rate',
  rateDrop: 'rate',
  mutualTlsShare: 'security',
};

/** Path of the graph at a moment, with this in its middle and its worst edge selected. @param signal what it is about */
export function graphPath(
  meshId: string,
  subject: { kind: string; namespace: string; name: string; clusters?: readonly string[] },
  at: Date | null,
  signal = '',
): string {
  const cluster = subject.clusters?.[0] ?? '';
  const focus = nodeIdOf(subject.kind, cluster, subject.namespace, subject.name);
  const query = new URLSearchParams({ ...(at ? { at: at.toISOString() } : {}), focus });
  query.set('sel', 'worst');
  const mode = modes[signal];
  if (mode !== undefined) query.set('mode', mode);
  if (subject.kind === 'service') query.set('group', 'service');
  if (subject.kind === 'namespace') query.set('group', 'namespace');
  return `/meshes/${meshId}/topology?${query.toString()}`;
}

/** Path of the graph at a moment, of a namespace alone; of the whole mesh for what is in none. */
export function graphOfNamespace(meshId: string, namespace: string, at: Date): string {
  const query = new URLSearchParams({
    at: at.toISOString(),
    ...(namespace ? { where: `namespace = "${namespace}"` } : {}),
  });
  return `/meshes/${meshId}/topology?${query.toString()}`;
}
