import {
  objectKey,
  objectLimits,
  parseObjectKey,
  type ObjectIdentity,
  type ObjectsIndex,
  type ObjectsReply,
  type ObjectsReport,
} from '@ambit/contracts/agent/objects';
import { newId } from '@ambit/contracts/ids';
import { inTenant, type Tx } from '@ambit/db/database';
import { findKind, splitApiVersion } from '@ambit/istio/kinds';
import type { Platform } from '../kernel/context.ts';
import { effectsOf } from '../kernel/effects.ts';
import { AmbitError, invalid } from '../kernel/errors.ts';
import type { Agent } from './credential.ts';

type Row = ObjectsReport['upserts'][number] & { identity: ObjectIdentity };

/**
 * Takes what changed among the objects of a cluster. A report that does not build on what is stored changes nothing;
 * one that is repeated because its answer was lost is such a report, so nothing is counted twice.
 * @throws AmbitError invalid_input for two objects of one key, too_large for more objects than a cluster may have
 */
export async function takeObjects(
  platform: Pick<Platform, 'db' | 'now'>,
  agent: Agent,
  report: ObjectsReport,
): Promise<ObjectsReply> {
  const { organisationId, clusterId } = agent;
  const now = platform.now();
  const upserts = rowsOf(report);
  const removals = report.removals.flatMap((key) => parseObjectKey(key) ?? []);
  return inTenant(platform.db, organisationId, async (tx) => {
    const told = text((report.told ?? []).toSorted());
    const [cluster] = await tx.$queryRaw<
      { seq: number; meshId: string | null; isTold: boolean }[]
    >`SELECT objects_seq AS seq, objects_told = ${told}::jsonb AS "isTold",
        (SELECT mesh_id FROM mesh_cluster WHERE cluster_id = cluster.id) AS "meshId"
      FROM cluster WHERE id = ${clusterId} FOR UPDATE`;
    if (!cluster || cluster.seq !== report.base) {
      return { accepted: false, seq: cluster?.seq ?? 0 };
    }
    const moved = upserts.length + removals.length > 0;
    const seq = cluster.seq + (moved || !cluster.isTold ? 1 : 0);
    if (removals.length > 0) await remove(tx, clusterId, removals);
    if (upserts.length > 0) await write(tx, agent, upserts, seq, now);
    await tx.$executeRaw`
      UPDATE cluster SET objects_seq = ${seq}, objects_at = ${now}, objects_complete = ${report.complete},
        objects_omitted = ${text(report.omitted)}::jsonb, objects_told = ${told}::jsonb
      WHERE id = ${clusterId}`;
    if (moved) await follow(tx, agent, cluster.meshId, upserts, removals);
    return { accepted: true, seq };
  });
}

/** Digests by key of everything that is stored of a cluster: one statement, since every agent begins with it. */
export async function objectsIndex(
  { db }: Pick<Platform, 'db'>,
  { organisationId, clusterId }: Agent,
): Promise<ObjectsIndex> {
  const [index] = await db.system.$queryRaw<ObjectsIndex[]>`
    SELECT objects_seq AS seq, coalesce((
      SELECT jsonb_object_agg(concat_ws('/', o.api_group, o.kind, o.namespace, o.name), o.digest)
      FROM cluster_object AS o WHERE o.cluster_id = cluster.id AND o.organisation_id = ${organisationId}
    ), '{}') AS objects
    FROM cluster WHERE id = ${clusterId} AND organisation_id = ${organisationId}`;
  return index ?? { seq: 0, objects: {} };
}

function rowsOf({ upserts }: ObjectsReport): Row[] {
  const rows = new Map<string, Row>();
  for (const one of upserts) {
    const { apiVersion, kind, metadata } = one.object;
    const { group } = splitApiVersion(apiVersion);
    const identity = { group, kind, namespace: metadata.namespace ?? '', name: metadata.name };
    const key = objectKey(identity);
    if (parseObjectKey(key) === null || rows.has(key)) {
      throw invalid('the report is not sound', [
        { path: 'upserts', message: `${key} is no key, or stands there twice` },
      ]);
    }
    rows.set(key, { ...one, identity });
  }
  return [...rows.values()];
}

