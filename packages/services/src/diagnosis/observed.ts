import type { KindName } from '@ambit/analysis/kinds';
import { allRules } from '@ambit/analysis/rules/all';
import type { Rule } from '@ambit/analysis/rule';

/** Kinds that a mesh's own rows hold, or that the platform makes of its options. */
const ownKinds: readonly KindName[] = [
  'VirtualService',
  'DestinationRule',
  'Gateway',
  'ServiceEntry',
  'Sidecar',
  'WorkloadEntry',
  'WorkloadGroup',
  'EnvoyFilter',
  'ProxyConfig',
  'AuthorizationPolicy',
  'RequestAuthentication',
  'PeerAuthentication',
  'Telemetry',
  'WasmPlugin',
  'TrafficExtension',
  'KubernetesGateway',
  'GatewayClass',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'UDPRoute',
  'ReferenceGrant',
  'BackendTLSPolicy',
  'ListenerSet',
  'MeshConfig',
  'MeshNetworks',
];

/** Kinds that agents tell of. */
const factKinds: readonly KindName[] = [
  'Namespace',
  'Node',
  'Pod',
  'Service',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
];

/** Rules that look at what agents leave out of those kinds: the environment of containers. */
const needMore = new Set(['IST0175']);

const rulesOver = (kinds: readonly KindName[]): Rule[] => {
  const known = new Set<string>(kinds);
  return allRules.filter(
    ({ code, reads, kinds: subjects, parity }) =>
      parity !== 'only' &&
      !needMore.has(code) &&
      [...subjects, ...reads].every((kind) => known.has(kind)),
  );
};

const withFacts = rulesOver([...ownKinds, ...factKinds]);
const withoutFacts = rulesOver(ownKinds);

/**
 * The rules that can be asked of a mesh. Nothing is concluded from what is merely not known: a rule that looks at kinds
 * which nobody tells of is left out, and without whole facts of every cluster all that look at facts are.
 */
export const rulesFor = (hasFacts: boolean): readonly Rule[] =>
  hasFacts ? withFacts : withoutFacts;

/** How many rules are left out, for people. */
export const leftOut = (hasFacts: boolean): number =>
  allRules.filter(({ parity }) => parity !== 'only').length - rulesFor(hasFacts).length;

const read = new Set<string>(withFacts.flatMap(({ kinds, reads }) => [...kinds, ...reads]));

/** True when a change of an object of the kind can change any finding. */
export const matters = (kind: string): boolean => read.has(kind);
