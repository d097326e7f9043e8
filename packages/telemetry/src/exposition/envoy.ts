import type { Metric } from '@ambit/topology/model';
import { parseLabels, scanExposition } from './parse.ts';

/** Who a proxy is, where its metrics do not say it: the labels of its own side. */
export interface Self {
  cluster: string;
  namespace: string;
  workload: string;
  app: string;
  version: string;
  /** It stands between clients and servers: it knows what was asked, and not who asked. */
  isWaypoint?: boolean;
}

/**
 * Envoy's own counters of its clusters (envoyproxy.io, "Cluster manager statistics"), for proxies that have no
 * Istio metrics. They name the service that was asked and not the workload that answered. Bytes are those of
 * connections, with headers and encryption. A request that is tried again counts again, and one that the proxy answers
 * itself (a refusal, an injected fault) does not: access logs know both (access-log/).
 */
const native: Record<string, Metric> = {
  envoy_cluster_upstream_rq: 'requests',
  envoy_cluster_upstream_cx_tx_bytes_total: 'requestBytes',
  envoy_cluster_upstream_cx_rx_bytes_total: 'responseBytes',
  envoy_cluster_upstream_rq_time_bucket: 'durationBucket',
  envoy_cluster_upstream_rq_time_sum: 'durationSum',
  envoy_cluster_upstream_rq_time_count: 'durationCount',
};

export const nativeMetricOf = (name: string): Metric | undefined =>
  Object.hasOwn(native, name) ? native[name] : undefined;

/** The names under which a metric is found in a server of metrics, in its order here; durations by buckets alone. */
export const nativeNamesOf = (metric: Metric): string[] =>
  Object.keys(native).filter((name) => native[name] === metric);

/** Istio names what a proxy calls `outbound|port|subset|host`, and a waypoint's own services `inbound-vip|port|protocol|host`. */
const called = /^(?:outbound|inbound-vip)\|(\d+)\|([^|]*)\|([^|]+)$/;

/** The same as a regular expression of PromQL (RE2, anchored): for hosts that fit one. */
export const calledExpression = (host = '.+'): string =>
  `(outbound|inbound-vip)[|][0-9]+[|][^|]*[|]${host};?`;

/** Labels of which one names the cluster of Envoy: by Istio's tags, and by Envoy's own. */
export const clusterNames = ['cluster_name', 'envoy_cluster_name'] as const;

export const clusterOf = (labels: ReadonlyMap<string, string>): string =>
  (labels.get(clusterNames[0]) ?? labels.get(clusterNames[1]) ?? '').replace(/;$/, '');

const codeOf = (labels: ReadonlyMap<string, string>): string | undefined =>
  labels.get('response_code') ?? labels.get('envoy_response_code');

/** What a proxy without Istio's metrics counted of requests to services. */
export interface Counted {
  /** Clusters that had a request, which no cluster of another protocol has. */
  clusters: ReadonlySet<string>;
  /** Requests since it began. */
  requests: number;
}

export function countedRequests(bytes: Buffer): Counted {
  const clusters = new Set<string>();
  let requests = 0;
  scanExposition(
    bytes,
    (name) => (name === 'envoy_cluster_upstream_rq' ? 0 : -1),
    ({ labelsFrom, labelsTo, value }) => {
      const labels = parseLabels(bytes.toString('utf8', labelsFrom, labelsTo));
      if (labels === null || codeOf(labels) === undefined) return;
      const cluster = clusterOf(labels);
      if (!called.test(cluster)) return;
      clusters.add(cluster);
      requests += value;
    },
  );
  return { clusters, requests };
}

/**
 * The labels Istio would have given it. Null for what is no traffic to a service (inbound, xDS, statistics of the proxy):
 * what comes in is told of by who sent it. `later` for bytes of a cluster that has had no request yet.
 */
export function standardLabels(
  metric: Metric,
  labels: ReadonlyMap<string, string>,
  self: Self,
  { clusters }: Pick<Counted, 'clusters'>,
): Record<string, string> | null | 'later' {
  const cluster = clusterOf(labels);
  const host = called.exec(cluster)?.[3];
  if (host === undefined) return null;
  const code = codeOf(labels);
  // By Istio's tags the counts of a class (2xx) have the name of those by code, and count the same requests again.
  if (metric === 'requests' && code === undefined) return null;
  if (!clusters.has(cluster)) return 'later';
  const bound = labels.get('le');
  const asked = { destination_service: host, request_protocol: 'http' };
  return {
    ...(self.isWaypoint
      ? { reporter: 'waypoint', connection_security_policy: 'mutual_tls' }
      : {
          reporter: 'source',
          source_cluster: self.cluster,
          source_workload_namespace: self.namespace,
          source_workload: self.workload,
          source_canonical_service: self.app,
          source_canonical_revision: self.version,
        }),
    ...asked,
    ...(code === undefined ? {} : { response_code: code }),
    ...(bound === undefined ? {} : { le: bound }),
  };
}
