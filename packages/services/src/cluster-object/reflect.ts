import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import { inTenant, type Database, type Tx } from '@ambit/db/database';
import { generationAnnotation } from '@ambit/istio/labels';
import { decodeManagers, encodeManagers } from '@ambit/kube-api/apply/managers';
import { trackUpdate } from '@ambit/kube-api/apply/track';
import { compileRoot } from '@ambit/kube-api/schema/compile';
import type { KubeObject } from '@ambit/kube-api/types';
import { AmbitError } from '../kernel/errors.ts';
import { resourceOfMesh } from '../mesh-api/next-object.ts';
import { awaitedBy, lockMesh, record, type Entry } from '../mesh-api/record.ts';
import { kubeText, objectOfRow, resourceOf } from '../mesh-api/wish.ts';
import { conflictsOf, staysAsItIs } from './conflicts.ts';
import { mergeStatus, type ClusterStatus } from './merge-status.ts';

/** Field manager of statuses that came from member clusters. */
export const reflector = 'ambit-clusters';
const atOnce = 500;
const gatewayApi = 'gateway.networking.k8s.io';
const open = compileRoot({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });

interface Reflected {
  id: string;
  group: string;
  kind: string;
  namespace: string;
  name: string;
  apiVersion: string;
  kube: string | null;
  object: unknown;
  yaml: string;
  version: number;
  revision: bigint;
  createdAt: Date;
  told: { cluster: string; object: { metadata?: ToldMetadata; status?: object } }[] | null;
}

interface ToldMetadata {
  generation?: number;
  annotations?: Record<string, string>;
}

/**
 * Writes what member clusters say of the mesh's objects into their status: a write to the mesh's Kubernetes API that
 * watches see, no version of a policy, and nothing to deliver. Repeating it changes nothing.
 */
export async function reflectStatuses(
  { db, now }: { db: Database; now: () => Date },
  organisationId: string,
  meshId: string,
): Promise<void> {
  await inTenant(db, organisationId, async (tx) => {
    let revision = await lockMesh(tx, meshId).catch((error: unknown) => {
      if (error instanceof AmbitError) return null;
      throw error;
    });
    if (revision === null) return;
    // Read before the statuses: what comes in between is looked at once more.
    const [newest] = await tx.$queryRaw<{ at: Date | null }[]>`
      SELECT max(o.updated_at) AS at FROM mesh_cluster AS m JOIN cluster_object AS o ON o.cluster_id = m.cluster_id
      WHERE m.mesh_id = ${meshId} AND o.origin = 'mesh'`;
    const tellers = await readTellers(tx, meshId);
    const entries: Entry[] = [];
    const schemas = new Map<string, ReturnType<typeof compileRoot>>();
    for (const row of await readReflected(tx, meshId)) {
      const kind = `${row.group}/${row.kind}`;
      const schema =
        schemas.get(kind) ??
        (await resourceOfMesh(tx, organisationId, meshId, row.group, row.kind))?.storage.schema() ??
        open;
      schemas.set(kind, schema);
      const live = liveOf(row);
      const next = withStatus(live, statusOf(row, tellers(row), live), schema, now());
      if (next === null) continue;
      revision += 1;
      entries.push(entryOf(row, next, revision));
    }
    for (let at = 0; at < entries.length; at += atOnce) {
      await record(tx, organisationId, meshId, now(), entries.slice(at, at + atOnce));
    }
    if (newest?.at) {
      await tx.$executeRaw`
        UPDATE mesh SET reflected_at = ${newest.at} WHERE id = ${meshId} AND reflected_at < ${newest.at}`;
    }
  });
}

/**
 * Which clusters are to tell of a policy: those whose agents tell of objects at all, but for those that keep an object
 * of others of that name.
 */
async function readTellers(tx: Tx, meshId: string): Promise<(row: Reflected) => string[]> {
  const members = await tx.cluster.findMany({
    where: { mesh: { meshId }, objectsAt: { not: null } },
    orderBy: { name: 'asc' },
    select: { name: true },
  });
  const conflicts = (await conflictsOf(tx, meshId)).filter(staysAsItIs);
  return ({ id }) => {
    const without = conflicts.filter(({ policyId }) => policyId === id);
    return members
      .map(({ name }) => name)
      .filter((name) => !without.some(({ clusterName }) => clusterName === name));
  };
}

