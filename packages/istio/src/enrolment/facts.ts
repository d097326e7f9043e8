import type { KubeObject } from '@ambit/contracts/common';
import { doorLabel } from '@ambit/contracts/agent/waypoint';
import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import type { ObservedSecurity } from './holdings.ts';
import type { AllowingListener } from '../allowed-routes.ts';
import { splitApiVersion } from '../kinds.ts';
import type { Labels } from '../label-selector.ts';

export type { Labels };

interface Meta {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Labels;
  annotations?: Labels;
  ownerReferences?: { kind?: string; name?: string; controller?: boolean }[];
}

export interface KubeCondition {
  type?: string;
  status?: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

interface Container {
  name?: string;
  image?: string;
}

/** The parts of a pod that agents tell. */
export interface PodFact {
  metadata: Meta;
  spec?: {
    serviceAccountName?: string;
    nodeName?: string;
    hostNetwork?: boolean;
    containers?: Container[];
    initContainers?: Container[];
  };
  status?: {
    phase?: string;
    podIP?: string;
    conditions?: KubeCondition[];
    containerStatuses?: {
      name: string;
      ready?: boolean;
      restartCount?: number;
      state?: { waiting?: { reason?: string } };
      lastState?: { terminated?: { reason?: string; exitCode?: number; finishedAt?: string } };
    }[];
  };
}

export interface NodeFact {
  metadata: Meta;
  status?: { conditions?: KubeCondition[] };
}

export interface ServicePortFact {
  name?: string;
  port?: number;
  targetPort?: number | string;
  protocol?: string;
  appProtocol?: string;
}

export interface ServiceFact {
  metadata: Meta;
  spec?: { type?: string; selector?: Labels; ports?: ServicePortFact[]; clusterIP?: string };
  status?: { conditions?: KubeCondition[] };
}

export interface GatewayFact {
  metadata: Meta;
  spec?: {
    gatewayClassName?: string;
    listeners?: ({ name?: string; port?: number; protocol?: string } & AllowingListener)[];
  };
  status?: { conditions?: KubeCondition[]; addresses?: { value?: string }[] };
}

/** One cluster of a mesh, as what agents told and what the mesh wants of it. */
export interface ClusterFacts {
  namespaces: Map<string, Labels>;
  nodes: Map<string, NodeFact>;
  /** By namespace. */
  pods: Map<string, PodFact[]>;
  services: Map<string, ServiceFact[]>;
  /** Pods of Gateways, by the Gateway's `namespace/name`. */
  gatewayPods: Map<string, PodFact[]>;
  /** Waypoints and other Gateways of Gateway API, by `namespace/name`. */
  gateways: Map<string, GatewayFact>;
  /** Waypoints whose connections the agent takes in while they have no replica (sleep), by `namespace/name`. */
  asleep: Set<string>;
  /** Policies and routes: those of the mesh, and those applied in the cluster. */
  policies: KubeObject[];
  /** Pods of istio-cni and of ztunnel by node. */
  cni: Map<string, PodFact>;
  ztunnel: Map<string, PodFact>;
  /** What the proxies' own telemetry says, by `namespace/pod`; empty where nobody told. */
  proxies: Map<string, ReportedProxy>;
  /** How traffic was carried lately, by the `namespace/workload` it reached; null where nobody looked. */
  observed: ReadonlyMap<string, ObservedSecurity> | null;
  rootNamespace: string;
  trustDomain: string;
}

export interface FactsInput {
  /** Objects that the agent told. */
  objects: readonly KubeObject[];
  /** The mesh's own policies; their statuses are among `objects`. */
  policies?: readonly KubeObject[];
  proxies?: readonly ReportedProxy[];
  observed?: ReadonlyMap<string, ObservedSecurity> | null;
  rootNamespace?: string;
  trustDomain?: string;
}

const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name';

export const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

const identityOf = ({ apiVersion, kind, metadata }: KubeObject): string =>
  `${splitApiVersion(apiVersion).group}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`;

const policyGroups = new Set([
  'security.istio.io',
  'networking.istio.io',
  'telemetry.istio.io',
  'extensions.istio.io',
  'gateway.networking.k8s.io',
]);

/** Sorts what is known of a cluster by what it is. Pure. */
export function clusterFacts(input: FactsInput): ClusterFacts {
  const facts: ClusterFacts = {
    namespaces: new Map(),
    nodes: new Map(),
    pods: new Map(),
    services: new Map(),
    gatewayPods: new Map(),
    gateways: new Map(),
    asleep: new Set(),
    policies: [],
    cni: new Map(),
    ztunnel: new Map(),
    proxies: new Map(
      (input.proxies ?? []).map((proxy) => [keyOf(proxy.namespace, proxy.pod), proxy]),
    ),
    observed: input.observed ?? null,
    rootNamespace: input.rootNamespace ?? 'istio-system',
    trustDomain: input.trustDomain ?? 'cluster.local',
  };
  for (const object of input.objects) {
    const { metadata } = object;
    switch (object.kind) {
      case 'Namespace':
        facts.namespaces.set(metadata.name, metadata.labels ?? {});
        break;
      case 'Node':
        facts.nodes.set(metadata.name, object as unknown as NodeFact);
        break;
      case 'Pod':
        putPod(facts, object as unknown as PodFact);
        break;
      case 'Service':
        push(facts.services, metadata.namespace ?? '', object as unknown as ServiceFact);
        break;
    }
  }
  for (const policy of joined(input)) {
    facts.policies.push(policy);
    if (policy.kind === 'Gateway' && policy.apiVersion.startsWith('gateway.networking.k8s.io/')) {
      const { namespace = '', name } = policy.metadata;
      facts.gateways.set(keyOf(namespace, name), policy as unknown as GatewayFact);
    }
    const sleeper = policy.metadata.labels?.[doorLabel];
    if (policy.kind === 'WorkloadEntry' && sleeper !== undefined) {
      facts.asleep.add(keyOf(policy.metadata.namespace ?? '', sleeper));
    }
  }
  return facts;
}

/** The mesh's policies with the status that the cluster tells, and the policies of others there. */
function joined({ objects, policies = [] }: FactsInput): KubeObject[] {
  const told = new Map(
    objects
      .filter(({ apiVersion }) => policyGroups.has(splitApiVersion(apiVersion).group))
      .map((object) => [identityOf(object), object]),
  );
  const own = policies.map((policy) => {
    const key = identityOf(policy);
    const { status } = (told.get(key) ?? {}) as { status?: unknown };
    told.delete(key);
    return status === undefined ? policy : { ...policy, status };
  });
  // What Ambit delivered and the mesh no longer wants has no content, and is about to go.
  return [...own, ...[...told.values()].filter((object) => object['spec'] !== undefined)];
}

function putPod(facts: ClusterFacts, pod: PodFact): void {
  if (pod.metadata.deletionTimestamp) return;
  const { labels = {}, namespace = '' } = pod.metadata;
  push(facts.pods, namespace, pod);
  const gateway = labels[gatewayNameLabel];
  if (gateway !== undefined) push(facts.gatewayPods, keyOf(namespace, gateway), pod);
  const node = pod.spec?.nodeName;
  if (!node) return;
  const of =
    labels['k8s-app'] === 'istio-cni-node'
      ? facts.cni
      : labels['app'] === 'ztunnel'
        ? facts.ztunnel
        : null;
  // While one replaces the other there are two: the ready one counts.
  if (of && !(of.has(node) && isReady(of.get(node)!))) of.set(node, pod);
}

function push<T>(into: Map<string, T[]>, key: string, value: T): void {
  const list = into.get(key);
  if (list) list.push(value);
  else into.set(key, [value]);
}

export const isTrue = (conditions: KubeCondition[] | undefined, type: string): boolean =>
  conditions?.some((one) => one.type === type && one.status === 'True') ?? false;

export const isReady = ({ status }: PodFact): boolean => isTrue(status?.conditions, 'Ready');

const containersOf = ({ spec }: PodFact): Container[] => [
  ...(spec?.containers ?? []),
  ...(spec?.initContainers ?? []),
];

/** `waypoint`, `gateway`: proxies by themselves; `node`: istio-cni, ztunnel; `app`: everything else. */
export type PodRole = 'app' | 'waypoint' | 'gateway' | 'node';

export function roleOf(pod: PodFact): PodRole {
  const { labels = {} } = pod.metadata;
  if (labels['k8s-app'] === 'istio-cni-node' || labels['app'] === 'ztunnel') return 'node';
  if (labels[gatewayNameLabel] !== undefined) {
    const of = labels['gateway.networking.k8s.io/gateway-class-name'] ?? '';
    return of.includes('waypoint') ||
      labels['gateway.istio.io/managed'] === 'istio.io-mesh-controller'
      ? 'waypoint'
      : 'gateway';
  }
  const own = pod.spec?.containers ?? [];
  if (own.length === 1 && own[0]?.name === 'istio-proxy') return 'gateway';
  return 'app';
}

/** Whether the injector gave it a proxy; gateways and ztunnel have a container of that name too. */
export const hasSidecar = (pod: PodFact): boolean =>
  roleOf(pod) === 'app' && containersOf(pod).some(({ name }) => name === 'istio-proxy');

/** Tag of the proxy's image; empty when it says nothing. */
export function proxyTag(pod: PodFact): string {
  const image = containersOf(pod).find(({ name }) => name === 'istio-proxy')?.image ?? '';
  return /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1] ?? '';
}

