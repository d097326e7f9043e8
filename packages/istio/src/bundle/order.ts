import type { KubeObject } from '@ambit/contracts/common';
import type { Bundle, BundlePhase } from '@ambit/contracts/agent/bundle';

type Wait = Bundle['phases'][number]['wait'];

/** What the agent waits for after each phase (istio.io, "Ambient: upgrade with Helm": CRDs, istiod, CNI, ztunnel). */
export const waitOf: Record<BundlePhase, Wait> = {
  namespaces: 'none',
  crds: 'established',
  configuration: 'none',
  'control-plane': 'rollout',
  webhooks: 'none',
  cni: 'rollout',
  ztunnel: 'rollout',
  extras: 'none',
  policies: 'none',
};

const kindPhases: Record<string, BundlePhase> = {
  Namespace: 'namespaces',
  CustomResourceDefinition: 'crds',
  ServiceAccount: 'configuration',
  ClusterRole: 'configuration',
  ClusterRoleBinding: 'configuration',
  Role: 'configuration',
  RoleBinding: 'configuration',
  ConfigMap: 'configuration',
  Secret: 'configuration',
  ResourceQuota: 'configuration',
  NetworkPolicy: 'configuration',
  MutatingWebhookConfiguration: 'webhooks',
  ValidatingWebhookConfiguration: 'webhooks',
  Deployment: 'control-plane',
  Service: 'control-plane',
  HorizontalPodAutoscaler: 'control-plane',
  PodDisruptionBudget: 'control-plane',
};

/** The phase an object of the installer belongs to; what is not known to it comes last. */
export function phaseOf(object: KubeObject): BundlePhase {
  if (object.kind === 'DaemonSet') {
    return object.metadata.name.startsWith('ztunnel') ? 'ztunnel' : 'cni';
  }
  return kindPhases[object.kind] ?? 'extras';
}

const kindOrder = Object.keys(kindPhases);
const rank = (kind: string): number => {
  const at = kindOrder.indexOf(kind);
  return at < 0 ? kindOrder.length : at;
};

/** A fixed order within a phase, so that equal content has an equal digest. */
export function compareObjects(a: KubeObject, b: KubeObject): number {
  return rank(a.kind) - rank(b.kind) || compareText(identity(a), identity(b));
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Group, kind, namespace and name: one object of a cluster, whatever version it is written in. */
export function identity(object: KubeObject): string {
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
  return `${group}/${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
