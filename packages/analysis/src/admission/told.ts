import type { KindName } from '../kinds.ts';
import { protectionFacts } from '../protection/facts.ts';
import { allRules } from '../rules/all.ts';
import type { Rule } from '../rule.ts';
import { furtherKinds, type FurtherKind } from '@ambit/contracts/agent/objects';

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
  // Without telemetry there are none, and rules about it say nothing.
  'ServiceTraffic',
  'ProxyFault',
];

/** Kinds that agents always tell of; `furtherKinds` they tell of if they can. */
const factKinds: readonly KindName[] = [
  'Namespace',
  'Node',
  'Pod',
  'Service',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
];

/** Ids of rules that look at what agents leave out of those kinds. */
const needMore = new Set([
  // The environment of containers.
  'IST0175/istiod',
  // Remote secrets of istiod.
  'IST0126/mesh-networks',
  // A Secret that is not of type `kubernetes.io/tls` is told only once a Gateway of its cluster names it.
  'IST0101/gateway-credential',
]);

const rulesOver = (kinds: readonly KindName[]): readonly Rule[] => {
  const known = new Set<string>(kinds);
  return allRules.filter(
    ({ id, reads, kinds: subjects, parity }) =>
      parity !== 'only' &&
      !needMore.has(id) &&
      [...subjects, ...reads].every((kind) => known.has(kind)),
  );
};

/** What a diagnosis can go by. */
export interface Facts {
  /** Every cluster has told all of its objects. */
  hasFacts: boolean;
  /** Of `furtherKinds` those that every cluster tells whole. */
  told: readonly FurtherKind[];
}

const bySet = new Map<string, readonly Rule[]>();

/**
 * The rules that can be asked of a mesh. Nothing is concluded from what is merely not known: a rule that looks at kinds
 * which nobody tells of is left out, and without whole facts of every cluster all that look at facts are.
 */
export function rulesFor({ hasFacts, told }: Facts): readonly Rule[] {
  const kinds = hasFacts ? [...ownKinds, ...factKinds, ...told] : ownKinds;
  const key = kinds.join();
  const rules = bySet.get(key) ?? rulesOver(kinds);
  bySet.set(key, rules);
  return rules;
}

/** For an engine that admission asks: beside the rules, what a write may end. */
export const admissionRules = (facts: Facts): readonly Rule[] => [
  ...rulesFor(facts),
  ...protectionFacts,
];

/** How many rules are left out, for people. */
export const leftOut = (facts: Facts): number =>
  allRules.filter(({ parity }) => parity !== 'only').length - rulesFor(facts).length;

const read = new Set<string>(
  rulesFor({ hasFacts: true, told: furtherKinds }).flatMap(({ kinds, reads }) => [
    ...kinds,
    ...reads,
  ]),
);

/** True when a change of an object of the kind can change any finding. */
export const matters = (kind: string): boolean => read.has(kind);
