import { counted } from '@ambit/contracts/words';
import type { EnrolledPod } from '@ambit/contracts/operations/enrolment';
import { namedClients } from '@ambit/istio/enrolment/clients';
import { isTrue, keyOf, matchesLabels, roleOf } from '@ambit/istio/enrolment/facts';
import { guardName, guardOf } from '@ambit/istio/enrolment/guard';
import type { ChangePlan, GuardPlan } from '@ambit/istio/enrolment/plan-change';
import { judgePod } from '@ambit/istio/enrolment/truth';
import { waypointPods } from '@ambit/istio/enrolment/waypoint';
import { waypointObject } from '@ambit/istio/enrolment/waypoint-object';
import { namespaceLabels, waypointLabels } from '@ambit/istio/enrolment/rows';
import { modeLabel } from '@ambit/istio/enrolment/wanted';
import type { KnownCluster } from '../../enrolment/load.ts';
import type { Draft, Outcome, Plan } from '../plan.ts';
import { bundleAt, type ClusterView } from '../view.ts';
import { awayMessage, firstError, list, progressOf } from '../words.ts';
import { followAction } from './follow-action.ts';
import { isLabelled, labelStatus } from './labels.ts';
import { drain, hold } from './leave-waypoints.ts';

const stepTimeoutMs = 300_000;
const restartTimeoutMs = 900_000;
const probeTimeoutMs = 600_000;

/** A change of enrolment in the safe order; see planChange for what each part is. */
export const changeEnrolmentPlan: Plan = {
  steps: { precheck, waypoint, unguard, hold, label, restart, probe, drain, guard, undo },
  recovery: {
    step: 'undo',
    needed: (draft) => draft.memory.labelled === true || draft.memory.written !== undefined,
    reason: 'Undone',
  },
  succeed: ({ view }) => {
    const { rows } = changeOf(view);
    return {
      message: `${view.operation.input.words ?? 'The change'}: done and proven`,
      result: {
        namespaces: rows.namespaces.map(({ namespace, mode }) => `${namespace}: ${mode}`),
        services: rows.services.map(({ namespace, name }) => `${namespace}/${name}`),
      },
    };
  },
};

function changeOf(view: Draft['view']): Omit<ChangePlan, 'preview'> {
  const { change } = view.operation.input;
  if (!change) throw new Error('a change of enrolment without its plan');
  return change;
}

const clustersOf = (view: Draft['view']): ClusterView[] => {
  const { rows } = changeOf(view);
  const ids = new Set([...rows.namespaces, ...rows.services].map(({ clusterId }) => clusterId));
  return view.clusters.filter(({ id }) => ids.has(id));
};

const knownOf = (view: Draft['view']): KnownCluster[] => {
  const ids = new Set(clustersOf(view).map(({ id }) => id));
  return (view.known ?? []).filter(({ clusterId }) => ids.has(clusterId));
};

