import type { Inventory } from '../inventory.ts';
import { protocols } from '../model.ts';
import { addSignals, emptySignals, histogramQuantile, type Signals } from '../signals.ts';
import type { TelemetryStore } from '../store/telemetry-store.ts';

export const subjectKinds = ['service', 'workload', 'namespace'] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** Something that is asked for answers, over all clusters of its mesh. */
export interface Subject {
  kind: SubjectKind;
  namespace: string;
  /** The namespace itself where the kind says so. */
  name: string;
}

export interface SubjectSignals extends Subject {
  /** Where it is, by the names of the graph; ascending. */
  clusters: string[];
  /** What it is asked, now. */
  signals: Signals;
}

export const subjectKey = ({ kind, namespace, name }: Subject): string =>
  `${kind}/${namespace}/${name}`;

/**
 * What each service, workload and namespace is asked now, the quiet ones of the inventory too. Requests count where there
 * are any; what ztunnel carries below them does not count again, nor does the way to a waypoint.
 */
export function subjectSignals(
  store: TelemetryStore,
  inventory: Inventory,
): Map<string, SubjectSignals> {
  const { registry, links } = store;
  const waypoints = new Set(
    inventory.workloads
      .filter(({ role }) => role === 'waypoint')
      .map(({ cluster, namespace, name }) => `${cluster}/${namespace}/${name}`),
  );
  const found = new Map<
    string,
    Subject & { clusters: Set<string>; requests: Signals | null; connections: Signals | null }
  >();
  const of = (subject: Subject, cluster: string) => {
    const key = subjectKey(subject);
    let entry = found.get(key);
    if (!entry) {
      entry = { ...subject, clusters: new Set(), requests: null, connections: null };
      found.set(key, entry);
    }
    if (cluster !== '') entry.clusters.add(cluster);
    return entry;
  };
  const namespaceOf = (namespace: string): Subject => ({
    kind: 'namespace',
    namespace,
    name: namespace,
  });
  for (const { cluster, namespace, name, role } of inventory.workloads) {
    if (role === 'waypoint') continue;
    of({ kind: 'workload', namespace, name }, cluster);
    of(namespaceOf(namespace), cluster);
  }
  for (const { cluster, namespace, name } of inventory.services) {
    of({ kind: 'service', namespace, name }, cluster);
  }
  for (const { service, destination, signals } of links) {
    const to = registry.endpoints[destination]!;
    if (waypoints.has(`${to.cluster}/${to.namespace}/${to.workload}`)) continue;
    if (signals.every((each) => each === null)) continue;
    const asked = registry.services[service]!;
    const entries = [];
    if (asked.name !== '') {
      const { cluster, namespace, name } = asked;
      entries.push(of({ kind: 'service', namespace, name }, cluster));
    }
    if (to.workload !== '') {
      const { cluster, namespace, workload: name } = to;
      entries.push(of({ kind: 'workload', namespace, name }, cluster));
    }
    const namespace = to.namespace || asked.namespace;
    if (namespace !== '') entries.push(of(namespaceOf(namespace), to.cluster));
    for (const entry of entries) {
      protocols.forEach((protocol, at) => {
        const told = signals[at];
        if (!told) return;
        const field = protocol === 'tcp' ? 'connections' : 'requests';
        addSignals((entry[field] ??= emptySignals()), told);
      });
    }
  }
  return new Map(
    [...found].map(([key, { kind, namespace, name, clusters, requests, connections }]) => [
      key,
      {
        kind,
        namespace,
        name,
        clusters: [...clusters].sort(),
        signals: requests ?? connections ?? emptySignals(),
      },
    ]),
  );
}

/** Golden signals as figures; shares and times are null without traffic. */
export interface Figures {
  rate: number;
  errorShare: number | null;
  p95Ms: number | null;
  mutualTlsShare: number | null;
  /** Share that was turned away: an open circuit breaker (UO), a rate limit (RL, 429). */
  overloadShare: number | null;
}

/** @param codes texts of `code flags` by number (`Registry.codes`) */
export function figuresOf(signals: Signals, codes: readonly string[]): Figures {
  const { requests, errors, securityKnown, secured, latency } = signals;
  let overload = 0;
  for (let at = 0; at < signals.codes.length; at += 2) {
    const [code = '', flags = ''] = codes[signals.codes[at]!]!.split(' ');
    const isTurnedAway = code === '429' || flags.split(',').some((f) => f === 'UO' || f === 'RL');
    if (isTurnedAway) overload += signals.codes[at + 1]!;
  }
  const share = (part: number): number | null =>
    requests > 0 ? Math.min(1, part / requests) : null;
  return {
    rate: requests,
    errorShare: share(errors),
    p95Ms: latency ? histogramQuantile(0.95, latency.buckets) : null,
    mutualTlsShare: securityKnown > 0 ? secured / securityKnown : null,
    overloadShare: share(overload),
  };
}

/** Good and all requests each second; null where it cannot be said: latency that nobody tells. */
export function goodOf(
  signals: Signals,
  objective: { kind: 'availability' } | { kind: 'latency'; thresholdMs: number },
): { good: number; total: number } | null {
  if (objective.kind === 'availability') {
    return { good: Math.max(0, signals.requests - signals.errors), total: signals.requests };
  }
  const { latency } = signals;
  if (latency === null) return signals.requests > 0 ? null : { good: 0, total: 0 };
  const total = Math.max(latency.count, latency.buckets.at(-1) ?? 0);
  if (total === 0) return signals.requests > 0 ? null : { good: 0, total: 0 };
  for (let at = 0; at < latency.buckets.length; at += 2) {
    if (latency.buckets[at] === objective.thresholdMs) {
      return { good: Math.min(total, latency.buckets[at + 1]!), total };
    }
  }
  return null;
}
