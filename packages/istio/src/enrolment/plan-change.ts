import type { EnrolmentMode } from '@ambit/contracts/agent/protocol';
import type { KubeObject } from '@ambit/contracts/common';
import type { ChangeSubject, EnrolmentPreview } from '@ambit/contracts/operations/enrolment';
import type { ClusterFacts, ServiceFact } from './facts.ts';
import { hasSidecar, isGatewaysOwn, keyOf, roleOf } from './facts.ts';
import { guardName, guardOf, isGuard } from './guard.ts';
import { previewOf } from './preview.ts';
import {
  modeOfRow,
  namespaceRow,
  type EnrolmentRows,
  type NamespaceRow,
  type ServiceRow,
} from './rows.ts';
import { waypointOfService } from './waypoint.ts';
import { withRows } from './with-rows.ts';

export interface ChangeCluster {
  clusterId: string;
  clusterName: string;
  facts: ClusterFacts;
}

/** What is asked for, of which subjects. */
export interface ChangeWish {
  subjects: ChangeSubject[];
  mode: EnrolmentMode;
  waypoint: { name: string; namespace?: string | undefined };
  guard: boolean;
  restart: boolean;
}

/** A waypoint that has to be there before a label names it. */
export interface NeededWaypoint {
  clusterId: string;
  namespace: string;
  name: string;
  exists: boolean;
  /** Namespaces beside its own that use it. */
  users: string[];
  /** Its Gateway as it was, where it comes back; else one of Istio's own class is made. */
  object?: KubeObject;
}

/** Services of a cluster that leave a waypoint: it keeps serving what they have open, until that is done. */
export interface LeftWaypoint {
  clusterId: string;
  namespace: string;
  name: string;
  services: { namespace: string; name: string }[];
}

/** A waypoint of the mesh that goes, with its Gateway, so that it can come back. */
export interface ReleasedGateway {
  namespace: string;
  name: string;
  object?: KubeObject;
}

export interface GuardPlan {
  clusterId: string;
  namespace: string;
  service: string;
}

/** A change as data: what is set, what was set before, and what has to be there on the way. */
export interface ChangePlan {
  rows: EnrolmentRows;
  before: EnrolmentRows;
  waypoints: NeededWaypoint[];
  /** Services whose guard is to stand, and those whose guard has to go before the label. */
  guards: GuardPlan[];
  unguards: GuardPlan[];
  /** Namespaces whose workloads restart because a sidecar comes or goes. */
  restarts: { clusterId: string; namespace: string }[];
  /** Waypoints that Services leave for another one or for none. */
  leaves?: LeftWaypoint[];
  /** Waypoints of the mesh that go once nothing names them. */
  releases?: ReleasedGateway[];
  preview: EnrolmentPreview;
}

export interface PlanInput {
  wish: ChangeWish;
  profile: 'sidecar' | 'ambient';
  /** What Ambit sets now. */
  current: EnrolmentRows;
  clusters: readonly ChangeCluster[];
  now: Date;
}

const emptyService = (clusterId: string, namespace: string, name: string): ServiceRow => ({
  clusterId,
  namespace,
  name,
  waypoint: '',
  waypointNamespace: '',
});

/** Plans a change of enrolment: what is to be set, in which order, what it costs and what stands in its way. Pure. */
export function planChange(input: PlanInput): ChangePlan {
  const rows: EnrolmentRows = { namespaces: [], services: [] };
  const before: EnrolmentRows = { namespaces: [], services: [] };
  for (const subject of input.wish.subjects) planSubject(input, subject, rows, before);
  return completed(input, rows, before);
}

