import type { AuthoritySpec } from '@ambit/contracts/agent/authority';
import type * as istio from '@ambit/istio/validation/generated/types';
import type * as gatewayApi from './gateway-api.ts';
import type * as kube from './kubernetes.ts';
import type * as mesh from './mesh.ts';
import type { ProxyFault, ServiceTraffic } from './observed.ts';

/**
 * What `spec` of a resource is, by kind. Istio's kinds are decoded (proto defaults absent, maps are `Map`s,
 * durations nanoseconds as bigint, enums their names); others are as written. Kinds that have no spec (Secret,
 * ConfigMap, webhooks, EndpointSlice) are whole. The two Gateways: `Gateway` is Istio's, `KubernetesGateway`
 * is that of Gateway API.
 */
export type Specs = {
  VirtualService: istio.VirtualService;
  DestinationRule: istio.DestinationRule;
  Gateway: istio.Gateway;
  ServiceEntry: istio.ServiceEntry;
  Sidecar: istio.Sidecar;
  WorkloadEntry: istio.WorkloadEntry;
  WorkloadGroup: istio.WorkloadGroup;
  EnvoyFilter: istio.EnvoyFilter;
  ProxyConfig: istio.ProxyConfig;
  AuthorizationPolicy: istio.AuthorizationPolicy;
  RequestAuthentication: istio.RequestAuthentication;
  PeerAuthentication: istio.PeerAuthentication;
  Telemetry: istio.Telemetry;
  WasmPlugin: istio.WasmPlugin;
  TrafficExtension: istio.TrafficExtension;
  KubernetesGateway: gatewayApi.GatewaySpec;
  GatewayClass: gatewayApi.GatewayClassSpec;
  HTTPRoute: gatewayApi.RouteSpec;
  GRPCRoute: gatewayApi.RouteSpec;
  TLSRoute: gatewayApi.RouteSpec;
  TCPRoute: gatewayApi.RouteSpec;
  UDPRoute: gatewayApi.RouteSpec;
  ReferenceGrant: gatewayApi.ReferenceGrantSpec;
  BackendTLSPolicy: gatewayApi.BackendTlsPolicySpec;
  ListenerSet: gatewayApi.ListenerSetSpec;
  Namespace: object;
  Node: object;
  Pod: kube.PodSpec;
  Service: kube.ServiceSpec;
  ServiceAccount: object;
  Secret: kube.Secret;
  ConfigMap: kube.ConfigMap;
  Deployment: kube.WorkloadSpec;
  DaemonSet: kube.WorkloadSpec;
  StatefulSet: kube.WorkloadSpec;
  EndpointSlice: kube.EndpointSlice;
  PodDisruptionBudget: kube.PodDisruptionBudgetSpec;
  HorizontalPodAutoscaler: kube.AutoscalerSpec;
  MutatingWebhookConfiguration: kube.WebhookConfiguration;
  ValidatingWebhookConfiguration: kube.WebhookConfiguration;
  CustomResourceDefinition: object;
  /** A fact of agents: no cluster has such a kind. */
  CertificateAuthority: Partial<AuthoritySpec>;
  /** One resource each, made by the engine from what the caller gives: `istio-system/meshconfig`, `/meshnetworks`. */
  MeshConfig: mesh.MeshConfig;
  MeshNetworks: mesh.MeshNetworks;
  /** What was measured of a service, one resource each, made by the engine; there are none without telemetry. */
  ServiceTraffic: ServiceTraffic;
  /** What speaks against the pods of a proxy, one resource each; there are none where nobody reads proxies. */
  ProxyFault: ProxyFault;
};

export type KindName = keyof Specs;

export type Kind = {
  name: KindName;
  group: string;
  kind: string;
  versions: readonly string[];
  isClusterScoped: boolean;
  /** Decoded by Istio's field tables. */
  isIstio: boolean;
};

const of = (
  group: string,
  versions: readonly string[],
  names: readonly KindName[],
  more: Partial<Kind> = {},
): Kind[] =>
  names.map((name) => ({
    name,
    group,
    kind: name === 'KubernetesGateway' ? 'Gateway' : name,
    versions,
    isClusterScoped: false,
    isIstio: group.endsWith('.istio.io'),
    ...more,
  }));

