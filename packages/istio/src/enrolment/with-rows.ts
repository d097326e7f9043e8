import type { ClusterFacts } from './facts.ts';
import { namespaceLabels, waypointLabels, type EnrolmentRows } from './rows.ts';
import { useWaypointLabel } from './waypoint.ts';

/** The cluster as it will be once the labels are set; only labels differ. */
export function withRows(
  facts: ClusterFacts,
  rows: EnrolmentRows,
  clusterId: string,
): ClusterFacts {
  const namespaces = new Map(facts.namespaces);
  const owned = new Set([
    'istio-injection',
    'istio.io/dataplane-mode',
    useWaypointLabel,
    'istio.io/use-waypoint-namespace',
  ]);
  const without = (labels: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(labels).filter(([key]) => !owned.has(key)));
  for (const row of rows.namespaces) {
    if (row.clusterId !== clusterId) continue;
    const labels = namespaces.get(row.namespace) ?? {};
    namespaces.set(row.namespace, { ...without(labels), ...namespaceLabels(row) });
  }
  const services = new Map(facts.services);
  for (const row of rows.services) {
    if (row.clusterId !== clusterId) continue;
    const list = services.get(row.namespace) ?? [];
    services.set(
      row.namespace,
      list.map((service) =>
        service.metadata.name === row.name
          ? {
              ...service,
              metadata: {
                ...service.metadata,
                labels: { ...without(service.metadata.labels ?? {}), ...waypointLabels(row) },
              },
            }
          : service,
      ),
    );
  }
  return { ...facts, namespaces, services };
}
