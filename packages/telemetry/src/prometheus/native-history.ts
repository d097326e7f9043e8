import type { HistoryRow } from '../history.ts';
import { fitsEnds, type Ends, type Side } from '../side.ts';
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
import { createNativeReader, nativeCount, nativeProbe, nativeQuery, type Whose } from './native.ts';
import { unnamedProblems } from './natives.ts';
import { allOf, quote, regexOf } from './promql-text.ts';

const details = ['requestBytes', 'responseBytes', 'durationBucket'] as const;

/** What proxies without Istio's metrics counted themselves, over time. Throws SourceError. */
export async function readNativeHistory(
  client: Pick<PrometheusClient, 'ask'>,
  question: HistoryQuestion & { whose: Whose },
  linkOf: (labels: Record<string, string>) => string,
  signal?: AbortSignal,
): Promise<HistoryAnswer> {
  const nothing: HistoryAnswer = { rows: [], problems: [] };
  const narrowed = narrow(question);
  if (narrowed === null) return nothing;
  const { mostValues = defaultMostValues, latency, scope, clusterOf = (label) => label } = question;
  const matchers = allOf(question.matchers, ...narrowed.matchers);
  const wanted = { matchers, host: narrowed.host };
  let there = 0;
  for (const promql of [nativeProbe(wanted), nativeCount(wanted)]) {
    there = await countSeries(client, promql, question, signal);
    if (there === 0) return nothing;
  }
  const most = Math.floor(mostValues / pointsOf(question));
  const read = (metric: Parameters<typeof nativeQuery>[0]): Promise<Matrix> =>
    askMatrix(client, nativeQuery(metric, windowOf(question), wanted), question, {
      mostBytes: bytesFor(mostValues),
      signal,
    });
  const tooMuch = (what: string): HistoryAnswer['problems'][number] => ({
    kind: 'partial',
    message: `${what} that Envoy's own counters tell of are left out: there are too many to be read. Look at something smaller, or at a shorter time.`,
  });
  if (there > most) return { rows: [], problems: [tooMuch('Requests')] };

  const { whose } = question;
  const reader = createNativeReader((pod) => whose({ ...pod, cluster: clusterOf(pod.cluster) }));
  const fits = fitsEnds(question);
  const problems: HistoryAnswer['problems'] = [];
  const take = (metric: HistoryRow['metric'], matrix: Matrix): HistoryRow[] => {
    problems.push(...matrix.problems);
    return matrix.rows.flatMap(({ labels, values }): HistoryRow[] => {
      const standard = reader.read(metric, new Map(Object.entries(labels)));
      return standard !== null && fits(standard)
        ? [{ metric, labels: standard, values, scope, link: linkOf(standard) }]
        : [];
    });
  };
  const requests = await read('requests');
  for (const { labels } of requests.rows) reader.counted(new Map(Object.entries(labels)));
  const rows = take('requests', requests);
  const more = await Promise.all(
    details.map(async (metric): Promise<HistoryRow[]> => {
      if (metric === 'durationBucket' && !latency) return [];
      try {
        return take(metric, await read(metric));
      } catch (error) {
        if (!(error instanceof SourceError) || error.kind !== 'tooLarge') throw error;
        problems.push(tooMuch(metric === 'durationBucket' ? 'Times' : 'Bytes'));
        return [];
      }
    }),
  );
  return {
    rows: sumUp([rows, ...more].flat()),
    problems: [...problems, ...unnamedProblems(reader)],
  };
}

interface Narrowed {
  matchers: string[];
  host: string | undefined;
}

/** What can be asked for less by; null when no series of this kind can fit: they do not know which workload answered. */
function narrow({ source, destination }: Ends): Narrowed | null {
  const host = hostOf(destination);
  if (host === null) return null;
  if (source === null || !('namespace' in source)) return { matchers: [], host };
  const { kind, namespace, name } = source;
  switch (kind) {
    case 'workload':
    case 'gateway':
    case 'waypoint': {
      const pods = `${quote(regexOf(name))}(-.+)?|`;
      return {
        matchers: [...ofNamespace(namespace), `pod=~"${pods}"`, `kubernetes_pod_name=~"${pods}"`],
        host,
      };
    }
    case 'service':
    case 'app':
    case 'version':
    case 'namespace':
      return { matchers: ofNamespace(namespace), host };
    case 'external':
      return null;
    case 'cluster':
    case 'unknown':
      return { matchers: [], host };
  }
}

/** Of two labels one says it, and the other is not there. */
const ofNamespace = (namespace: string): string[] =>
  ['namespace', 'kubernetes_namespace'].map((label) => `${label}=~"${quote(regexOf(namespace))}|"`);

function hostOf(destination: Side | null): string | undefined | null {
  switch (destination?.kind) {
    case undefined:
    case 'cluster':
    case 'unknown':
      return undefined;
    case 'service':
      return `${regexOf(destination.name)}\\.${regexOf(destination.namespace)}\\..+`;
    case 'external':
      return regexOf(destination.name);
    default:
      return null;
  }
}
