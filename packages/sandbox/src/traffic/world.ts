import type { View } from '../client/cache.ts';
import { isReady } from '../controllers/common.ts';
import { podsBehind } from '../controllers/endpoints.ts';
import { redirection, hasSidecar, isZtunnel } from '../istio/ambient.ts';
import { boundCondition, waypointRefOf } from '../istio/waypoint-binding.ts';
import type {
  AuthorizationPolicy,
  DestinationRule,
  HttpRoute,
  PeerAuthentication,
  VirtualService,
} from '../istio/objects.ts';
import type { Pod, Service } from '../objects.ts';

/** A pod as traffic sees it. */
export interface Peer {
  key: string;
  namespace: string;
  labels: Record<string, string>;
  account: string;
  workload: string;
  node: string;
  /** How its traffic is carried: by its own proxy, by the ztunnel of its node, or by nobody. */
  proxy: 'none' | 'sidecar' | 'ztunnel';
  /** Pod whose proxy tells of its traffic; null when nobody does. */
  reporter: string | null;
  /** Its node answers. */
  alive: boolean;
  /** Its certificate counts as expired. */
  expired: boolean;
}

export interface Target {
  service: Service;
  host: string;
  /** Pods that take requests now. */
  peers: Peer[];
  /** A waypoint that serves it, when it is bound to one. */
  waypoint: {
    peer: Peer | null;
    /** Who takes its connections in while no pod of it serves. */
    door: Door | null;
    namespace: string;
    name: string;
  } | null;
}

export interface Door {
  address: string;
  port: number;
}

/** Everything a simulated second looks at; made once for each. */
export interface World {
  target(namespace: string, name: string): Target | undefined;
  /** A pod of a workload that runs, by app and version; undefined when none does. */
  peersOf(namespace: string, app: string): Peer[];
  virtualServices: VirtualService[];
  destinationRules: DestinationRule[];
  routes: HttpRoute[];
  authorization: AuthorizationPolicy[];
  peerAuthentication: PeerAuthentication[];
  faults: WorldFaults;
}

export interface WorldFaults {
  isSlow(service: string): boolean;
  isFailing(service: string): boolean;
  isBroken(node: string): boolean;
  isExpired(target: string): boolean;
}

const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name';

/** The namespace whose policies hold for the whole mesh. */
export const rootNamespace = 'istio-system';

export function readWorld(view: View, faults: WorldFaults): World {
  const ztunnels = new Map<string, string>();
  for (const pod of view.list('pods', rootNamespace)) {
    if (isZtunnel(pod) && isReady(pod) && pod.spec.nodeName) {
      ztunnels.set(pod.spec.nodeName, keyOf(pod));
    }
  }
  const peerOf = (pod: Pod): Peer => {
    const namespace = pod.metadata.namespace ?? '';
    const node = pod.spec.nodeName ?? '';
    const account = pod.spec.serviceAccountName ?? 'default';
    const isRedirected = pod.metadata.annotations?.[redirection] === 'enabled';
    const proxy = hasSidecar(pod) ? 'sidecar' : isRedirected ? 'ztunnel' : 'none';
    return {
      key: keyOf(pod),
      namespace,
      labels: pod.metadata.labels ?? {},
      account,
      workload: workloadOf(pod, view),
      node,
      proxy,
      reporter:
        proxy === 'sidecar'
          ? keyOf(pod)
          : proxy === 'ztunnel'
            ? (ztunnels.get(node) ?? null)
            : null,
      alive: !faults.isBroken(node),
      expired: faults.isExpired(`${namespace}/${account}`),
    };
  };
  const targets = new Map<string, Target | undefined>();
  const find = (namespace: string, name: string): Target | undefined => {
    const service = view.get('services', namespace, name);
    if (service === undefined) return undefined;
    const peers = podsBehind(service, view).filter(isServing).map(peerOf);
    return {
      service,
      host: `${name}.${namespace}.svc.cluster.local`,
      peers,
      waypoint: waypointOf(service, peers),
    };
  };
  const waypointOf = (service: Service, peers: Peer[]): Target['waypoint'] => {
    const bound = service.status?.conditions?.find(({ type }) => type === boundCondition);
    const ref = waypointRefOf(service, view);
    if (bound?.status !== 'True' || !ref) return null;
    // Only ztunnel leads traffic through a waypoint: for pods outside of ambient it does not exist.
    if (!peers.some(({ proxy }) => proxy === 'ztunnel')) return null;
    const pods = view
      .list('pods', ref.namespace)
      .filter((pod) => pod.metadata.labels?.[gatewayNameLabel] === ref.name && isServing(pod));
    const peer = pods[0] ? peerOf(pods[0]) : null;
    return {
      ...ref,
      peer: peer && { ...peer, reporter: peer.key, proxy: 'sidecar' },
      door: peer ? null : doorOf(ref, view),
    };
  };
  return {
    target: (namespace, name) => {
      const key = `${namespace}/${name}`;
      if (!targets.has(key)) targets.set(key, find(namespace, name));
      return targets.get(key);
    },
    peersOf: (namespace, app) =>
      view
        .list('pods', namespace)
        .filter((pod) => pod.metadata.labels?.app === app && isServing(pod))
        .map(peerOf),
    virtualServices: view.list('virtualservices.networking.istio.io'),
    destinationRules: view.list('destinationrules.networking.istio.io'),
    routes: view.list('httproutes.gateway.networking.k8s.io'),
    authorization: view.list('authorizationpolicies.security.istio.io'),
    peerAuthentication: view.list('peerauthentications.security.istio.io'),
    faults,
  };
}

/** Of the Service of a waypoint without a pod: an endpoint that a WorkloadEntry makes. */
function doorOf({ namespace, name }: { namespace: string; name: string }, view: View): Door | null {
  const entry = view
    .list('workloadentries.networking.istio.io', namespace)
    .find(({ metadata }) => metadata.labels?.[gatewayNameLabel] === name);
  const [port] = Object.values(entry?.spec.ports ?? {});
  const address = entry?.spec.address;
  return address !== undefined && port !== undefined ? { address, port } : null;
}

const keyOf = ({ metadata }: Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const isServing = (pod: Pod): boolean =>
  isReady(pod) && pod.metadata.deletionTimestamp === undefined;

/** The Deployment behind a pod's ReplicaSet, or what else made it. */
function workloadOf(pod: Pod, view: View): string {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner?.kind !== 'ReplicaSet') return owner?.name ?? pod.metadata.name;
  const set = view.get('replicasets.apps', pod.metadata.namespace ?? '', owner.name);
  return set?.metadata.ownerReferences?.[0]?.name ?? owner.name;
}
