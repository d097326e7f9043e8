import type { Tx } from '@ambit/db/database';
import { conflict, notFound } from '../kernel/errors.ts';

/** One write to an object of a mesh, as its rows take it. */
export interface Entry {
  /** Id of the row, if it has to be made. */
  id: string;
  /** `plural.group`, or `plural` in the core group. */
  resource: string;
  apiVersion: string;
  group: string;
  kind: string;
  namespace: string;
  name: string;
  auxiliary: boolean;
  revision: number;
  /** JSON text of the whole object at this revision; sealed for Secrets. */
  kube: string;
  /** What is wanted of clusters: without what a server adds. */
  object: object;
  yaml: string;
  change: 'created' | 'updated' | 'restored' | 'deleted';
  author: string;
  door: string;
}

/**
 * Makes writers of one mesh take turns until the transaction ends.
 * @returns the revision of the last write
 * @throws AmbitError not_found, conflict when the mesh is being deleted
 */
export async function lockMesh(tx: Tx, meshId: string): Promise<number> {
  const [mesh] = await tx.$queryRaw<{ name: string; revision: bigint; deleting: string | null }[]>`
    SELECT name, revision, (SELECT id FROM operation WHERE target_id = mesh.id AND finished_at IS NULL
      AND type = 'mesh.delete' LIMIT 1) AS deleting
    FROM mesh WHERE id = ${meshId} FOR NO KEY UPDATE OF mesh`;
  if (!mesh) throw notFound('mesh', meshId);
  if (mesh.deleting !== null) throw conflict(`${mesh.name} is being deleted (${mesh.deleting})`);
  return Number(mesh.revision);
}

/**
 * Writes entries, each of another object, with their history, the log that watches follow and the events of
 * consoles. The mesh is locked, and the revisions follow the one `lockMesh` gave without a gap.
 * @returns ids of the rows, in the order of the entries
 */
export async function record(
  tx: Tx,
  organisationId: string,
  meshId: string,
  now: Date,
  entries: Entry[],
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) AS x(
        id text, resource text, "apiVersion" text, "group" text, kind text, namespace text, name text,
        auxiliary boolean, revision bigint, kube text, object jsonb, yaml text, change text, author text, door text)
    ), written AS (
      INSERT INTO policy AS p (id, organisation_id, mesh_id, api_version, api_group, kind, namespace, name, object,
        yaml, author, door, created_at, updated_at, deleted_at, resource, auxiliary, revision, kube)
      SELECT id, ${organisationId}, ${meshId}, "apiVersion", "group", kind, namespace, name, object, yaml, author, door,
        ${now}, ${now}, CASE WHEN change = 'deleted' THEN ${now}::timestamptz END, resource, auxiliary, revision, kube
      FROM input
      ON CONFLICT (mesh_id, api_group, kind, namespace, name) DO UPDATE SET
        api_version = excluded.api_version, object = excluded.object, yaml = excluded.yaml, author = excluded.author,
        door = excluded.door, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at,
        resource = excluded.resource, auxiliary = excluded.auxiliary, revision = excluded.revision,
        kube = excluded.kube, version = p.version + 1
      RETURNING *
    ), logged AS (
      INSERT INTO policy_version (policy_id, version, organisation_id, yaml, object, change, author, door, at, mesh_id,
        revision, kube)
      SELECT w.id, w.version, ${organisationId}, w.yaml, w.object, input.change, w.author, w.door, ${now}, ${meshId},
        w.revision, w.kube
      FROM written w JOIN input USING (revision)
    ), told AS (
      INSERT INTO change_event (organisation_id, topic, resource_id, change, parent_id)
      SELECT ${organisationId}, 'policy', w.id,
        CASE WHEN input.change = 'restored' THEN 'updated' ELSE input.change END, ${meshId}
      FROM written w JOIN input USING (revision) WHERE NOT w.auxiliary
    ), moved AS (
      UPDATE mesh SET revision = (SELECT max(revision) FROM input) WHERE id = ${meshId}
    )
    SELECT id FROM written ORDER BY revision`;
  return rows.map(({ id }) => id);
}
