import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import type { Tx } from '@ambit/db/database';
import { clusterFacts, type ClusterFacts } from '@ambit/istio/enrolment/facts';
import { notFound } from '../kernel/errors.ts';
import {
  loadSnapshot,
  type MeshSnapshot,
  type SnapshotCluster,
} from '../snapshot/load-snapshot.ts';

export interface KnownCluster {
  clusterId: string;
  clusterName: string;
  state: string;
  observedAt: string | null;
  complete: boolean;
  facts: ClusterFacts;
}

/**
 * What is known of each cluster of a mesh for enrolment: its objects, and the policies that the mesh wants of it.
 * @throws AmbitError not_found
 */
export async function loadFacts(tx: Tx, meshId: string, now: Date): Promise<KnownCluster[]> {
  const snapshot = await loadSnapshot(tx, meshId, now);
  const { options } = await tx.mesh.findUniqueOrThrow({
    where: { id: meshId },
    select: { options: true },
  });
  const { trustDomain } = meshOptionsSchema.parse(options);
  return snapshot.clusters.map((cluster) => known(snapshot, cluster, trustDomain));
}

/** @throws AmbitError not_found for a cluster that is not of the mesh */
export async function loadClusterFacts(
  tx: Tx,
  meshId: string,
  clusterId: string,
  now: Date,
): Promise<KnownCluster> {
  const found = (await loadFacts(tx, meshId, now)).find((one) => one.clusterId === clusterId);
  if (!found) throw notFound('cluster of this mesh', clusterId);
  return found;
}

const known = (
  snapshot: MeshSnapshot,
  cluster: SnapshotCluster,
  trustDomain: string,
): KnownCluster => ({
  clusterId: cluster.clusterId,
  clusterName: cluster.name,
  state: cluster.state,
  observedAt: cluster.observedAt,
  complete: cluster.complete,
  facts: clusterFacts({
    objects: cluster.objects.map(({ object }) => object),
    policies: snapshot.policies.map(({ object }) => object),
    trustDomain,
  }),
});
