import type { Metric } from '../model.ts';
import type { LabelOf } from '../store/registry.ts';
import type { TelemetryStore } from '../store/telemetry-store.ts';

export type Labels = Record<string, string>;

/** A series with its rate, as a test writes it. */
export interface Told {
  metric: Metric;
  labels: Labels;
  rate: number;
  boundMs?: number;
}

/** Labels of Istio's standard metrics for a request between two workloads. */
export function istioLabels(given: {
  reporter: string;
  from: string;
  to: string;
  service?: string;
  namespace?: string;
  code?: string;
  protocol?: string;
  more?: Labels;
}): Labels {
  const { reporter, from, to, namespace = 'shop', code = '200', protocol = 'http' } = given;
  const service = given.service ?? (to === 'unknown' ? 'unknown' : to.replace(/-v\d+$/, ''));
  return {
    reporter,
    source_cluster: 'c1',
    source_workload: from,
    source_workload_namespace: from === 'unknown' ? 'unknown' : namespace,
    source_canonical_service: from.replace(/-v\d+$/, ''),
    source_canonical_revision: /-(v\d+)$/.exec(from)?.[1] ?? 'latest',
    destination_cluster: 'c1',
    destination_workload: to,
    destination_workload_namespace: to === 'unknown' ? 'unknown' : namespace,
    destination_canonical_service: to.replace(/-v\d+$/, ''),
    destination_canonical_revision: /-(v\d+)$/.exec(to)?.[1] ?? 'latest',
    destination_service: `${service}.${namespace}.svc.cluster.local`,
    destination_service_name: service,
    destination_service_namespace: namespace,
    request_protocol: protocol,
    response_flags: '-',
    connection_security_policy: reporter === 'source' ? 'unknown' : 'mutual_tls',
    ...(protocol === 'tcp' ? {} : { response_code: code }),
    ...given.more,
  };
}

/** Tells a store one whole round. @returns the links that changed */
export function tellRound(store: TelemetryStore, told: readonly Told[]): number[] {
  store.begin();
  for (const { metric, labels, rate, boundMs } of told) {
    const label: LabelOf = (name) => labels[name];
    const { registry } = store;
    store.add(
      store.series(
        metric,
        registry.endpoint('source', label),
        registry.service(label),
        registry.endpoint('destination', label),
        registry.facet(label),
        boundMs,
      ),
      rate,
    );
  }
  return store.commit();
}
