import { meshMetricFamilies, type MeshMetric } from '@ambit/contracts/mesh-metrics';
import type { SubjectSignals } from '@ambit/topology/objectives/subject-signals';
import { histogramQuantile } from '@ambit/topology/signals';

interface Told {
  mesh: string;
  services: readonly SubjectSignals[];
  leftOut: number;
  sources: readonly { name: string; isUp: boolean }[];
  ageS: number;
  dropped: number;
}

const quantiles = [0.5, 0.95, 0.99];

/** The signals of a mesh in Prometheus' text format 0.0.4; families without a sample are left out. */
export function writeMetrics({ mesh, services, leftOut, sources, ageS, dropped }: Told): string {
  const samples = new Map<MeshMetric, string[]>();
  const tell = (
    metric: MeshMetric,
    labels: Record<string, string>,
    value: number | null | undefined,
  ): void => {
    if (value === null || value === undefined || !Number.isFinite(value)) return;
    const text = Object.entries({ mesh, ...labels })
      .map(([name, label]) => `${name}="${escaped(label)}"`)
      .join(',');
    const lines = samples.get(metric);
    const line = `${metric}{${text}} ${value}`;
    if (lines) lines.push(line);
    else samples.set(metric, [line]);
  };
  for (const { namespace, name, signals } of services) {
    const of = { namespace, service: name };
    const { requests, errors, requestBytes, responseBytes, latency } = signals;
    tell('ambit_mesh_service_requests_per_second', of, requests);
    tell('ambit_mesh_service_errors_per_second', of, errors);
    // Where nobody tells bytes they are 0 beside requests; that is no figure.
    const isTold = requestBytes + responseBytes > 0;
    tell('ambit_mesh_service_request_bytes_per_second', of, isTold ? requestBytes : null);
    tell('ambit_mesh_service_response_bytes_per_second', of, isTold ? responseBytes : null);
    for (const quantile of quantiles) {
      tell(
        'ambit_mesh_service_latency_milliseconds',
        { ...of, quantile: String(quantile) },
        latency && histogramQuantile(quantile, latency.buckets),
      );
    }
    tell(
      'ambit_mesh_service_mutual_tls_ratio',
      of,
      signals.securityKnown > 0 ? signals.secured / signals.securityKnown : null,
    );
  }
  for (const { name, isUp } of sources)
    tell('ambit_mesh_source_up', { source: name }, Number(isUp));
  tell('ambit_mesh_telemetry_age_seconds', {}, sources.length > 0 ? ageS : null);
  tell('ambit_mesh_services', {}, services.length);
  tell('ambit_mesh_services_left_out', {}, leftOut);
  tell('ambit_mesh_series_dropped', {}, dropped);
  return [...samples]
    .flatMap(([metric, lines]) => [
      `# HELP ${metric} ${meshMetricFamilies[metric].help}`,
      `# TYPE ${metric} gauge`,
      ...lines,
      '',
    ])
    .join('\n');
}

const escaped = (label: string): string =>
  label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
