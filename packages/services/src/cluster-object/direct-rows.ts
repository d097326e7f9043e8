import type { Writer } from '@ambit/contracts/agent/objects';
import { waypointsManager } from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import type { DirectObject, DirectState } from '@ambit/contracts/operations/direct';
import type { Tx } from '@ambit/db/database';
import { choiceSql } from './conflicts.ts';

/** A direct object as it is listed: without its content. */
export interface DirectRow {
  id: string;
  clusterId: string;
  clusterName: string;
  meshId: string | null;
  apiVersion: string;
  group: string;
  kind: string;
  namespace: string;
  name: string;
  writer: Writer | null;
  truncated: boolean;
  digest: string;
  uid: string;
  generation: number | null;
  owners: { kind: string; name: string; controller?: boolean }[] | null;
  choice: string | null;
  decidedBy: string | null;
  decidedAt: Date | null;
  policyId: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/**
 * Direct objects of some clusters; those that Istio itself makes (its GatewayClasses), and the agent for waypoints
 * (classes of pools, what stands for one that sleeps), are none of a person's business.
 * @param only one object by its id
 */
export function readDirect(
  tx: Tx,
  clusterIds: string[],
  filters: {
    kind?: string | undefined;
    namespaces?: string[] | undefined;
    only?: string | undefined;
  } = {},
): Promise<DirectRow[]> {
  const { kind = null, namespaces = null, only = null } = filters;
  return tx.$queryRawUnsafe<DirectRow[]>(
    `SELECT o.id, o.cluster_id AS "clusterId", c.name AS "clusterName", m.mesh_id AS "meshId",
      o.api_version AS "apiVersion", o.api_group AS "group", o.kind, o.namespace, o.name, o.writer, o.truncated,
      o.digest, coalesce(o.object->'metadata'->>'uid', '') AS uid,
      (o.object->'metadata'->>'generation')::int AS generation,
      o.object->'metadata'->'ownerReferences' AS owners, ${choiceSql} AS choice, d.decided_by AS "decidedBy",
      d.decided_at AS "decidedAt", p.id AS "policyId", o.created_at AS "createdAt", o.updated_at AS "updatedAt"
    FROM cluster_object AS o
    JOIN cluster AS c ON c.id = o.cluster_id
    LEFT JOIN mesh_cluster AS m ON m.cluster_id = o.cluster_id
    LEFT JOIN policy AS p ON p.mesh_id = m.mesh_id AND p.deleted_at IS NULL AND NOT p.auxiliary
      AND p.api_group = o.api_group AND p.kind = o.kind AND p.namespace = o.namespace AND p.name = o.name
    LEFT JOIN object_decision AS d ON d.cluster_id = o.cluster_id AND d.api_group = o.api_group AND d.kind = o.kind
      AND d.namespace = o.namespace AND d.name = o.name
    WHERE o.cluster_id = ANY($1) AND o.origin = 'direct' AND coalesce(o.writer->>'tool', '') <> 'istio'
      AND o.writer->'managers' IS DISTINCT FROM '["${waypointsManager}"]'::jsonb
      AND ($2::text IS NULL OR o.kind = $2) AND ($3::text[] IS NULL OR o.namespace = ANY($3))
      AND ($4::text IS NULL OR o.id = $4)`,
    clusterIds,
    kind,
    namespaces,
    only,
  );
}

export async function readContent(tx: Tx, id: string): Promise<KubeObject> {
  const { object } = await tx.clusterObject.findUniqueOrThrow({
    where: { id },
    select: { object: true },
  });
  return object as KubeObject;
}

export function stateOf({ policyId, choice }: Pick<DirectRow, 'policyId' | 'choice'>): DirectState {
  if (policyId === null) return choice === 'leave' ? 'left' : 'open';
  if (choice === null || choice === 'leave') return 'conflict';
  return choice === 'keep' ? 'kept' : 'changing';
}

export function toDirect(row: DirectRow): DirectObject {
  const owner = row.owners?.find(({ controller }) => controller);
  const state = stateOf(row);
  const isDecided = state !== 'open' && state !== 'conflict';
  return {
    id: row.id,
    clusterId: row.clusterId,
    clusterName: row.clusterName,
    apiVersion: row.apiVersion,
    kind: row.kind,
    namespace: row.namespace,
    name: row.name,
    writer: row.writer,
    state,
    madeFor: owner ? `${owner.kind} ${owner.name}` : null,
    decidedBy: isDecided ? row.decidedBy : null,
    decidedAt: isDecided ? (row.decidedAt?.toISOString() ?? null) : null,
    policyId: row.policyId,
    firstSeenAt: row.createdAt.toISOString(),
    changedAt: row.updatedAt.toISOString(),
  };
}

export const directKey = ({ clusterName, kind, namespace, name, id }: DirectObject): string =>
  [namespace, kind, name, clusterName, id].join('/');
