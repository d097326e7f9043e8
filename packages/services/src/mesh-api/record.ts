import type { Tx } from '@ambit/db/database';
import type { KubeObject } from '@ambit/kube-api/types';
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
  /** "status": the wish stays as it is, so the write stands in the log and is no version. */
  change: 'created' | 'updated' | 'adopted' | 'restored' | 'deleting' | 'deleted' | 'status';
  /** What the deletion waits for; null while nobody asked for it. */
  finalizers: string[] | null;
  author: string;
  door: string;
  /** The client, as it names itself. */
  manager: string;
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
 * The writes of entries as a WITH clause, for `record` and for batches of the Kubernetes API. Parameters: $1
 * organisation, $2 mesh, $3 time, $4 the entries as JSON. `written` has the rows.
 */
export const recording = `
  WITH input AS (
    SELECT * FROM json_to_recordset($4::json) AS x(
      id text, resource text, "apiVersion" text, "group" text, kind text, namespace text, name text,
      auxiliary boolean, revision bigint, kube text, object jsonb, yaml text, change text, author text, door text,
      manager text, finalizers jsonb)
  ), written AS (
    INSERT INTO policy AS p (id, organisation_id, mesh_id, api_version, api_group, kind, namespace, name, object,
      yaml, author, door, manager, version, created_at, updated_at, deleted_at, resource, auxiliary, revision, kube,
      finalizers)
    SELECT id, $1, $2, "apiVersion", "group", kind, namespace, name, object, yaml, author, door,
      manager, CASE WHEN change = 'status' THEN 0 ELSE 1 END, $3::timestamptz, $3::timestamptz,
      CASE WHEN change = 'deleted' THEN $3::timestamptz END, resource, auxiliary, revision, kube,
      nullif(finalizers, 'null')
    FROM input
    ON CONFLICT (mesh_id, api_group, kind, namespace, name) DO UPDATE SET
      api_version = CASE excluded.version WHEN 0 THEN p.api_version ELSE excluded.api_version END,
      object = CASE excluded.version WHEN 0 THEN p.object ELSE excluded.object END,
      yaml = CASE excluded.version WHEN 0 THEN p.yaml ELSE excluded.yaml END,
      author = CASE excluded.version WHEN 0 THEN p.author ELSE excluded.author END,
      door = CASE excluded.version WHEN 0 THEN p.door ELSE excluded.door END,
      manager = CASE excluded.version WHEN 0 THEN p.manager ELSE excluded.manager END,
      updated_at = CASE excluded.version WHEN 0 THEN p.updated_at ELSE excluded.updated_at END,
      deleted_at = excluded.deleted_at, resource = excluded.resource, auxiliary = excluded.auxiliary,
      revision = excluded.revision, kube = excluded.kube, finalizers = excluded.finalizers,
      version = p.version + excluded.version
    RETURNING p.id, p.version, p.revision, p.auxiliary
  ), logged AS (
    INSERT INTO policy_version (policy_id, version, organisation_id, yaml, object, change, author, door, manager, at,
      mesh_id, revision, kube)
    SELECT w.id, w.version, $1, CASE input.change WHEN 'status' THEN '' ELSE input.yaml END,
      CASE input.change WHEN 'status' THEN '{}' ELSE input.object END, input.change, input.author, input.door,
      input.manager, $3::timestamptz, $2, w.revision, input.kube
    FROM written w JOIN input USING (revision)
  ), told AS (
    INSERT INTO change_event (organisation_id, topic, resource_id, change, parent_id)
    SELECT $1, 'policy', w.id,
      CASE WHEN input.change IN ('created', 'deleted') THEN input.change ELSE 'updated' END, $2
    FROM written w JOIN input USING (revision) WHERE NOT w.auxiliary AND input.change <> 'status'
  ), moved AS (
    UPDATE mesh SET revision = (SELECT max(revision) FROM input) WHERE id = $2
  )`;

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
  const rows = await tx.$queryRawUnsafe<{ id: string }[]>(
    `${recording} SELECT id FROM written ORDER BY revision`,
    organisationId,
    meshId,
    now,
    JSON.stringify(entries),
  );
  return rows.map(({ id }) => id);
}

/** @returns the finalizers that an object waits for which is being deleted, else null */
export const awaitedBy = ({ metadata }: KubeObject): string[] | null =>
  metadata.deletionTimestamp === undefined ? null : (metadata.finalizers ?? []);
