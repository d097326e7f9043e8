import type { KubeObject } from '@ambit/contracts/common';
import { l7Operation, l7Source } from '../l7.ts';
import { keyOf, matchesLabels, type ClusterFacts, type Labels, type PodFact } from './facts.ts';

export interface SourceMatch {
  principals?: string[];
  notPrincipals?: string[];
  requestPrincipals?: string[];
  notRequestPrincipals?: string[];
  namespaces?: string[];
  notNamespaces?: string[];
  ipBlocks?: string[];
  notIpBlocks?: string[];
  remoteIpBlocks?: string[];
  notRemoteIpBlocks?: string[];
  serviceAccounts?: string[];
}

export interface OperationMatch {
  hosts?: string[];
  notHosts?: string[];
  methods?: string[];
  notMethods?: string[];
  paths?: string[];
  notPaths?: string[];
  ports?: string[];
  notPorts?: string[];
}

export interface Rule {
  from?: { source?: SourceMatch }[];
  to?: { operation?: OperationMatch }[];
  when?: { key?: string }[];
}

export interface PolicySpec {
  action?: string;
  selector?: { matchLabels?: Labels };
  targetRef?: TargetRef;
  targetRefs?: TargetRef[];
  rules?: Rule[];
}

export interface TargetRef {
  group?: string;
  kind?: string;
  name?: string;
}

export const specOf = (policy: KubeObject): PolicySpec => (policy['spec'] ?? {}) as PolicySpec;

export const targetsOf = (policy: KubeObject): TargetRef[] => {
  const { targetRef, targetRefs = [] } = specOf(policy);
  return [...(targetRef ? [targetRef] : []), ...targetRefs];
};

const has = (object: object | undefined, names: readonly string[]): boolean =>
  names.some((name) => ((object as Record<string, string[]> | undefined)?.[name] ?? []).length > 0);

/** Policies that the proxy or the ztunnel of a pod enforces: without targets, by namespace and selector. */
export function policiesOnPod(facts: ClusterFacts, pod: PodFact, kind: string): KubeObject[] {
  const { namespace = '', labels = {} } = pod.metadata;
  return facts.policies.filter(
    (policy) =>
      policy.kind === kind &&
      (policy.metadata.namespace === namespace ||
        policy.metadata.namespace === facts.rootNamespace) &&
      targetsOf(policy).length === 0 &&
      matchesLabels(specOf(policy).selector?.matchLabels ?? {}, labels),
  );
}

/** Whether a policy hangs on the waypoint itself: on its Gateway, or on its class (from the root namespace). */
export function hangsOnWaypoint(
  facts: ClusterFacts,
  policy: KubeObject,
  waypoint: { namespace: string; name: string },
): boolean {
  const { namespace = '' } = policy.metadata;
  const className = facts.gateways.get(keyOf(waypoint.namespace, waypoint.name))?.spec
    ?.gatewayClassName;
  return targetsOf(policy).some(
    ({ kind, name }) =>
      (kind === 'Gateway' && name === waypoint.name && namespace === waypoint.namespace) ||
      (kind === 'GatewayClass' && name === className && namespace === facts.rootNamespace),
  );
}

/** Policies that a waypoint enforces for a Service: those of the Service, and those of the waypoint or its class. */
export const policiesAtWaypoint = (
  facts: ClusterFacts,
  service: { namespace: string; name: string },
  waypoint: { namespace: string; name: string },
): KubeObject[] =>
  facts.policies.filter(
    (policy) =>
      hangsOnWaypoint(facts, policy, waypoint) ||
      targetsOf(policy).some(
        ({ kind, name }) =>
          kind === 'Service' &&
          name === service.name &&
          policy.metadata.namespace === service.namespace,
      ),
  );

/** A value, a prefix (`a*`), a suffix (`*a`) or anything (`*`), as Istio writes matches. */
export function valueMatches(pattern: string, value: string): boolean {
  if (pattern === '*') return value !== '';
  if (pattern.startsWith('*')) return value.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1));
  return pattern === value;
}

