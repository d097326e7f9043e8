import type { Metric } from '@ambit/topology/model';
import type { Scope } from '../source.ts';
import { podLabels } from './native.ts';
import { allOf } from './promql-text.ts';

/** What a series is told by. A question may cover several, and what fails is known by them. */
export const parts = [
  'requests of sources',
  'requests of others',
  'opened',
  'closed',
  'tcp received',
  'tcp sent',
  'request bytes',
  'response bytes',
  'durations',
  'native requests',
  'native request bytes',
  'native response bytes',
  'native durations',
] as const;
export type Part = (typeof parts)[number];

/** Told by counters of Envoy itself (native.ts). They are asked for as a whole. */
export const isNative = (part: Part): boolean => part.startsWith('native ');

/** One question to the server: an instant query whose rows are series of one metric. */
export interface Query {
  parts: Part[];
  metric: Metric;
  promql: string;
  /** Labels that every row has and none says. */
  constants: Record<string, string>;
}

export interface Wanted {
  windowS: number;
  /** Requests by code: what the graph is made of. */
  requests: boolean;
  /** Traffic of TCP, and of everything ztunnel carries. */
  tcp: boolean;
  /** Bytes of HTTP requests and answers. */
  bytes: boolean;
  /** Histograms of durations: a row for each bucket of each edge. */
  latency: boolean;
  /** Matchers that every query gets, to ask a shared server for one mesh: `mesh_id="x"`. */
  matchers: string;
  scope: Scope | null;
}

/** What tells links apart. */
export const linkLabels = [
  'source_cluster',
  'source_workload_namespace',
  'source_workload',
  'destination_cluster',
  'destination_service_namespace',
  'destination_service_name',
  'destination_workload_namespace',
  'destination_workload',
];
/** What a client sees; the security of the connection it cannot. */
const sourceLabels = [
  ...linkLabels,
  'request_protocol',
  'response_code',
  'grpc_response_status',
  'response_flags',
];
const requestLabels = [...sourceLabels, 'reporter', 'connection_security_policy'];
const tcpLabels = [
  ...linkLabels,
  'reporter',
  'request_protocol',
  'response_flags',
  'connection_security_policy',
  'app',
];
const plainLabels = [...linkLabels, 'reporter', 'request_protocol'];

/**
 * The questions for a whole mesh (istio.io, "Istio Standard Metrics"). All namespaces are asked at once:
 * the number of queries does not grow with the mesh. Requests are asked for in two, which a server answers
 * side by side: as clients saw them, and as waypoints and servers did.
 */
export function queriesFor(wanted: Wanted): Query[] {
  const { requests, tcp, bytes, latency, scope } = wanted;
  const ask = (key: Part | Part[], metric: Metric, name: string, labels: string[]): Query => ({
    parts: [key].flat(),
    metric,
    promql: rateBy(wanted, name, labels, ''),
    constants: {},
  });
  const total = 'istio_requests_total';
  const main: Query[] =
    scope === null
      ? [
          {
            ...ask('requests of sources', 'requests', total, sourceLabels),
            promql: rateBy(wanted, total, sourceLabels, 'reporter="source"'),
            constants: { reporter: 'source' },
          },
          {
            ...ask('requests of others', 'requests', total, requestLabels),
            promql: rateBy(wanted, total, requestLabels, 'reporter!="source"'),
          },
        ]
      : [ask(['requests of sources', 'requests of others'], 'requests', total, requestLabels)];
  return [
    ...(requests ? main : []),
    ...(tcp
      ? [
          ask('opened', 'connectionsOpened', 'istio_tcp_connections_opened_total', tcpLabels),
          ask('closed', 'connectionsClosed', 'istio_tcp_connections_closed_total', tcpLabels),
          // Named after the server: it receives the request and sends the answer (istio issue 32399).
          ask('tcp received', 'requestBytes', 'istio_tcp_received_bytes_total', tcpLabels),
          ask('tcp sent', 'responseBytes', 'istio_tcp_sent_bytes_total', tcpLabels),
        ]
      : []),
    ...(bytes
      ? [
          ask('request bytes', 'requestBytes', 'istio_request_bytes_sum', plainLabels),
          ask('response bytes', 'responseBytes', 'istio_response_bytes_sum', plainLabels),
        ]
      : []),
    ...(latency
      ? [
          ask('durations', 'durationBucket', 'istio_request_duration_milliseconds_bucket', [
            ...plainLabels,
            'le',
          ]),
        ]
      : []),
  ];
}

/** Apps and versions of the workloads at one side: Istio's canonical names, which change seldom. */
export function namesQuery(side: 'source' | 'destination', matchers: string): string {
  const labels = [
    'cluster',
    'workload_namespace',
    'workload',
    'canonical_service',
    'canonical_revision',
  ];
  return `group by (${labels.map((name) => `${side}_${name}`).join(',')}) (istio_requests_total{${matchers}})`;
}

/** Every proxy and ztunnel that is scraped: each tells its version, or that it lives, with or without traffic. */
export function reportingQuery(matchers: string): string {
  const build = allOf(matchers, 'component=~"proxy|ztunnel"');
  return `group by (${podLabels.flat().join(',')}) (istio_build{${build}} or envoy_server_live{${matchers}})`;
}

const rateBy = (wanted: Wanted, name: string, labels: string[], matcher: string): string =>
  `sum by (${labels.join(',')}) (rate(${name}{${matchersOf(wanted, matcher)}}[${wanted.windowS}s]))`;

const matchersOf = ({ matchers, scope }: Wanted, own: string): string =>
  allOf(matchers, own, scope === null ? '' : scopeMatcher(scope));

function scopeMatcher(scope: Scope): string {
  const [operator, names] = 'only' in scope ? ['=~', scope.only] : ['!~', scope.except];
  return `source_workload_namespace${operator}"${names.map(quoteRegex).join('|')}"`;
}

/** A name as RE2 takes it literally, in a PromQL string. */
const quoteRegex = (name: string): string =>
  name.replace(/[^a-zA-Z0-9_-]/gu, (c) => `\\\\x{${c.codePointAt(0)!.toString(16)}}`);
