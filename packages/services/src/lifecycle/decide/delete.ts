import { counted } from '@ambit/contracts/words';
import type { Draft, Outcome, Plan } from '../plan.ts';
import type { ClusterView } from '../view.ts';
import { withdraw } from '../steps/withdraw.ts';
import { awayMessage, byCluster, list } from '../words.ts';

const verifyTimeoutMs = 300_000;
const drainTimeoutMs = 60_000;
const givenUp = new Date(0).toISOString();
const bundleNames = ['policies', 'references', 'enrolment', 'control-plane'];

/** Delete a mesh: policies, then labels and sidecars, then the control plane, the way it came backwards. */
export const deletePlan: Plan = {
  steps: { check, withdraw: withdrawAll, verify, forget },
  succeed: ({ view, mesh }) => ({
    message: `${mesh.name} is gone; ${list(view.clusters.map((c) => c.name)) || 'no cluster'} free again`,
    result: { clusters: view.clusters.map((c) => c.name), policies: mesh.policies },
  }),
};

function check(draft: Draft): Outcome {
  const { view, mesh } = draft;
  const namespaces = view.enrolments.map((e) => e.namespace);
  return {
    is: 'done',
    message:
      namespaces.length > 0
        ? `${list(namespaces)} leave the mesh, ${counted(mesh.policies, 'policy goes', 'policies go')} with it`
        : `No namespace is enrolled, ${counted(mesh.policies, 'policy goes', 'policies go')} with it`,
  };
}

function withdrawAll(draft: Draft): Outcome {
  const policies = withdraw(draft, ['policies', 'references'], 'withdraw');
  if (policies.is !== 'done') return policies;
  const labels = withdraw(draft, ['enrolment'], 'withdraw');
  if (labels.is !== 'done') return labels;
  const sidecars = restartSidecars(draft);
  if (sidecars) return sidecars;
  const redirected = drainRedirected(draft);
  if (redirected) return redirected;
  const controlPlane = withdraw(draft, ['control-plane'], 'withdraw');
  return controlPlane.is === 'done'
    ? { is: 'done', message: 'Policies, labels and the control plane are removed' }
    : controlPlane;
}

/** Sidecars outlive their control plane and then lose their certificates: their pods are restarted without them. */
function restartSidecars(draft: Draft): Outcome | undefined {
  const { view, memory } = draft;
  const wanted = view.enrolments
    .filter((e) => e.mode === 'sidecar')
    .map((e) => ({ ...e, key: `${e.clusterId}/${e.namespace}` }))
    .filter((e) => view.clusters.some((c) => c.id === e.clusterId && c.state !== 'gone'));
  const missing = wanted.filter((e) => !memory.actions?.[e.key]);
  if (missing.length > 0) {
    for (const { key, clusterId, namespace } of missing) {
      draft.ask({ do: 'restart', key, clusterId, namespace });
    }
    return {
      is: 'again',
      message: `Restarting ${list(missing.map((e) => e.namespace))} without sidecars`,
    };
  }
  const open: typeof wanted = [];
  for (const enrolment of wanted) {
    const action = view.actions.find((a) => a.id === memory.actions?.[enrolment.key]);
    if (action?.state === 'pending' || action?.state === 'running') open.push(enrolment);
  }
  if (open.length === 0) return undefined;
  const away = awayMessage(
    view.clusters.filter((c) => open.some((e) => e.clusterId === c.id)),
    view.now,
  );
  if (away) return { is: 'waiting', message: away, paused: true };
  return {
    is: 'waiting',
    message: `Restarting ${list(open.map((e) => e.namespace))} without sidecars`,
  };
}

/**
 * istio-cni takes a pod's redirection away when the label goes; removed before that, the pod would be cut off. Pods
 * that stay redirected are told in the log and do not hold the removal up for ever.
 */
function drainRedirected(draft: Draft): Outcome | undefined {
  const { view, memory } = draft;
  const redirected = view.enrolments
    .filter((e) => e.mode === 'L4')
    .flatMap((e) => {
      const cluster = view.clusters.find((c) => c.id === e.clusterId && c.state === 'connected');
      const workloads = cluster?.inventory?.workloads ?? [];
      return workloads.filter((w) => w.namespace === e.namespace && w.mode.startsWith('L4'));
    })
    .filter((workload) => workload.enrolled > 0);
  if (redirected.length === 0) return undefined;
  memory.drainingSince ??= view.now.toISOString();
  const names = list(redirected.map((w) => `${w.namespace}/${w.name}`));
  if (view.now.getTime() - Date.parse(memory.drainingSince) < drainTimeoutMs) {
    return { is: 'waiting', message: `Waiting until ${names} are no longer redirected` };
  }
  if (memory.drainingSince !== givenUp) {
    draft.log(`${names} are still redirected; restart them if they lose traffic`, 'warning');
    memory.drainingSince = givenUp;
  }
  return undefined;
}

/** Zero objects of ours, as the agents' inventory counts them. */
function verify(draft: Draft): Outcome {
  const { view } = draft;
  const open = view.clusters.filter((c) => c.state !== 'gone' && left(c) > 0);
  if (open.length === 0) return { is: 'done', message: 'No object of this mesh is left' };
  const words = byCluster(open, (cluster) => `${left(cluster)} objects are left`);
  const paused = awayMessage(open, view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  if (view.now >= draft.deadline('verify', verifyTimeoutMs)) {
    return { is: 'failed', reason: 'ObjectsLeft', message: words };
  }
  return { is: 'waiting', message: words };
}

const left = (cluster: ClusterView): number =>
  bundleNames.reduce((sum, name) => sum + (cluster.inventory?.owned[name] ?? 0), 0);

function forget(draft: Draft): Outcome {
  draft.ask({ do: 'removeMesh' });
  return { is: 'done', message: 'The mesh is closed' };
}
