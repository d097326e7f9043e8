import { labelText, type Labels, type MetricsBook, type ProxyMetrics } from './metrics.ts';
import type { Peer, Target } from './world.ts';

export type Protocol = 'http' | 'grpc' | 'tcp';
export type Reporter = 'source' | 'destination' | 'waypoint';

/** One request, or connection, as one proxy saw it. */
export interface Seen {
  reporter: Reporter;
  /** Pod of the proxy that tells it. */
  by: string;
  source: Peer | null;
  /** Null when the request did not reach a pod. */
  destination: Peer | null;
  target: Target;
  protocol: Protocol;
  mutualTls: boolean;
  code: number;
  flags: string;
  ms: number;
  /** Of it, what the proxy waited for servers; null: it asked none. */
  waitedMs: number | null;
}

const trustDomain = 'cluster.local';
export const principalOf = ({ namespace, account }: Peer): string =>
  `${trustDomain}/ns/${namespace}/sa/${account}`;

const unknown = 'unknown';

function side(name: 'source' | 'destination', peer: Peer | null, mutualTls: boolean): Labels {
  const labels = peer?.labels ?? {};
  const app = labels.app ?? unknown;
  const version = labels.version ?? unknown;
  return {
    [`${name}_workload`]: peer?.workload ?? unknown,
    [`${name}_workload_namespace`]: peer?.namespace ?? unknown,
    [`${name}_principal`]: peer && mutualTls ? `spiffe://${principalOf(peer)}` : unknown,
    [`${name}_app`]: app,
    [`${name}_version`]: version,
    [`${name}_canonical_service`]: labels['service.istio.io/canonical-name'] ?? app,
    [`${name}_canonical_revision`]:
      labels['service.istio.io/canonical-revision'] ??
      (peer ? (labels.version ?? 'latest') : unknown),
    [`${name}_cluster`]: peer ? 'sandbox' : unknown,
  };
}

/** Labels every Istio metric carries (istio.io, "Istio Standard Metrics"). */
function labelsOf(seen: Seen): Labels {
  const { reporter, source, destination, target, mutualTls } = seen;
  const { name, namespace = '' } = target.service.metadata;
  // The client of a connection cannot know how the other side ended it.
  const security = reporter === 'source' ? unknown : mutualTls ? 'mutual_tls' : 'none';
  return {
    reporter,
    ...side('source', source, mutualTls),
    ...side('destination', destination, mutualTls),
    destination_service: target.host,
    destination_service_name: name,
    destination_service_namespace: namespace,
    connection_security_policy: security,
  };
}

/** Texts of labels that were made already; kept for as long as the pods are what they were. */
export type LabelTexts = Map<string, string>;

function textOf(seen: Seen, isTcp: boolean, known: LabelTexts): string {
  const { reporter, source, destination, target, mutualTls, code, flags, protocol } = seen;
  const key = `${reporter} ${source?.key} ${destination?.key} ${target.host} ${mutualTls} ${isTcp} ${code} ${flags}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const isGrpc = protocol === 'grpc';
  const text = labelText({
    ...labelsOf(seen),
    ...(isTcp
      ? { request_protocol: 'tcp' }
      : {
          request_protocol: protocol,
          response_code: isGrpc && code >= 500 ? '200' : String(code),
          grpc_response_status: isGrpc ? grpcStatus(code) : '',
        }),
    response_flags: flags,
  });
  known.set(key, text);
  return text;
}

/** Counts a request as Istio's proxies do. TCP, and everything ztunnel sees, is counted as connections and bytes. */
export function report(
  book: MetricsBook,
  known: LabelTexts,
  seen: Seen,
  asTcp: boolean,
  random: () => number,
): void {
  const metrics = book.of(seen.by);
  const isTcp = asTcp || seen.protocol === 'tcp';
  const labels = textOf(seen, isTcp, known);
  if (!isTcp) {
    metrics.add('istio_requests_total', labels);
    metrics.observe('istio_request_duration_milliseconds', labels, seen.ms);
    if (seen.reporter === 'waypoint') timed(metrics, seen);
    return;
  }
  metrics.add('istio_tcp_connections_opened_total', labels);
  metrics.add('istio_tcp_connections_closed_total', labels);
  metrics.add('istio_tcp_received_bytes_total', labels, 300 + Math.floor(random() * 400));
  const answered = seen.flags === '-' ? 900 + Math.floor(random() * 2_000) : 0;
  metrics.add('istio_tcp_sent_bytes_total', labels, answered);
}

/** Envoy's own times, by which a waypoint's are told from those of servers. */
function timed(metrics: ProxyMetrics, { target, ms, waitedMs }: Seen): void {
  const manager = labelText({ http_conn_manager_prefix: `inbound_0.0.0.0_${portOf(target)}` });
  metrics.observe('envoy_http_downstream_rq_time', manager, ms);
  if (waitedMs === null) return;
  const cluster = labelText({ cluster_name: `inbound-vip|${portOf(target)}|http|${target.host}` });
  metrics.observe('envoy_cluster_external_upstream_rq_time', cluster, waitedMs);
}

export const portOf = ({ service }: Target): number => service.spec.ports?.[0]?.port ?? 80;

/** What gRPC makes of an HTTP status (grpc.io, "HTTP to gRPC Status Code Mapping"). */
const grpcStatus = (code: number): string => {
  if (code === 200) return '0';
  if (code === 403) return '7';
  if (code === 404) return '12';
  return code === 500 ? '2' : '14';
};
