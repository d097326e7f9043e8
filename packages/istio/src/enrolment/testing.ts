import type { KubeObject } from '@ambit/contracts/common';
import { clusterFacts, type ClusterFacts, type FactsInput, type Labels } from './facts.ts';

/** Objects for tests, as agents tell them. */
export const now = new Date('2026-11-01T10:00:00Z');
const longAgo = '2026-11-01T09:00:00Z';

const condition = (type: string, is = true) => ({ type, status: is ? 'True' : 'False' });

export const namespace = (name: string, labels: Labels = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

export const node = (
  name: string,
  { ready = true, labels = {} }: { ready?: boolean; labels?: Labels } = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  status: { conditions: [condition('Ready', ready)] },
});

export interface PodMore {
  labels?: Labels;
  annotations?: Labels;
  node?: string;
  account?: string;
  sidecar?: boolean;
  redirected?: boolean;
  ready?: boolean;
  created?: string;
  hostNetwork?: boolean;
}

/** A pod of the Deployment `name`, in the Service `name`. */
export function pod(where: string, more: PodMore = {}): KubeObject {
  const [space = '', name = ''] = where.split('/');
  const { sidecar = false, redirected = false, ready = true } = more;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-abc-1`,
      namespace: space,
      uid: `uid-${space}-${name}`,
      creationTimestamp: more.created ?? longAgo,
      labels: { app: name, 'pod-template-hash': 'abc', ...more.labels },
      annotations: {
        ...(redirected ? { 'ambient.istio.io/redirection': 'enabled' } : {}),
        ...more.annotations,
      },
      ownerReferences: [{ kind: 'ReplicaSet', name: `${name}-abc`, controller: true }],
    },
    spec: {
      nodeName: more.node ?? 'one',
      serviceAccountName: more.account ?? name,
      hostNetwork: more.hostNetwork,
      containers: [{ name: 'app', image: 'example.com/app:1' }],
      initContainers: sidecar ? [{ name: 'istio-proxy', image: 'istio/proxyv2:1.31.0' }] : [],
    },
    status: { phase: 'Running', conditions: [condition('Ready', ready)] },
  };
}

export function service(where: string, labels: Labels = {}, selector?: Labels): KubeObject {
  const [space = '', name = ''] = where.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: space, labels },
    spec: {
      selector: selector ?? { app: name },
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    },
  };
}

const agent = (labels: Labels, name: string, on: string, ready: boolean): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `${name}-${on}`,
    namespace: 'istio-system',
    labels,
    creationTimestamp: longAgo,
    ownerReferences: [{ kind: 'DaemonSet', name, controller: true }],
  },
  spec: { nodeName: on, containers: [{ name: 'istio-proxy', image: `istio/${name}:1.31.0` }] },
  status: { conditions: [condition('Ready', ready)] },
});

export const cni = (on: string, ready = true): KubeObject =>
  agent({ 'k8s-app': 'istio-cni-node' }, 'istio-cni-node', on, ready);
export const ztunnel = (on: string, ready = true): KubeObject =>
  agent({ app: 'ztunnel' }, 'ztunnel', on, ready);

/** A waypoint: its Gateway, and a ready pod of it unless it has none. */
export function waypoint(
  where: string,
  more: { programmed?: boolean; pods?: boolean; labels?: Labels } = {},
): KubeObject[] {
  const [space = '', name = ''] = where.split('/');
  const { programmed = true, pods = true } = more;
  const gateway: KubeObject = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace: space, labels: more.labels ?? {} },
    spec: {
      gatewayClassName: 'istio-waypoint',
      listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
    },
    status: { conditions: [condition('Programmed', programmed)] },
  };
  if (!pods) return [gateway];
  const proxy = pod(`${space}/${name}`, {
    labels: {
      'gateway.networking.k8s.io/gateway-name': name,
      'gateway.networking.k8s.io/gateway-class-name': 'istio-waypoint',
    },
  });
  return [gateway, proxy];
}

export const policy = (
  kind: string,
  where: string,
  spec: Record<string, unknown>,
  labels: Labels = {},
): KubeObject => {
  const [space = '', name = ''] = where.split('/');
  return {
    apiVersion: 'security.istio.io/v1',
    kind,
    metadata: { name, namespace: space, labels },
    spec,
  };
};

export const facts = (
  objects: (KubeObject | KubeObject[])[],
  more: Omit<FactsInput, 'objects'> = {},
): ClusterFacts => clusterFacts({ objects: objects.flat(), ...more });
