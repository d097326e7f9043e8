import { createHash } from 'node:crypto';
import type { EnrolmentMode, Inventory, Workload } from '@ambit/contracts/agent/protocol';
import { canonicalJson } from '@ambit/contracts/canonical';
import { canonicalOf } from '../proxies/facts.ts';

/** What is kept of a pod: a few words each, so that ten thousand of them are small. */
export interface PodFacts {
  namespace: string;
  owner: { kind: string; name: string } | null;
  name: string;
  serviceAccount: string;
  node: string;
  ready: boolean;
  sidecarTag: string | null;
  redirected: boolean;
  waypoint: boolean;
  revision: string;
  /** Empty before it has one, and in its node's network. */
  address: string;
  /** Istio's canonical service and revision. */
  app: string;
  appVersion: string;
  /** Never injected: it says so itself, or uses the node's network. */
  optOut: boolean;
}

export interface NamespaceFacts {
  name: string;
  labels: Record<string, string>;
  phase: string;
}

export interface RawPod {
  metadata: {
    name: string;
    namespace?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { kind: string; name: string; controller?: boolean }[];
  };
  spec?: {
    serviceAccountName?: string;
    nodeName?: string;
    hostNetwork?: boolean;
    containers?: { name: string; image?: string }[];
    initContainers?: { name: string; image?: string }[];
  };
  status?: { phase?: string; podIP?: string; conditions?: { type: string; status: string }[] };
}

const tagOf = (image = ''): string => /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1] ?? 'unknown';

/**
 * @param ownerOf the owner of a ReplicaSet by `namespace/name`: its Deployment
 * @returns null for a pod that has ended, or is about to
 */
export function podFacts(
  pod: RawPod,
  ownerOf: (replicaSet: string) => { kind: string; name: string } | null,
): PodFacts | null {
  const { metadata, spec, status } = pod;
  if (metadata.deletionTimestamp) return null;
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return null;
  const namespace = metadata.namespace ?? '';
  const controller = metadata.ownerReferences?.find((reference) => reference.controller);
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const proxy = containers.find(({ name }) => name === 'istio-proxy');
  const labels = metadata.labels ?? {};
  const annotations = metadata.annotations ?? {};
  const optOut =
    (spec?.hostNetwork ?? false) ||
    (labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject']) === 'false';
  const via = controller?.kind === 'ReplicaSet' ? ownerOf(`${namespace}/${controller.name}`) : null;
  return {
    namespace,
    name: metadata.name,
    owner: via ?? (controller ? { kind: controller.kind, name: controller.name } : null),
    serviceAccount: spec?.serviceAccountName ?? 'default',
    node: spec?.nodeName ?? '',
    ready:
      status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
    // ztunnel and waypoints have a container of that name too, and opt out of injection.
    sidecarTag: proxy && !optOut ? tagOf(proxy.image) : null,
    redirected: annotations['ambient.istio.io/redirection'] === 'enabled',
    waypoint: (labels['istio.io/use-waypoint'] ?? 'none') !== 'none',
    revision: annotations['istio.io/rev'] ?? labels['istio.io/rev'] ?? '',
    address: spec?.hostNetwork ? '' : (status?.podIP ?? ''),
    ...canonicalOf(labels),
    optOut,
  };
}

/** Groups pods by what made them. Pure: the same facts give the same inventory and digest. */
export function makeInventory(
  namespaces: NamespaceFacts[],
  pods: Iterable<PodFacts>,
  owned: Record<string, number>,
): Inventory {
  const viaWaypoint = new Set(
    namespaces
      .filter(({ labels }) => (labels['istio.io/use-waypoint'] ?? 'none') !== 'none')
      .map(({ name }) => name),
  );
  const workloads = new Map<string, Workload>();
  for (const pod of pods) {
    const { kind, name } = pod.owner ?? { kind: 'Pod', name: pod.name };
    const key = `${pod.namespace}/${kind}/${name}`;
    const workload = workloads.get(key) ?? newWorkload(pod.namespace, kind, name, pod);
    workloads.set(key, workload);
    workload.pods += 1;
    if (pod.ready) workload.ready += 1;
    const mode = modeOf(pod, viaWaypoint.has(pod.namespace));
    if (mode === 'none') {
      if (pod.optOut) workload.optedOut = (workload.optedOut ?? 0) + 1;
      continue;
    }
    workload.enrolled += 1;
    workload.mode = mode;
    workload.revision = pod.revision || workload.revision;
    if (pod.sidecarTag) {
      workload.proxyVersions[pod.sidecarTag] = (workload.proxyVersions[pod.sidecarTag] ?? 0) + 1;
    }
  }
  const facts = {
    namespaces: [...namespaces].sort(byName).slice(0, 5000),
    workloads: [...workloads]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, one]) => one)
      .slice(0, 20_000),
    owned,
  };
  const digest = createHash('sha256').update(canonicalJson(facts)).digest('hex');
  return { digest: `sha256:${digest}`, ...facts };
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

const newWorkload = (namespace: string, kind: string, name: string, pod: PodFacts): Workload => ({
  namespace,
  kind,
  name,
  serviceAccount: pod.serviceAccount,
  pods: 0,
  ready: 0,
  enrolled: 0,
  mode: 'none',
  revision: '',
  proxyVersions: {},
});

function modeOf(pod: PodFacts, namespaceWaypoint: boolean): EnrolmentMode {
  if (pod.sidecarTag) return 'sidecar';
  if (!pod.redirected) return 'none';
  return pod.waypoint || namespaceWaypoint ? 'L4+L7' : 'L4';
}
