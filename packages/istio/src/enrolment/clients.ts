import { applicationPods, gatewayPods } from './ends.ts';
import { accountOf, principalOf, workloadOf, type ClusterFacts } from './facts.ts';

/** Identities that send past waypoints and are part of the mesh: with sidecars, and gateways. */
export function namedClients(facts: ClusterFacts): string[] {
  const pods = [
    ...applicationPods(facts)
      .filter(({ carrier }) => carrier === 'sidecar')
      .map(({ pod }) => pod),
    ...gatewayPods(facts),
  ];
  const names = pods.map((pod) => principalOf(facts, pod.metadata.namespace ?? '', accountOf(pod)));
  return [...new Set(names)].sort();
}

/** Workloads of the cluster that are in no mesh, and not about to be: `namespace/name`. */
export function outsideClients(facts: ClusterFacts): string[] {
  const names = applicationPods(facts)
    .filter(({ carrier }) => carrier === 'none')
    .map(({ pod }) => `${pod.metadata.namespace}/${workloadOf(pod).name}`);
  return [...new Set(names)].sort();
}