async function remove(tx: Tx, clusterId: string, keys: ObjectIdentity[]): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM cluster_object AS o USING jsonb_to_recordset(${text(keys)}::jsonb)
      AS gone("group" text, kind text, namespace text, name text)
    WHERE o.cluster_id = ${clusterId} AND o.api_group = gone."group" AND o.kind = gone.kind
      AND o.namespace = gone.namespace AND o.name = gone.name`;
}

async function write(
  tx: Tx,
  { organisationId, clusterId, clusterName }: Agent,
  rows: Row[],
  seq: number,
  now: Date,
): Promise<void> {
  const input = rows.map(({ identity, object, writer, origin, digest, truncated }) => ({
    id: newId('object', now.getTime()),
    ...identity,
    apiVersion: object.apiVersion,
    object,
    writer,
    origin,
    digest,
    truncated: truncated ?? false,
  }));
  const [added] = await tx.$queryRaw<{ fresh: number }[]>`
    WITH written AS (
    INSERT INTO cluster_object AS o (id, organisation_id, cluster_id, api_version, api_group, kind, namespace, name,
      origin, digest, object, writer, truncated, seq, created_at, updated_at)
    SELECT id, ${organisationId}, ${clusterId}, "apiVersion", "group", kind, namespace, name, origin, digest, object,
      nullif(writer, 'null'::jsonb), truncated, ${seq}, ${now}, ${now}
    FROM jsonb_to_recordset(${text(input)}::jsonb) AS x(id text, "group" text, kind text, namespace text, name text,
      "apiVersion" text, object jsonb, writer jsonb, origin text, digest text, truncated boolean)
    ON CONFLICT (cluster_id, api_group, kind, namespace, name) DO UPDATE SET
      api_version = excluded.api_version, origin = excluded.origin, digest = excluded.digest, object = excluded.object,
      writer = excluded.writer, truncated = excluded.truncated, seq = excluded.seq, updated_at = excluded.updated_at
    RETURNING xmax = 0 AS fresh)
    SELECT count(*) FILTER (WHERE fresh)::int AS fresh FROM written`;
  if (!added?.fresh) return;
  const count = await tx.clusterObject.count({ where: { clusterId } });
  if (count > objectLimits.perCluster) {
    throw new AmbitError(
      'too_large',
      `the agent of ${clusterName} tells more than ${objectLimits.perCluster} objects`,
    );
  }
}

const unstorable = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/gi;

/** JSON as Postgres takes it: it stores neither NUL nor half of a surrogate pair. */
const text = (value: unknown): string =>
  JSON.stringify(value).replace(unstorable, (escape) =>
    escape.length > 2 && /^\\u(0000|d)/i.test(escape) ? '\ufffd' : escape,
  );

/** What else moves when objects did: the status of policies, what is delivered, what consoles show. */
/** What is known of who is in a mesh follows from these. */
const enrolmentKinds = new Set(['Pod', 'Namespace', 'Service']);

async function follow(
  tx: Tx,
  { organisationId, clusterId }: Agent,
  meshId: string | null,
  upserts: Row[],
  removals: ObjectIdentity[],
): Promise<void> {
  const effects = effectsOf(tx, organisationId);
  const isPolicy = ({ group, kind }: ObjectIdentity) => findKind(group, kind) !== undefined;
  const direct = [
    ...upserts.filter(({ origin }) => origin === 'direct').map(({ identity }) => identity),
    ...removals,
  ].filter(isPolicy);
  const own = upserts
    .filter(({ origin }) => origin === 'mesh')
    .map(({ identity }) => identity)
    .filter(isPolicy);
  const tellsPods = [...upserts.map(({ identity }) => identity), ...removals].some(({ kind }) =>
    enrolmentKinds.has(kind),
  );
  if (direct.length + own.length === 0 && !tellsPods) return;
  await effects.changed('object', clusterId, 'updated', meshId ?? undefined);
  if (meshId === null || direct.length + own.length === 0) return;
  // A policy of the same name: there is a conflict now, or one is over.
  const conflicting = await arePolicies(tx, meshId, direct, true);
  if (conflicting) await effects.enqueue('policies.deliver', { organisationId, meshId });
  if (conflicting || (await arePolicies(tx, meshId, own))) {
    await effects.enqueue('policies.reflect', { organisationId, meshId });
  }
}

/**
 * Whether some of the keys are policies of the mesh.
 * @param again marks them as not handed over, so that the sweep hands them over should the job get lost
 */
async function arePolicies(
  tx: Tx,
  meshId: string,
  keys: ObjectIdentity[],
  again = false,
): Promise<boolean> {
  if (keys.length === 0) return false;
  const found = await tx.$queryRaw<{ id: string }[]>`
    SELECT p.id FROM policy AS p JOIN jsonb_to_recordset(${text(keys)}::jsonb)
        AS t("group" text, kind text, namespace text, name text)
      ON p.api_group = t."group" AND p.kind = t.kind AND p.namespace = t.namespace AND p.name = t.name
      WHERE p.mesh_id = ${meshId} AND p.deleted_at IS NULL`;
  if (again && found.length > 0) {
    const ids = found.map(({ id }) => id);
    await tx.policy.updateMany({ where: { id: { in: ids } }, data: { deliveredVersion: 0 } });
  }
  return found.length > 0;
}
