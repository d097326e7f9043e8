import type { Inventory, InventoryService, InventoryWorkload } from '../inventory.ts';
import type { Endpoint, NodeKind, ServiceRef } from '../model.ts';
import { nodeIdOf } from '../node-id.ts';
import type { Registry } from '../store/registry.ts';
import { idPart } from '../text.ts';
import type { ViewOptions } from './options.ts';

/** Who a node is; its id follows from it, in every view and for ever. */
export interface Identity {
  id: string;
  kind: NodeKind;
  cluster: string;
  namespace: string;
  name: string;
  app: string;
  version: string;
}

/** Finds the node that an endpoint or a service stands in. */
export interface Places {
  source(endpoint: number): Identity;
  destination(endpoint: number, service: number): Identity;
  service(service: number): Identity | null;
  isWaypoint(endpoint: number): boolean;
  workload(id: string): InventoryWorkload | undefined;
  ofWorkload(workload: InventoryWorkload): Identity;
  ofService(service: InventoryService): Identity | null;
}

const key = (cluster: string, namespace: string, name: string): string =>
  `${idPart(cluster)}/${idPart(namespace)}/${idPart(name)}`;

const identity = (
  kind: NodeKind,
  cluster: string,
  namespace: string,
  name: string,
  more: { app?: string; version?: string } = {},
): Identity => ({
  id: nodeIdOf(kind, cluster, namespace, name, more.version),
  kind,
  cluster,
  namespace,
  name,
  app: more.app ?? '',
  version: more.version ?? '',
});

/** Istio's names for what it does not know the destination of. */
const passthrough = new Set([
  'PassthroughCluster',
  'InboundPassthroughCluster',
  'BlackHoleCluster',
]);

const placeNamespace = (cluster: string, namespace: string): Identity =>
  namespace === ''
    ? identity('unknown', cluster, '', 'unknown')
    : identity('namespace', cluster, namespace, namespace);

/** @param serviceOf the service a workload is behind, for the view by service; -1 for none */
export function createPlaces(
  registry: Registry,
  inventory: Inventory,
  options: ViewOptions,
  serviceOf: (endpoint: number) => number,
): Places {
  const { by } = options;
  const workloads = new Map(
    inventory.workloads.map((each) => [key(each.cluster, each.namespace, each.name), each]),
  );
  const services = new Map(
    inventory.services.map((each) => [key(each.cluster, each.namespace, each.name), each]),
  );
  const behind = new Map<string, InventoryService>();
  for (const service of inventory.services) {
    for (const name of service.workloads) {
      const of = key(service.cluster, service.namespace, name);
      const other = behind.get(of);
      if (other === undefined || service.name < other.name) behind.set(of, service);
    }
  }

  const placeService = ({ cluster, namespace, name }: ServiceRef): Identity | null => {
    if (name === '') return null;
    const known = services.get(key(cluster, namespace, name));
    if (known?.external ?? (passthrough.has(name) || name.includes('.')))
      return identity('external', cluster, '', name);
    if (by === 'cluster') return identity('cluster', cluster, '', cluster);
    if (by === 'namespace') return placeNamespace(cluster, namespace);
    return identity('service', cluster, namespace, name);
  };

  const placeEndpoint = (endpoint: Endpoint): Identity => {
    const { cluster, namespace, workload } = endpoint;
    if (workload === '') return identity('unknown', cluster, namespace, 'unknown');
    const known = workloads.get(key(cluster, namespace, workload));
    const app = known?.app || endpoint.app;
    const version = known?.version || endpoint.version;
    if (by === 'cluster') return identity('cluster', cluster, '', cluster);
    if (by === 'namespace') return placeNamespace(cluster, namespace);
    if (known && known.role !== 'workload')
      return { ...identity(known.role, cluster, namespace, workload), app, version };
    switch (by) {
      case 'workload':
        return { ...identity('workload', cluster, namespace, workload), app, version };
      case 'version':
        return identity('version', cluster, namespace, app || workload, {
          app: app || workload,
          version: version || 'latest',
        });
      case 'app':
      case 'service':
        return identity('app', cluster, namespace, app || workload, { app: app || workload });
    }
  };

  const placeSource = (at: number): Identity => {
    const endpoint = registry.endpoints[at]!;
    if (by !== 'service' || endpoint.workload === '') return placeEndpoint(endpoint);
    const { cluster, namespace, workload } = endpoint;
    const of = key(cluster, namespace, workload);
    if ((workloads.get(of)?.role ?? 'workload') !== 'workload') return placeEndpoint(endpoint);
    const stated = behind.get(of);
    if (stated) return placeService(stated) ?? placeEndpoint(endpoint);
    const told = serviceOf(at);
    return (told < 0 ? null : placeService(registry.services[told]!)) ?? placeEndpoint(endpoint);
  };

  const endpointCache: Identity[] = [];
  const serviceCache: (Identity | null)[] = [];
  const waypointCache: boolean[] = [];
  const service = (at: number): Identity | null => {
    const found = serviceCache[at];
    return found === undefined ? (serviceCache[at] = placeService(registry.services[at]!)) : found;
  };
  const source = (at: number): Identity =>
    by === 'service' ? placeSource(at) : (endpointCache[at] ??= placeSource(at));

  return {
    service,
    source,
    destination: (endpoint, asked) => {
      const isUnknown = registry.endpoints[endpoint]!.workload === '';
      if (isUnknown || by === 'service') return service(asked) ?? source(endpoint);
      return source(endpoint);
    },
    isWaypoint: (endpoint) => {
      const known = waypointCache[endpoint];
      if (known !== undefined) return known;
      const { cluster, namespace, workload } = registry.endpoints[endpoint]!;
      const of = key(cluster, namespace, workload);
      return (waypointCache[endpoint] = workloads.get(of)?.role === 'waypoint');
    },
    workload: (id) =>
      /^(workload|gateway|waypoint):/.test(id)
        ? workloads.get(id.slice(id.indexOf(':') + 1))
        : undefined,
    ofWorkload: (workload) => {
      const stated = behind.get(key(workload.cluster, workload.namespace, workload.name));
      if (by === 'service' && workload.role === 'workload' && stated) {
        return placeService(stated)!;
      }
      return placeEndpoint({ ...workload, workload: workload.name });
    },
    ofService: (given) => (by === 'service' || options.services ? placeService(given) : null),
  };
}
