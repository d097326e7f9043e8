import type { EnrolmentMode, Workload } from '@ambit/contracts/agent/protocol';
import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import type { Inventory, InventoryService, InventoryWorkload } from '@ambit/topology/inventory';

/** What the inventory of a mesh is made of. */
export interface Facts {
  clusters: readonly ClusterKnown[];
  /** Objects of the mesh itself; ServiceEntries are looked at. */
  policies: readonly KubeLike[];
}

/** What is known of a cluster, as topology takes it. */
export interface ClusterKnown {
  name: string;
  workloads: Workload[];
  /** Deployments, StatefulSets, DaemonSets and Services, in Kubernetes' own form. */
  objects: KubeLike[];
  /** Proxies as the agent reported them; null when it did not. */
  proxies: readonly ReportedProxy[] | null;
  /** The agent reads the metrics of proxies, so whose it cannot read are missing. */
  agentTells: boolean;
}

export interface KubeLike {
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: {
    selector?: unknown;
    location?: string;
    hosts?: string[];
    template?: { metadata?: { labels?: Record<string, string> } };
  };
}

const rateAnnotation = 'health.kiali.io/rate';

/** Proxies of modes: who carries the traffic. */
const proxyOf: Record<EnrolmentMode, InventoryWorkload['proxy']> = {
  none: 'none',
  sidecar: 'sidecar',
  L4: 'ztunnel',
  'L4+L7': 'ztunnel',
};

/** Namespaces whose workloads carry no traffic of the mesh. */
const infrastructure = new Set(['kube-system', 'istio-system', 'ambit-system', 'kube-node-lease']);

/**
 * The inventory of a mesh as topology looks at it. Names follow Istio's own rule for canonical names (istio.io,
 * "Canonical service": label `service.istio.io/canonical-name`, else `app.kubernetes.io/name`, else `app`).
 * @param reporting pods (`namespace/pod`) whose proxies a server of metrics tells of; null when that is not known
 */
export function inventoryOf(
  { clusters, policies }: Facts,
  reporting: ReadonlySet<string> | null = null,
): Inventory {
  const workloads: InventoryWorkload[] = [];
  const services: InventoryService[] = [];
  for (const cluster of clusters) {
    const objects = new Map(
      cluster.objects.map((object) => [
        key(object.kind, object.metadata.namespace, object.metadata.name),
        object,
      ]),
    );
    const labelsOf = new Map<string, Record<string, string>>();
    const ofNamespace = new Map<string, string[]>();
    const proxies = Map.groupBy(
      cluster.proxies ?? [],
      ({ namespace, workload }) => `${namespace}/${workload}`,
    );
    for (const workload of cluster.workloads) {
      const { namespace, name, kind, mode } = workload;
      const object = objects.get(key(kind, namespace, name));
      const labels = object?.spec?.template?.metadata?.labels ?? {};
      const role = roleOf(labels);
      if (infrastructure.has(namespace) && role === 'workload') continue;
      labelsOf.set(`${namespace}/${name}`, labels);
      const names = ofNamespace.get(namespace);
      if (names) names.push(name);
      else ofNamespace.set(namespace, [name]);
      const healthRate = object?.metadata.annotations?.[rateAnnotation];
      const own = proxies.get(`${namespace}/${name}`) ?? [];
      workloads.push({
        cluster: cluster.name,
        namespace,
        name,
        app: canonical(labels, 'name', ['app.kubernetes.io/name', 'app']),
        version: canonical(labels, 'revision', ['app.kubernetes.io/version', 'version']),
        role,
        proxy: role === 'workload' ? proxyOf[mode] : 'sidecar',
        desired: workload.pods,
        available: workload.ready,
        unsynced: own.filter(isUnsynced).length,
        isReporting: isReporting(cluster, own, proxyOf[mode], reporting),
        ...(healthRate === undefined ? {} : { healthRate }),
      });
    }
    for (const object of cluster.objects) {
      const { namespace = '', name, annotations } = object.metadata;
      if (object.kind !== 'Service' || infrastructure.has(namespace)) continue;
      if (namespace === 'default' && name === 'kubernetes') continue;
      const selector = Object.entries((object.spec?.selector ?? {}) as Record<string, string>);
      const selected =
        selector.length === 0
          ? []
          : (ofNamespace.get(namespace) ?? []).filter((each) => {
              const labels = labelsOf.get(`${namespace}/${each}`)!;
              return selector.every(([label, value]) => labels[label] === value);
            });
      const healthRate = annotations?.[rateAnnotation];
      services.push({
        cluster: cluster.name,
        namespace,
        name,
        external: false,
        workloads: selected,
        ...(healthRate === undefined ? {} : { healthRate }),
      });
    }
    for (const entry of [...policies, ...cluster.objects]) {
      if (entry.kind !== 'ServiceEntry') continue;
      const external = entry.spec?.location !== 'MESH_INTERNAL';
      for (const name of entry.spec?.hosts ?? []) {
        const namespace = entry.metadata.namespace ?? '';
        services.push({ cluster: cluster.name, namespace, name, external, workloads: [] });
      }
    }
  }
  return { workloads, services };
}

const isUnsynced = ({ sync }: ReportedProxy): boolean =>
  Object.values(sync).some((state) => state === 'stale' || state === 'error');

/** Null when it is not known: nobody says whom he reads, or ztunnel tells for its whole node. */
function isReporting(
  { proxies, agentTells }: ClusterKnown,
  own: readonly ReportedProxy[],
  proxy: InventoryWorkload['proxy'],
  reporting: ReadonlySet<string> | null,
): boolean | null {
  if (proxies === null || proxy === 'ztunnel' || own.length === 0) return null;
  if (!agentTells) {
    return reporting && own.some(({ namespace, pod }) => reporting.has(`${namespace}/${pod}`));
  }
  return own.some(({ scrapedAt, problem }) => scrapedAt !== null && problem === '');
}

/** Waypoints and gateways say themselves what they are: istiod, and Istio's own charts, label their pods. */
function roleOf(labels: Record<string, string>): InventoryWorkload['role'] {
  const managed = labels['gateway.istio.io/managed'];
  if (managed === 'istio.io-mesh-controller') return 'waypoint';
  const isGateway =
    managed !== undefined ||
    labels['gateway.networking.k8s.io/gateway-name'] !== undefined ||
    /^(ingress|egress|eastwest)gateway$/.test(labels.istio ?? '');
  return isGateway ? 'gateway' : 'workload';
}

const canonical = (
  labels: Record<string, string>,
  what: 'name' | 'revision',
  others: string[],
): string =>
  [`service.istio.io/canonical-${what}`, ...others]
    .map((label) => labels[label])
    .find((value) => value !== undefined) ?? '';

const key = (kind: string, namespace: string | undefined, name: string): string =>
  `${kind}/${namespace ?? ''}/${name}`;
