import { counted } from '@ambit/contracts/words';
import type { KubeObject } from '@ambit/contracts/common';
import type { EnrolmentMode } from '@ambit/contracts/agent/protocol';
import type { EnrolmentPreview } from '@ambit/contracts/operations/enrolment';
import { namedClients, outsideClients } from './clients.ts';
import { conflictsOf, type Conflict } from './conflicts.ts';
import type { ClusterFacts, PodFact } from './facts.ts';
import { keyOf, podsOf, roleOf, workloadOf } from './facts.ts';
import { guardName, isProtecting, servicesProtectedBy } from './guard.ts';
import type { ChangeCluster, ChangePlan, GuardPlan, PlanInput } from './plan-change.ts';
import { modeOfRow } from './rows.ts';
import { commonMode, judgePod } from './truth.ts';
import { waypointOfService } from './waypoint.ts';
import { withRows } from './with-rows.ts';

/** What a person sees before a change: labels, steps, who gains and loses what, what stands in the way. Pure. */
export function previewOf(
  input: PlanInput,
  plan: Omit<ChangePlan, 'preview'>,
  touched: readonly ChangeCluster[],
): EnrolmentPreview {
  const conflicts: Conflict[] = [
    ...conflictsOf(input, plan),
    ...touched.flatMap((cluster) => holesOf(cluster, plan)),
  ];
  const allowed = !conflicts.some(({ severity }) => severity === 'error');
  const changes = touched.flatMap((cluster) => changesOf(input, cluster, plan));
  const { mode } = input.wish;
  const what = counted(changes.length, 'subject');
  return {
    allowed,
    sentence: allowed
      ? `${what} to ${mode}; ${counted(plan.restarts.length, 'namespace restarts', 'namespaces restart')} and ${counted(plan.guards.length, 'guard')} will stand.`
      : `It cannot be done: ${conflicts.find(({ severity }) => severity === 'error')?.message}.`,
    changes,
    steps: stepsOf(plan),
    ...effectsOf(input, plan, touched),
    conflicts,
  };
}

/** L7 policies that would be enforced no more: the change would open a hole. */
function holesOf(
  { clusterId, clusterName, facts }: ChangeCluster,
  { rows }: Pick<ChangePlan, 'rows'>,
): Conflict[] {
  const after = withRows(facts, rows, clusterId);
  const keys = (known: ClusterFacts, policy: KubeObject) =>
    servicesProtectedBy(known, policy)
      .filter((service) => waypointOfService(known, service) !== null)
      .map(({ metadata }) => keyOf(metadata.namespace ?? '', metadata.name));
  return facts.policies.filter(isProtecting).flatMap((policy) => {
    const then = new Set(keys(after, policy));
    const { kind, metadata } = policy;
    return keys(facts, policy)
      .filter((service) => !then.has(service))
      .map((service) => ({
        severity: 'error' as const,
        about: `${kind} ${metadata.namespace}/${metadata.name}`,
        message: `${service} (${clusterName}) would not pass the waypoint any more that enforces ${kind} ${metadata.namespace}/${metadata.name}`,
        fix: 'delete the policy first, or bind it to what enforces it afterwards',
      }));
  });
}

function changesOf(
  { wish, now }: PlanInput,
  { clusterId, clusterName, facts }: ChangeCluster,
  { rows }: Pick<ChangePlan, 'rows'>,
): EnrolmentPreview['changes'] {
  const after = withRows(facts, rows, clusterId);
  const labelsOf = (from: Readonly<Record<string, string>>, to: Readonly<Record<string, string>>) =>
    [...new Set([...Object.keys(from), ...Object.keys(to)])]
      .filter((label) => from[label] !== to[label])
      .map((label) => ({ label, from: from[label] ?? null, to: to[label] ?? null }));
  const truth = (pods: PodFact[]) =>
    commonMode(
      pods.filter((pod) => roleOf(pod) === 'app').map((pod) => judgePod(facts, pod, now).truth),
    );
  const namespaces = rows.namespaces
    .filter((row) => row.clusterId === clusterId)
    .map(({ namespace }) => ({
      clusterId,
      clusterName,
      kind: 'Namespace',
      namespace,
      name: namespace,
      from: truth(facts.pods.get(namespace) ?? []),
      to: wish.mode,
      labels: labelsOf(
        facts.namespaces.get(namespace) ?? {},
        after.namespaces.get(namespace) ?? {},
      ),
    }));
  const services = rows.services
    .filter((row) => row.clusterId === clusterId)
    .flatMap(({ namespace, name }) => {
      const find = (known: ClusterFacts) =>
        known.services.get(namespace)?.find(({ metadata }) => metadata.name === name);
      const live = find(facts);
      if (!live) return [];
      return [
        {
          clusterId,
          clusterName,
          kind: 'Service',
          namespace,
          name,
          from: truth(podsOf(facts, live)),
          to: wish.mode,
          labels: labelsOf(live.metadata.labels ?? {}, find(after)?.metadata.labels ?? {}),
        },
      ];
    });
  return [...namespaces, ...services];
}

