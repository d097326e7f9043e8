import type { Metric } from '@ambit/topology/model';
import {
  calledExpression,
  clusterNames,
  clusterOf,
  nativeNamesOf,
  standardLabels,
  type Counted,
  type Self,
} from '../exposition/envoy.ts';
import { allOf, quote } from './promql-text.ts';

/** A pod as a server of metrics names it; `cluster` is empty where nothing says it. */
export interface PodName {
  cluster: string;
  namespace: string;
  pod: string;
}

/** Who a pod's proxy is; null when nobody knows. */
export type Whose = (pod: PodName) => Self | null;

/** Labels that say whose a series is: what Prometheus' discovery of Kubernetes is made to add (istio.io, "Prometheus"). */
export const podLabels = [
  ['namespace', 'pod'],
  ['kubernetes_namespace', 'kubernetes_pod_name'],
] as const;
const podNames = podLabels.flat();

const by = ['cluster', ...podNames, ...clusterNames];
const codes = ['response_code', 'envoy_response_code'];

export interface NativeWanted {
  matchers: string;
  /** Of the hosts that are asked, an expression; all when missing. */
  host?: string | undefined;
}

/** Whether any proxy's own counters tell of services, be it one that is told of by Istio's: a cheap question. */
export const nativeProbe = (wanted: NativeWanted): string =>
  `count(${calls('envoy_cluster_upstream_rq', wanted)})`;

/** How many of these series are of proxies without Istio's metrics: a look at all that have them. */
export const nativeCount = (wanted: NativeWanted): string =>
  `count(${withoutIstio(calls('envoy_cluster_upstream_rq', wanted), wanted)})`;

/**
 * Rates of Envoy's own counters of the services that proxies call, of those proxies that have none of Istio's metrics
 * (exposition/envoy.ts says what they know and do not).
 */
export function nativeQuery(
  metric: 'requests' | 'requestBytes' | 'responseBytes' | 'durationBucket',
  windowS: number,
  wanted: NativeWanted,
): string {
  const [name = ''] = nativeNamesOf(metric);
  const more = metric === 'requests' ? codes : metric === 'durationBucket' ? ['le'] : [];
  return `sum by (${[...by, ...more].join(',')}) (${withoutIstio(calls(name, wanted, windowS), wanted)})`;
}

/** Clusters of Envoy that had a request, by pod: bytes of others are of another protocol. */
export const nativeClustersQuery = (wanted: NativeWanted): string =>
  `group by (${[...by, ...codes].join(',')}) (${withoutIstio(calls('envoy_cluster_upstream_rq', wanted), wanted)})`;

const calls = (name: string, { matchers, host }: NativeWanted, windowS?: number): string =>
  clusterNames
    .map((label) => {
      const own = `${label}=~"${quote(calledExpression(host))}"`;
      const selected = `${name}{${allOf(matchers, own)}}`;
      return windowS === undefined ? selected : `rate(${selected}[${windowS}s])`;
    })
    .join(' or ');

/** A proxy with Istio's metrics tells by them: its own counters would count the same again. */
const withoutIstio = (calling: string, { matchers }: NativeWanted): string => {
  const names = '__name__=~"istio_build|istio_requests_total|istio_tcp_connections_opened_total"';
  return `(${calling}) unless on (${podNames.join(',')}) {${allOf(names, matchers)}}`;
};

export type LabelsOfRow = ReadonlyMap<string, string>;

/** Reads rows of these queries as the labels that Istio would have given them. */
export interface NativeReader {
  /** Notes that a pod's cluster of Envoy had a request. */
  counted(labels: LabelsOfRow): void;
  /** Null for what tells of no service, or of no pod. */
  read(metric: Metric, labels: LabelsOfRow): Record<string, string> | null;
  /** Rows without a pod so far. */
  readonly unnamed: () => number;
}

export function createNativeReader(whose: Whose): NativeReader {
  let unnamed = 0;
  const ofPod = new Map<string, { self: Self | null; clusters: Set<string> }>();
  const podOfRow = (labels: LabelsOfRow) => {
    const name = nameOf(labels);
    const key = JSON.stringify(name);
    let found = ofPod.get(key);
    if (found === undefined) {
      ofPod.set(key, (found = { self: name && whose(name), clusters: new Set() }));
    }
    return { name, ...found };
  };
  return {
    unnamed: () => unnamed,
    counted: (labels) => {
      if (!codes.some((code) => labels.has(code))) return;
      podOfRow(labels).clusters.add(clusterOf(labels));
    },
    read: (metric, labels) => {
      const { name, self, clusters } = podOfRow(labels);
      if (name === null) {
        unnamed++;
        return null;
      }
      const counted: Pick<Counted, 'clusters'> = { clusters };
      const told = standardLabels(metric, labels, self ?? guessed(name, labels), counted);
      if (told === 'later' || told === null) return null;
      const cluster = self?.cluster ?? '';
      return cluster === ''
        ? told
        : { source_cluster: cluster, destination_cluster: cluster, ...told };
    },
  };
}

function nameOf(labels: LabelsOfRow): PodName | null {
  const found = podOf((label) => labels.get(label));
  return found && { cluster: labels.get('cluster') ?? '', ...found };
}

/** The pod of a row, as whoever scrapes calls it; null without one. */
export function podOf(
  label: (name: string) => string | undefined,
): { namespace: string; pod: string } | null {
  for (const [namespaceLabel, podLabel] of podLabels) {
    const [namespace, pod] = [label(namespaceLabel), label(podLabel)];
    if (namespace && pod) return { namespace, pod };
  }
  return null;
}

/** Of a pod that nobody knows (any more): its name says its workload, and only waypoints have services of their own. */
const guessed = ({ namespace, pod }: PodName, labels: LabelsOfRow): Self => ({
  cluster: '',
  namespace,
  workload: workloadOf(pod),
  app: '',
  version: '',
  isWaypoint: clusterOf(labels).startsWith('inbound-vip|'),
});

const made = /^(.+?)(?:-[bcdf-hj-np-tv-xz2456789]{6,10})?-[bcdf-hj-np-tv-xz2456789]{5}$/;
const numbered = /^(.+)-\d+$/;

/** The workload of a pod by how controllers name pods: `web-7d4b9c6f5-x2x4z`, `web-x2x4z`, `db-0`. */
export const workloadOf = (pod: string): string =>
  made.exec(pod)?.[1] ?? numbered.exec(pod)?.[1] ?? pod;
