/**
 * Metrics of Istio that dashboards may name, by who tells them. istio.io: "Istio Standard Metrics", "pilot-discovery" (its list
 * of metrics), "Visualizing Metrics with Grafana"; ztunnel and istio-cni by their own /metrics. Histograms by their base.
 */
const istioMetrics = {
  counters: [
    'istio_requests_total',
    'istio_tcp_connections_opened_total',
    'istio_tcp_connections_closed_total',
    'istio_tcp_received_bytes_total',
    'istio_tcp_sent_bytes_total',
    'istio_xds_message_total',
    'istio_xds_connection_terminations_total',
    'istio_dns_requests_total',
    'pilot_total_xds_rejects',
    'pilot_total_xds_internal_errors',
    'pilot_xds_pushes',
    'pilot_push_triggers',
    'citadel_server_success_cert_issuance_count',
    'citadel_server_csr_count',
    'galley_validation_failed',
    'galley_validation_passed',
    'sidecar_injection_failure_total',
    'sidecar_injection_success_total',
    'istio_cni_installs_total',
  ],
  gauges: [
    'istio_build',
    'istio_tcp_sockets_open',
    'pilot_xds',
    'pilot_services',
    'citadel_server_root_cert_expiry_timestamp',
    'citadel_server_cert_chain_expiry_timestamp',
    'workload_manager_active_proxy_count',
    'workload_manager_pending_proxy_count',
    'istio_cni_install_ready',
    'ztunnel_connected',
  ],
  histograms: [
    'istio_request_duration_milliseconds',
    'istio_request_bytes',
    'istio_response_bytes',
    'pilot_proxy_convergence_time',
    'pilot_xds_push_time',
  ],
} as const;

/** What Envoy, the kubelet and Prometheus itself tell (envoyproxy.io, "Statistics"; kubernetes.io, "cAdvisor"). */
const otherMetrics = [
  'envoy_http_downstream_rq_active',
  'envoy_server_memory_allocated',
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'up',
] as const;

/** The names that samples of these have. */
export function sampleNames(): string[] {
  const { counters, gauges, histograms } = istioMetrics;
  return [
    ...counters,
    ...gauges,
    ...histograms.flatMap((name) => ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`)),
    ...otherMetrics,
  ];
}
