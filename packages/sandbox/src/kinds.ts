import type * as istio from './istio/objects.ts';
import type * as kube from './objects.ts';

/** Kinds the sandbox's controllers read, by `plural.group`. */
export interface KindMap {
  namespaces: kube.Namespace;
  nodes: kube.Node;
  events: kube.Obj;
  pods: kube.Pod;
  services: kube.Service;
  endpoints: kube.Endpoints;
  configmaps: kube.ConfigMap;
  secrets: kube.Secret;
  serviceaccounts: kube.Obj;
  resourcequotas: kube.ResourceQuota;
  'deployments.apps': kube.Deployment;
  'replicasets.apps': kube.ReplicaSet;
  'daemonsets.apps': kube.DaemonSet;
  'statefulsets.apps': kube.StatefulSet;
  'jobs.batch': kube.Job;
  'endpointslices.discovery.k8s.io': kube.EndpointSlice;
  'horizontalpodautoscalers.autoscaling': kube.Autoscaler;
  'poddisruptionbudgets.policy': kube.DisruptionBudget;
  'leases.coordination.k8s.io': kube.Lease;
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': kube.WebhookConfiguration;
  'validatingwebhookconfigurations.admissionregistration.k8s.io': kube.WebhookConfiguration;
  'customresourcedefinitions.apiextensions.k8s.io': kube.Obj;
  'gatewayclasses.gateway.networking.k8s.io': istio.GatewayClass;
  'gateways.gateway.networking.k8s.io': istio.Gateway;
  'httproutes.gateway.networking.k8s.io': istio.HttpRoute;
  'virtualservices.networking.istio.io': istio.VirtualService;
  'destinationrules.networking.istio.io': istio.DestinationRule;
  'workloadentries.networking.istio.io': istio.WorkloadEntry;
  'authorizationpolicies.security.istio.io': istio.AuthorizationPolicy;
  'peerauthentications.security.istio.io': istio.PeerAuthentication;
}

export type KindId = keyof KindMap;

export interface KindInfo {
  id: KindId;
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  /** Served only while its CRD is there. */
  custom: boolean;
}

const info = (
  id: KindId,
  version: string,
  kind: string,
  more: { cluster?: true; custom?: true } = {},
): KindInfo => {
  const dot = id.indexOf('.');
  const group = dot < 0 ? '' : id.slice(dot + 1);
  return {
    id,
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    plural: dot < 0 ? id : id.slice(0, dot),
    namespaced: more.cluster !== true,
    custom: more.custom === true,
  };
};

const cluster = true as const;
const custom = true as const;

export const kindInfos: readonly KindInfo[] = [
  info('namespaces', 'v1', 'Namespace', { cluster }),
  info('nodes', 'v1', 'Node', { cluster }),
  info('pods', 'v1', 'Pod'),
  info('services', 'v1', 'Service'),
  info('endpoints', 'v1', 'Endpoints'),
  info('configmaps', 'v1', 'ConfigMap'),
  info('secrets', 'v1', 'Secret'),
  info('serviceaccounts', 'v1', 'ServiceAccount'),
  info('resourcequotas', 'v1', 'ResourceQuota'),
  info('deployments.apps', 'v1', 'Deployment'),
  info('replicasets.apps', 'v1', 'ReplicaSet'),
  info('daemonsets.apps', 'v1', 'DaemonSet'),
  info('statefulsets.apps', 'v1', 'StatefulSet'),
  info('jobs.batch', 'v1', 'Job'),
  info('endpointslices.discovery.k8s.io', 'v1', 'EndpointSlice'),
  info('horizontalpodautoscalers.autoscaling', 'v2', 'HorizontalPodAutoscaler'),
  info('poddisruptionbudgets.policy', 'v1', 'PodDisruptionBudget'),
  info('leases.coordination.k8s.io', 'v1', 'Lease'),
  info(
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
    'v1',
    'MutatingWebhookConfiguration',
    { cluster },
  ),
  info(
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
    'v1',
    'ValidatingWebhookConfiguration',
    { cluster },
  ),
  info('customresourcedefinitions.apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', {
    cluster,
  }),
  info('gatewayclasses.gateway.networking.k8s.io', 'v1', 'GatewayClass', { cluster, custom }),
  info('gateways.gateway.networking.k8s.io', 'v1', 'Gateway', { custom }),
  info('httproutes.gateway.networking.k8s.io', 'v1', 'HTTPRoute', { custom }),
  info('virtualservices.networking.istio.io', 'v1', 'VirtualService', { custom }),
  info('destinationrules.networking.istio.io', 'v1', 'DestinationRule', { custom }),
  info('workloadentries.networking.istio.io', 'v1', 'WorkloadEntry', { custom }),
  info('authorizationpolicies.security.istio.io', 'v1', 'AuthorizationPolicy', { custom }),
  info('peerauthentications.security.istio.io', 'v1', 'PeerAuthentication', { custom }),
];

/** Written by the sandbox, and read by none of its controllers. */
const unread = [info('events', 'v1', 'Event')];
const known = [...kindInfos, ...unread];

const byId = new Map(known.map((entry) => [entry.id, entry]));
const byKind = new Map(known.map((entry) => [`${entry.apiVersion}/${entry.kind}`, entry]));

export const infoOf = (id: KindId): KindInfo => byId.get(id)!;

/** @throws Error for a kind the sandbox's controllers do not know */
export function infoOfObject({ apiVersion, kind }: { apiVersion: string; kind: string }): KindInfo {
  const found = byKind.get(`${apiVersion}/${kind}`);
  if (found === undefined) throw new Error(`the sandbox has no kind ${apiVersion} ${kind}`);
  return found;
}

/** Path of a collection, or of one object of it. */
export function pathOf(kind: KindInfo, namespace?: string, name?: string, sub?: string): string {
  const root = kind.apiVersion.includes('/') ? '/apis' : '/api';
  const within = kind.namespaced && namespace ? `/namespaces/${namespace}` : '';
  const one = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}/${kind.apiVersion}${within}/${kind.plural}${one}${sub ? `/${sub}` : ''}`;
}
