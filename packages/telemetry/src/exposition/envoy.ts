import type { Metric } from '@ambit/topology/model';

/** Who a proxy is, where its metrics do not say it: the labels of its own side. */
export interface Self {
  cluster: string;
  namespace: string;
  workload: string;
  app: string;
  version: string;
}

/**
 * Envoy's own counters of its clusters (envoyproxy.io, "Cluster manager statistics"), for proxies that have no
 * Istio metrics. They name the service that was asked and not the workload that answered.
 */
const native: Record<string, Metric> = {
  envoy_cluster_upstream_rq: 'requests',
  envoy_cluster_upstream_rq_time_bucket: 'durationBucket',
  envoy_cluster_upstream_rq_time_sum: 'durationSum',
  envoy_cluster_upstream_rq_time_count: 'durationCount',
};

export const nativeMetricOf = (name: string): Metric | undefined =>
  Object.hasOwn(native, name) ? native[name] : undefined;

/** Istio names what goes out `outbound|port|subset|host`. */
const outbound = /^outbound\|(\d+)\|([^|]*)\|(.+)$/;

/** The labels Istio would have given it; null for what is no traffic to a service (inbound, xDS, statistics of the proxy). */
export function standardLabels(
  labels: ReadonlyMap<string, string>,
  self: Self,
): Record<string, string> | null {
  const cluster = labels.get('cluster_name') ?? labels.get('envoy_cluster_name') ?? '';
  const host = outbound.exec(cluster.replace(/;$/, ''))?.[3];
  if (host === undefined) return null;
  // By Istio's tags the counts of a class (2xx) have the name of those by code, and count the same requests again.
  if (labels.has('response_code_class') || labels.has('envoy_response_code_class')) return null;
  const code = labels.get('response_code') ?? labels.get('envoy_response_code');
  const bound = labels.get('le');
  return {
    reporter: 'source',
    source_cluster: self.cluster,
    source_workload_namespace: self.namespace,
    source_workload: self.workload,
    source_canonical_service: self.app,
    source_canonical_revision: self.version,
    destination_service: host,
    request_protocol: 'http',
    ...(code === undefined ? {} : { response_code: code }),
    ...(bound === undefined ? {} : { le: bound }),
  };
}
