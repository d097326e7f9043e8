import { counted } from '@ambit/contracts/words';
import type { Workload } from '@ambit/contracts/agent/protocol';
import { namespaceRow } from '@ambit/istio/enrolment/rows';
import type { Effect } from '../decision.ts';
import type { Draft, Outcome, Plan } from '../plan.ts';
import type { ClusterView } from '../view.ts';
import { awayMessage, firstError, list, progressOf } from '../words.ts';
import { followAction } from './follow-action.ts';
import { isLabelled, labelStatus } from './labels.ts';

const labelTimeoutMs = 300_000;
const restartTimeoutMs = 900_000;
const verifyTimeoutMs = 600_000;

/** Take a namespace in or out: its label, a restart where a sidecar comes or goes, the proof from its pods. */
export const enrolPlan: Plan = {
  steps: { precheck, label, restart, verify, undo },
  recovery: {
    step: 'undo',
    needed: (draft, cause) => cause === 'cancelled' && draft.memory.labelled === true,
    reason: 'Undone',
  },
  succeed: ({ view }) => {
    const { namespace, mode } = wish(view.operation.input);
    const cluster = clusterOf(view);
    return {
      message:
        mode === 'none'
          ? `${namespace} on ${cluster.name} is out of the mesh`
          : `${namespace} on ${cluster.name} is enrolled (${mode})`,
      result: { namespace, mode, cluster: cluster.name },
    };
  },
  giveUp: (draft) => {
    const { memory, view } = draft;
    if (memory.labelled) return;
    draft.ask(rowOfBefore(view));
  },
};

function wish(input: Draft['view']['operation']['input']) {
  return {
    namespace: input.namespace ?? '',
    mode: input.mode ?? 'none',
    previousMode: input.previousMode ?? 'none',
    restart: input.restart ?? true,
  };
}

function rowOfBefore({ operation: { input } }: Draft['view']): Effect {
  const { namespace, previousMode } = wish(input);
  const row = namespaceRow(input.clusterId ?? '', namespace, previousMode);
  return { do: 'setEnrolmentRows', rows: { namespaces: [row], services: [] } };
}

function clusterOf(view: Draft['view']): ClusterView {
  const cluster = view.clusters.find(({ id }) => id === view.operation.input.clusterId);
  if (!cluster) throw new Error('the cluster of an enrolment is not in its mesh');
  return cluster;
}