/** The way back of a change: what was before is wanted, and what it set is what is there. */
export function planUndo(
  input: Omit<PlanInput, 'wish'>,
  change: Pick<ChangePlan, 'rows' | 'before' | 'unguards' | 'releases'>,
  restart: boolean,
): ChangePlan {
  const subjects = [
    ...change.before.namespaces.map(({ clusterId, namespace }) => ({ clusterId, namespace })),
    ...change.before.services.map(({ clusterId, namespace, name }) => ({
      clusterId,
      namespace,
      service: name,
    })),
  ];
  const [first] = change.before.namespaces;
  const mode = first ? modeOfRow(first) : change.before.services[0]?.waypoint ? 'L4+L7' : 'L4';
  const waypoint = { name: first?.waypoint || change.before.services[0]?.waypoint || 'waypoint' };
  const guard = change.unguards.length > 0;
  const wish: ChangeWish = { subjects, mode, waypoint, guard, restart };
  const plan = completed({ ...input, wish }, change.before, change.rows, change.unguards);
  return { ...plan, waypoints: asTheyWere(plan.waypoints, change.releases ?? []) };
}

/** Waypoints that were released come back as they were, and not of Istio's own class. */
export const asTheyWere = (
  waypoints: readonly NeededWaypoint[],
  released: readonly ReleasedGateway[],
): NeededWaypoint[] =>
  waypoints.map((one) => {
    const was = released.find(
      ({ namespace, name }) => namespace === one.namespace && name === one.name,
    );
    return was?.object ? { ...one, object: was.object } : one;
  });

function planSubject(
  { wish, current }: PlanInput,
  { clusterId, namespace, service }: ChangeSubject,
  rows: EnrolmentRows,
  before: EnrolmentRows,
): void {
  const isL7 = wish.mode === 'L4+L7';
  const to = isL7
    ? { waypoint: wish.waypoint.name, waypointNamespace: wish.waypoint.namespace ?? '' }
    : { waypoint: '', waypointNamespace: '' };
  const around =
    current.namespaces.find((one) => one.clusterId === clusterId && one.namespace === namespace) ??
    namespaceRow(clusterId, namespace);
  const ownServices = current.services.filter(
    (one) => one.clusterId === clusterId && one.namespace === namespace,
  );
  if (service !== undefined) {
    const now =
      ownServices.find(({ name }) => name === service) ??
      emptyService(clusterId, namespace, service);
    const off = around.waypoint === '' ? '' : 'none';
    rows.services.push({ ...now, ...to, waypoint: isL7 ? to.waypoint : off });
    before.services.push(now);
    return;
  }
  const mode = isL7 ? 'L4' : wish.mode;
  rows.namespaces.push({ ...around, mode: mode as NamespaceRow['mode'], ...to });
  before.namespaces.push(around);
  for (const own of ownServices) {
    rows.services.push({ ...own, waypoint: '', waypointNamespace: '' });
    before.services.push(own);
  }
}

/** @param only guards that are to stand, where not every one is */
function completed(
  input: PlanInput,
  rows: EnrolmentRows,
  before: EnrolmentRows,
  only?: readonly GuardPlan[],
): ChangePlan {
  const { clusters, wish } = input;
  const touched = clusters.filter(
    ({ clusterId }) =>
      rows.namespaces.some((one) => one.clusterId === clusterId) ||
      rows.services.some((one) => one.clusterId === clusterId),
  );
  const parts = touched.map((cluster) => partOf(input, cluster, rows, before));
  const restarts = wish.restart ? parts.flatMap((part) => part.restarts) : [];
  const plan = {
    rows,
    before,
    waypoints: parts.flatMap((part) => part.waypoints),
    guards: parts.flatMap((part) => part.guards).filter((one) => !only || isIn(only, one)),
    unguards: parts.flatMap((part) => part.unguards),
    leaves: parts.flatMap((part) => part.leaves),
    restarts,
  };
  return { ...plan, preview: previewOf(input, plan, touched) };
}

const isIn = (list: readonly GuardPlan[], { clusterId, namespace, service }: GuardPlan): boolean =>
  list.some(
    (one) => one.clusterId === clusterId && one.namespace === namespace && one.service === service,
  );

type Part = Pick<ChangePlan, 'waypoints' | 'guards' | 'unguards' | 'restarts'> & {
  leaves: LeftWaypoint[];
};

