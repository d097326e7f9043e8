import type { Writer } from '@ambit/contracts/agent/objects';
import type { Tx } from '@ambit/db/database';

/** What a person chose for a name that exists in the mesh and directly in a cluster. */
export type Choice = 'keep' | 'take' | 'adopt';

/** A policy of a mesh and an object of the same kind, namespace and name that others applied in a member cluster. */
export interface Conflict {
  clusterId: string;
  clusterName: string;
  policyId: string;
  objectId: string;
  group: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  generation: number | null;
  writer: Writer | null;
  /** null: nobody decided about this very object. */
  choice: Choice | null;
}

/**
 * The decision about an object that counts: made of this very one (uid), and for an adoption as it was then.
 * `o` is the object, `d` the decision, in SQL.
 */
export const choiceSql = `CASE WHEN d.uid = o.object->'metadata'->>'uid' AND (d.choice <> 'adopt' OR d.generation IS NULL
  OR d.generation = (o.object->'metadata'->>'generation')::int) THEN d.choice END`;

/** Conflicts of a mesh, those that were decided among them, by cluster and name. */
export async function conflictsOf(tx: Tx, meshId: string): Promise<Conflict[]> {
  const rows = await tx.$queryRawUnsafe<(Omit<Conflict, 'choice'> & { choice: string | null })[]>(
    `SELECT o.cluster_id AS "clusterId", c.name AS "clusterName", p.id AS "policyId", o.id AS "objectId",
      o.api_group AS "group", o.kind, o.namespace, o.name, o.writer,
      coalesce(o.object->'metadata'->>'uid', '') AS uid,
      (o.object->'metadata'->>'generation')::int AS generation, ${choiceSql} AS choice
    FROM mesh_cluster AS m
    JOIN cluster AS c ON c.id = m.cluster_id
    JOIN cluster_object AS o ON o.cluster_id = m.cluster_id AND o.origin = 'direct'
    JOIN policy AS p ON p.mesh_id = m.mesh_id AND p.deleted_at IS NULL AND NOT p.auxiliary
      AND p.api_group = o.api_group AND p.kind = o.kind AND p.namespace = o.namespace AND p.name = o.name
    LEFT JOIN object_decision AS d ON d.cluster_id = o.cluster_id AND d.api_group = o.api_group AND d.kind = o.kind
      AND d.namespace = o.namespace AND d.name = o.name
    WHERE m.mesh_id = $1 ORDER BY c.name, o.kind, o.namespace, o.name`,
    meshId,
  );
  // To leave an object alone was said before the mesh had one of its name: that is another question.
  return rows.map((row) => ({
    ...row,
    choice: row.choice === 'leave' ? null : (row.choice as Choice | null),
  }));
}

/** Whether the cluster's object stays as it is: nobody decided yet, or a person chose it. */
export const staysAsItIs = ({ choice }: Pick<Conflict, 'choice'>): boolean =>
  choice === null || choice === 'keep';

/** `Argo CD (shop)`, `kubectl`: who wrote an object, for people. */
export function writerName(writer: Writer | null): string {
  if (!writer) return 'somebody';
  const { tool, application, managers } = writer;
  const names: Record<Writer['tool'], string> = {
    argocd: 'Argo CD',
    flux: 'Flux',
    helm: 'Helm',
    kubectl: 'kubectl',
    terraform: 'Terraform',
    istio: 'istiod',
    ambit: 'another Ambit',
    other: managers[0] ?? 'somebody',
  };
  return application ? `${names[tool]} (${application})` : names[tool];
}
