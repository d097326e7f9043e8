import { counted } from '@ambit/contracts/words';
import { roleOf, workloadOf } from '@ambit/istio/enrolment/facts';
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
      message: `${kind} ${namespace}/${name} is enrolled as its labels ask`,
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
  const judged = judgePod(facts, pod, view.now);
  if (judged.repair === 'none') {
    return {
      is: 'failed',
      reason: 'NothingToRepair',
      message: judged.message || `${namespace}/${name} is as wanted`,
    };
  }
  const cni = facts.cni.get(judged.node);
  const target =
    judged.repair === 'restart-cni' && cni
      ? { namespace: cni.metadata.namespace ?? '', pod: cni.metadata.name }
      : { namespace, pod: name };
  memory.repairing = { ...target, workload: judged.workload };
  return {
    is: 'done',
    message: `${judged.message}. ${target.namespace}/${target.pod} is to restart`,
  };
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