function precheck(draft: Draft): Outcome {
  const { view, mesh } = draft;
  const { namespace } = wish(view.operation.input);
  const cluster = view.clusters.find(({ id }) => id === view.operation.input.clusterId);
  if (!cluster) {
    return { is: 'failed', reason: 'ClusterGone', message: 'The cluster has left the mesh' };
  }
  if (!mesh.activeRelease) {
    return {
      is: 'failed',
      reason: 'MeshNotReady',
      message: `${mesh.name} has not been Ready yet; a namespace can be enrolled after that`,
    };
  }
  const paused = awayMessage([cluster], view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  const known = cluster.inventory?.namespaces;
  if (!known) {
    return { is: 'waiting', message: `Waiting for ${cluster.name} to report its namespaces` };
  }
  const found = known.find(({ name }) => name === namespace);
  if (!found) {
    return {
      is: 'failed',
      reason: 'NamespaceNotFound',
      message: `${cluster.name} has no namespace ${namespace}`,
    };
  }
  const count = workloadsOf(cluster, namespace).length;
  return { is: 'done', message: `${namespace} has ${counted(count, 'workload')}` };
}

function label(draft: Draft): Outcome {
  const { view, memory } = draft;
  if (!memory.labelled) {
    memory.labelled = true;
    draft.ask({ do: 'syncEnrolment', clusterId: clusterOf(view).id });
    return { is: 'again', message: 'Handing the label to the agent' };
  }
  const gone = wish(view.operation.input).mode === 'none';
  return labelled(draft, 'label', gone ? 'The label is gone' : 'The label is set');
}

/** Waits until the agent has the labels as they are wanted now. */
function labelled(draft: Draft, step: string, done: string): Outcome {
  const { view } = draft;
  const cluster = clusterOf(view);
  if (isLabelled(draft, cluster)) return { is: 'done', message: done };
  const paused = awayMessage([cluster], view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  const current = labelStatus(cluster);
  if (view.now >= draft.deadline(step, labelTimeoutMs)) {
    const why = current ? firstError(current) : 'the agent did not take it up';
    return { is: 'failed', reason: 'LabelNotSet', message: `The label could not be set: ${why}` };
  }
  return { is: 'waiting', message: progressOf(current), wakeInMs: 3_000 };
}

/** Cancelled: the label of before, and for pods that were restarted with the new one, a restart with it. */
function undo(draft: Draft): Outcome {
  const { view, memory } = draft;
  const { namespace } = wish(view.operation.input);
  if (!memory.unlabelled) {
    memory.unlabelled = true;
    draft.ask(rowOfBefore(view));
    draft.ask({ do: 'syncEnrolment', clusterId: clusterOf(view).id });
    return { is: 'again', message: 'Handing the label of before to the agent' };
  }
  const back = labelled(draft, 'undo', `${namespace} is as it was`);
  if (back.is !== 'done' || !memory.actions?.[namespace]) return back;
  return restarted(draft, 'undo', `undo/${namespace}`);
}

/** Sidecars come and go with a pod's start; ambient redirection needs none. */
function restart(draft: Draft): Outcome {
  const { mode, previousMode, namespace, restart: wanted } = wish(draft.view.operation.input);
  if (mode !== 'sidecar' && previousMode !== 'sidecar') {
    return { is: 'skipped', message: 'No restart is needed: no sidecar comes or goes' };
  }
  if (!wanted) return { is: 'skipped', message: 'It takes hold when the pods restart' };
  return restarted(draft, 'restart', namespace);
}

function restarted(draft: Draft, step: string, key: string): Outcome {
  const { view } = draft;
  const { namespace } = wish(view.operation.input);
  const outcome = followAction(draft, {
    effect: { do: 'restart', key, clusterId: clusterOf(view).id, namespace },
    beginning: `Restarting the workloads of ${namespace}`,
    waiting: (says) => says || 'Waiting for the agent to restart the workloads',
    failed: `The workloads of ${namespace} were not all restarted`,
    step,
    timeoutMs: restartTimeoutMs,
  });
  return outcome.is === 'done'
    ? { ...outcome, message: outcome.message || 'The workloads were restarted' }
    : outcome;
}

function verify(draft: Draft): Outcome {
  const { view } = draft;
  const { namespace, mode, previousMode, restart: wanted } = wish(view.operation.input);
  if (!wanted && (mode === 'sidecar' || previousMode === 'sidecar')) {
    return { is: 'skipped', message: 'Not looked at: the pods were not restarted' };
  }
  const cluster = clusterOf(view);
  const workloads = workloadsOf(cluster, namespace);
  const open = workloads.filter((workload) => !isAsWanted(workload, mode));
  if (open.length === 0) {
    const pods = workloads.reduce((sum, w) => sum + w.pods, 0);
    const what = mode === 'none' ? 'outside the mesh' : `in the mesh (${mode})`;
    return {
      is: 'done',
      message: `${counted(workloads.length, 'workload')}, ${counted(pods, 'pod')} ${what}`,
    };
  }
  const words = `${workloads.length - open.length} of ${counted(workloads.length, 'workload')} as wanted; open: ${list(
    open.map((w) => `${w.name} (${w.enrolled} of ${w.pods} pods enrolled, ${w.ready} ready)`),
  )}`;
  const paused = awayMessage([cluster], view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  if (view.now >= draft.deadline('verify', verifyTimeoutMs)) {
    return { is: 'failed', reason: 'NotProven', message: words };
  }
  return { is: 'waiting', message: words };
}

/** Pods that finished (Jobs) do not run and need nothing. */
function isAsWanted(workload: Workload, mode: 'none' | 'sidecar' | 'L4'): boolean {
  if (workload.pods === 0 || workload.kind === 'Job' || workload.kind === 'CronJob') return true;
  if (mode === 'none') return workload.enrolled === 0;
  const wanted = workload.pods - (workload.optedOut ?? 0);
  if (wanted <= 0) return true;
  const modes = mode === 'sidecar' ? ['sidecar'] : ['L4', 'L4+L7'];
  return modes.includes(workload.mode) && workload.enrolled >= wanted;
}

const workloadsOf = (cluster: ClusterView, namespace: string): Workload[] =>
  (cluster.inventory?.workloads ?? []).filter((workload) => workload.namespace === namespace);
