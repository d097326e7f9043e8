import type { Inventory } from '@ambit/contracts/agent/protocol';
import type { Peer } from '@ambit/telemetry/access-log/tally';
import type { Cluster } from '../../kube/objects.ts';
import { watch, type Listed } from '../../kube/watch.ts';
import { proxyPod, type ProxyPod, type SeenPod } from '../proxies/facts.ts';
import {
  makeInventory,
  podFacts,
  type NamespaceFacts,
  type PodFacts,
  type RawPod,
} from './inventory.ts';

export interface Observer {
  /** null until everything was listed once. */
  inventory(owned: Record<string, number>): Inventory | null;
  namespace(name: string): NamespaceFacts | undefined;
  pods(namespace: string): PodFacts[];
  /** Pods of a node that istio-cni has redirected, `namespace/name`. */
  redirected(node: string): string[];
  /** Pods with a proxy, and those of the control plane, with the workload each belongs to. */
  proxies(): (ProxyPod & { workload: string })[];
  proxy(namespace: string, pod: string): ProxyPod | undefined;
  /** The pod that an address belongs to; null for none, and for pods in the network of their node. */
  peer(address: string): Peer | null;
}

interface RawNamespace extends Listed {
  status?: { phase?: string };
}

type Owner = { kind: string; name: string };

const keyOf = ({ metadata }: Listed): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Another who looks at the same namespaces and pods: one watch serves both. */
export interface Onlooker {
  shrink<T extends Listed>(kind: 'Namespace' | 'Pod', object: T): T;
  onList(kind: 'Namespace' | 'Pod', objects: Listed[]): void;
  onEvent(kind: 'Namespace' | 'Pod', type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Listed): void;
}

/** Watches namespaces, ReplicaSets (metadata only) and pods; keeps a few words of each. */
export function observe(
  { client }: Cluster,
  changed: () => void,
  signal: AbortSignal,
  onError: (error: unknown) => void,
  onlooker?: Onlooker,
): Observer {
  const namespaces = new Map<string, NamespaceFacts>();
  const owners = new Map<string, Owner>();
  const pods = new Map<string, PodFacts & { proxy: ProxyPod | null }>();
  const byAddress = new Map<string, string>();
  const listed = new Set<string>();

  const keep = <T extends Listed, F>(
    path: string,
    into: Map<string, F>,
    factsOf: (object: T) => F | null,
    metadataOnly: boolean,
    shared?: 'Namespace' | 'Pod',
  ) => {
    const put = (object: T) => {
      const facts = factsOf(object);
      if (facts === null) into.delete(keyOf(object));
      else into.set(keyOf(object), facts);
    };
    void watch<T>(
      client,
      {
        path,
        metadataOnly,
        onError,
        ...(shared && onlooker ? { shrink: (object: T) => onlooker.shrink(shared, object) } : {}),
        onList: (items) => {
          into.clear();
          items.forEach(put);
          if (shared) onlooker?.onList(shared, items);
          listed.add(path);
          changed();
        },
        onEvent: (type, object) => {
          if (type === 'DELETED') into.delete(keyOf(object));
          else put(object);
          if (shared) onlooker?.onEvent(shared, type, object);
          changed();
        },
      },
      signal,
    );
  };

  keep<RawNamespace, NamespaceFacts>(
    '/api/v1/namespaces',
    namespaces,
    ({ metadata, status }) => ({
      name: metadata.name,
      labels: metadata.labels ?? {},
      phase: status?.phase ?? 'Active',
    }),
    false,
    'Namespace',
  );
  keep<Listed, Owner>(
    '/apis/apps/v1/replicasets',
    owners,
    ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller);
      return owner ? { kind: owner.kind, name: owner.name } : null;
    },
    true,
  );
  keep<RawPod & Listed, PodFacts & { proxy: ProxyPod | null }>(
    '/api/v1/pods',
    pods,
    (pod) => {
      const facts = podFacts(pod, (replicaSet) => owners.get(replicaSet) ?? null);
      if (facts?.address) byAddress.set(facts.address, keyOf(pod));
      if (byAddress.size > 2 * pods.size + 1_000) {
        for (const [address, key] of byAddress) if (!pods.has(key)) byAddress.delete(address);
      }
      return facts && { ...facts, proxy: proxyPod(pod as SeenPod) };
    },
    false,
    'Pod',
  );

  /** A pod may come before the ReplicaSet that made it: its owner is looked up when it is used. */
  const settled = (pod: PodFacts): PodFacts => {
    if (pod.owner?.kind !== 'ReplicaSet') return pod;
    return { ...pod, owner: owners.get(`${pod.namespace}/${pod.owner.name}`) ?? pod.owner };
  };

  return {
    inventory: (owned) =>
      listed.size < 3
        ? null
        : makeInventory([...namespaces.values()], [...pods.values()].map(settled), owned),
    namespace: (name) => namespaces.get(`/${name}`),
    pods: (namespace) =>
      [...pods.values()].filter((pod) => pod.namespace === namespace).map(settled),
    redirected: (node) =>
      [...pods.values()].flatMap((pod) =>
        pod.redirected && pod.node === node ? [`${pod.namespace}/${pod.name}`] : [],
      ),
    proxies: () =>
      [...pods.values()].flatMap((pod) =>
        pod.proxy ? [{ ...pod.proxy, workload: settled(pod).owner?.name ?? pod.name }] : [],
      ),
    proxy: (namespace, pod) => pods.get(`${namespace}/${pod}`)?.proxy ?? undefined,
    peer: (address) => {
      const key = byAddress.get(address);
      const pod = key === undefined ? undefined : pods.get(key);
      if (key === undefined || pod?.address !== address) return null;
      const { namespace, app, appVersion } = pod;
      const workload = settled(pod).owner?.name ?? pod.name;
      return { namespace, workload, app, version: appVersion, pod: key };
    },
  };
}