/** Policies of which a cluster told a status, or whose status came from a cluster once. */
const readReflected = (tx: Tx, meshId: string): Promise<Reflected[]> => tx.$queryRaw<Reflected[]>`
  SELECT p.id, p.api_group AS "group", p.kind, p.namespace, p.name, p.api_version AS "apiVersion", p.kube, p.object,
    p.yaml, p.version, p.revision, p.created_at AS "createdAt",
    (SELECT jsonb_agg(jsonb_build_object('cluster', c.name, 'object', o.object) ORDER BY c.name)
      FROM mesh_cluster AS m JOIN cluster AS c ON c.id = m.cluster_id
      JOIN cluster_object AS o ON o.cluster_id = c.id AND o.api_group = p.api_group AND o.kind = p.kind
        AND o.namespace = p.namespace AND o.name = p.name AND o.origin = 'mesh'
      WHERE m.mesh_id = p.mesh_id) AS told
  FROM policy AS p
  WHERE p.mesh_id = ${meshId} AND p.deleted_at IS NULL AND NOT p.auxiliary AND (
    EXISTS (SELECT 1 FROM mesh_cluster AS m JOIN cluster_object AS o ON o.cluster_id = m.cluster_id
      WHERE m.mesh_id = p.mesh_id AND o.api_group = p.api_group AND o.kind = p.kind AND o.namespace = p.namespace
        AND o.name = p.name AND o.origin = 'mesh')
    OR p.kube LIKE ${`%"${reflector}"%`})
  ORDER BY p.id`;

const liveOf = (row: Reflected): KubeObject =>
  row.kube === null
    ? (objectOfRow({ ...row, revision: Number(row.revision) }) as KubeObject)
    : (JSON.parse(row.kube) as KubeObject);

function statusOf(row: Reflected, tellers: string[], live: KubeObject): object | undefined {
  const told = row.told ?? [];
  const statuses = told.flatMap(({ cluster, object }): ClusterStatus[] => {
    if (object.status === undefined) return [];
    const generation = object.metadata?.generation ?? 1;
    const noted = Number(object.metadata?.annotations?.[generationAnnotation]);
    const delivered = Number.isInteger(noted) ? noted : Number(live.metadata.generation ?? 1);
    return [{ cluster, status: object.status as Record<string, unknown>, generation, delivered }];
  });
  // Of Istio's own kinds a status is written only where istiod is told to: a cluster that has the object has spoken.
  const hasSpoken = row.group === gatewayApi ? statuses : told;
  const heard = new Set(hasSpoken.map(({ cluster }) => cluster));
  return mergeStatus(
    statuses,
    tellers.filter((name) => !heard.has(name)),
  );
}

/** @returns null when the status is as it should be, or is nobody's who writes here */
export function withStatus(
  live: KubeObject,
  status: object | undefined,
  schema: ReturnType<typeof compileRoot>,
  now: Date,
): KubeObject | null {
  const managers = decodeManagers(live.metadata.managedFields) ?? new Map();
  const isReflected = [...managers.values()].some(({ name }) => name === reflector);
  if (status === undefined && !isReflected) return null;
  if (canonicalJson(live.status ?? null) === canonicalJson(status ?? null)) return null;
  const next = structuredClone(live);
  if (status === undefined) delete next.status;
  else next.status = status as NonNullable<KubeObject['status']>;
  const entries = encodeManagers(
    trackUpdate(live, next, schema, managers, {
      name: reflector,
      apiVersion: live.apiVersion,
      subresource: 'status',
      time: `${now.toISOString().slice(0, 19)}Z`,
    }),
  );
  if (entries === undefined) delete next.metadata.managedFields;
  else next.metadata.managedFields = entries;
  return next;
}

const entryOf = (row: Reflected, next: KubeObject, revision: number): Entry => ({
  id: newId('policy'),
  resource: resourceOf(row.group, row.kind) ?? '',
  apiVersion: row.apiVersion,
  group: row.group,
  kind: row.kind,
  namespace: row.namespace,
  name: row.name,
  auxiliary: false,
  revision,
  kube: kubeText(next, revision),
  object: row.object as object,
  yaml: row.yaml,
  change: 'status',
  author: 'member clusters',
  door: 'agent',
  finalizers: awaitedBy(next),
  manager: reflector,
});