function precheck(draft: Draft): Outcome {
  const { view, mesh } = draft;
  const clusters = clustersOf(view);
  const { rows } = changeOf(view);
  const wanted = new Set([...rows.namespaces, ...rows.services].map(({ clusterId }) => clusterId));
  if (clusters.length < wanted.size) {
    return { is: 'failed', reason: 'ClusterGone', message: 'A cluster has left the mesh' };
  }
  if (!mesh.activeRelease) {
    return { is: 'failed', reason: 'MeshNotReady', message: `${mesh.name} has not been Ready yet` };
  }
  const paused = awayMessage(clusters, view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  const silent = knownOf(view).filter(({ observedAt }) => observedAt === null);
  if (silent.length > 0) {
    return {
      is: 'waiting',
      message: `Waiting for ${list(silent.map(({ clusterName }) => clusterName))} to tell what is there`,
      wakeInMs: 2_000,
    };
  }
  const count = rows.namespaces.length + rows.services.length;
  return {
    is: 'done',
    message: `${counted(count, 'subject')} in ${counted(clusters.length, 'cluster')}`,
  };
}

function waypoint(draft: Draft): Outcome {
  const { view, memory } = draft;
  const { waypoints } = changeOf(view);
  if (waypoints.length === 0) return { is: 'skipped', message: 'No waypoint is needed' };
  const missing = waypoints.filter(
    ({ clusterId, namespace, name }) => !gatewayOf(view, clusterId, namespace, name),
  );
  if (missing.length > 0 && !memory.written?.waypoints) {
    memory.written = {
      ...memory.written,
      waypoints: missing.map(({ namespace, name }) => ({ namespace, name })),
    };
    draft.ask({
      do: 'writePolicies',
      put: missing.map((one) => one.object ?? waypointObject(one)),
      remove: [],
    });
    return { is: 'again', message: `Making ${list(missing.map(nameOf))}` };
  }
  const open = waypoints.flatMap((one) => waypointProblem(view, one) ?? []);
  if (open.length === 0) {
    return { is: 'done', message: `${list(waypoints.map(nameOf))}: Programmed, with ready pods` };
  }
  const paused = awayMessage(clustersOf(view), view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  if (view.now >= draft.deadline('waypoint', stepTimeoutMs)) {
    return { is: 'failed', reason: 'WaypointNotReady', message: `No label was set: ${list(open)}` };
  }
  return { is: 'waiting', message: list(open), wakeInMs: 2_000 };
}

const nameOf = ({ namespace, name }: { namespace: string; name: string }): string =>
  `${namespace}/${name}`;

const factsOf = (view: Draft['view'], clusterId: string) =>
  view.known?.find((one) => one.clusterId === clusterId)?.facts;

const gatewayOf = (view: Draft['view'], clusterId: string, namespace: string, name: string) =>
  factsOf(view, clusterId)?.gateways.get(keyOf(namespace, name));

function waypointProblem(
  view: Draft['view'],
  { clusterId, namespace, name }: ChangePlan['waypoints'][number],
): string | null {
  const facts = factsOf(view, clusterId);
  const gateway = facts?.gateways.get(keyOf(namespace, name));
  if (!facts || !gateway) return `${namespace}/${name} is not there yet`;
  if (!isTrue(gateway.status?.conditions, 'Programmed')) {
    return `${namespace}/${name} is not Programmed yet`;
  }
  const pods = waypointPods(facts, namespace, name).length;
  return pods === 0 ? `${namespace}/${name} has no ready pod yet` : null;
}

/** A guard whose waypoint is about to go would refuse everybody: it goes first. */
function unguard(draft: Draft): Outcome {
  const { view, memory } = draft;
  const { unguards } = changeOf(view);
  if (unguards.length === 0) return { is: 'skipped', message: 'No guard stands in the way' };
  if (!memory.written?.unguards) {
    memory.written = { ...memory.written, unguards: true };
    draft.ask({ do: 'writePolicies', put: [], remove: unguards.map(guardIdentity) });
    return { is: 'again', message: 'Taking guards away' };
  }
  return handedOver(draft, 'unguard', unguards, `${counted(unguards.length, 'guard')} gone`);
}

const guardIdentity = ({ namespace, service }: GuardPlan) => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: guardName(service), namespace },
});