/** What made the pod: the Deployment behind a ReplicaSet (by the hash in its name), or its controller, or itself. */
export function workloadOf({ metadata }: PodFact): { kind: string; name: string } {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner?.kind || !owner.name) return { kind: 'Pod', name: metadata.name };
  const hash = metadata.labels?.['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`)) {
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  }
  return { kind: owner.kind, name: owner.name };
}

export const matchesLabels = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Whether a Service selects a pod of its namespace; one without a selector selects none. */
export function isBehind({ spec }: ServiceFact, { metadata }: PodFact): boolean {
  const selector = spec?.selector ?? {};
  return Object.keys(selector).length > 0 && matchesLabels(selector, metadata.labels ?? {});
}

/** Pods behind a Service. */
export const podsOf = (facts: ClusterFacts, service: ServiceFact): PodFact[] =>
  (facts.pods.get(service.metadata.namespace ?? '') ?? []).filter((pod) => isBehind(service, pod));

export const servicesOf = (facts: ClusterFacts, pod: PodFact): ServiceFact[] =>
  (facts.services.get(pod.metadata.namespace ?? '') ?? []).filter((one) => isBehind(one, pod));

/** The Service that istiod makes for a Gateway: no application's. */
export const isGatewaysOwn = ({ metadata }: ServiceFact): boolean =>
  metadata.labels?.[gatewayNameLabel] !== undefined;

export const principalOf = (facts: ClusterFacts, namespace: string, account: string): string =>
  `${facts.trustDomain}/ns/${namespace}/sa/${account}`;

export const accountOf = ({ spec }: PodFact): string => spec?.serviceAccountName ?? 'default';

/** Namespaces of the platform itself: never enrolled, and not listed. */
export const systemNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'istio-system',
  'ambit-system',
]);
