import type { Tx } from '@ambit/db/database';
import type { StoredObject } from '@ambit/kube-api/store/store';
import type { KubeObject } from '@ambit/kube-api/types';
import type { Seal } from './seal.ts';
import { createReplica, type LogEntry, type Replica } from './replica.ts';
import { kubeText, objectOfRow, resourceOf } from './wish.ts';

interface ObjectRow {
  id: string;
  resource: string | null;
  group: string;
  kind: string;
  namespace: string;
  name: string;
  kube: string | null;
  object: unknown;
  version: number;
  revision: bigint;
  createdAt: Date;
}

/** How much of the log a fresh replica can still show to watches that go on. */
const replayed = 500;

/**
 * Reads a mesh into memory, with the last part of its log.
 * @returns undefined when there is no such mesh in the organisation
 */
export async function loadReplica(
  tx: Tx,
  meshId: string,
  seal: Seal,
): Promise<Replica | undefined> {
  const rows = await tx.$queryRaw<(ObjectRow & { now: bigint; present: boolean })[]>`
    SELECT mesh.revision AS now, policy.id IS NOT NULL AS present, policy.id, policy.resource,
      policy.api_group AS "group", policy.kind, policy.namespace, policy.name, policy.kube,
      CASE WHEN policy.kube IS NULL THEN policy.object END AS object, policy.version, policy.revision,
      policy.created_at AS "createdAt"
    FROM mesh LEFT JOIN policy ON policy.mesh_id = mesh.id AND policy.deleted_at IS NULL
    WHERE mesh.id = ${meshId} ORDER BY policy.namespace, policy.name`;
  const [first] = rows;
  if (first === undefined) return undefined;
  const now = Number(first.now);
  const objects = rows.flatMap((row) => (row.present ? (storedOf(row, meshId, seal) ?? []) : []));
  const log = (await readLog(tx, meshId, now - replayed, seal)).filter(
    ({ object }) => object.revision <= now,
  );
  const begin = log[0]?.object.revision;
  if (begin === undefined) return createReplica(objects, now);
  const before = await stateBefore(tx, meshId, objects, log, begin - 1, seal);
  const replica = createReplica(before, begin - 1);
  replica.follow(log);
  return replica;
}

/** The log after a revision, oldest first. */
export async function readLog(
  tx: Tx,
  meshId: string,
  after: number,
  seal: Seal,
): Promise<LogEntry[]> {
  const rows = await tx.$queryRaw<(ObjectRow & { change: string })[]>`
    SELECT policy.id, policy.resource, policy.api_group AS "group", policy.kind, policy.namespace, policy.name,
      log.kube, NULL AS object, log.version, log.revision, log.change, policy.created_at AS "createdAt"
    FROM policy_version AS log JOIN policy ON policy.id = log.policy_id
    WHERE log.mesh_id = ${meshId} AND log.revision > ${after} ORDER BY log.revision`;
  return rows.flatMap((row) => {
    const object = storedOf(row, meshId, seal);
    return object === undefined ? [] : [{ object, deleted: row.change === 'deleted' }];
  });
}

/** The objects as they were before a part of the log: those it does not touch, and what it found of the others. */
async function stateBefore(
  tx: Tx,
  meshId: string,
  objects: StoredObject[],
  log: LogEntry[],
  at: number,
  seal: Seal,
): Promise<StoredObject[]> {
  const untouched = objects.filter(({ revision }) => revision <= at);
  if (log.length === 0) return untouched;
  const rows = await tx.$queryRaw<(ObjectRow & { change: string })[]>`
    SELECT DISTINCT ON (policy.id) policy.id, policy.resource, policy.api_group AS "group", policy.kind,
      policy.namespace, policy.name, log.kube, log.object, log.version, greatest(log.revision, 1) AS revision,
      log.change, policy.created_at AS "createdAt"
    FROM policy_version AS log JOIN policy ON policy.id = log.policy_id
    WHERE policy.mesh_id = ${meshId} AND policy.revision > ${at} AND greatest(log.revision, 1) <= ${at}
    ORDER BY policy.id, log.version DESC, log.revision DESC`;
  const found = rows.flatMap((row) =>
    row.change === 'deleted' ? [] : (storedOf(row, meshId, seal) ?? []),
  );
  return [...untouched, ...found];
}

export const placeOf = (meshId: string, resource: string, namespace: string, name: string) =>
  `${meshId}/${resource}/${namespace}/${name}`;

function storedOf(row: ObjectRow, meshId: string, seal: Seal): StoredObject | undefined {
  const resource = row.resource ?? resourceOf(row.group, row.kind);
  if (resource === null) return undefined;
  const { namespace, name } = row;
  const revision = Number(row.revision);
  const text =
    row.kube === null
      ? kubeText(objectOfRow({ ...row, revision }) as KubeObject, revision)
      : seal.open(row.kube, placeOf(meshId, resource, namespace, name));
  return { key: { resource, namespace, name }, revision, bytes: Buffer.from(text, 'utf8') };
}
