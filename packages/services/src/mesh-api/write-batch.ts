import { newId } from '@ambit/contracts/ids';
import type { Tx } from '@ambit/db/database';
import type { Pipeline, Statement } from '@ambit/db/pipeline';
import { conflict, notFound } from '../kernel/errors.ts';
import type { auditOf } from './author.ts';
import { recording, type Entry } from './record.ts';

/** Writes of one mesh that become durable together. */
export interface Batch {
  organisationId: string;
  meshId: string;
  now: Date;
  /** The revision of the mesh as the writer knows it. */
  after: number;
  /** Of different objects; their revisions follow `after` without a gap. */
  entries: Entry[];
  /** One an entry, by its revision. */
  audits: ReturnType<typeof auditOf>[];
}

/** The mesh is at another revision than the writer knows; nothing was written. */
export class MeshMoved extends Error {}

/** Rows, history, log, audit, events and the order to deliver, in one statement. */
const writing = `${recording}, audited AS (
    INSERT INTO audit_entry (id, organisation_id, actor_kind, actor_id, actor_name, door, action, target, outcome,
      detail, request_id)
    SELECT a.id, $1, a."actorKind", a."actorId", a."actorName", a.door, a.action, w.id, a.outcome, a.detail, a."requestId"
    FROM json_to_recordset($5::json) AS a(id text, revision bigint, "actorKind" text, "actorId" text,
      "actorName" text, door text, action text, outcome text, detail jsonb, "requestId" text)
    JOIN written w USING (revision)
  ), shown AS (
    INSERT INTO change_event (organisation_id, topic, resource_id, change) VALUES ($1, 'audit', 'kube', 'created')
  ), queued AS (
    INSERT INTO outbox_entry (id, organisation_id, job, data)
    SELECT $6::text, $1, 'policies.deliver', json_build_object('organisationId', $1::text, 'meshId', $2::text)
    WHERE $6::text IS NOT NULL
  )
  SELECT count(*)::int AS written FROM written`;

function valuesOf({ organisationId, meshId, now, entries, audits }: Batch): unknown[] {
  const delivers = entries.some(({ kind, change }) => kind !== 'Namespace' && change !== 'status');
  return [
    organisationId,
    meshId,
    now,
    JSON.stringify(entries),
    JSON.stringify(audits),
    delivers ? newId('outbox') : null,
  ];
}

/**
 * Writes a batch in one round trip and one commit, if the mesh is at the revision it follows; without entries it only
 * makes sure of that.
 * @throws MeshMoved, AmbitError as `lockMesh`
 */
export async function writeBatch(pipeline: Pipeline, batch: Batch): Promise<void> {
  const { organisationId, meshId, after, entries } = batch;
  const statements: Statement[] = [
    {
      name: 'begin-write',
      text: 'SELECT ambit_begin_write($1, $2, $3)',
      values: [organisationId, meshId, after],
    },
  ];
  if (entries.length > 0) {
    statements.push({ name: 'write', text: writing, values: valuesOf(batch) });
  }
  try {
    await pipeline.transaction(statements);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === 'AM001') throw new MeshMoved(message);
    if (code === 'AM002') throw conflict(message);
    if (code === 'AM003') throw notFound('mesh', meshId);
    throw error;
  }
}

/** The same in a transaction that has locked the mesh. */
export async function writeBatchLocked(tx: Tx, batch: Batch): Promise<void> {
  await tx.$queryRawUnsafe(writing, ...valuesOf(batch));
}
