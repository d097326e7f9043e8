import { rate, type Plan } from '../panel.ts';

const pods = (container: string): string =>
  `namespace=~"$namespace",pod=~".+",container="${container}"`;
const used = (container: string): string =>
  rate('container_cpu_usage_seconds_total', pods(container));

/** What carries traffic in an ambient mesh, and the istiod that tells it how. */
export const dataPlane: Plan = {
  uid: 'ambit-data-plane',
  title: 'Ambit: waypoints, ztunnel and istiod',
  text: 'Waypoints, ztunnel, istio-cni and istiod by their own metrics. CPU and memory need the kubelet’s cAdvisor in this Prometheus.',
  variables: [
    {
      name: 'namespace',
      label: 'Namespace',
      of: 'label_values(container_memory_working_set_bytes{container=~"istio-proxy|discovery"}, namespace)',
      all: true,
    },
  ],
  rows: [
    {
      title: 'Waypoints',
      panels: [
        {
          title: 'Requests through waypoints',
          unit: 'reqps',
          expr: {
            '{{destination_service_namespace}}': `sum by (destination_service_namespace) (${rate('istio_requests_total', 'reporter="waypoint"')})`,
          },
        },
        {
          title: 'Failed at waypoints',
          unit: 'percentunit',
          expr: {
            failed: `sum(${rate('istio_requests_total', 'reporter="waypoint",response_code=~"5..|0"')}) / sum(${rate('istio_requests_total', 'reporter="waypoint"')})`,
          },
        },
        {
          title: 'p95 of waypoints',
          unit: 'ms',
          expr: {
            '{{destination_service_namespace}}': `histogram_quantile(0.95, sum by (le, destination_service_namespace) (${rate('istio_request_duration_milliseconds_bucket', 'reporter="waypoint"')}))`,
          },
        },
        {
          title: 'Requests under way, by proxy',
          unit: 'short',
          expr: {
            '{{pod}}':
              'topk(10, sum by (pod) (envoy_http_downstream_rq_active{namespace=~"$namespace"}))',
          },
        },
        {
          title: 'CPU of proxies',
          unit: 'cores',
          expr: { '{{pod}}': `topk(10, sum by (pod) (${used('istio-proxy')}))` },
        },
        {
          title: 'Memory of proxies',
          unit: 'bytes',
          expr: {
            '{{pod}}': `topk(10, sum by (pod) (container_memory_working_set_bytes{${pods('istio-proxy')}}))`,
          },
        },
      ],
    },
    {
      title: 'ztunnel and istio-cni',
      panels: [
        {
          title: 'Connections opened',
          unit: 'short',
          expr: {
            opened: `sum(${rate('istio_tcp_connections_opened_total', 'app="ztunnel",reporter="source"')})`,
            closed: `sum(${rate('istio_tcp_connections_closed_total', 'app="ztunnel",reporter="source"')})`,
            failed: `sum(${rate('istio_tcp_connections_closed_total', 'app="ztunnel",reporter="source",response_flags!~"-|DC"')})`,
          },
        },
        {
          title: 'Bytes',
          unit: 'Bps',
          expr: {
            sent: `sum(${rate('istio_tcp_sent_bytes_total', 'app="ztunnel",reporter="source"')})`,
            received: `sum(${rate('istio_tcp_received_bytes_total', 'app="ztunnel",reporter="source"')})`,
          },
        },
        {
          title: 'Pods that a ztunnel carries',
          text: 'Pending ones are redirected, and ztunnel has no proxy for them yet.',
          unit: 'short',
          expr: {
            carried: 'sum(workload_manager_active_proxy_count)',
            pending: 'sum(workload_manager_pending_proxy_count)',
          },
        },
        {
          title: 'DNS requests',
          unit: 'reqps',
          expr: { asked: `sum(${rate('istio_dns_requests_total')})` },
        },
        {
          title: 'Connections to istiod lost',
          unit: 'short',
          expr: {
            '{{reason}}': `sum by (reason) (${rate('istio_xds_connection_terminations_total')})`,
          },
        },
        {
          title: 'istio-cni ready on nodes',
          unit: 'short',
          expr: {
            ready: 'sum(istio_cni_install_ready)',
            'ztunnel connected': 'sum(ztunnel_connected)',
          },
        },
      ],
    },
    {
      title: 'istiod',
      panels: [
        {
          title: 'Proxies connected, by version',
          unit: 'short',
          expr: { '{{version}}': 'sum by (version) (pilot_xds)' },
        },
        {
          title: 'Configuration refused',
          text: 'Something that proxies do not take: see findings and the proxies of the mesh.',
          unit: 'short',
          expr: {
            refused: `sum(${rate('pilot_total_xds_rejects')})`,
            'internal errors': `sum(${rate('pilot_total_xds_internal_errors')})`,
          },
        },
        {
          title: 'Until a change is with all proxies',
          unit: 's',
          expr: {
            p50: `histogram_quantile(0.5, sum by (le) (${rate('pilot_proxy_convergence_time_bucket')}))`,
            p99: `histogram_quantile(0.99, sum by (le) (${rate('pilot_proxy_convergence_time_bucket')}))`,
          },
        },
        {
          title: 'Pushes by type',
          unit: 'short',
          expr: { '{{type}}': `sum by (type) (${rate('pilot_xds_pushes')})` },
        },
        {
          title: 'Root certificate ends in',
          unit: 's',
          expr: { root: 'min(citadel_server_root_cert_expiry_timestamp) - time()' },
        },
        {
          title: 'Injection and validation that failed',
          unit: 'short',
          expr: {
            injection: `sum(${rate('sidecar_injection_failure_total')})`,
            validation: `sum(${rate('galley_validation_failed')})`,
          },
        },
      ],
    },
  ],
};
