import { durationBounds, edgeLabels } from '@ambit/contracts/agent/telemetry';
import type { Self } from '../exposition/envoy.ts';
import type { FoldedRates } from '../exposition/fold.ts';
import { readAccessLine, type LoggedRequest } from './line.ts';

/** A pod that an address belongs to. */
export interface Peer {
  namespace: string;
  workload: string;
  app: string;
  version: string;
  /** `namespace/pod`. */
  pod: string;
}

export interface TallySettings {
  self: Self;
  /** Address of the proxy's own pod. */
  address: string;
  /** Null for an address that is none of this cluster's pods. */
  peerOf(address: string): Peer | null;
  isNamespace(name: string): boolean;
}

/** Requests of one link and outcome since the last time they were drained. */
export interface LoggedEdge extends FoldedRates {
  /** Pods that asked, `namespace/pod`, of an edge that the server's side tells of; else empty. */
  askedBy: ReadonlySet<string>;
}

/** Counts what one proxy's access log tells. */
export interface Tally {
  take(line: string): void;
  /** Requests since the last time, and their rates over these seconds; begins anew. */
  drain(seconds: number): { requests: number; doubtful: number; edges: LoggedEdge[] };
}

/** Links and outcomes of one proxy that are counted apart in an interval; more are not told of. */
const mostEdges = 2_000;

interface Counted {
  labels: readonly string[];
  askedBy: Set<string>;
  requests: number;
  receivedBytes: number;
  sentBytes: number;
  durationMs: number;
  /** One for each of `durationBounds`, cumulative. */
  buckets: Float64Array;
}

const zeroes = (): Omit<Counted, 'labels'> => ({
  askedBy: new Set(),
  requests: 0,
  receivedBytes: 0,
  sentBytes: 0,
  durationMs: 0,
  buckets: new Float64Array(durationBounds.length),
});

/**
 * Access logs know what Envoy's counters do not: who asked, which workload answered, and what the proxy answered itself.
 * Each request is one line, however often it was tried.
 */
export function createTally(settings: TallySettings): Tally {
  let counted = new Map<string, Counted>();
  let requests = 0;
  let doubtful = 0;

  return {
    take: (line) => {
      const read = readAccessLine(line);
      if (read === 'doubtful') doubtful++;
      if (read === null || read === 'doubtful') return;
      requests++;
      const labels = labelsOf(read, settings);
      const key = labels.join('\u0000');
      let one = counted.get(key);
      if (one === undefined) {
        if (counted.size >= mostEdges) {
          doubtful++;
          return;
        }
        counted.set(key, (one = { labels, ...zeroes() }));
      }
      one.requests++;
      one.receivedBytes += read.receivedBytes;
      one.sentBytes += read.sentBytes;
      one.durationMs += read.durationMs;
      durationBounds.forEach((bound, at) => {
        if (read.durationMs <= bound) one.buckets[at]!++;
      });
      if (labels[reporterAt] !== 'destination') return;
      const peer = settings.peerOf(read.askedBy);
      if (peer) one.askedBy.add(peer.pod);
    },
    drain: (seconds) => {
      const edges = [...counted.values()].map((one): LoggedEdge => ({
        labels: one.labels,
        askedBy: one.askedBy,
        rates: {
          requests: one.requests / seconds,
          requestBytes: one.receivedBytes / seconds,
          responseBytes: one.sentBytes / seconds,
          durationSum: one.durationMs / seconds,
          durationCount: one.requests / seconds,
        },
        buckets: durationBounds.map((bound, at) => [bound, one.buckets[at]! / seconds] as const),
      }));
      const told = { requests, doubtful, edges };
      counted = new Map();
      requests = 0;
      doubtful = 0;
      return told;
    },
  };
}

const reporterAt = edgeLabels.indexOf('reporter');
const called = /^(?:outbound|inbound-vip)\|\d+\|[^|]*\|([^|]+)$/;
const serverName = /^outbound_\.\d+_\.[^_]*_\.(.+)$/;

/** Istio's labels of one request, in the order of `edgeLabels`. */
function labelsOf(read: LoggedRequest, settings: TallySettings): string[] {
  const { self, address, peerOf } = settings;
  const isOwn = read.askedBy !== '' && read.askedBy === address;
  const isOutbound = read.cluster.startsWith('outbound|') || isOwn;
  const reporter = self.isWaypoint ? 'waypoint' : isOutbound ? 'source' : 'destination';
  const own: Peer = { ...self, pod: '' };
  const source = reporter === 'source' ? own : peerOf(read.askedBy);
  const answered = reporter === 'destination' ? own : peerOf(read.answeredBy);
  const byTls = serverName.exec(read.serverName)?.[1];
  const isMutual = reporter !== 'source' && (self.isWaypoint || byTls !== undefined);
  const values: Partial<Record<(typeof edgeLabels)[number], string>> = {
    reporter,
    source_cluster: reporter === 'source' ? self.cluster : '',
    source_workload_namespace: source?.namespace ?? '',
    source_workload: source?.workload ?? '',
    source_canonical_service: source?.app ?? '',
    source_canonical_revision: source?.version ?? '',
    destination_workload_namespace: answered?.namespace ?? '',
    destination_workload: answered?.workload ?? '',
    destination_canonical_service: answered?.app ?? '',
    destination_canonical_revision: answered?.version ?? '',
    destination_service:
      called.exec(read.cluster)?.[1] ?? byTls ?? askedName(read.authority, source, settings),
    request_protocol: 'http',
    response_code: read.code,
    response_flags: read.flags,
    connection_security_policy: isMutual ? 'mutual_tls' : '',
    ...(read.cluster.endsWith('Cluster') && reporter === 'source'
      ? { destination_service_name: read.cluster }
      : {}),
  };
  return edgeLabels.map((name) => values[name] ?? '');
}

/** The service that a request names, as its client's namespace reads it; empty for what is none of this cluster. */
function askedName(
  authority: string,
  source: Peer | null,
  { isNamespace, self }: TallySettings,
): string {
  const [name = '', namespace = source?.namespace ?? self.namespace, svc = 'svc'] = authority
    .replace(/:\d+$/, '')
    .split('.');
  const isName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
  return isName && svc === 'svc' && isNamespace(namespace)
    ? `${name}.${namespace}.svc.cluster.local`
    : '';
}
