import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import type { Tx } from '@ambit/db/database';
import { clusterFacts, type ClusterFacts } from '@ambit/istio/enrolment/facts';
import { notFound } from '../kernel/errors.ts';
import {
  loadSnapshot,
  type MeshSnapshot,
  type SnapshotCluster,
} from '../snapshot/load-snapshot.ts';
import { proxiesOldAfterMs, telemetryStates } from '../telemetry-store/read.ts';

export interface KnownCluster {
  clusterId: string;
  clusterName: string;
  state: string;
  observedAt: string | null;
  complete: boolean;
  facts: ClusterFacts;
}

/**
 * What is known of each cluster of a mesh for enrolment, or of one of them: its objects, the policies that the mesh wants
 * of it, and its proxies as far as they were told of lately.
 * @throws AmbitError not_found
 */
export async function loadFacts(
  tx: Tx,
  meshId: string,
  now: Date,
  clusterId?: string,
): Promise<KnownCluster[]> {
  const snapshot = await loadSnapshot(tx, meshId, now, { clusterId });
  const { options } = await tx.mesh.findUniqueOrThrow({
    where: { id: meshId },
    select: { options: true },
  });
  const { trustDomain } = meshOptionsSchema.parse(options);
  const states = await telemetryStates(
    tx,
    snapshot.clusters.map((cluster) => cluster.clusterId),
  );
  const proxies = new Map(
    states
      .filter(({ proxiesAt }) => proxiesAt && +now - +proxiesAt <= proxiesOldAfterMs)
      .map((state) => [state.clusterId, state.proxies]),
  );
  return snapshot.clusters.map((cluster) =>
    known(snapshot, cluster, trustDomain, proxies.get(cluster.clusterId)),
  );
}

/** @throws AmbitError not_found for a cluster that is not of the mesh */
export async function loadClusterFacts(
  tx: Tx,
  meshId: string,
  clusterId: string,
  now: Date,
): Promise<KnownCluster> {
  const [found] = await loadFacts(tx, meshId, now, clusterId);
  if (!found) throw notFound('cluster of this mesh', clusterId);
  return found;
}

const known = (
  snapshot: MeshSnapshot,
  cluster: SnapshotCluster,
  trustDomain: string,
  proxies: readonly ReportedProxy[] = [],
): KnownCluster => ({
  clusterId: cluster.clusterId,
  clusterName: cluster.name,
  state: cluster.state,
  observedAt: cluster.observedAt,
  complete: cluster.complete,
  facts: clusterFacts({
    objects: cluster.objects.map(({ object }) => object),
    policies: snapshot.policies.map(({ object }) => object),
    proxies,
    trustDomain,
  }),
});
