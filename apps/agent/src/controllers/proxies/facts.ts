import type { ProxyKind } from '@ambit/contracts/agent/telemetry';

/** A pod with a proxy, or of the control plane: what is needed to find and read it. */
export interface ProxyPod {
  namespace: string;
  pod: string;
  /** Null for the control plane's own: istiod and istio-cni. */
  kind: ProxyKind | null;
  ip: string | null;
  node: string;
  ready: boolean;
  /** Tag of the proxy's image. */
  version: string;
  /** Container whose log may be read. */
  container: string;
  isIstiod: boolean;
  /** Istio's canonical service and revision. */
  app: string;
  appVersion: string;
}

/** A pod as the inventory's watch keeps it. */
export interface SeenPod {
  metadata: {
    name: string;
    namespace?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
  };
  spec?: {
    nodeName?: string;
    containers?: { name: string; image?: string }[];
    initContainers?: { name: string; image?: string }[];
  };
  status?: {
    phase?: string;
    podIP?: string;
    conditions?: { type: string; status: string }[];
  };
}

const managedBy: Record<string, ProxyKind> = {
  'istio.io-mesh-controller': 'waypoint',
  'istio.io-gateway-controller': 'gateway',
};

const tagOf = (image = ''): string => /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1] ?? '';

/** Istio's canonical service and revision, from the labels of a pod (istio.io, "Canonical Service"). */
export const canonicalOf = (
  labels: Record<string, string>,
): { app: string; appVersion: string } => ({
  app:
    labels['service.istio.io/canonical-name'] ??
    labels['app.kubernetes.io/name'] ??
    labels['app'] ??
    '',
  appVersion:
    labels['service.istio.io/canonical-revision'] ??
    labels['app.kubernetes.io/version'] ??
    labels['version'] ??
    'latest',
});

/** @returns null for a pod that is neither a proxy's nor of the control plane, or has ended */
export function proxyPod({ metadata, spec, status }: SeenPod): ProxyPod | null {
  if (metadata.deletionTimestamp) return null;
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return null;
  const labels = metadata.labels ?? {};
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const isIstiod = labels['app'] === 'istiod';
  const name = isIstiod
    ? 'discovery'
    : labels['k8s-app'] === 'istio-cni-node'
      ? 'install-cni'
      : 'istio-proxy';
  const container = containers.find((one) => one.name === name);
  if (!container) return null;
  return {
    namespace: metadata.namespace ?? '',
    pod: metadata.name,
    kind: name === 'istio-proxy' ? kindOf(labels, spec?.containers ?? []) : null,
    ip: status?.podIP ?? null,
    node: spec?.nodeName ?? '',
    ready:
      status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
    version: tagOf(container.image),
    container: name,
    isIstiod,
    ...canonicalOf(labels),
  };
}

/** A pod with nothing but a proxy is a gateway (istio.io, "Installing Gateways"). */
function kindOf(labels: Record<string, string>, containers: { name: string }[]): ProxyKind {
  if (labels['app'] === 'ztunnel') return 'ztunnel';
  const managed = managedBy[labels['gateway.istio.io/managed'] ?? ''];
  if (managed) return managed;
  const others = containers.some(({ name }) => name !== 'istio-proxy');
  return others ? 'sidecar' : 'gateway';
}
