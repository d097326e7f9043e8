import type { Outputs } from '../../lib/session.tsx';

type Workload = Outputs['mesh']['workloads']['items'][number];
type ClusterNamespaces = Outputs['cluster']['namespaces'];

export interface NamespaceRow {
  clusterId: string;
  clusterName: string;
  namespace: string;
  workloads: Workload[];
  pods: number;
  enrolled: number;
  /** How its workloads are enrolled: one mode, or "mixed"; "none" without workloads. */
  mode: string;
  /** What the platform was told to have, when it was told. */
  wanted: Workload['wanted'];
  labels: Record<string, string>;
}

/** Namespaces that belong to Kubernetes, Istio or Ambit themselves. */
const system = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'istio-system',
  'ambit-system',
]);

export const systemReason = (namespace: string): string | undefined =>
  system.has(namespace) ? 'Belongs to the cluster itself, and stays outside the mesh.' : undefined;

/** Enrolment that a namespace's own labels ask for (Istio: sidecar injection, ambient data plane mode). */
export function labelledMode(labels: Record<string, string>): 'sidecar' | 'L4' | null {
  if (labels['istio.io/dataplane-mode'] === 'ambient') return 'L4';
  if (labels['istio-injection'] === 'enabled') return 'sidecar';
  return labels['istio.io/rev'] && labels['istio-injection'] !== 'disabled' ? 'sidecar' : null;
}

/** Namespaces of every cluster of a mesh with their workloads, by cluster and name. */
export function namespaceRows(
  clusters: { id: string; name: string; namespaces: ClusterNamespaces | undefined }[],
  workloads: Workload[],
): NamespaceRow[] {
  const byPlace = Map.groupBy(workloads, (each) => `${each.clusterId} ${each.namespace}`);
  return clusters.flatMap(({ id, name, namespaces }) => {
    const known = new Map(namespaces?.items.map((each) => [each.name, each.labels]));
    for (const each of workloads)
      if (each.clusterId === id && !known.has(each.namespace)) known.set(each.namespace, {});
    return [...known].map(([namespace, labels]): NamespaceRow => {
      const own = byPlace.get(`${id} ${namespace}`) ?? [];
      const modes = new Set(own.map((each) => each.mode));
      return {
        clusterId: id,
        clusterName: name,
        namespace,
        workloads: own,
        pods: own.reduce((sum, each) => sum + each.pods, 0),
        enrolled: own.reduce((sum, each) => sum + each.enrolled, 0),
        mode: modes.size > 1 ? 'mixed' : ([...modes][0] ?? 'none'),
        wanted: own.find((each) => each.wanted)?.wanted ?? labelledMode(labels),
        labels,
      };
    });
  });
}
