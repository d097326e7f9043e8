import { waypointTakeUp } from '@ambit/contracts/operations/waypoint-reclaim';
import type { ChangeSubject } from '@ambit/contracts/operations/enrolment';
import type { Tx } from '@ambit/db/database';
import { keyOf } from '@ambit/istio/enrolment/facts';
import { asTheyWere, planChange, type ChangePlan } from '@ambit/istio/enrolment/plan-change';
import type { EnrolmentRows } from '@ambit/istio/enrolment/rows';
import type { Profile } from '@ambit/istio/values';
import { beginEnrolmentChange } from '../enrolment/begin.ts';
import { refuse } from '../enrolment/change.ts';
import { loadFacts, type KnownCluster } from '../enrolment/load.ts';
import { currentRows } from '../enrolment/rows.ts';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { lockMesh } from '../mesh/lock.ts';
import { loadLifecycles, type Released } from './lifecycle-rows.ts';

export const takeUpWaypoint = implement(
  waypointTakeUp,
  async (context, { meshId, namespace, name }) => {
    const mesh = await lockMesh(context.tx, meshId);
    const { released } = await loadLifecycles(context.tx, meshId);
    const was = released.get(keyOf(namespace, name));
    if (!was) throw notFound('released waypoint', keyOf(namespace, name));
    const clusters = await loadFacts(context.tx, meshId, context.now);
    const change = await planTakeUp(context, { meshId, namespace, name, was, clusters });
    const operation = await beginEnrolmentChange(context, mesh, {
      change,
      words: takeUpWords(keyOf(namespace, name), []),
      restart: false,
    });
    return { operation: toOperation(operation) };
  },
  ({ namespace, name }) => keyOf(namespace, name),
);

export const takeUpWords = (key: string, wantedBy: readonly string[]): string => {
  const [first] = wantedBy;
  const more = wantedBy.length > 1 ? ` and ${wantedBy.length - 1} more` : '';
  return `Take waypoint ${key} up again${first ? `: ${first}${more} needs it` : ''}`;
};

/**
 * A released waypoint as it was: its Gateway first, the labels of before once it serves.
 * @throws AmbitError conflict when nothing that used it is in the mesh at L4 any more; unprocessable with what is in the way
 */
export async function planTakeUp(
  { tx, now }: { tx: Tx; now: Date },
  on: {
    meshId: string;
    namespace: string;
    name: string;
    was: Released;
    clusters: readonly KnownCluster[];
  },
): Promise<Omit<ChangePlan, 'preview'>> {
  const { meshId, namespace, name, was, clusters } = on;
  const mesh = await tx.mesh.findUniqueOrThrow({
    where: { id: meshId },
    select: { profile: true, guardMode: true },
  });
  const current = await currentRows(tx, meshId);
  const known = new Set(clusters.map(({ clusterId }) => clusterId));
  const subjects = subjectsOfRows(was.rows, keyOf(namespace, name), current).filter(
    ({ clusterId }) => known.has(clusterId),
  );
  if (subjects.length === 0) {
    throw conflict(
      `nothing that used waypoint ${keyOf(namespace, name)} is in the mesh at L4 any more`,
      'make the waypoint with waypoint.create, and enrol with enrolment.change',
    );
  }
  const { preview, ...change } = planChange({
    wish: {
      subjects,
      mode: 'L4+L7',
      waypoint: { name, namespace },
      guard: mesh.guardMode === 'keep',
      restart: false,
    },
    profile: mesh.profile as Profile,
    current,
    clusters,
    now,
  });
  refuse(preview);
  const waypoints = asTheyWere(change.waypoints, [{ namespace, name, object: was.object }]);
  return { ...change, waypoints };
}

/** What used the waypoint and may again: what has left the mesh meanwhile, or has another one, stays as it is. */
export function subjectsOfRows(
  was: EnrolmentRows,
  waypoint: string,
  current: EnrolmentRows,
): ChangeSubject[] {
  const named = (row: { namespace: string; waypoint: string; waypointNamespace: string }) =>
    keyOf(row.waypointNamespace || row.namespace, row.waypoint) === waypoint;
  const around = (clusterId: string, namespace: string) =>
    current.namespaces.find((row) => row.clusterId === clusterId && row.namespace === namespace);
  const namespaces = was.namespaces
    .filter(named)
    .filter(({ clusterId, namespace }) => {
      const now = around(clusterId, namespace);
      return now?.mode === 'L4' && now.waypoint === '';
    })
    .map(({ clusterId, namespace }) => ({ clusterId, namespace }));
  const services = was.services
    .filter(named)
    .filter(({ clusterId, namespace, name }) => {
      const own = current.services.find(
        (row) => row.clusterId === clusterId && row.namespace === namespace && row.name === name,
      );
      return !own || own.waypoint === '' || own.waypoint === 'none';
    })
    .filter(({ clusterId, namespace }) => around(clusterId, namespace)?.mode === 'L4')
    .map(({ clusterId, namespace, name }) => ({ clusterId, namespace, service: name }));
  return [...namespaces, ...services];
}
