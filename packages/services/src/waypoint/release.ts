import type { ChangeSubject } from '@ambit/contracts/operations/enrolment';
import { waypointRelease } from '@ambit/contracts/operations/waypoint';
import { planChange, type ChangePlan } from '@ambit/istio/enrolment/plan-change';
import type { EnrolmentRows } from '@ambit/istio/enrolment/rows';
import type { Profile } from '@ambit/istio/values';
import type { WaypointUsers } from '@ambit/istio/waypoint/bound';
import { beginEnrolmentChange } from '../enrolment/begin.ts';
import { refuse } from '../enrolment/change.ts';
import { currentRows } from '../enrolment/rows.ts';
import type { Context } from '../kernel/context.ts';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { lockMesh } from '../mesh/lock.ts';
import { loadWaypoints, type WaypointsOfMesh } from './load.ts';

export const releaseWaypoint = implement(
  waypointRelease,
  async (context, { meshId, namespace, name }) => {
    const mesh = await lockMesh(context.tx, meshId);
    const text = `${namespace}/${name}`;
    const all = await loadWaypoints(context.tx, meshId, context.now);
    const { change } = await planRelease(context, { meshId, namespace, name }, all);
    const operation = await beginEnrolmentChange(context, mesh, {
      change,
      words: releaseWords(text, false),
      restart: false,
    });
    return { operation: toOperation(operation) };
  },
  ({ namespace, name }) => `${namespace}/${name}`,
);

export const releaseWords = (waypoint: string, byItself: boolean): string =>
  `Release waypoint ${waypoint}: ${byItself ? 'nothing of L7 is bound to it, and ' : ''}L4 stays`;

/**
 * Takes away what names a waypoint of the mesh, in each cluster.
 * @throws AmbitError with everything that stands in the way
 */
export async function planRelease(
  { tx, now }: Pick<Context, 'tx' | 'now'>,
  { meshId, namespace, name }: { meshId: string; namespace: string; name: string },
  { waypoints, clusters, gateways }: WaypointsOfMesh,
): Promise<{ preview: ChangePlan['preview']; change: Omit<ChangePlan, 'preview'> }> {
  const text = `${namespace}/${name}`;
  const mesh = await tx.mesh.findUniqueOrThrow({ where: { id: meshId } });
  const found = waypoints.filter(
    ({ summary }) => summary.namespace === namespace && summary.name === name,
  );
  const [first] = found;
  if (!first) throw notFound('waypoint', text);
  if (first.summary.policyId === null) {
    throw conflict(
      `waypoint ${text} was applied in the cluster by others`,
      'delete it where it was applied',
    );
  }
  const current = await currentRows(tx, meshId);
  const subjects = found.flatMap(({ summary, users }) =>
    subjectsOf(summary.clusterId, text, users, current),
  );
  if (subjects.length === 0) {
    throw conflict(`nothing uses waypoint ${text}`, 'delete it with waypoint.delete');
  }
  const { preview, ...change } = planChange({
    wish: { subjects, mode: 'L4', waypoint: { name, namespace }, guard: false, restart: false },
    profile: mesh.profile as Profile,
    current,
    clusters,
    now,
  });
  refuse(preview);
  const object = gateways.get(text);
  const releases = [{ namespace, name, ...(object ? { object } : {}) }];
  return { preview, change: { ...change, releases } };
}

/**
 * What has to stop naming a waypoint, in one cluster: only where Ambit set the label, and nothing of L7 needs it.
 * @throws AmbitError conflict with everything that stands in the way
 */
export function subjectsOf(
  clusterId: string,
  waypoint: string,
  { attached, bound }: WaypointUsers,
  rows: EnrolmentRows,
): ChangeSubject[] {
  if (bound.length > 0) {
    const names = bound.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    throw conflict(
      `L7 needs waypoint ${waypoint}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', and more' : ''}`,
      'take these away first, or keep the waypoint',
    );
  }
  const isOurs = (row: { namespace: string; waypoint: string; waypointNamespace: string }) =>
    `${row.waypointNamespace || row.namespace}/${row.waypoint}` === waypoint;
  const namespaces = rows.namespaces.filter((row) => row.clusterId === clusterId && isOurs(row));
  const services = rows.services.filter((row) => row.clusterId === clusterId && isOurs(row));
  const foreign = attached.filter((one) =>
    one.kind === 'Namespace'
      ? !namespaces.some(({ namespace }) => namespace === one.namespace)
      : one.because.includes('(Service ') &&
        !services.some(({ namespace, name }) => namespace === one.namespace && name === one.name),
  );
  if (foreign.length > 0) {
    const names = foreign.map((one) =>
      one.kind === 'Namespace' ? one.namespace : `${one.namespace}/${one.name}`,
    );
    throw conflict(
      `labels that Ambit did not set name waypoint ${waypoint}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', and more' : ''}`,
      'take the label istio.io/use-waypoint away where it was set',
    );
  }
  const others = rows.services.filter(
    (row) =>
      row.clusterId === clusterId &&
      !isOurs(row) &&
      namespaces.some(({ namespace }) => namespace === row.namespace),
  );
  if (others.length > 0) {
    throw conflict(
      `in the same namespace Services name other waypoints: ${others.map(({ namespace, name }) => `${namespace}/${name}`).join(', ')}`,
      'change these one by one with enrolment.change',
    );
  }
  return [
    ...namespaces.map(({ namespace }) => ({ clusterId, namespace })),
    ...services
      .filter(({ namespace }) => !namespaces.some((one) => one.namespace === namespace))
      .map(({ namespace, name }) => ({ clusterId, namespace, service: name })),
  ];
}
