import type { MeshConfig, MeshNetworks } from './mesh.ts';
import type { ProxyFault, ServiceTraffic } from './observed.ts';
import type { Resource } from './resource.ts';

/** What is analysed: resources (see `readObject`), and what the mesh is configured with. */
export type Snapshot = {
  resources: Iterable<Resource>;
  meshConfig?: MeshConfig;
  meshNetworks?: MeshNetworks;
  /** Where the control plane is. */
  istioNamespace?: string;
  /** What telemetry saw; rules that compare with it say nothing of services that are not in it. */
  observed?: Iterable<ServiceTraffic>;
  /** What agents read of proxies that speaks against pods. */
  faults?: Iterable<ProxyFault>;
};

export const defaultIstioNamespace = 'istio-system';

function meshResource(kind: 'MeshConfig' | 'MeshNetworks', namespace: string, spec: object) {
  const name = kind.toLowerCase();
  return {
    id: `|${kind}|${namespace}/${name}`,
    cluster: '',
    kind,
    namespace,
    name,
    labels: {},
    annotations: {},
    spec,
    status: undefined,
    object: spec as Record<string, unknown>,
  };
}

/** The mesh's configuration as the resource that rules see. */
export function meshConfigResource(spec: MeshConfig, namespace = defaultIstioNamespace): Resource {
  return meshResource('MeshConfig', namespace, spec) as Resource;
}

/** The networks of the mesh as the resource that rules see. */
export function meshNetworksResource(
  spec: MeshNetworks,
  namespace = defaultIstioNamespace,
): Resource {
  return meshResource('MeshNetworks', namespace, spec) as Resource;
}

/** What was measured of a service as the resource that rules see. */
export function serviceTrafficResource(spec: ServiceTraffic): Resource {
  return {
    id: `|ServiceTraffic|/${spec.host}`,
    cluster: '',
    kind: 'ServiceTraffic',
    namespace: '',
    name: spec.host,
    labels: {},
    annotations: {},
    spec,
    status: undefined,
    object: spec as Record<string, unknown>,
  };
}

/** What speaks against the pods of a proxy as the resource that rules see. */
export function proxyFaultResource(spec: ProxyFault): Resource {
  const { cluster, namespace, pod } = spec;
  return {
    id: `${cluster}|ProxyFault|${namespace}/${pod}`,
    cluster,
    kind: 'ProxyFault',
    namespace,
    name: pod,
    labels: {},
    annotations: {},
    spec,
    status: undefined,
    object: spec as Record<string, unknown>,
  };
}

/** All resources of a snapshot, the mesh's configuration among them. */
export function* resourcesOf(snapshot: Snapshot): Generator<Resource> {
  yield* snapshot.resources;
  for (const traffic of snapshot.observed ?? []) yield serviceTrafficResource(traffic);
  for (const fault of snapshot.faults ?? []) yield proxyFaultResource(fault);
  yield meshConfigResource(snapshot.meshConfig ?? {}, snapshot.istioNamespace);
  yield meshNetworksResource(snapshot.meshNetworks ?? {}, snapshot.istioNamespace);
}
