/** What a mesh tells Prometheus of, with the labels of each beside `mesh`. Gauges all: rates are of the last window. */
export const meshMetricFamilies = {
  ambit_mesh_service_requests_per_second: {
    help: 'Requests to a service, or opened connections where nobody sees requests',
    labels: ['namespace', 'service'],
  },
  ambit_mesh_service_errors_per_second: {
    help: 'Those of them that failed: 5xx, gRPC failures, no answer',
    labels: ['namespace', 'service'],
  },
  ambit_mesh_service_request_bytes_per_second: {
    help: 'Bytes of requests to a service; not told where nobody tells bytes',
    labels: ['namespace', 'service'],
  },
  ambit_mesh_service_response_bytes_per_second: {
    help: 'Bytes of its answers',
    labels: ['namespace', 'service'],
  },
  ambit_mesh_service_latency_milliseconds: {
    help: 'Latency of a service by quantile; not told without traffic or histograms',
    labels: ['namespace', 'service', 'quantile'],
  },
  ambit_mesh_service_mutual_tls_ratio: {
    help: 'Share of mutual TLS in the traffic of known security to a service, 0 to 1',
    labels: ['namespace', 'service'],
  },
  ambit_mesh_source_up: {
    help: '1 while a source of traffic answers in whole',
    labels: ['source'],
  },
  ambit_mesh_telemetry_age_seconds: {
    help: 'How old the newest that a source told is',
    labels: [],
  },
  ambit_mesh_services: { help: 'Services that are told here', labels: [] },
  ambit_mesh_services_left_out: {
    help: 'Services that are not told here, the least busy ones: there are more than are told',
    labels: [],
  },
  ambit_mesh_series_dropped: {
    help: 'Series of the sources that are beyond what is kept of a mesh',
    labels: [],
  },
} as const satisfies Record<string, { help: string; labels: readonly string[] }>;
export type MeshMetric = keyof typeof meshMetricFamilies;
