import { meshEnrol } from '@ambit/contracts/operations/mesh';
import { systemNamespaces } from '@ambit/istio/enrolment/facts';
import type { Context } from '../kernel/context.ts';
import { AmbitError, conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { beginEnrol } from './begin.ts';
import { lockMesh } from './lock.ts';
import { readMesh } from './to-mesh.ts';

export const enrolNamespace = implement(
  meshEnrol,
  async (context, { meshId, clusterId, namespace, mode, restart }) => {
    const mesh = await lockMesh(context.tx, meshId);
    const part = await context.tx.meshCluster.findFirst({ where: { meshId, clusterId } });
    if (!part) throw notFound('cluster of this mesh', clusterId);
    if (systemNamespaces.has(namespace)) {
      throw new AmbitError('unprocessable', `the namespace ${namespace} is never enrolled`, {
        fix: 'choose a namespace of an application',
      });
    }
    if (mode === 'L4' && mesh.profile !== 'ambient') {
      throw new AmbitError('unprocessable', `${mesh.name} is a sidecar mesh and has no ztunnel`, {
        fix: 'enrol the namespace with mode sidecar',
      });
    }
    if (!mesh.activeRelease) {
      throw conflict(`${mesh.name} has not been Ready yet`, 'wait until its creation is done');
    }
    await refuseWithWaypoint(context, { meshId, clusterId, namespace });
    const operation = await beginEnrol(context, mesh, { clusterId, namespace, mode, restart });
    return { mesh: await readMesh(context, meshId), operation: toOperation(operation) };
  },
);

/** Its label alone would leave guards and L7 policies without their waypoint; a change of enrolment knows the order. */
async function refuseWithWaypoint(
  { tx }: Context,
  where: { meshId: string; clusterId: string; namespace: string },
): Promise<void> {
  const own = await tx.enrolment.findFirst({ where: { ...where, waypoint: { not: '' } } });
  const services = await tx.enrolmentService.count({ where });
  if (!own && services === 0) return;
  throw conflict(
    `${where.namespace} uses a waypoint`,
    'change it on the page Enrolment, or with enrolment.change: it takes guards and labels in the safe order',
  );
}
