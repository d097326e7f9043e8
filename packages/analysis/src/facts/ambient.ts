import { admitsNamespace } from '@ambit/istio/allowed-routes';
import type { KindName } from '../kinds.ts';
import type { Condition, Labels } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { knows } from './known.ts';

export const modeLabel = 'istio.io/dataplane-mode';
export const waypointLabel = 'istio.io/use-waypoint';
export const waypointNamespaceLabel = 'istio.io/use-waypoint-namespace';
export const waypointForLabel = 'istio.io/waypoint-for';

/** Kinds that the functions of this file read. */
export const ambientKinds = ['Namespace', 'KubernetesGateway'] as const satisfies KindName[];

/** Whether the pods of the namespace are in ambient mode, unless they say otherwise. */
export function isAmbientNamespace(view: View, namespace: string): boolean {
  return view.namespace(namespace)?.labels[modeLabel] === 'ambient';
}

/** Whether pods with the labels are in ambient mode: their own label comes before the namespace's. */
export function isAmbient(view: View, namespace: string, labels: Labels): boolean {
  const own = labels[modeLabel];
  return own === undefined ? isAmbientNamespace(view, namespace) : own === 'ambient';
}

/** Whether labels of the namespace ask for sidecars. */
export function isInjectedNamespace(view: View, namespace: string): boolean {
  const labels = view.namespace(namespace)?.labels ?? {};
  if (labels['istio-injection'] !== undefined) return labels['istio-injection'] === 'enabled';
  return (labels['istio.io/rev'] ?? '') !== '' && labels[modeLabel] !== 'ambient';
}

export type WaypointRef = { namespace: string; name: string; from: 'resource' | 'namespace' };

function refOf(labels: Labels, namespace: string, from: WaypointRef['from']) {
  const name = labels[waypointLabel];
  if (name === undefined || name === '') return undefined;
  if (name === 'none') return 'none' as const;
  return { namespace: labels[waypointNamespaceLabel] ?? namespace, name, from };
}

/** The waypoint that a resource of the namespace is told to use; its own label comes before the namespace's. */
export function waypointOf(
  view: View,
  namespace: string,
  labels: Labels = {},
): WaypointRef | undefined {
  const ref =
    refOf(labels, namespace, 'resource') ??
    refOf(view.namespace(namespace)?.labels ?? {}, namespace, 'namespace');
  return ref === 'none' ? undefined : ref;
}

export const isWaypointClass = (name: string | undefined): boolean =>
  name === 'istio-waypoint' || (name?.includes('waypoint') ?? false);

/** Whether a Gateway is a waypoint: by its class, or by a listener for HBONE. */
export function isWaypoint({ spec }: Resource<'KubernetesGateway'>): boolean {
  if (spec.gatewayClassName === 'istio-east-west') return false;
  if (isWaypointClass(spec.gatewayClassName)) return true;
  return spec.listeners?.some(({ protocol }) => protocol === 'HBONE') ?? false;
}

const conditionsOf = (status: unknown): Condition[] => {
  const conditions = (status as { conditions?: unknown } | undefined)?.conditions;
  return Array.isArray(conditions) ? (conditions as Condition[]) : [];
};

/** Why a waypoint that is named does not serve; undefined when it does, or nothing is known against it. */
export type WaypointProblem =
  | 'missing'
  | 'no waypoint'
  | 'not programmed'
  | 'namespace not allowed'
  | 'other traffic';

/** Whether a Gateway lets routes and services of another namespace attach (`allowedRoutes`). */
export function allowsNamespace(
  view: View,
  gateway: Resource<'KubernetesGateway'>,
  namespace: string,
): boolean {
  if (gateway.namespace === namespace) return true;
  return admitsNamespace(gateway.spec.listeners, view.namespace(namespace)?.labels);
}

/** What a waypoint takes: the traffic to services, to workloads, to both or none. */
export function waypointTakes({ labels }: Resource<'KubernetesGateway'>): string {
  return labels[waypointForLabel] ?? 'service';
}

/** What keeps the waypoint from serving a resource of `namespace`; without `traffic` either kind will do. */
export function waypointProblem(
  view: View,
  ref: WaypointRef,
  namespace: string,
  traffic?: 'service' | 'workload',
): WaypointProblem | undefined {
  const gateway = view.get('KubernetesGateway', ref.namespace, ref.name);
  if (!gateway) return 'missing';
  if (!isWaypoint(gateway)) return 'no waypoint';
  const programmed = conditionsOf(gateway.status).find(({ type }) => type === 'Programmed');
  if (programmed?.status === 'False') return 'not programmed';
  if (!allowsNamespace(view, gateway, namespace)) return 'namespace not allowed';
  const takes = waypointTakes(gateway);
  if (takes === 'none' || (traffic && takes !== 'all' && takes !== traffic)) return 'other traffic';
  return undefined;
}

/** The problem in words, after "waypoint shop/waypoint". */
export const problemText: Record<WaypointProblem, string> = {
  missing: 'does not exist',
  'no waypoint': 'is a Gateway, but no waypoint',
  'not programmed': 'is not programmed yet',
  'namespace not allowed': 'does not allow this namespace to use it',
  'other traffic': `does not take this kind of traffic (label ${waypointForLabel})`,
};

/** Whether the snapshot can say what mode namespaces are in. */
export const knowsModes = (view: View): boolean => knows(view, 'Namespace');

/** Conditions of a status, as Kubernetes writes them. */
export { conditionsOf };