/** A connection or request as a policy sees it; `http` where a proxy reads HTTP. */
export interface Access {
  /** Without `spiffe://`; empty for plain text. */
  principal: string;
  namespace: string;
  port: number;
  http?: { method: string; path: string; host: string } | undefined;
}

const some = (patterns: string[] | undefined, value: string): boolean =>
  !patterns?.length || patterns.some((pattern) => valueMatches(pattern, value));
const none = (patterns: string[] | undefined, value: string): boolean =>
  !patterns?.some((pattern) => valueMatches(pattern, value));

type Match = 'yes' | 'no' | 'unknown';

function sourceMatches(source: SourceMatch | undefined, access: Access): Match {
  if (!source) return 'yes';
  const fits =
    some(source.principals, access.principal) &&
    none(source.notPrincipals, access.principal) &&
    some(source.namespaces, access.namespace) &&
    none(source.notNamespaces, access.namespace);
  if (!fits) return 'no';
  // Addresses and tokens of a request are not known here.
  return has(source, ['ipBlocks', 'notIpBlocks', ...l7Source]) ? 'unknown' : 'yes';
}

function operationMatches(
  operation: OperationMatch | undefined,
  { http, port }: Access,
  action: string,
): Match {
  if (!operation) return 'yes';
  if (!some(operation.ports, String(port)) || !none(operation.notPorts, String(port))) return 'no';
  if (!has(operation, l7Operation)) return 'yes';
  // Where HTTP is not read, ALLOW rules about it never match and DENY rules match without that part (istio.io).
  if (!http) return action === 'DENY' ? 'yes' : 'no';
  const fits =
    some(operation.methods, http.method) &&
    none(operation.notMethods, http.method) &&
    some(operation.paths, http.path) &&
    none(operation.notPaths, http.path) &&
    some(operation.hosts, http.host) &&
    none(operation.notHosts, http.host);
  return fits ? 'yes' : 'no';
}

const best = (matches: Match[]): Match =>
  matches.includes('yes') ? 'yes' : matches.includes('unknown') ? 'unknown' : 'no';

function ruleMatches(rule: Rule, access: Access, action: string): Match {
  const from = rule.from?.length
    ? best(rule.from.map(({ source }) => sourceMatches(source, access)))
    : 'yes';
  const to = rule.to?.length
    ? best(rule.to.map(({ operation }) => operationMatches(operation, access, action)))
    : 'yes';
  if (from === 'no' || to === 'no') return 'no';
  return from === 'unknown' || to === 'unknown' || rule.when?.length ? 'unknown' : 'yes';
}

export interface Decision {
  is: 'allowed' | 'denied' | 'unknown';
  by: KubeObject | null;
}

/** CUSTOM is never known here; DENY wins; with ALLOW policies one of them has to match (istio.io, "Authorization policy"). */
export function authorize(policies: readonly KubeObject[], access: Access): Decision {
  const of = (action: string) =>
    policies.filter((policy) => (specOf(policy).action ?? 'ALLOW') === action);
  const matches = (policy: KubeObject, action: string): Match =>
    best((specOf(policy).rules ?? []).map((rule) => ruleMatches(rule, access, action)));
  const denies = of('DENY').map((by) => ({ by, match: matches(by, 'DENY') }));
  const denied = denies.find(({ match }) => match === 'yes');
  if (denied) return { is: 'denied', by: denied.by };
  const allows = of('ALLOW').map((by) => ({ by, match: matches(by, 'ALLOW') }));
  const allowed = allows.find(({ match }) => match === 'yes');
  if (allows.length > 0 && allows.every(({ match }) => match === 'no')) {
    return { is: 'denied', by: allows[0]!.by };
  }
  const open =
    denies.find(({ match }) => match === 'unknown') ??
    of('CUSTOM').map((by) => ({ by }))[0] ??
    (allows.length > 0 && !allowed ? allows[0] : undefined);
  if (open) return { is: 'unknown', by: open.by };
  return { is: 'allowed', by: allowed?.by ?? null };
}
