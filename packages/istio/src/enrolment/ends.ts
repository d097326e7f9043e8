import type { TrueMode } from '@ambit/contracts/operations/enrolment';
import type { ClusterFacts, PodFact, ServiceFact } from './facts.ts';
import { hasSidecar, podsOf, roleOf, servicesOf, systemNamespaces, workloadOf } from './facts.ts';
import { redirectionAnnotation } from './truth.ts';

/** One end of a connection: the pods of a workload, clients without any mesh, or the mesh's gateways. */
export interface End {
  kind: 'workload' | 'outside' | 'ingress';
  namespace: string;
  name: string;
  mode: Carrier | 'mixed' | 'unknown';
  pods: PodFact[];
}

/** What carries the traffic of a pod. */
export type Carrier = 'none' | 'sidecar' | 'ambient';

/** The server's end, and the Service it is reached by. */
export interface Server extends End {
  service: ServiceFact | null;
}

export function carrierOf(pod: PodFact): Carrier {
  if (hasSidecar(pod)) return 'sidecar';
  return pod.metadata.annotations?.[redirectionAnnotation] === 'enabled' ? 'ambient' : 'none';
}

const commonCarrier = (pods: readonly PodFact[]): End['mode'] => {
  const [first, ...rest] = pods.map(carrierOf);
  if (first === undefined) return 'unknown';
  return rest.every((one) => one === first) ? first : 'mixed';
};

/** @returns null when there is no such workload or gateway */
export function clientEnd(facts: ClusterFacts, from: string): End | null {
  if (from === 'outside') {
    return { kind: 'outside', namespace: '', name: 'outside', mode: 'none', pods: [] };
  }
  if (from === 'ingress') {
    const pods = gatewayPods(facts);
    // A gateway is an Envoy of the mesh: towards servers it does what a sidecar does.
    return { kind: 'ingress', namespace: '', name: 'ingress', mode: 'sidecar', pods };
  }
  const [namespace = '', name = ''] = from.split('/');
  const pods = workloadPods(facts, namespace, name);
  if (pods.length === 0) return null;
  return { kind: 'workload', namespace, name, mode: commonCarrier(pods), pods };
}

/** A Service by its name, else a workload, by the first Service in front of it. */
export function serverEnd(facts: ClusterFacts, to: string): Server | null {
  const [namespace = '', name = ''] = to.split('/');
  const service = facts.services.get(namespace)?.find(({ metadata }) => metadata.name === name);
  const pods = (service ? podsOf(facts, service) : workloadPods(facts, namespace, name)).filter(
    (pod) => roleOf(pod) === 'app',
  );
  if (!service && pods.length === 0) return null;
  const first = pods[0];
  return {
    kind: 'workload',
    namespace,
    name,
    mode: commonCarrier(pods),
    pods,
    service: service ?? (first ? (servicesOf(facts, first)[0] ?? null) : null),
  };
}

export const gatewayPods = (facts: ClusterFacts): PodFact[] =>
  [...facts.pods.values()].flat().filter((pod) => roleOf(pod) === 'gateway');

function workloadPods(facts: ClusterFacts, namespace: string, name: string): PodFact[] {
  return (facts.pods.get(namespace) ?? []).filter(
    (pod) => workloadOf(pod).name === name || pod.metadata.name === name,
  );
}

/** Pods of applications, by what carries their traffic. */
export function applicationPods(facts: ClusterFacts): { pod: PodFact; carrier: Carrier }[] {
  return [...facts.pods]
    .filter(([namespace]) => !systemNamespaces.has(namespace))
    .flatMap(([, pods]) => pods.filter((pod) => roleOf(pod) === 'app'))
    .map((pod) => ({ pod, carrier: carrierOf(pod) }));
}

/** The word of the console for a carrier. */
export const modeOfCarrier = (mode: End['mode'], hasWaypoint = false): TrueMode =>
  mode === 'ambient' ? (hasWaypoint ? 'L4+L7' : 'L4') : mode;
