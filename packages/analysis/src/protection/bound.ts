import {
  isAmbient,
  isWaypoint,
  waypointOf,
  waypointProblem,
  type WaypointRef,
} from '../facts/ambient.ts';
import { hasTargetRefs, isL7Policy, rootNamespaceOf, targetRefs } from '../facts/policies.ts';
import type { KindName } from '../kinds.ts';
import type { Labels } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { defineIndex } from '../view.ts';

/** Policies that say who may reach what, and that a waypoint enforces where they have targets. */
export type Protecting = Resource<'AuthorizationPolicy' | 'RequestAuthentication'>;

export const protectingKinds = ['AuthorizationPolicy', 'RequestAuthentication'] as const;

/** Kinds that the functions of this file read. */
export const boundKinds = [
  ...protectingKinds,
  'Namespace',
  'Service',
  'ServiceEntry',
  'KubernetesGateway',
  'MeshConfig',
] as const satisfies KindName[];

const byTarget = defineIndex({
  name: 'protecting policies by target',
  kinds: protectingKinds,
  keys: (policy) =>
    targetRefs(policy).map(({ ref: { kind, name } }) => `${kind} ${policy.namespace}/${name}`),
});

/** The waypoint on the way to something, where it serves. */
export function servingWaypoint(
  view: View,
  namespace: string,
  labels: Labels,
  traffic: 'service' | 'workload',
): WaypointRef | undefined {
  const ref = waypointOf(view, namespace, labels);
  return ref && !waypointProblem(view, ref, namespace, traffic) ? ref : undefined;
}

/** Policies that hang on the waypoint itself, or on its class (in the root namespace). */
function ofWaypoint(view: View, ref: WaypointRef): readonly Protecting[] {
  const own = view.lookup(byTarget, `Gateway ${ref.namespace}/${ref.name}`);
  const className = view.get('KubernetesGateway', ref.namespace, ref.name)?.spec.gatewayClassName;
  return [
    ...own,
    ...view.lookup(byTarget, `GatewayClass ${rootNamespaceOf(view)}/${className ?? ''}`),
  ];
}

/** Policies that a waypoint enforces for a Service or ServiceEntry. */
export const policiesForService = (
  view: View,
  { kind, namespace, name }: Resource<'Service' | 'ServiceEntry'>,
  ref: WaypointRef,
): readonly Protecting[] => [
  ...new Set([...view.lookup(byTarget, `${kind} ${namespace}/${name}`), ...ofWaypoint(view, ref)]),
];

/** Those of them that hang on the Service alone: not for what else passes the waypoint. */
export function policiesOfServiceAlone(
  view: View,
  service: Resource<'Service'>,
  ref: WaypointRef,
): readonly Protecting[] {
  const others = new Set(ofWaypoint(view, ref));
  return policiesForService(view, service, ref).filter((policy) => !others.has(policy));
}

/** Policies that a waypoint enforces for traffic to the address of a pod. */
export const policiesForWorkload = ofWaypoint;

/** Whether a waypoint or, without targets, a ztunnel or sidecar enforces the policy somewhere. */
export function hangsOnSomething(view: View, policy: Protecting): boolean {
  const { namespace } = policy;
  if (!hasTargetRefs(policy)) return !isL7Policy(policy) || !isAmbient(view, namespace, {});
  return targetRefs(policy).some(({ ref: { kind, name = '' } }) => {
    switch (kind) {
      case 'Service':
      case 'ServiceEntry': {
        const target = view.get(kind, namespace, name);
        return target && servingWaypoint(view, namespace, target.labels, 'service');
      }
      case 'Gateway': {
        const gateway = view.get('KubernetesGateway', namespace, name);
        const ref: WaypointRef = { namespace, name, from: 'resource' };
        return gateway && isWaypoint(gateway) && !waypointProblem(view, ref, namespace);
      }
      case 'GatewayClass':
        return namespace === rootNamespaceOf(view);
      default:
        return false;
    }
  });
}
