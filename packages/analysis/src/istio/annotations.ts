/** Istio's annotations of the 1.31 line: what each may stand on, and whether it is deprecated. */
export type Annotation = { name: string; on: readonly string[]; isDeprecated: boolean };

const of = (on: readonly string[], names: readonly string[], isDeprecated = false): Annotation[] =>
  names.map((name) => ({ name, on, isDeprecated }));

const all: readonly Annotation[] = [
  ...of(['Any'], ['galley.istio.io/analyze-suppress', 'gateway.istio.io/controller-version']),
  ...of(['AuthorizationPolicy'], ['istio.io/dry-run']),
  ...of(
    ['Gateway'],
    [
      'gateway.istio.io/name-override',
      'gateway.istio.io/service-account',
      'networking.istio.io/service-type',
    ],
  ),
  ...of(['GatewayClass', 'Gateway'], ['ambient.istio.io/waypoint-inbound-binding']),
  ...of(['Ingress'], ['kubernetes.io/ingress.class']),
  ...of(['Namespace'], ['topology.istio.io/controlPlaneClusters']),
  ...of(['Namespace', 'Service', 'ServiceEntry'], ['networking.istio.io/traffic-distribution']),
  ...of(
    ['Pod'],
    [
      'ambient.istio.io/bypass-inbound-capture',
      'ambient.istio.io/dns-capture',
      'ambient.istio.io/redirection',
      'inject.istio.io/templates',
      'istio.io/reroute-virtual-interfaces',
      'istio.io/rev',
      'prometheus.istio.io/merge-metrics',
      'proxy.istio.io/config',
      'proxy.istio.io/overrides',
      'readiness.status.sidecar.istio.io/applicationPorts',
      'readiness.status.sidecar.istio.io/failureThreshold',
      'readiness.status.sidecar.istio.io/initialDelaySeconds',
      'readiness.status.sidecar.istio.io/periodSeconds',
      'sidecar.istio.io/agentLogLevel',
      'sidecar.istio.io/bootstrapOverride',
      'sidecar.istio.io/componentLogLevel',
      'sidecar.istio.io/interceptionMode',
      'sidecar.istio.io/logLevel',
      'sidecar.istio.io/nativeSidecar',
      'sidecar.istio.io/proxyCPU',
      'sidecar.istio.io/proxyCPULimit',
      'sidecar.istio.io/proxyImage',
      'sidecar.istio.io/proxyImageType',
      'sidecar.istio.io/proxyMemory',
      'sidecar.istio.io/proxyMemoryLimit',
      'sidecar.istio.io/rewriteAppHTTPProbers',
      'sidecar.istio.io/statsEvictionInterval',
      'sidecar.istio.io/statsFlushInterval',
      'sidecar.istio.io/statsHistogramBins',
      'sidecar.istio.io/statsHistogramBuckets',
      'sidecar.istio.io/status',
      'sidecar.istio.io/userVolume',
      'sidecar.istio.io/userVolumeMount',
      'status.sidecar.istio.io/port',
      'traffic.sidecar.istio.io/excludeInboundPorts',
      'traffic.sidecar.istio.io/excludeInterfaces',
      'traffic.sidecar.istio.io/excludeOutboundIPRanges',
      'traffic.sidecar.istio.io/excludeOutboundPorts',
      'traffic.sidecar.istio.io/includeInboundPorts',
      'traffic.sidecar.istio.io/includeOutboundIPRanges',
      'traffic.sidecar.istio.io/includeOutboundPorts',
    ],
  ),
  ...of(['Service'], ['networking.istio.io/exportTo', 'traffic.istio.io/nodeSelector']),
  ...of(['Service', 'ServiceEntry', 'Namespace'], ['istio.io/use-waypoint-canary-weight']),
  ...of(
    ['WorkloadEntry'],
    [
      'istio.io/autoRegistrationGroup',
      'istio.io/connectedAt',
      'istio.io/disconnectedAt',
      'istio.io/workloadController',
    ],
  ),
  ...of(
    ['Pod'],
    [
      'sidecar.istio.io/discoveryAddress',
      'sidecar.istio.io/extraStatTags',
      'sidecar.istio.io/inject',
      'sidecar.istio.io/statsCompression',
      'sidecar.istio.io/statsInclusionPrefixes',
      'sidecar.istio.io/statsInclusionRegexps',
      'sidecar.istio.io/statsInclusionSuffixes',
      'traffic.sidecar.istio.io/kubevirtInterfaces',
    ],
    true,
  ),
  ...of(
    ['Service'],
    ['alpha.istio.io/canonical-serviceaccounts', 'alpha.istio.io/kubernetes-serviceaccounts'],
    true,
  ),
];

const byName = new Map(all.map((annotation) => [annotation.name, annotation]));

export const findAnnotation = (name: string): Annotation | undefined => byName.get(name);

/** Set by istiod and controllers themselves: nothing to tell a person. */
const setByIstio = new Set([
  'sidecar.istio.io/status',
  'gateway.istio.io/controller-version',
  'istio.io/rev',
]);

/** Annotations that are Istio's by their name, known or not. */
export function istioAnnotations(annotations: Readonly<Record<string, string>>): string[] {
  let found: string[] | undefined;
  for (const name in annotations) {
    if (!name.includes('istio.io') && name !== 'kubernetes.io/ingress.class') continue;
    const slash = name.indexOf('/');
    const domain = slash < 0 ? name : name.slice(0, slash);
    if (!domain.endsWith('istio.io') && name !== 'kubernetes.io/ingress.class') continue;
    if (!setByIstio.has(name)) (found ??= []).push(name);
  }
  return found ?? none;
}

const none: string[] = [];

/** Whether it may stand on the kind. */
export function fitsOn(annotation: Annotation, kind: string): boolean {
  return annotation.on.includes('Any') || annotation.on.includes(kind);
}

export const annotationNames: string[] = all.map(({ name }) => name);
