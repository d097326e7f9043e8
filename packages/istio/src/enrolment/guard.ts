import type { KubeObject } from '@ambit/contracts/common';
import { splitApiVersion } from '../kinds.ts';
import {
  hangsOnWaypoint,
  policiesOnPod,
  specOf,
  targetsOf,
  type PolicySpec,
} from './authorization.ts';
import type { ClusterFacts, PodFact, ServiceFact } from './facts.ts';
import { accountOf, keyOf, matchesLabels, podsOf, principalOf, servicesOf } from './facts.ts';
import { waypointOfService, waypointPods, type WaypointUse } from './waypoint.ts';
import { wantedOfPod } from './wanted.ts';

/** On every policy that guards a Service: so that it is known again, kept, and taken away. */
export const guardLabel = 'ambit.dev/guard';

export const guardName = (service: string): string => `ambit-guard-${service}`.slice(0, 63);

/** The identity a waypoint has: of its pods, else the ServiceAccount that istiod makes for it, named as its Gateway. */
export function waypointPrincipal(
  facts: ClusterFacts,
  { namespace, name }: Pick<WaypointUse, 'namespace' | 'name'>,
): string {
  const pod = waypointPods(facts, namespace, name)[0];
  const annotated = facts.gateways.get(keyOf(namespace, name))?.metadata.annotations?.[
    'gateway.istio.io/service-account'
  ];
  return principalOf(facts, namespace, pod ? accountOf(pod) : (annotated ?? name));
}

/**
 * The L4 policy that pairs a Service's waypoint: ztunnel refuses everybody but the waypoint, and whom it names. It has
 * a selector and no targets, for those are the waypoint's (istio.io, "Use waypoint proxies": ensure it is not bypassed).
 * @param named principals of clients that may pass by, while they are migrated
 * @returns null where the Service selects no pods or no waypoint is named
 */
export function guardOf(
  facts: ClusterFacts,
  service: ServiceFact,
  named: readonly string[] = [],
): KubeObject | null {
  const selector = service.spec?.selector ?? {};
  if (Object.keys(selector).length === 0) return null;
  const uses = waypointsBeside(facts, service);
  if (uses.length === 0) return null;
  const principals = [
    ...new Set([...uses.map((use) => waypointPrincipal(facts, use)), ...named]),
  ].sort();
  const { namespace = '', name } = service.metadata;
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: guardName(name), namespace, labels: { [guardLabel]: name } },
    spec: {
      selector: { matchLabels: { ...selector } },
      action: 'DENY',
      rules: [{ from: [{ source: { notPrincipals: principals } }] }],
    },
  };
}

/** Waypoints of every Service that has the same pods: traffic through each of them has to pass. */
function waypointsBeside(facts: ClusterFacts, service: ServiceFact): WaypointUse[] {
  const own = waypointOfService(facts, service);
  if (!own) return [];
  const others = podsOf(facts, service)
    .flatMap((pod) => servicesOf(facts, pod))
    .flatMap((one) => waypointOfService(facts, one) ?? []);
  return [own, ...others];
}

/** Services with the same pods and no waypoint: the guard refuses what comes through them. */
export function unguardedBeside(facts: ClusterFacts, service: ServiceFact): ServiceFact[] {
  const found = new Map<string, ServiceFact>();
  for (const pod of podsOf(facts, service)) {
    for (const one of servicesOf(facts, pod)) {
      if (!waypointOfService(facts, one)) found.set(one.metadata.name, one);
    }
  }
  return [...found.values()];
}

/**
 * Every guard that a cluster is to have: one for each Service whose pods are to be ambient and that names a waypoint.
 * @param namedFor principals that a Service's guard is to let pass beside the waypoint
 */
export function wantedGuards(
  facts: ClusterFacts,
  namedFor: (service: ServiceFact) => readonly string[] = () => [],
): KubeObject[] {
  return [...facts.services.values()].flat().flatMap((service) => {
    const pods = podsOf(facts, service);
    if (pods.length === 0 || !pods.every((pod) => wantsAmbient(facts, pod))) return [];
    const guard = guardOf(facts, service, namedFor(service));
    return guard ? [guard] : [];
  });
}

const wantsAmbient = (facts: ClusterFacts, pod: PodFact): boolean =>
  ['L4', 'L4+L7'].includes(wantedOfPod(facts, pod).mode);

export const isGuard = ({ apiVersion, kind, metadata }: KubeObject): boolean =>
  kind === 'AuthorizationPolicy' &&
  splitApiVersion(apiVersion).group === 'security.istio.io' &&
  metadata.labels?.[guardLabel] !== undefined;

/** What guards a pod: which policy, and whom it lets pass beside the waypoints. */
export interface Guarding {
  policy: KubeObject;
  passes: string[];
}