const clusterScoped = { isClusterScoped: true };
const gatewayGroup = 'gateway.networking.k8s.io';

/** Known kinds with every version that means the same (as Istio's own collections name them). */
export const kinds: readonly Kind[] = [
  ...of(
    'networking.istio.io',
    ['v1', 'v1beta1', 'v1alpha3'],
    [
      'VirtualService',
      'DestinationRule',
      'Gateway',
      'ServiceEntry',
      'Sidecar',
      'WorkloadEntry',
      'WorkloadGroup',
    ],
  ),
  ...of('networking.istio.io', ['v1alpha3'], ['EnvoyFilter']),
  ...of('networking.istio.io', ['v1beta1'], ['ProxyConfig']),
  ...of(
    'security.istio.io',
    ['v1', 'v1beta1'],
    ['AuthorizationPolicy', 'RequestAuthentication', 'PeerAuthentication'],
  ),
  ...of('telemetry.istio.io', ['v1', 'v1alpha1'], ['Telemetry']),
  ...of('extensions.istio.io', ['v1alpha1'], ['WasmPlugin', 'TrafficExtension']),
  ...of(gatewayGroup, ['v1', 'v1beta1', 'v1alpha2'], ['KubernetesGateway', 'HTTPRoute']),
  ...of(gatewayGroup, ['v1', 'v1beta1', 'v1alpha2'], ['GatewayClass'], clusterScoped),
  ...of(gatewayGroup, ['v1', 'v1alpha2'], ['GRPCRoute', 'TCPRoute', 'UDPRoute']),
  ...of(gatewayGroup, ['v1', 'v1alpha3', 'v1alpha2'], ['TLSRoute']),
  ...of(gatewayGroup, ['v1', 'v1beta1', 'v1alpha2'], ['ReferenceGrant']),
  ...of(gatewayGroup, ['v1', 'v1alpha3'], ['BackendTLSPolicy']),
  ...of(gatewayGroup, ['v1'], ['ListenerSet']),
  ...of('', ['v1'], ['Pod', 'Service', 'ServiceAccount', 'Secret', 'ConfigMap']),
  ...of('', ['v1'], ['Namespace', 'Node'], clusterScoped),
  ...of('apps', ['v1'], ['Deployment', 'DaemonSet', 'StatefulSet']),
  ...of('discovery.k8s.io', ['v1'], ['EndpointSlice']),
  ...of('policy', ['v1'], ['PodDisruptionBudget']),
  ...of('autoscaling', ['v2'], ['HorizontalPodAutoscaler']),
  ...of(
    'admissionregistration.k8s.io',
    ['v1'],
    ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
    clusterScoped,
  ),
  ...of('apiextensions.k8s.io', ['v1'], ['CustomResourceDefinition'], clusterScoped),
  ...of('ambit.dev', ['v1'], ['CertificateAuthority']),
];

const byApiVersion = new Map<string, Map<string, Kind>>();
for (const kind of kinds) {
  for (const version of kind.versions) {
    const apiVersion = kind.group === '' ? version : `${kind.group}/${version}`;
    const known = byApiVersion.get(apiVersion);
    if (known) known.set(kind.kind, kind);
    else byApiVersion.set(apiVersion, new Map([[kind.kind, kind]]));
  }
}

/** The kind of `networking.istio.io/v1`, `Gateway`; undefined for kinds and versions that no rule knows. */
export function findKind(apiVersion: string, kind: string): Kind | undefined {
  return byApiVersion.get(apiVersion)?.get(kind);
}

const unread = new Set<KindName>([
  'GatewayClass',
  'TLSRoute',
  'TCPRoute',
  'UDPRoute',
  'ReferenceGrant',
  'BackendTLSPolicy',
  'ListenerSet',
  'ServiceAccount',
  'DaemonSet',
  'StatefulSet',
  'EndpointSlice',
  'PodDisruptionBudget',
  'HorizontalPodAutoscaler',
  'CertificateAuthority',
]);

/** Whether some analyzer of Istio's own analysis reads the kind. */
export const isReadByIstio = (kind: KindName): boolean => !unread.has(kind);
