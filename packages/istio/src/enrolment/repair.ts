import { isReady, roleOf, workloadOf, type ClusterFacts, type PodFact } from './facts.ts';
import { agentOf } from './nodes.ts';
import { judgePod } from './truth.ts';

/** What a restart would mend, and of which pod; `pod` null where none does, with the reason. */
export interface Repair {
  pod: { namespace: string; name: string } | null;
  /** What is to be as wanted afterwards. */
  workload: { kind: string; name: string };
  node: string;
  message: string;
  /** True for a pod that nothing would make again. */
  isLone: boolean;
}

/**
 * Finds what evidence about a pod says to restart: the pod, istio-cni of its node, or for a pod of istio-cni or ztunnel
 * that is not ready itself. Pure.
 */
export function repairOf(facts: ClusterFacts, pod: PodFact, now: Date): Repair {
  const itself = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
  const workload = workloadOf(pod);
  const node = pod.spec?.nodeName ?? '';
  if (roleOf(pod) === 'node') {
    const { problem } = agentOf(pod);
    const ready = isReady(pod);
    return {
      pod: ready ? null : itself,
      workload,
      node,
      message: ready
        ? `${itself.name} is ready`
        : `${itself.name} of node ${node} is not ready${problem ? ` (${problem})` : ''}`,
      isLone: false,
    };
  }
  const judged = judgePod(facts, pod, now);
  const cni = facts.cni.get(judged.node);
  const target =
    judged.repair === 'none'
      ? null
      : judged.repair === 'restart-cni' && cni
        ? { namespace: cni.metadata.namespace ?? '', name: cni.metadata.name }
        : itself;
  return {
    pod: target,
    workload,
    node,
    message:
      judged.state === 'differs'
        ? judged.message
        : `there is nothing to repair about ${itself.name}: ${judged.message || 'it is as wanted'}`,
    isLone: target === itself && workload.kind === 'Pod',
  };
}
