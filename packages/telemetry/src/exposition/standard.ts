import type { Metric } from '@ambit/topology/model';

/** Istio's standard metrics, by the names their samples have (istio.io, "Istio Standard Metrics"). */
const standard: Record<string, Metric> = {
  istio_requests_total: 'requests',
  istio_request_bytes_sum: 'requestBytes',
  istio_response_bytes_sum: 'responseBytes',
  istio_tcp_connections_opened_total: 'connectionsOpened',
  istio_tcp_connections_closed_total: 'connectionsClosed',
  // Named after the server: it receives the request and sends the answer (istio issue 32399).
  istio_tcp_received_bytes_total: 'requestBytes',
  istio_tcp_sent_bytes_total: 'responseBytes',
  istio_request_duration_milliseconds_bucket: 'durationBucket',
  istio_request_duration_milliseconds_sum: 'durationSum',
  istio_request_duration_milliseconds_count: 'durationCount',
};

export const metricOf = (name: string): Metric | undefined =>
  Object.hasOwn(standard, name) ? standard[name] : undefined;
