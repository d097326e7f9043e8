import type { Metric } from '@ambit/topology/model';
import type { Counters } from './counters.ts';
import { nativeMetricOf, standardLabels, type Self } from './envoy.ts';
import { parseExposition, parseLabels } from './parse.ts';
import { metricOf } from './standard.ts';

/** One edge's rate of one metric, summed over the proxies that were scraped: what leaves the place of the scrape. */
export interface EdgeRate {
  metric: Metric;
  labels: Readonly<Record<string, string>>;
  /** Upper bound in milliseconds, of `durationBucket`. */
  boundMs?: number;
  rate: number;
}

/** Labels that tell edges apart; all others (pods, principals, what a user added) are summed away. */
export const edgeLabels: readonly string[] = [
  'reporter',
  'source_cluster',
  'source_workload_namespace',
  'source_workload',
  'source_canonical_service',
  'source_canonical_revision',
  'destination_cluster',
  'destination_service',
  'destination_service_namespace',
  'destination_service_name',
  'destination_workload_namespace',
  'destination_workload',
  'destination_canonical_service',
  'destination_canonical_revision',
  'request_protocol',
  'response_code',
  'grpc_response_status',
  'response_flags',
  'connection_security_policy',
];

/** The pod that is scraped. */
export interface Target {
  /** `namespace/pod`. */
  pod: string;
  /** It is ztunnel, which says so in no label. */
  ztunnel: boolean;
  /** Who it is, to read Envoy's own counters where Istio's are absent. */
  self?: Self;
}

export interface Aggregate {
  /** Takes one scrape of a target. */
  take(target: Target, text: string, atMs: number): { samples: number; bad: number };
  /** The rates of all targets since the last time they were asked for, and begins anew. */
  drain(): EdgeRate[];
}

/** Edges told of at most in one interval. */
const mostEdges = 200_000;

/**
 * Sums what many proxies count into rates by edge. A counter is kept by target, so that a proxy that begins
 * again, or is scraped late, disturbs no other; its rate is over the time since its own last scrape.
 */
export function createAggregate(countersOf: (pod: string) => Counters): Aggregate {
  let edges = new Map<string, EdgeRate>();
  const parsed = new Map<string, Identity>();

  const identityOf = (labels: string, { ztunnel, self }: Target, isNative: boolean) => {
    const known = `${isNative ? JSON.stringify(self) : ztunnel ? 'z' : '-'}${labels}`;
    let found = parsed.get(known);
    if (found === undefined) {
      found = identify(labels, ztunnel, isNative ? self : undefined);
      if (parsed.size > mostEdges) parsed.clear();
      parsed.set(known, found);
    }
    return found;
  };

  return {
    take: (target, text, atMs) => {
      const counters = countersOf(target.pod);
      const isNative = target.self !== undefined && !hasStandard.test(text);
      const metricOfName = isNative ? nativeMetricOf : metricOf;
      const isWanted = (name: string): boolean => metricOfName(name) !== undefined;
      let unreadable = 0;
      const { samples, bad } = parseExposition(text, isWanted, (name, labels, value) => {
        const rate = counters.rate(`${name}{${labels}`, value, atMs);
        const identity = identityOf(labels, target, isNative);
        if (identity === 'unreadable') unreadable++;
        if (rate === null || typeof identity === 'string') return;
        const metric = metricOfName(name)!;
        const key = `${metric} ${identity.key}`;
        const edge = edges.get(key);
        if (edge !== undefined) edge.rate += rate;
        else if (edges.size < mostEdges) edges.set(key, { metric, ...identity.of, rate });
        else unreadable++;
      });
      counters.end(atMs);
      return { samples, bad: bad + unreadable };
    },
    drain: () => {
      const rates = [...edges.values()];
      edges = new Map();
      return rates;
    },
  };
}

/** Which edge labels are of, or why of none. */
type Identity =
  | { key: string; of: Pick<EdgeRate, 'labels' | 'boundMs'> }
  | 'unreadable'
  | 'elsewhere';

const hasStandard = /^istio_(requests_total|tcp_connections_opened_total)\{/m;

function identify(text: string, ztunnel: boolean, self: Self | undefined): Identity {
  const given = parseLabels(text);
  if (given === null) return 'unreadable';
  const told = self === undefined ? null : standardLabels(given, self);
  if (self !== undefined && told === null) return 'elsewhere';
  const all = told === null ? given : new Map(Object.entries(told));
  const labels: Record<string, string> = {};
  for (const name of edgeLabels) {
    const value = all.get(name);
    if (value !== undefined && value !== '') labels[name] = value;
  }
  const isZtunnel =
    ztunnel || all.get('app') === 'ztunnel' || (all.get('pod') ?? '').startsWith('ztunnel-');
  if (isZtunnel) labels['app'] = 'ztunnel';
  const bound = all.get('le');
  const key = JSON.stringify([labels, bound]);
  if (bound === undefined) return { key, of: { labels } };
  return { key, of: { labels, boundMs: bound === '+Inf' ? Infinity : Number(bound) } };
}
