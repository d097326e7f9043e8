import type { Metric, NodeKind, Protocol } from '@ambit/topology/model';
import type { HistoryRow } from '../history.ts';
import { SourceError } from '../source.ts';
import type { PrometheusClient } from './client.ts';

/** A node of the graph at one side of traffic, as matchers know it. */
export interface Side {
  kind: NodeKind;
  /** Values of the label that mean its cluster; null: it is not asked for. */
  clusters: readonly string[] | null;
  namespace: string;
  name: string;
  version: string;
  /** Of a service: the workloads behind it, which speak for it as a client. */
  workloads: readonly string[];
}

/** Traffic that is asked about; at least one side. */
export interface HistoryQuestion {
  source: Side | null;
  destination: Side | null;
  /** Of an edge. */
  protocol: Protocol | null;
  matchers: string;
  latency: boolean;
  /** Seconds since 1970, both ends included. */
  fromS: number;
  toS: number;
  stepS: number;
  scope: string | null;
}

interface Ask {
  metric: Metric;
  name: string;
  by: string[];
}

const coded = ['request_protocol', 'response_code', 'grpc_response_status', 'response_flags'];
const requestAsks: Ask[] = [
  { metric: 'requests', name: 'istio_requests_total', by: coded },
  { metric: 'requestBytes', name: 'istio_request_bytes_sum', by: ['request_protocol'] },
  { metric: 'responseBytes', name: 'istio_response_bytes_sum', by: ['request_protocol'] },
];
const latencyAsk: Ask = {
  metric: 'durationBucket',
  name: 'istio_request_duration_milliseconds_bucket',
  by: ['request_protocol', 'le'],
};
const flagged = ['request_protocol', 'response_flags'];
const tcpAsks: Ask[] = [
  { metric: 'connectionsOpened', name: 'istio_tcp_connections_opened_total', by: flagged },
  { metric: 'connectionsClosed', name: 'istio_tcp_connections_closed_total', by: flagged },
  // Named after the server (istio issue 32399).
  { metric: 'requestBytes', name: 'istio_tcp_received_bytes_total', by: ['request_protocol'] },
  { metric: 'responseBytes', name: 'istio_tcp_sent_bytes_total', by: ['request_protocol'] },
];

/** Shortest window of a rate: two scrapes of 30 s. */
const shortestWindowS = 60;

/** Reads the series of one edge, or of one side of a node, over time. Throws SourceError when nothing could be asked. */
export async function readHistory(
  client: Pick<PrometheusClient, 'ask'>,
  question: HistoryQuestion,
  signal?: AbortSignal,
): Promise<HistoryRow[]> {
  const { protocol, latency } = question;
  const asks = [
    ...(protocol === 'tcp' ? [] : [...requestAsks, ...(latency ? [latencyAsk] : [])]),
    ...(protocol === null || protocol === 'tcp' ? tcpAsks : []),
  ];
  const answers = await Promise.all(asks.map((ask) => readRows(client, question, ask, signal)));
  return answers.flat();
}

async function readRows(
  client: Pick<PrometheusClient, 'ask'>,
  question: HistoryQuestion,
  { metric, name, by }: Ask,
  signal: AbortSignal | undefined,
): Promise<HistoryRow[]> {
  const { fromS, toS, stepS, scope } = question;
  const windowS = Math.max(shortestWindowS, stepS);
  const form = new URLSearchParams({
    query: `sum by (reporter,${by.join(',')}) (rate(${name}{${matchersOf(question)}}[${windowS}s]))`,
    start: String(fromS),
    end: String(toS),
    step: String(stepS),
  });
  const answer = await client.ask('query_range', form, signal ? { signal } : {});
  const points = Math.floor((toS - fromS) / stepS) + 1;
  return matrixOf(answer).map(({ labels, samples }) => {
    const values: (number | undefined)[] = Array.from({ length: points }, () => undefined);
    for (const [at, value] of samples) {
      const place = Math.round((at - fromS) / stepS);
      if (place >= 0 && place < points && Number.isFinite(value)) values[place] = value;
    }
    const isTcp = metric.startsWith('connections') || name.startsWith('istio_tcp');
    return {
      metric,
      labels: isTcp ? { ...labels, request_protocol: 'tcp' } : labels,
      values,
      scope,
    };
  });
}

type Samples = [at: number, value: number][];

function matrixOf(answer: unknown): { labels: Record<string, string>; samples: Samples }[] {
  const { status, error, data } = (answer ?? {}) as Record<string, unknown>;
  const { resultType, result } = (data ?? {}) as Record<string, unknown>;
  if (status !== 'success' || resultType !== 'matrix' || !Array.isArray(result)) {
    throw new SourceError(
      'malformed',
      `The answer is no matrix of Prometheus: ${String(error ?? resultType ?? status)}.`,
    );
  }
  return (result as unknown[]).flatMap((row) => {
    const { metric, values } = (row ?? {}) as { metric?: object; values?: unknown };
    if (!metric || !Array.isArray(values)) return [];
    const labels = Object.fromEntries(
      Object.entries(metric).map(([name, value]) => [name, String(value)]),
    );
    const samples = (values as unknown[]).flatMap((sample): Samples =>
      Array.isArray(sample) ? [[Number(sample[0]), Number(sample[1])]] : [],
    );
    return [{ labels, samples }];
  });
}

function matchersOf({ source, destination, protocol, matchers }: HistoryQuestion): string {
  const of: string[] = [];
  if (protocol === 'grpc') of.push('request_protocol="grpc"');
  if (protocol === 'http') of.push('request_protocol!~"grpc|tcp"');
  return [
    matchers,
    ...of,
    ...(source ? sideMatchers('source', source) : []),
    ...(destination ? sideMatchers('destination', destination) : []),
  ]
    .filter((text) => text !== '')
    .join(',');
}

function sideMatchers(side: 'source' | 'destination', node: Side): string[] {
  const { kind, clusters, namespace, name, version, workloads } = node;
  const inNamespace = equals(`${side}_workload_namespace`, namespace);
  const inCluster = clusters === null ? [] : [oneOf(`${side}_cluster`, clusters)];
  switch (kind) {
    case 'workload':
    case 'gateway':
    case 'waypoint':
      return [...inCluster, inNamespace, equals(`${side}_workload`, name)];
    case 'service':
      return side === 'destination'
        ? [
            ...inCluster,
            equals('destination_service_namespace', namespace),
            equals('destination_service_name', name),
          ]
        : [
            ...inCluster,
            inNamespace,
            workloads.length > 0
              ? oneOf('source_workload', workloads)
              : equals('source_canonical_service', name),
          ];
    case 'app':
      return [...inCluster, inNamespace, equals(`${side}_canonical_service`, name)];
    case 'version':
      return [
        ...inCluster,
        inNamespace,
        equals(`${side}_canonical_service`, name),
        equals(`${side}_canonical_revision`, version),
      ];
    case 'namespace':
      return [...inCluster, inNamespace];
    case 'cluster':
      return inCluster;
    case 'external':
      return [equals(`${side}_service_name`, name)];
    case 'unknown':
      return [...inCluster, oneOf(`${side}_workload`, ['', 'unknown'])];
  }
}

const equals = (label: string, value: string): string => `${label}="${quote(value)}"`;
const oneOf = (label: string, values: readonly string[]): string =>
  `${label}=~"${values.map((value) => quote(regexOf(value))).join('|')}"`;

const quote = (text: string): string =>
  text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
const regexOf = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
