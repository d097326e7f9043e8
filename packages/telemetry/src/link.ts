import { createRegistry } from '@ambit/topology/store/registry';

type Labels = Readonly<Record<string, string>>;

/**
 * Names the link of the graph that a series tells of: the same text for the same link, whoever tells.
 * @param cluster of series that name none
 * @param clusterOf the cluster that a label of the source means
 */
export function linkNamer(
  cluster: string,
  clusterOf: (label: string) => string = (label) => label,
): (labels: Labels) => string {
  const { endpoints, services, ...registry } = createRegistry(cluster);
  return (labels) => {
    const label = (name: string): string | undefined =>
      name.endsWith('_cluster') ? clusterOf(labels[name] ?? '') : labels[name];
    const [source, service, destination] = [
      endpoints[registry.endpoint('source', label)],
      services[registry.service(label)],
      endpoints[registry.endpoint('destination', label)],
    ];
    return JSON.stringify([
      source && [source.cluster, source.namespace, source.workload],
      service && [service.cluster, service.namespace, service.name],
      destination && [destination.cluster, destination.namespace, destination.workload],
    ]);
  };
}
