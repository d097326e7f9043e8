import { admitsNamespace } from '../allowed-routes.ts';
import type { ClusterFacts, GatewayFact, Labels, PodFact, ServiceFact } from './facts.ts';
import { isReady, isTrue, keyOf } from './facts.ts';

export const useWaypointLabel = 'istio.io/use-waypoint';
export const useWaypointNamespaceLabel = 'istio.io/use-waypoint-namespace';
export const waypointForLabel = 'istio.io/waypoint-for';
export const boundCondition = 'istio.io/WaypointBound';

/** A waypoint that something is told to use, and whether it serves. */
export interface WaypointUse {
  namespace: string;
  name: string;
  /** The label, and whose it is. */
  because: string;
  ready: boolean;
  /** Why it does not serve; empty when it does. */
  why: string;
  /** Pods of it that are ready; none while it sleeps. */
  pods: number;
}

type Traffic = 'service' | 'workload';

/** The waypoint a Service is told to use: its own label comes before its namespace's (istio.io, "Configure waypoint proxies"). */
export function waypointOfService(facts: ClusterFacts, service: ServiceFact): WaypointUse | null {
  const { namespace = '', name, labels = {} } = service.metadata;
  const ref = refOf(facts, namespace, labels, name ? `Service ${namespace}/${name}` : '');
  if (!ref) return null;
  const use = stateOf(facts, ref, namespace, 'service');
  const bound = service.status?.conditions?.find(({ type }) => type === boundCondition);
  if (use.ready && bound && bound.status !== 'True') {
    return { ...use, ready: false, why: bound.message || `${bound.reason}` };
  }
  return use;
}

/** The waypoint of traffic to the pod's own address: only one that takes workloads. */
export function waypointOfPod(facts: ClusterFacts, pod: PodFact): WaypointUse | null {
  const { namespace = '', labels = {} } = pod.metadata;
  const ref = refOf(facts, namespace, labels, 'the pod');
  if (!ref) return null;
  const gateway = facts.gateways.get(keyOf(ref.namespace, ref.name));
  const takes = gateway?.metadata.labels?.[waypointForLabel] ?? 'service';
  if (takes !== 'workload' && takes !== 'all') return null;
  return stateOf(facts, ref, namespace, 'workload');
}

interface Ref {
  namespace: string;
  name: string;
  because: string;
}

function refOf(facts: ClusterFacts, namespace: string, own: Labels, whose: string): Ref | null {
  const around = facts.namespaces.get(namespace) ?? {};
  const isOwn = Boolean(own[useWaypointLabel]);
  const labels = isOwn ? own : around;
  const name = labels[useWaypointLabel];
  if (!name || name === 'none') return null;
  return {
    namespace: labels[useWaypointNamespaceLabel] ?? namespace,
    name,
    because: `${useWaypointLabel}=${name} (${isOwn ? whose : `Namespace ${namespace}`})`,
  };
}

/** Ready pods of a Gateway. */
export const waypointPods = (facts: ClusterFacts, namespace: string, name: string): PodFact[] =>
  (facts.gatewayPods.get(keyOf(namespace, name)) ?? []).filter(isReady);

function stateOf(
  facts: ClusterFacts,
  { because, namespace, name }: Ref,
  user: string,
  traffic: Traffic,
): WaypointUse {
  const gateway = facts.gateways.get(keyOf(namespace, name));
  const pods = waypointPods(facts, namespace, name).length;
  const why = problemOf(facts, gateway, namespace, name, user, traffic, pods);
  return { namespace, name, because, ready: why === '', why, pods };
}

function problemOf(
  facts: ClusterFacts,
  gateway: GatewayFact | undefined,
  namespace: string,
  name: string,
  user: string,
  traffic: Traffic,
  pods: number,
): string {
  const text = `waypoint ${namespace}/${name}`;
  if (!gateway) return `${text} does not exist`;
  const takes = gateway.metadata.labels?.[waypointForLabel] ?? 'service';
  if (takes !== 'all' && takes !== traffic) {
    return `${text} takes ${takes === 'none' ? 'no traffic' : `traffic to ${takes}s`} (label ${waypointForLabel}), not to ${traffic}s`;
  }
  if (!admits(facts, gateway, user)) {
    return `${text} does not let namespace ${user} use it (allowedRoutes of its listener)`;
  }
  if (!isTrue(gateway.status?.conditions, 'Programmed')) return `${text} is not Programmed`;
  // One that sleeps takes connections in: they wait for its replica, and none goes past it.
  if (pods === 0 && !facts.asleep.has(keyOf(namespace, name)))
    return `${text} has no ready pod: connections through it fail`;
  return '';
}

function admits(facts: ClusterFacts, gateway: GatewayFact, user: string): boolean {
  if (gateway.metadata.namespace === user) return true;
  return admitsNamespace(gateway.spec?.listeners, facts.namespaces.get(user) ?? {});
}
