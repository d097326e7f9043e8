/** A kind that may be a policy of a mesh. */
export interface KnownKind {
  group: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  /** Served versions, preferred first. */
  versions: readonly string[];
  /** As kubectl takes them: `kubectl get vs`. */
  shortNames: readonly string[];
}

/** By plural and group, as the definitions of Istio and of Gateway API have them. */
const shortNames: Record<string, string> = {
  'destinationrules.networking.istio.io': 'dr',
  'gateways.networking.istio.io': 'gw',
  'serviceentries.networking.istio.io': 'se',
  'virtualservices.networking.istio.io': 'vs',
  'workloadentries.networking.istio.io': 'we',
  'workloadgroups.networking.istio.io': 'wg',
  'authorizationpolicies.security.istio.io': 'ap',
  'peerauthentications.security.istio.io': 'pa',
  'requestauthentications.security.istio.io': 'ra',
  'telemetries.telemetry.istio.io': 'telemetry',
  'backendtlspolicies.gateway.networking.k8s.io': 'btlspolicy',
  'gatewayclasses.gateway.networking.k8s.io': 'gc',
  'gateways.gateway.networking.k8s.io': 'gtw',
  'listenersets.gateway.networking.k8s.io': 'lset',
  'referencegrants.gateway.networking.k8s.io': 'refgrant',
};

const of = (
  group: string,
  versions: readonly string[],
  kinds: Record<string, string>,
  namespaced = true,
): KnownKind[] =>
  Object.entries(kinds).map(([kind, plural]) => {
    const short = shortNames[`${plural}.${group}`];
    return { group, kind, plural, namespaced, versions, shortNames: short ? [short] : [] };
  });

/** The names of a kind as its CustomResourceDefinition says them. */
export const definitionNames = ({ kind, plural, shortNames: short }: KnownKind) => ({
  kind,
  listKind: `${kind}List`,
  plural,
  singular: kind.toLowerCase(),
  ...(short.length > 0 ? { shortNames: [...short] } : {}),
});

const networking = 'networking.istio.io';
const gatewayApi = 'gateway.networking.k8s.io';

/** Kinds of Istio (its CRDs of 1.31) and of Gateway API (standard channel of 1.6 and older). */
export const knownKinds: readonly KnownKind[] = [
  ...of(networking, ['v1', 'v1beta1', 'v1alpha3'], {
    DestinationRule: 'destinationrules',
    Gateway: 'gateways',
    ServiceEntry: 'serviceentries',
    Sidecar: 'sidecars',
    VirtualService: 'virtualservices',
    WorkloadEntry: 'workloadentries',
    WorkloadGroup: 'workloadgroups',
  }),
  ...of(networking, ['v1alpha3'], { EnvoyFilter: 'envoyfilters' }),
  ...of(networking, ['v1beta1'], { ProxyConfig: 'proxyconfigs' }),
  ...of('security.istio.io', ['v1', 'v1beta1'], {
    AuthorizationPolicy: 'authorizationpolicies',
    PeerAuthentication: 'peerauthentications',
    RequestAuthentication: 'requestauthentications',
  }),
  ...of('telemetry.istio.io', ['v1', 'v1alpha1'], { Telemetry: 'telemetries' }),
  ...of('extensions.istio.io', ['v1alpha1'], {
    TrafficExtension: 'trafficextensions',
    WasmPlugin: 'wasmplugins',
  }),
  ...of(gatewayApi, ['v1', 'v1beta1'], { GatewayClass: 'gatewayclasses' }, false),
  ...of(gatewayApi, ['v1', 'v1beta1'], { Gateway: 'gateways', HTTPRoute: 'httproutes' }),
  ...of(gatewayApi, ['v1', 'v1alpha2'], { GRPCRoute: 'grpcroutes' }),
  ...of(gatewayApi, ['v1', 'v1beta1'], { ReferenceGrant: 'referencegrants' }),
  ...of(gatewayApi, ['v1', 'v1alpha3'], { BackendTLSPolicy: 'backendtlspolicies' }),
  ...of(gatewayApi, ['v1', 'v1alpha3', 'v1alpha2'], { TLSRoute: 'tlsroutes' }),
  ...of(gatewayApi, ['v1', 'v1alpha2'], { TCPRoute: 'tcproutes', UDPRoute: 'udproutes' }),
  ...of(gatewayApi, ['v1'], { ListenerSet: 'listenersets' }),
];

const byGroupKind = new Map(knownKinds.map((known) => [`${known.group}/${known.kind}`, known]));

/** `networking.istio.io` and `v1` of `networking.istio.io/v1`; the core group is empty. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function findKind(group: string, kind: string): KnownKind | undefined {
  return byGroupKind.get(`${group}/${kind}`);
}

/** Why an object's apiVersion and kind are not taken, naming what is; null when they are. */
export function kindRefusal(apiVersion: string, kind: string): string | null {
  const { group, version } = splitApiVersion(apiVersion);
  const known = findKind(group, kind);
  if (known) {
    if (known.versions.includes(version)) return null;
    return `${group} serves ${kind} as ${known.versions.join(', ')}, not as ${version}`;
  }
  const namesakes = knownKinds.filter((k) => k.kind === kind);
  if (namesakes.length > 0) {
    const accepted = namesakes.map((k) => `${k.group}/${k.versions[0]}`).join(' or ');
    return `${kind} is taken as ${accepted}, not as ${apiVersion}`;
  }
  const sameGroup = knownKinds.filter((k) => k.group === group);
  if (sameGroup.length > 0) {
    return `${group} has no kind ${kind} here; it has ${sameGroup.map((k) => k.kind).join(', ')}`;
  }
  const groups = [...new Set(knownKinds.map((k) => k.group))];
  return `${kind} (${apiVersion}) is neither an Istio nor a Gateway API kind; taken are kinds of ${groups.join(', ')}`;
}
