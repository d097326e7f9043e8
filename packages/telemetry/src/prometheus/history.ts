import type { Metric } from '@ambit/topology/model';
import type { HistoryRow } from '../history.ts';
import { conditionsOf, type Condition, type Ends } from '../side.ts';
import { SourceError } from '../source.ts';
import type { PrometheusClient } from './client.ts';

export interface HistoryQuestion extends Ends {
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

function matchersOf(question: HistoryQuestion): string {
  return [question.matchers, ...conditionsOf(question).map(matcherOf)]
    .filter((text) => text !== '')
    .join(',');
}

function matcherOf({ label, values, not = false }: Condition): string {
  const [only] = values;
  if (only !== undefined && values.length === 1) {
    return `${label}${not ? '!=' : '='}"${quote(only)}"`;
  }
  return `${label}${not ? '!~' : '=~'}"${values.map((value) => quote(regexOf(value))).join('|')}"`;
}

const quote = (text: string): string =>
  text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
const regexOf = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
