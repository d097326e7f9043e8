import { rate, type Plan } from '../panel.ts';

const to =
  'destination_service_namespace="$namespace",destination_service_name="$service",reporter=~"$reporter"';
const requests = (more = ''): string => rate('istio_requests_total', `${to}${more}`);
const failed = ',response_code=~"5..|0"';
const quantile = (p: number): string =>
  `histogram_quantile(${p}, sum by (le) (${rate('istio_request_duration_milliseconds_bucket', to)}))`;

/** A service by Istio's standard metrics. One reporter at a time: every request is counted by each that sees it. */
export const service: Plan = {
  uid: 'ambit-service',
  title: 'Ambit: service',
  text: 'One service by Istio’s standard metrics: who asks it, which versions answer, what fails. Choose the reporter that sees its requests: destination with sidecars, waypoint in an ambient mesh.',
  variables: [
    {
      name: 'namespace',
      label: 'Namespace',
      of: 'label_values(istio_requests_total, destination_service_namespace)',
    },
    {
      name: 'service',
      label: 'Service',
      of: 'label_values(istio_requests_total{destination_service_namespace="$namespace"}, destination_service_name)',
    },
    {
      name: 'reporter',
      label: 'Reporter',
      of: 'label_values(istio_requests_total{destination_service_namespace="$namespace",destination_service_name="$service"}, reporter)',
    },
  ],
  rows: [
    {
      title: 'Golden signals',
      panels: [
        {
          title: 'Requests by code',
          unit: 'reqps',
          width: 12,
          expr: { '{{response_code}}': `sum by (response_code) (${requests()})` },
        },
        {
          title: 'Failed',
          unit: 'percentunit',
          width: 12,
          expr: { failed: `sum(${requests(failed)}) / sum(${requests()})` },
        },
        {
          title: 'Latency',
          unit: 'ms',
          width: 12,
          expr: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) },
        },
        {
          title: 'Bytes',
          unit: 'Bps',
          width: 12,
          expr: {
            requests: `sum(${rate('istio_request_bytes_sum', to)})`,
            answers: `sum(${rate('istio_response_bytes_sum', to)})`,
          },
        },
      ],
    },
    {
      title: 'Who and where',
      panels: [
        {
          title: 'By client',
          unit: 'reqps',
          expr: {
            '{{source_workload_namespace}}/{{source_workload}}': `topk(10, sum by (source_workload_namespace, source_workload) (${requests()}))`,
          },
        },
        {
          title: 'Share of each version',
          unit: 'percentunit',
          expr: {
            '{{destination_version}}': `sum by (destination_version) (${requests()}) / ignoring (destination_version) group_left sum(${requests()})`,
          },
        },
        {
          title: 'Failed by version',
          unit: 'percentunit',
          expr: {
            '{{destination_version}}': `sum by (destination_version) (${requests(failed)}) / sum by (destination_version) (${requests()})`,
          },
        },
        {
          title: 'Failures by code and flag',
          text: 'Envoy’s response flags say why: UF no connection, UH no healthy upstream, UO circuit breaker, RL rate limit.',
          unit: 'reqps',
          width: 12,
          expr: {
            '{{response_code}} {{response_flags}}': `sum by (response_code, response_flags) (${requests(failed)}) > 0`,
          },
        },
        {
          title: 'Security of connections',
          unit: 'reqps',
          width: 12,
          expr: {
            '{{connection_security_policy}}': `sum by (connection_security_policy) (${requests()})`,
          },
        },
      ],
    },
  ],
};