const titles: Record<string, string> = {
  precheck: 'Check that it can be done',
  waypoint: 'Have the waypoints Programmed',
  unguard: 'Take guards away that would refuse everybody',
  hold: 'Have waypoints keep what is open while clients leave',
  label: 'Set the labels',
  restart: 'Restart workloads, namespace by namespace',
  probe: 'Prove it by the pods',
  drain: 'Wait until no request goes through what was left',
  guard: 'Put the guards in place',
};

function stepsOf(plan: Omit<ChangePlan, 'preview'>): EnrolmentPreview['steps'] {
  const guardText = ({ namespace, service }: GuardPlan) =>
    `AuthorizationPolicy ${namespace}/${guardName(service)}`;
  const leftText = ({ namespace, name }: { namespace: string; name: string }) =>
    `waypoint ${namespace}/${name}`;
  const what: Record<string, string[]> = {
    precheck: ['agents are there and have told what their clusters hold'],
    waypoint: plan.waypoints.map(
      ({ namespace, name, exists }) =>
        `Gateway ${namespace}/${name}: ${exists ? 'is there' : 'is made'}, and waited for`,
    ),
    unguard: plan.unguards.map(guardText),
    hold: (plan.leaves ?? []).map(leftText),
    label: [
      ...plan.rows.namespaces.map(({ namespace }) => `Namespace ${namespace}`),
      ...plan.rows.services.map(({ namespace, name }) => `Service ${namespace}/${name}`),
    ],
    restart: plan.restarts.map(({ namespace }) => `workloads of ${namespace}`),
    probe: ['every pod is what its labels ask for'],
    drain: (plan.leaves ?? []).map(leftText),
    guard: plan.guards.map(guardText),
  };
  return Object.entries(what)
    .filter(([, lines]) => lines.length > 0)
    .map(([name, lines]) => ({ name, title: titles[name] ?? name, what: lines }));
}

const gained: Record<EnrolmentMode, string[]> = {
  none: [],
  sidecar: ['mTLS, L4 and L7 policy, routes, and telemetry of requests, by a proxy in each pod'],
  L4: ['mTLS and L4 policy by identity, and telemetry of connections, without a restart'],
  'L4+L7': [
    'mTLS and L4 policy by identity, without a restart',
    'L7 policy, routes and telemetry of requests, for clients in ambient mode',
  ],
};

function effectsOf(
  { wish }: PlanInput,
  plan: Omit<ChangePlan, 'preview'>,
  touched: readonly ChangeCluster[],
): Pick<EnrolmentPreview, 'gains' | 'losses'> {
  const losses: string[] = [];
  const had = plan.before.namespaces.map(modeOfRow);
  if (wish.mode === 'none' && had.some((mode) => mode !== 'none')) {
    losses.push('mTLS, policies and telemetry: what enforces them is taken away');
  }
  if (wish.mode === 'L4' && had.includes('L4+L7')) {
    losses.push('L7 policy, routes and telemetry of requests');
  }
  if (wish.mode.startsWith('L4') && had.includes('sidecar')) {
    losses.push(
      wish.mode === 'L4'
        ? 'L7 policy and routes of the sidecars'
        : 'routes and retries at the client’s side: the waypoint does them at the server’s',
    );
  }
  if (plan.guards.length > 0) {
    for (const { clusterName, facts } of touched) {
      const outside = outsideClients(facts);
      losses.push(
        outside.length > 0
          ? `${clusterName}: clients outside the mesh are refused by the guard: ${outside.slice(0, 5).join(', ')}${outside.length > 5 ? ` and ${outside.length - 5} more` : ''}`
          : `${clusterName}: clients outside the mesh are refused by the guard; none is known`,
      );
      const named = namedClients(facts);
      if (named.length > 0) {
        losses.push(
          `${clusterName}: ${counted(named.length, 'identity', 'identities')} with a sidecar or of a gateway may pass the guard by name, until they are ambient too`,
        );
      }
    }
  }
  if (plan.restarts.length > 0) {
    const names = touched.flatMap(({ clusterId, facts }) =>
      plan.restarts
        .filter((one) => one.clusterId === clusterId)
        .flatMap(({ namespace }) => workloadNames(facts.pods.get(namespace) ?? [])),
    );
    losses.push(`${counted(names.length, 'workload')} restart: ${names.slice(0, 8).join(', ')}`);
  }
  return { gains: gained[wish.mode], losses };
}

const workloadNames = (pods: PodFact[]): string[] =>
  [
    ...new Set(pods.filter((pod) => roleOf(pod) === 'app').map((pod) => workloadOf(pod).name)),
  ].sort();
