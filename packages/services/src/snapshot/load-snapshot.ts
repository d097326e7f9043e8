import type { Inventory, Workload } from '@ambit/contracts/agent/protocol';
import type { ObjectOrigin, Writer } from '@ambit/contracts/agent/objects';
import type { KubeObject } from '@ambit/contracts/common';
import type { Tx } from '@ambit/db/database';
import { notFound } from '../kernel/errors.ts';
import { clusterState } from '../cluster/state.ts';

/** An object of the mesh itself: an Istio or Gateway API object as it is wanted of every member cluster. */
export interface SnapshotPolicy {
  policyId: string;
  version: number;
  object: KubeObject;
}

/**
 * An object as an agent told it: compact (no managed fields, pods without environment and volumes), in Kubernetes' own
 * form. `mesh`: Ambit delivered it, and only its identity and status are here; `direct`: others applied it in the
 * cluster; `fact`: Namespace, Node, Pod, Service, Deployment, StatefulSet, DaemonSet, PodDisruptionBudget,
 * ServiceAccount, and Secrets that hold no more than a public certificate.
 */
export interface SnapshotObject {
  id: string;
  origin: ObjectOrigin;
  object: KubeObject;
  writer: Writer | null;
  /** Larger than what is told: its content is missing. */
  truncated: boolean;
}

export interface SnapshotCluster {
  clusterId: string;
  name: string;
  /** connected, stale, …: how much what follows is worth. */
  state: string;
  /** Grows with every change of the objects: equal numbers are equal objects. */
  seq: number;
  /** When objects were told last; null: never, and then nothing may be concluded from what is missing. */
  observedAt: string | null;
  /** Every kind was listed and nothing was left out. */
  complete: boolean;
  /** Objects over the limits, by kind. */
  omitted: Record<string, number>;
  /** Which of the kinds that an agent may not be able to tell are told whole. */
  told: string[];
  objects: SnapshotObject[];
  namespaces: Inventory['namespaces'];
  workloads: Workload[];
}

export interface MeshSnapshot {
  meshId: string;
  name: string;
  /** Of the mesh's own objects: grows with every write. */
  revision: number;
  takenAt: string;
  policies: SnapshotPolicy[];
  clusters: SnapshotCluster[];
}

export interface SnapshotOptions {
  /** Only these origins; all when missing. */
  origins?: ObjectOrigin[];
  /** Only this cluster; all of the mesh when missing. */
  clusterId?: string | undefined;
}

/**
 * Everything that is known of a mesh at one moment: what it wants, and what its clusters hold beside it. What diagnosis
 * and topology look at.
 * @throws AmbitError not_found
 */
export async function loadSnapshot(
  tx: Tx,
  meshId: string,
  now: Date,
  options: SnapshotOptions = {},
): Promise<MeshSnapshot> {
  const [mesh] = await tx.$queryRaw<{ name: string; revision: bigint }[]>`
    SELECT name, revision FROM mesh WHERE id = ${meshId}`;
  if (!mesh) throw notFound('mesh', meshId);
  const policies = await tx.policy.findMany({
    where: { meshId, deletedAt: null, auxiliary: false },
    orderBy: { id: 'asc' },
    select: { id: true, version: true, object: true },
  });
  const rows = await tx.cluster.findMany({
    where: { mesh: { meshId }, ...(options.clusterId ? { id: options.clusterId } : {}) },
    orderBy: { name: 'asc' },
    select: {
      id: true,
      name: true,
      createdAt: true,
      registeredAt: true,
      revokedAt: true,
      lastSeenAt: true,
      joinTokenExpiresAt: true,
      inventory: true,
      generation: true,
      objectsSeq: true,
      objectsAt: true,
      objectsComplete: true,
      objectsOmitted: true,
      objectsTold: true,
    },
  });
  const objects = await readObjects(
    tx,
    rows.map(({ id }) => id),
    options.origins ?? ['direct', 'mesh', 'fact'],
  );
  return {
    meshId,
    name: mesh.name,
    revision: Number(mesh.revision),
    takenAt: now.toISOString(),
    policies: policies.map(({ id, version, object }) => ({
      policyId: id,
      version,
      object: object as KubeObject,
    })),
    clusters: rows.map((row) => {
      const inventory = row.inventory as Inventory | null;
      const omitted = row.objectsOmitted as Record<string, number>;
      return {
        clusterId: row.id,
        name: row.name,
        state: clusterState({ ...row, report: null }, now),
        seq: row.objectsSeq,
        observedAt: row.objectsAt?.toISOString() ?? null,
        complete: row.objectsComplete && Object.keys(omitted).length === 0,
        omitted,
        told: row.objectsTold as string[],
        objects: objects.get(row.id) ?? [],
        namespaces: inventory?.namespaces ?? [],
        workloads: inventory?.workloads ?? [],
      };
    }),
  };
}

async function readObjects(
  tx: Tx,
  clusterIds: string[],
  origins: ObjectOrigin[],
): Promise<Map<string, SnapshotObject[]>> {
  const rows = await tx.$queryRaw<(SnapshotObject & { clusterId: string })[]>`
    SELECT cluster_id AS "clusterId", id, origin, object, writer, truncated FROM cluster_object
    WHERE cluster_id = ANY(${clusterIds}) AND origin = ANY(${origins})
    ORDER BY cluster_id, api_group, kind, namespace, name`;
  const byCluster = new Map<string, SnapshotObject[]>();
  for (const { clusterId, ...object } of rows) {
    const list = byCluster.get(clusterId) ?? [];
    byCluster.set(clusterId, list);
    list.push(object);
  }
  return byCluster;
}
