import type { IntegrationKind } from '@ambit/contracts/operations/integration';

/** What each kind is for, and what its address looks like. */
export const kindWords: Record<
  IntegrationKind,
  { name: string; text: string; placeholder: string; help: string }
> = {
  prometheus: {
    name: 'Prometheus-compatible',
    text: 'Metrics: traffic of the topology, golden signals. Prometheus, Thanos, Mimir, VictoriaMetrics, managed ones.',
    placeholder: 'https://prometheus.example.com',
    help: 'What stands before /api/v1: for Mimir with /prometheus, for VictoriaMetrics of a cluster with /select/0/prometheus.',
  },
  jaeger: {
    name: 'Jaeger',
    text: 'Traces, from the query service.',
    placeholder: 'https://jaeger.example.com',
    help: 'Where its own page is: what stands before /api/traces.',
  },
  tempo: {
    name: 'Tempo',
    text: 'Traces, from Grafana Tempo.',
    placeholder: 'https://tempo.example.com:3200',
    help: 'The query frontend: what stands before /api/search.',
  },
  zipkin: {
    name: 'Zipkin',
    text: 'Traces, from Zipkin’s API.',
    placeholder: 'https://zipkin.example.com:9411',
    help: 'What stands before /api/v2.',
  },
};
