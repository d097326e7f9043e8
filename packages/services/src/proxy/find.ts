import type { StatusReport } from '@ambit/contracts/agent/protocol';
import { isSandboxKubernetes } from '@ambit/istio/releases/simulated';
import type { Tx } from '@ambit/db/database';
import type { Context } from '../kernel/context.ts';
import { AmbitError, notFound } from '../kernel/errors.ts';
import { assertAllowed } from '../kernel/limits.ts';

export interface MemberCluster {
  id: string;
  name: string;
  simulated: boolean;
}

/** Clusters of a mesh. @throws AmbitError not_found */
export async function memberClusters(tx: Tx, meshId: string): Promise<MemberCluster[]> {
  const mesh = await tx.mesh.findUnique({
    where: { id: meshId },
    select: {
      clusters: {
        select: { cluster: { select: { id: true, name: true, report: true } } },
        orderBy: { cluster: { name: 'asc' } },
      },
    },
  });
  if (!mesh) throw notFound('mesh', meshId);
  return mesh.clusters.map(({ cluster: { id, name, report } }) => ({
    id,
    name,
    simulated: isSandboxKubernetes(
      (report as StatusReport | null)?.cluster.kubernetesVersion ?? '',
    ),
  }));
}

/**
 * A cluster of the mesh that is to be read, for who may look into that namespace.
 * @throws AmbitError not_found, forbidden
 */
export async function readableCluster(
  context: Context,
  { meshId, clusterId, namespace }: { meshId: string; clusterId: string; namespace: string },
  what: string,
): Promise<MemberCluster> {
  assertAllowed(context, { meshId, namespace, verb: 'get', what });
  const clusters = await memberClusters(context.tx, meshId);
  const found = clusters.find(({ id }) => id === clusterId);
  if (found) return found;
  throw new AmbitError('not_found', `the mesh ${meshId} has no cluster ${clusterId}`);
}