/**
 * The policies that let only certain principals reach a pod, however they are named: a DENY for everybody else, or
 * ALLOWs for them alone. Only those that ztunnel enforces as they stand: no conditions, no operations.
 */
export function guardingOf(facts: ClusterFacts, pod: PodFact): Guarding | null {
  const policies = policiesOnPod(facts, pod, 'AuthorizationPolicy');
  for (const policy of policies) {
    const passes = deniesAllBut(specOf(policy));
    if (passes) return { policy, passes };
  }
  const allows = policies.filter((policy) => (specOf(policy).action ?? 'ALLOW') === 'ALLOW');
  const [first] = allows;
  if (!first) return null;
  const passes = allows.flatMap((policy) => allowsOnly(specOf(policy)) ?? ['*']);
  return passes.includes('*') ? null : { policy: first, passes };
}

function deniesAllBut({ action, rules = [] }: PolicySpec): string[] | null {
  if (action !== 'DENY') return null;
  for (const { from = [], to = [], when = [] } of rules) {
    if (to.length > 0 || when.length > 0) continue;
    for (const { source } of from) {
      if (!source?.notPrincipals?.length) continue;
      const others = Object.entries(source).filter(
        ([field, values]) => field !== 'notPrincipals' && (values as unknown[]).length > 0,
      );
      if (others.length === 0) return source.notPrincipals;
    }
  }
  return null;
}

/** @returns null when it lets somebody in without looking at the identity */
function allowsOnly({ rules = [] }: PolicySpec): string[] | null {
  const found: string[] = [];
  for (const { from = [] } of rules) {
    if (from.length === 0) return null;
    for (const { source } of from) {
      if (!source?.principals?.length) return null;
      found.push(...source.principals);
    }
  }
  return found;
}

/** Whether a guard in place is what is wanted now: the same pods, and exactly whom it lets pass. */
export function isSameGuard(wanted: KubeObject, live: KubeObject): boolean {
  const a = specOf(wanted);
  const b = specOf(live);
  const passes = (spec: PolicySpec) => (deniesAllBut(spec) ?? []).toSorted().join(' ');
  const [left, right] = [a.selector?.matchLabels ?? {}, b.selector?.matchLabels ?? {}];
  return (
    a.action === b.action &&
    passes(a) === passes(b) &&
    matchesLabels(left, right) &&
    matchesLabels(right, left)
  );
}

/** Services that a policy with targets protects: those it names, and all that use a waypoint it hangs on. */
export function servicesProtectedBy(facts: ClusterFacts, policy: KubeObject): ServiceFact[] {
  const { namespace = '' } = policy.metadata;
  const targets = targetsOf(policy);
  const isNamed = ({ metadata }: ServiceFact) =>
    metadata.namespace === namespace &&
    targets.some(({ kind, name }) => kind === 'Service' && name === metadata.name);
  if (targets.every(({ kind }) => kind === 'Service')) {
    return (facts.services.get(namespace) ?? []).filter(isNamed);
  }
  return [...facts.services.values()].flat().filter((service) => {
    if (isNamed(service)) return true;
    const use = waypointOfService(facts, service);
    return use !== null && facts.gateways.has(keyOf(use.namespace, use.name))
      ? hangsOnWaypoint(facts, policy, use)
      : false;
  });
}

/**
 * Whether a guard still keeps an L7 policy from being gone past: a policy hangs on its Service, or on a waypoint that it
 * lets pass, and pods that it selects run. Also where the Service does not name that waypoint any more, or is gone.
 */
export function isNeededGuard(facts: ClusterFacts, guard: KubeObject): boolean {
  const { namespace = '' } = guard.metadata;
  const spec = specOf(guard);
  const selector = spec.selector?.matchLabels ?? {};
  const pods = facts.pods.get(namespace) ?? [];
  if (!pods.some(({ metadata }) => matchesLabels(selector, metadata.labels ?? {}))) return false;
  const passes = new Set(deniesAllBut(spec));
  const waypoints = [...facts.gateways.values()].flatMap(({ metadata }) => {
    const use = { namespace: metadata.namespace ?? '', name: metadata.name };
    return passes.has(waypointPrincipal(facts, use)) ? [use] : [];
  });
  return facts.policies.some(
    (policy) =>
      isProtecting(policy) &&
      (waypoints.some((use) => hangsOnWaypoint(facts, policy, use)) ||
        targetsOf(policy).some(
          ({ kind, name }) =>
            kind === 'Service' &&
            name === guard.metadata.labels?.[guardLabel] &&
            policy.metadata.namespace === namespace,
        )),
  );
}

/** Policies that an L7 proxy has to enforce at the server's side, and that protect it. */
export const isProtecting = (policy: KubeObject): boolean =>
  targetsOf(policy).length > 0 &&
  (policy.kind === 'RequestAuthentication' || policy.kind === 'AuthorizationPolicy');