function partOf(
  { wish }: PlanInput,
  { clusterId, facts }: ChangeCluster,
  rows: EnrolmentRows,
  before: EnrolmentRows,
): Part {
  const here = <T extends { clusterId: string }>(list: T[]): T[] =>
    list.filter((one) => one.clusterId === clusterId);
  const after = withRows(facts, rows, clusterId);
  const services = servicesIn(after, here(rows.namespaces), here(rows.services));
  const plan = ({ metadata }: ServiceFact): GuardPlan => ({
    clusterId,
    namespace: metadata.namespace ?? '',
    service: metadata.name,
  });
  const guards = wish.guard ? services.filter((one) => guardOf(after, one)).map(plan) : [];
  const unguards = services
    .filter((one) => !guardOf(after, one))
    .filter((one) => hasGuard(facts, one))
    .map(plan);
  const restarts = here(rows.namespaces)
    .filter((row) => {
      const was = before.namespaces.find(
        (one) => one.clusterId === clusterId && one.namespace === row.namespace,
      );
      const pods = (facts.pods.get(row.namespace) ?? []).filter((pod) => roleOf(pod) === 'app');
      return row.mode === 'sidecar'
        ? pods.some((pod) => !hasSidecar(pod))
        : was?.mode === 'sidecar' || pods.some(hasSidecar);
    })
    .map(({ namespace }) => ({ clusterId, namespace }));
  return {
    waypoints: waypointsOf(clusterId, facts, rows),
    guards,
    unguards,
    restarts,
    leaves: leavesOf(clusterId, facts, after, services),
  };
}

/** The waypoints that Services of a change pass now, and would not pass afterwards. */
function leavesOf(
  clusterId: string,
  facts: ClusterFacts,
  after: ClusterFacts,
  services: readonly ServiceFact[],
): LeftWaypoint[] {
  const left = new Map<string, LeftWaypoint>();
  for (const service of services) {
    const { namespace = '', name } = service.metadata;
    const live = facts.services.get(namespace)?.find((one) => one.metadata.name === name);
    const now = live && waypointOfService(facts, live);
    // One that does not serve has nothing open.
    if (!now || now.pods === 0) continue;
    const then = waypointOfService(after, service);
    const key = keyOf(now.namespace, now.name);
    if (then && keyOf(then.namespace, then.name) === key) continue;
    const known = left.get(key) ?? {
      clusterId,
      namespace: now.namespace,
      name: now.name,
      services: [],
    };
    known.services.push({ namespace, name });
    left.set(key, known);
  }
  return [...left.values()];
}

function waypointsOf(
  clusterId: string,
  facts: ClusterFacts,
  rows: EnrolmentRows,
): NeededWaypoint[] {
  const found = new Map<string, NeededWaypoint>();
  for (const row of [...rows.namespaces, ...rows.services]) {
    if (row.clusterId !== clusterId || !row.waypoint || row.waypoint === 'none') continue;
    const namespace = row.waypointNamespace || row.namespace;
    const key = keyOf(namespace, row.waypoint);
    const known = found.get(key) ?? {
      clusterId,
      namespace,
      name: row.waypoint,
      exists: facts.gateways.has(key),
      users: [],
    };
    if (namespace !== row.namespace && !known.users.includes(row.namespace)) {
      known.users.push(row.namespace);
    }
    found.set(key, known);
  }
  return [...found.values()];
}

function servicesIn(
  facts: ClusterFacts,
  namespaces: NamespaceRow[],
  services: ServiceRow[],
): ServiceFact[] {
  const of = namespaces.flatMap(({ namespace }) => facts.services.get(namespace) ?? []);
  const single = services.flatMap(({ namespace, name }) =>
    (facts.services.get(namespace) ?? []).filter(({ metadata }) => metadata.name === name),
  );
  return [...new Set([...of, ...single])].filter((service) => !isGatewaysOwn(service));
}

const hasGuard = (facts: ClusterFacts, { metadata }: ServiceFact): boolean =>
  facts.policies.some(
    (policy) =>
      isGuard(policy) &&
      policy.metadata.namespace === metadata.namespace &&
      policy.metadata.name === guardName(metadata.name),
  );
