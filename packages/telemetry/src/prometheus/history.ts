import type { Metric } from '@ambit/topology/model';
import { linkNamer } from '../link.ts';
import type { HistoryRow } from '../history.ts';
import { conditionsOf, type Condition } from '../side.ts';
import { SourceError } from '../source.ts';
import type { PrometheusClient } from './client.ts';
import {
  bytesFor,
  defaultMostValues,
  sumUp,
  windowOf,
  type HistoryAnswer,
  type HistoryQuestion,
} from './history-rows.ts';
import { askMatrix, countSeries, pointsOf, type Matrix } from './matrix.ts';
import { readNativeHistory } from './native-history.ts';
import { allOf, quote, regexOf } from './promql-text.ts';
import { linkLabels } from './queries.ts';

export type { HistoryAnswer, HistoryQuestion } from './history-rows.ts';

interface Ask {
  what: string;
  metric: Metric;
  name: string;
  by: string[];
}

const coded = ['request_protocol', 'response_code', 'grpc_response_status', 'response_flags'];
const requestAsks: Ask[] = [
  { what: 'Requests', metric: 'requests', name: 'istio_requests_total', by: coded },
  {
    what: 'Bytes',
    metric: 'requestBytes',
    name: 'istio_request_bytes_sum',
    by: ['request_protocol'],
  },
  {
    what: 'Bytes',
    metric: 'responseBytes',
    name: 'istio_response_bytes_sum',
    by: ['request_protocol'],
  },
];
const latencyAsk: Ask = {
  what: 'Latency',
  metric: 'durationBucket',
  name: 'istio_request_duration_milliseconds_bucket',
  by: ['request_protocol', 'le'],
};
const flagged = ['request_protocol', 'response_flags'];
const connections = { what: 'Connections' };
const tcpAsks: Ask[] = [
  {
    ...connections,
    metric: 'connectionsOpened',
    name: 'istio_tcp_connections_opened_total',
    by: flagged,
  },
  {
    ...connections,
    metric: 'connectionsClosed',
    name: 'istio_tcp_connections_closed_total',
    by: flagged,
  },
  // Named after the server (istio issue 32399).
  {
    ...connections,
    metric: 'requestBytes',
    name: 'istio_tcp_received_bytes_total',
    by: ['request_protocol'],
  },
  {
    ...connections,
    metric: 'responseBytes',
    name: 'istio_tcp_sent_bytes_total',
    by: ['request_protocol'],
  },
];

/**
 * Reads the series of one edge, or of one side of a node, over time: link by link, so that each can be counted once as in
 * the graph; what is too much for that as the sum of all links, which is said. Throws SourceError when something could not
 * be asked.
 */
export async function readHistory(
  client: Pick<PrometheusClient, 'ask'>,
  question: HistoryQuestion,
  signal?: AbortSignal,
): Promise<HistoryAnswer> {
  const { protocol, latency, clusterOf } = question;
  const asks = [
    ...(protocol === 'tcp' ? [] : [...requestAsks, ...(latency ? [latencyAsk] : [])]),
    ...(protocol === null || protocol === 'tcp' ? tcpAsks : []),
  ];
  const linkOf = linkNamer('', clusterOf);
  // What goes together has much the same series, so one count tells of all.
  const counts = new Map<string, Promise<number>>();
  const countOf = ({ what }: Ask, byLink: string): Promise<number> => {
    const known = counts.get(what) ?? countSeries(client, byLink, question, signal);
    counts.set(what, known);
    return known;
  };
  const answers = await Promise.all([
    ...asks.map((ask) => readRows(client, question, ask, linkOf, countOf, signal)),
    question.whose === undefined || protocol === 'tcp' || protocol === 'grpc'
      ? { rows: [], problems: [] }
      : readNativeHistory(client, { ...question, whose: question.whose }, linkOf, signal),
  ]);
  const problems = answers.flatMap((answer) => answer.problems);
  return {
    rows: answers.flatMap(({ rows }) => rows),
    problems: [...new Map(problems.map((problem) => [problem.message, problem])).values()],
  };
}

async function readRows(
  client: Pick<PrometheusClient, 'ask'>,
  question: HistoryQuestion,
  ask: Ask,
  linkOf: (labels: Record<string, string>) => string,
  countOf: (ask: Ask, byLink: string) => Promise<number>,
  signal: AbortSignal | undefined,
): Promise<HistoryAnswer> {
  const { mostValues = defaultMostValues } = question;
  const rate = (by: string[]): string =>
    `sum by (reporter,${by.join(',')}) (rate(${ask.name}{${matchersOf(question)}}[${windowOf(question)}s]))`;
  const byLink = rate([...ask.by, ...linkLabels]);
  const most = Math.floor(mostValues / pointsOf(question));
  const found = await countOf(ask, byLink);
  if (found <= most) {
    try {
      const mostBytes = bytesFor(mostValues);
      const matrix = await askMatrix(client, byLink, question, { mostBytes, signal });
      return { rows: rowsOf(matrix, question, ask, linkOf), problems: matrix.problems };
    } catch (error) {
      if (!(error instanceof SourceError) || error.kind !== 'tooLarge') throw error;
    }
  }
  const sum = await askMatrix(client, rate(ask.by), question, { signal });
  const message = `${ask.what} are read as the sum of all links: ${found > most ? `${found} series are` : 'there is'} too much to be read link by link. Where only some of its clients have a proxy, that is too low. Look at something smaller, or at a shorter time.`;
  return {
    rows: rowsOf(sum, question, ask, null),
    problems: [...sum.problems, { kind: 'partial', message }],
  };
}

const rowsOf = (
  { rows }: Matrix,
  { scope }: HistoryQuestion,
  { metric, name }: Ask,
  linkOf: ((labels: Record<string, string>) => string) | null,
): HistoryRow[] => {
  const isTcp = metric.startsWith('connections') || name.startsWith('istio_tcp');
  return sumUp(
    rows.map(({ labels, values }) => ({
      metric,
      labels: isTcp ? { ...labels, request_protocol: 'tcp' } : labels,
      values,
      scope,
      ...(linkOf ? { link: linkOf(labels) } : {}),
    })),
  );
};

function matchersOf(question: HistoryQuestion): string {
  return allOf(question.matchers, ...conditionsOf(question).map(matcherOf));
}

function matcherOf({ label, values, not = false }: Condition): string {
  const [only] = values;
  if (only !== undefined && values.length === 1) {
    return `${label}${not ? '!=' : '='}"${quote(only)}"`;
  }
  return `${label}${not ? '!~' : '=~'}"${values.map((value) => quote(regexOf(value))).join('|')}"`;
}