/** Waits until the agents have the newest version of these policies, and say that all of the bundle is applied. */
function handedOver(draft: Draft, step: string, guards: GuardPlan[], done: string): Outcome {
  const { view } = draft;
  const clusters = clustersOf(view);
  const isDelivered = guards.every(({ namespace, service }) => {
    const key = `AuthorizationPolicy ${namespace}/${guardName(service)}`;
    return view.handedOver?.get(key) !== false;
  });
  const open = clusters.filter((cluster) => {
    const wanted = cluster.desired.find(({ name }) => name === 'policies');
    return !wanted || bundleAt(cluster, 'policies', wanted.digest)?.state !== 'Ready';
  });
  if (isDelivered && open.length === 0) return { is: 'done', message: done };
  const paused = awayMessage(clusters, view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  const status = open[0]?.report?.bundles.find(({ name }) => name === 'policies');
  if (view.now >= draft.deadline(step, stepTimeoutMs)) {
    const why = status ? firstError(status) : 'the agent did not take them up';
    return {
      is: 'failed',
      reason: 'GuardNotApplied',
      message: `The guards are not as they are to be: ${why}`,
    };
  }
  return { is: 'waiting', message: `Policies: ${progressOf(status)}`, wakeInMs: 2_000 };
}

function label(draft: Draft): Outcome {
  const { view, memory } = draft;
  if (!memory.labelled) {
    memory.labelled = true;
    draft.ask({ do: 'setEnrolmentRows', rows: changeOf(view).rows });
    for (const { id } of clustersOf(view)) draft.ask({ do: 'syncEnrolment', clusterId: id });
    return { is: 'again', message: 'Handing the labels to the agents' };
  }
  return labelled(draft, 'label', 'The labels are set');
}

/** Waits until every agent has the labels as they are wanted now; what another manager holds is told at once. */
function labelled(draft: Draft, step: string, done: string): Outcome {
  const { view } = draft;
  const open = clustersOf(view).filter((cluster) => !isLabelled(draft, cluster));
  if (open.length === 0) return { is: 'done', message: done };
  const paused = awayMessage(open, view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  const statuses = open.map((cluster) => ({ cluster, status: labelStatus(cluster) }));
  const refused = statuses.find(
    ({ status }) => status?.state === 'Failed' || status?.state === 'Degraded',
  );
  if (refused?.status && refused.status.errors.length > 0) {
    return {
      is: 'failed',
      reason: 'LabelNotSet',
      message: `${refused.cluster.name}: a label could not be set: ${firstError(refused.status)}`,
    };
  }
  if (view.now >= draft.deadline(step, stepTimeoutMs)) {
    return {
      is: 'failed',
      reason: 'LabelNotSet',
      message: `The labels could not be set: ${progressOf(statuses[0]?.status)}`,
    };
  }
  return { is: 'waiting', message: progressOf(statuses[0]?.status), wakeInMs: 2_000 };
}

function restart(draft: Draft): Outcome {
  const { restarts } = changeOf(draft.view);
  if (restarts.length === 0) {
    return { is: 'skipped', message: 'No restart is needed: no sidecar comes or goes' };
  }
  return restarted(draft, 'restart', '');
}

/** One namespace after the other, so that no more than one is under way. */
function restarted(draft: Draft, step: string, prefix: string): Outcome {
  const { restarts } = changeOf(draft.view);
  for (const [index, { clusterId, namespace }] of restarts.entries()) {
    const place = `${namespace} (${index + 1} of ${restarts.length})`;
    const outcome = followAction(draft, {
      effect: { do: 'restart', key: `${prefix}${clusterId}/${namespace}`, clusterId, namespace },
      beginning: `Restarting the workloads of ${place}`,
      waiting: (says) => `${place}: ${says || 'waiting for the agent'}`,
      failed: `The workloads of ${namespace} were not all restarted`,
      step,
      timeoutMs: restartTimeoutMs * restarts.length,
    });
    if (outcome.is !== 'done') return outcome;
  }
  return { is: 'done', message: `${counted(restarts.length, 'namespace')} restarted` };
}

function probe(draft: Draft): Outcome {
  const { view } = draft;
  const unseen = unseenLabels(view);
  if (unseen.length > 0 && view.now < draft.deadline('probe', probeTimeoutMs)) {
    return {
      is: 'waiting',
      message: `Waiting for agents to tell the labels of ${list(unseen)}`,
      wakeInMs: 1_000,
    };
  }
  const pods = probedPods(view);
  const isRestartLeft = changeOf(view).restarts.length === 0;
  // A waypoint that the change did not ask for, and others name, is no matter of it.
  const isOthers = changeOf(view).waypoints.length === 0;
  const isLeft = (reason: string) =>
    (isRestartLeft && isForRestart.has(reason)) || (isOthers && reason === 'WaypointNotReady');
  const open = pods.filter(
    ({ state, reason }) => (state === 'differs' && !isLeft(reason)) || state === 'waiting',
  );
  const left = pods.filter(({ reason }) => isRestartLeft && isForRestart.has(reason)).length;
  const without = pods.filter(({ reason }) => isOthers && reason === 'WaypointNotReady').length;
  if (open.length === 0) {
    return {
      is: 'done',
      message:
        `${counted(pods.length - left - without, 'pod')} as wanted` +
        (left > 0 ? `; ${left} take it up when they restart` : '') +
        (without > 0
          ? `; ${without} named to a waypoint that does not serve, which is not of this change`
          : ''),
    };
  }
  const words = `${pods.length - open.length} of ${counted(pods.length, 'pod')} as wanted; open: ${list(
    open.map(({ name, message }) => `${name} (${message})`),
    2,
  )}`;
  const paused = awayMessage(clustersOf(view), view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  if (view.now >= draft.deadline('probe', probeTimeoutMs)) {
    return { is: 'failed', reason: 'NotProven', message: words };
  }
  return { is: 'waiting', message: words, wakeInMs: 2_000 };
}

/** What was told may be older than the labels: nothing is proven by it. */
function unseenLabels(view: Draft['view']): string[] {
  const { rows } = changeOf(view);
  const namespaces = rows.namespaces
    .filter((row) => {
      const live = factsOf(view, row.clusterId)?.namespaces.get(row.namespace) ?? {};
      const isLeft = row.mode !== 'L4' && live[modeLabel] === 'ambient';
      return isLeft || !matchesLabels(namespaceLabels(row), live);
    })
    .map(({ namespace }) => namespace);
  const services = rows.services
    .filter((row) => {
      const live = factsOf(view, row.clusterId)
        ?.services.get(row.namespace)
        ?.find(({ metadata }) => metadata.name === row.name);
      return live !== undefined && !matchesLabels(waypointLabels(row), live.metadata.labels ?? {});
    })
    .map(nameOf);
  return [...namespaces, ...services];
}

/** What only a restart changes, where none was wanted. */
const isForRestart = new Set(['SidecarLeft', 'NoSidecar', 'SidecarInAmbient']);

function probedPods(view: Draft['view']): EnrolledPod[] {
  const { rows } = changeOf(view);
  return knownOf(view).flatMap(({ clusterId, facts }) => {
    const namespaces = new Set(
      [...rows.namespaces, ...rows.services]
        .filter((row) => row.clusterId === clusterId)
        .map(({ namespace }) => namespace),
    );
    return [...namespaces]
      .flatMap((namespace) => facts.pods.get(namespace) ?? [])
      .filter((pod) => roleOf(pod) === 'app')
      .map((pod) => judgePod(facts, pod, view.now));
  });
}

/** After the label: before it, the guard would refuse what does not pass the waypoint yet. */
function guard(draft: Draft): Outcome {
  const { view, memory } = draft;
  const { guards, releases = [] } = changeOf(view);
  if (releases.length > 0 && !memory.written?.released) {
    // The probe has seen that no label names them any more.
    memory.written = { ...memory.written, released: true };
    draft.ask({
      do: 'writePolicies',
      put: [],
      remove: releases.map((one) => waypointObject({ ...one, users: [] })),
    });
    draft.ask({ do: 'rememberReleased', released: releases, rows: changeOf(view).before });
    return { is: 'again', message: `Releasing ${list(releases.map(nameOf))}` };
  }
  if (guards.length === 0) {
    if (releases.length > 0) return { is: 'done', message: `${list(releases.map(nameOf))} goes` };
    return { is: 'skipped', message: 'No guard was asked for' };
  }
  if (!memory.written?.guards) {
    const put = guards.flatMap(({ clusterId, namespace, service }) => {
      const facts = factsOf(view, clusterId);
      const found = facts?.services
        .get(namespace)
        ?.find(({ metadata }) => metadata.name === service);
      const object = facts && found ? guardOf(facts, found, namedClients(facts)) : null;
      return object ? [object] : [];
    });
    memory.written = { ...memory.written, guards: true };
    draft.ask({ do: 'writePolicies', put, remove: [] });
    return { is: 'again', message: `Writing ${counted(put.length, 'guard')}` };
  }
  return handedOver(draft, 'guard', guards, `${counted(guards.length, 'guard')} in place`);
}

/** Guards go first, then the labels of before come back, then what was restarted restarts again. */
function undo(draft: Draft): Outcome {
  const { view, memory } = draft;
  const { before, guards } = changeOf(view);
  if (memory.labelled && !memory.unlabelled) {
    memory.unlabelled = true;
    if (memory.written?.guards) {
      draft.ask({ do: 'writePolicies', put: [], remove: guards.map(guardIdentity) });
    }
    draft.ask({ do: 'setEnrolmentRows', rows: before });
    for (const { id } of clustersOf(view)) draft.ask({ do: 'syncEnrolment', clusterId: id });
    return { is: 'again', message: 'Handing the labels of before to the agents' };
  }
  const back: Outcome = memory.labelled
    ? labelled(draft, 'undo', 'The labels are as they were')
    : { is: 'done', message: 'No label had been set' };
  const made = memory.written?.waypoints ?? [];
  if (back.is === 'done' && made.length > 0) {
    // Only once no label names them: traffic to a waypoint that is gone goes past its policies.
    memory.written = { ...memory.written, waypoints: [] };
    draft.ask({
      do: 'writePolicies',
      put: [],
      remove: made.map((one) => waypointObject({ ...one, users: [] })),
    });
    return { is: 'again', message: `Taking ${list(made.map(nameOf))} away` };
  }
  const wasRestarted = Object.keys(memory.actions ?? {}).some((key) => !key.startsWith('undo/'));
  return back.is === 'done' && wasRestarted ? restarted(draft, 'undo', 'undo/') : back;
}
