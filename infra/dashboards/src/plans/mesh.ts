import { stat, type Plan } from '../panel.ts';

const of = '{mesh=~"$mesh",namespace=~"$namespace"}';
const rate = `ambit_mesh_service_requests_per_second${of}`;
const errors = `ambit_mesh_service_errors_per_second${of}`;

/** A mesh as Ambit tells it (/metrics/meshes/{id}): it needs no metrics of Istio in this Prometheus. */
export const mesh: Plan = {
  uid: 'ambit-mesh',
  title: 'Ambit: mesh',
  text: 'Traffic of a mesh by service, as Ambit tells it under /metrics/meshes/{id}.',
  variables: [
    { name: 'mesh', label: 'Mesh', of: 'label_values(ambit_mesh_services, mesh)' },
    {
      name: 'namespace',
      label: 'Namespace',
      of: 'label_values(ambit_mesh_service_requests_per_second{mesh=~"$mesh"}, namespace)',
      all: true,
    },
  ],
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Requests', 'reqps', { requests: `sum(${rate})` }),
        stat('Failed', 'percentunit', { failed: `sum(${errors}) / (sum(${rate}) > 0)` }),
        stat('Services', 'short', { services: 'sum(ambit_mesh_services{mesh=~"$mesh"})' }),
        stat(
          'Left out',
          'short',
          { services: 'sum(ambit_mesh_services_left_out{mesh=~"$mesh"})' },
          'Services beyond the 2,000 busiest, which are not told here.',
        ),
        stat('Sources that answer', 'percentunit', {
          sources: 'avg(ambit_mesh_source_up{mesh=~"$mesh"})',
        }),
        stat('Age of telemetry', 's', {
          age: 'max(ambit_mesh_telemetry_age_seconds{mesh=~"$mesh"})',
        }),
      ],
    },
    {
      title: 'Traffic',
      panels: [
        {
          title: 'Requests by namespace',
          unit: 'reqps',
          width: 12,
          expr: { '{{namespace}}': `sum by (namespace) (${rate})` },
        },
        {
          title: 'Failed by namespace',
          unit: 'percentunit',
          width: 12,
          expr: {
            '{{namespace}}': `sum by (namespace) (${errors}) / (sum by (namespace) (${rate}) > 0)`,
          },
        },
        {
          title: 'Busiest services',
          unit: 'reqps',
          expr: { '{{namespace}}/{{service}}': `topk(10, ${rate})` },
        },
        {
          title: 'Services that fail most',
          unit: 'reqps',
          expr: { '{{namespace}}/{{service}}': `topk(10, ${errors} > 0)` },
        },
        {
          title: 'Slowest services (p95)',
          unit: 'ms',
          expr: {
            '{{namespace}}/{{service}}':
              'topk(10, ambit_mesh_service_latency_milliseconds{mesh=~"$mesh",namespace=~"$namespace",quantile="0.95"})',
          },
        },
      ],
    },
    {
      title: 'Security and bytes',
      panels: [
        {
          title: 'Services without mutual TLS throughout',
          unit: 'percentunit',
          width: 12,
          expr: {
            '{{namespace}}/{{service}}': `bottomk(10, ambit_mesh_service_mutual_tls_ratio${of} < 1)`,
          },
        },
        {
          title: 'Bytes',
          unit: 'Bps',
          width: 12,
          expr: {
            requests: `sum(ambit_mesh_service_request_bytes_per_second${of})`,
            answers: `sum(ambit_mesh_service_response_bytes_per_second${of})`,
          },
        },
      ],
    },
  ],
};
