import { counted } from '@ambit/contracts/words';
import { isReady, roleOf, workloadOf } from '@ambit/istio/enrolment/facts';
import { repairOf } from '@ambit/istio/enrolment/repair';
import { judgePod } from '@ambit/istio/enrolment/truth';
import type { Draft, Outcome, Plan } from '../plan.ts';
import { awayMessage } from '../words.ts';
import { followAction } from './follow-action.ts';

const repairTimeoutMs = 900_000;
const probeTimeoutMs = 300_000;

/** Restarts what the evidence about a pod names, and proves that its workload is what its labels ask for. */
export const repairPlan: Plan = {
  steps: { examine, repair, probe },
  succeed: ({ view, memory }) => {
    const { namespace = '', pod = '' } = view.operation.input;
    const { kind, name } = memory.repairing?.workload ?? { kind: 'Pod', name: pod };
    return {
      message:
        memory.repairing?.node === undefined
          ? `${kind} ${namespace}/${name} is enrolled as its labels ask`
          : `${name} of node ${memory.repairing.node} is ready again`,
      result: { namespace, pod, restarted: memory.repairing?.pod ?? '' },
    };
  },
};

const clusterOf = ({ view }: Draft) =>
  view.clusters.filter(({ id }) => id === view.operation.input.clusterId);
const factsOf = ({ view }: Draft) =>
  view.known?.find(({ clusterId }) => clusterId === view.operation.input.clusterId)?.facts;

/** Looks once more: whoever asked saw what may be over by now. */
function examine(draft: Draft): Outcome {
  const { view, memory } = draft;
  const { namespace = '', pod: name = '' } = view.operation.input;
  const facts = factsOf(draft);
  if (!facts)
    return { is: 'failed', reason: 'ClusterGone', message: 'The cluster has left the mesh' };
  const paused = awayMessage(clusterOf(draft), view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  const pod = facts.pods.get(namespace)?.find(({ metadata }) => metadata.name === name);
  if (!pod)
    return {
      is: 'failed',
      reason: 'PodGone',
      message: `There is no pod ${namespace}/${name} any more`,
    };
  const { pod: target, workload, node, message } = repairOf(facts, pod, view.now);
  if (!target) return { is: 'failed', reason: 'NothingToRepair', message };
  const isOfNode = roleOf(pod) === 'node';
  memory.repairing = {
    namespace: target.namespace,
    pod: target.name,
    workload,
    ...(isOfNode ? { node } : {}),
  };
  return { is: 'done', message: `${message}. ${target.namespace}/${target.name} is to restart` };
}

function repair(draft: Draft): Outcome {
  const { view, memory } = draft;
  const { clusterId = '' } = view.operation.input;
  const { repairing } = memory;
  if (!repairing) return { is: 'failed', reason: 'NothingToRepair', message: 'Nothing was found' };
  const { namespace, pod } = repairing;
  return followAction(draft, {
    effect: { do: 'restartPod', key: 'repair', clusterId, namespace, pod },
    beginning: `Restarting ${namespace}/${pod}`,
    waiting: (says) => says || 'Waiting for the agent to restart it',
    failed: `${pod} was not restarted`,
    step: 'repair',
    timeoutMs: repairTimeoutMs,
  });
}

function probe(draft: Draft): Outcome {
  const { view, memory } = draft;
  const { namespace = '' } = view.operation.input;
  const facts = factsOf(draft);
  const { kind = '', name = '' } = memory.repairing?.workload ?? {};
  const { node } = memory.repairing ?? {};
  if (node !== undefined) return probeNode(draft, node, name);
  const pods = (facts?.pods.get(namespace) ?? [])
    .filter((pod) => roleOf(pod) === 'app')
    .filter((pod) => workloadOf(pod).kind === kind && workloadOf(pod).name === name);
  const open = facts
    ? pods
        .map((pod) => judgePod(facts, pod, view.now))
        .filter(({ state }) => state === 'differs' || state === 'waiting')
    : [];
  if (pods.length > 0 && open.length === 0) {
    return { is: 'done', message: `${counted(pods.length, 'pod')} of ${name} as wanted` };
  }
  const words = open[0] ? `${open[0].name}: ${open[0].message}` : `no pod of ${name} is there yet`;
  if (view.now >= draft.deadline('probe', probeTimeoutMs)) {
    return { is: 'failed', reason: 'NotProven', message: `Not proven: ${words}` };
  }
  return { is: 'waiting', message: words, wakeInMs: 2_000 };
}

/** Another pod of the DaemonSet is ready on the node. */
function probeNode(draft: Draft, node: string, name: string): Outcome {
  const { view, memory } = draft;
  const facts = factsOf(draft);
  const now = (name === 'istio-cni-node' ? facts?.cni : facts?.ztunnel)?.get(node);
  const isOther = now !== undefined && now.metadata.name !== memory.repairing?.pod;
  if (isOther && isReady(now)) {
    return { is: 'done', message: `${now.metadata.name} is ready on node ${node}` };
  }
  const words = isOther
    ? `${now.metadata.name} is not ready yet`
    : `node ${node} has no new pod of ${name} yet`;
  if (view.now >= draft.deadline('probe', probeTimeoutMs)) {
    return { is: 'failed', reason: 'NotProven', message: `Not proven: ${words}` };
  }
  return { is: 'waiting', message: words, wakeInMs: 2_000 };
}
