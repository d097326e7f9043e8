import { setImmediate as breath } from 'node:timers/promises';
import { defaultCertificateDays } from '@ambit/analysis/certificate-days';
import { createIncremental, type Change, type Incremental } from '@ambit/analysis/incremental';
import { readObject } from '@ambit/analysis/read-object';
import type { Resource } from '@ambit/analysis/resource';
import { canonicalJson } from '@ambit/contracts/canonical';
import { furtherKinds, type FurtherKind } from '@ambit/contracts/agent/objects';
import type { Tx } from '@ambit/db/database';
import { integrationsOf } from '../integration/rows.ts';
import { timesTold } from '../telemetry-store/read.ts';
import { meshConfigOf } from './mesh-config.ts';
import { tellsTraffic } from './observed.ts';
import { admissionRules, rulesFor, type Facts } from '@ambit/analysis/admission/told';

/** The policy that a resource was read from. */
export interface PolicyOf {
  policyId: string;
  version: number;
}

/** The analysis of one mesh, kept in memory; it changes only by `refreshWarm`. */
export interface Warm extends Facts {
  incremental: Incremental;
  /** Of the mesh's rows that it has seen. */
  revision: number;
  /** What it has seen in all, as `seenOf` tells it. */
  seen: string;
  /** There are clusters, but not all of them have told everything. */
  awaitsFacts: boolean;
  /** What could not be looked at, in words. */
  limits: string[];
  policies: Map<string, PolicyOf>;
  clusterIds: string[];
  /** Ids of what telemetry saw of services. */
  observed: Set<string>;
  /** Of which hosts and when that was asked last, and what was not told. */
  observedOf: { key: string; atMs: number; limits: string[] };
  /** Ids of what speaks against the pods of proxies. */
  faults: Set<string>;
}

/** All DestinationRules, of the mesh and of its clusters. */
export function* destinationRules(warm: Warm): Generator<Resource> {
  const { policies, facts } = warm as Kept;
  const ids = [...policies.keys(), ...[...facts.values()].map(({ resourceId }) => resourceId)];
  for (const id of ids) {
    const found = id?.includes('|DestinationRule|') && warm.incremental.resource(id);
    if (found) yield found;
  }
}

interface Kept extends Warm {
  config: string;
  /** Resource by row id of the cluster's objects. */
  facts: Map<string, { digest: string; resourceId: string | null }>;
  seqs: Map<string, number>;
}

export interface ClusterRow {
  id: string;
  name: string;
  seq: number;
  complete: boolean;
  told: boolean;
  /** Of the kinds that an agent may not be able to tell. */
  kinds: string[];
}

interface MeshRow {
  revision: bigint;
  options: unknown;
  certificateDays: number;
  clusters: ClusterRow[];
}

const chunk = 250;

/** Rows of a mesh whose change makes another diagnosis; the sweep's SQL says the same (apps/api/src/jobs/sweep.ts). */
export const seenOf = (revision: number | bigint, clusters: Pick<ClusterRow, 'id' | 'seq'>[]) =>
  `${revision}:${clusters.map(({ id, seq }) => `${id}=${seq}`).join(',')}`;

async function readMesh(tx: Tx, meshId: string): Promise<MeshRow | undefined> {
  const [mesh] = await tx.$queryRaw<Omit<MeshRow, 'clusters'>[]>`
    SELECT m.revision, m.options, coalesce(d.certificate_days, ${defaultCertificateDays})::int AS "certificateDays"
    FROM mesh m LEFT JOIN mesh_diagnosis d ON d.mesh_id = m.id WHERE m.id = ${meshId}`;
  if (!mesh) return undefined;
  const clusters = await tx.$queryRaw<ClusterRow[]>`
    SELECT c.id, c.name, c.objects_seq AS seq, c.objects_at IS NOT NULL AS told, c.objects_told AS kinds,
      c.objects_complete AND c.objects_omitted = '{}'::jsonb AS complete
    FROM cluster c JOIN mesh_cluster m ON m.cluster_id = c.id WHERE m.mesh_id = ${meshId} ORDER BY c.id COLLATE "C"`;
  return { ...mesh, clusters };
}

/** What a diagnosis made now would have seen. */
export async function describeMesh(
  tx: Tx,
  meshId: string,
  now: Date,
): Promise<{ seen: string; limits: string[]; facts: Facts }> {
  const mesh = await readMesh(tx, meshId);
  const clusters = mesh?.clusters ?? [];
  const seen = seenOf(mesh?.revision ?? 0, clusters);
  const times = await timesTold(
    tx,
    clusters.map(({ id }) => id),
  );
  const servers = await integrationsOf(tx, meshId, ['prometheus']);
  const isBlind = clusters.length > 0 && servers.length === 0 && !tellsTraffic(times, now);
  const limits = [...limitsOf(clusters), ...(isBlind ? [noTraffic] : [])];
  return { seen, limits, facts: factsOf(clusters) };
}

const noTraffic =
  'no agent and no Prometheus tells of traffic: circuit breakers are not compared with what is measured (AMB0016)';

const factsOf = (clusters: ClusterRow[]): Facts => ({
  hasFacts: clusters.length > 0 && waitingFor(clusters).length === 0,
  told: furtherKinds.filter((kind) => clusters.every(({ kinds }) => kinds.includes(kind))),
});

const withheld: Record<FurtherKind, string> = {
  Secret:
    'of certificates: its agent may not read Secrets (the ClusterRole ambit-agent-secrets), or is older than this platform',
  ServiceAccount: 'of ServiceAccounts: update its agent and its rights',
  PodDisruptionBudget: 'of PodDisruptionBudgets: update its agent and its rights',
  CertificateAuthority:
    "of the mesh's own CA, so certificates of workloads may end unannounced: update its agent and its rights",
};

/** What is not looked at, in words. */
const limitsOf = (clusters: ClusterRow[]): string[] => [
  ...waitingFor(clusters),
  ...clusters.flatMap(({ name, told, complete, kinds }) =>
    told && complete
      ? furtherKinds
          .filter((kind) => !kinds.includes(kind))
          .map((kind) => `${name} tells nothing ${withheld[kind]}`)
      : [],
  ),
];

function waitingFor(clusters: ClusterRow[]): string[] {
  if (clusters.length === 0)
    return ['no cluster is in the mesh: only its own policies are looked at'];
  return clusters.flatMap(({ name, told, complete }) =>
    told && complete
      ? []
      : [
          told
            ? `${name} has more objects than are told, or is still telling them: rules that look at workloads wait`
            : `${name} has told nothing of its objects yet: rules that look at workloads wait`,
        ],
  );
}

/** Reads in a transaction: one of its own, or the one that a verb is in. */
export type ReadRows = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/**
 * Brings the analysis of a mesh up to what the rows say: what changed is read, and only what depends on it is computed.
 * Large changes are taken in pieces, so that the process goes on with other work meanwhile.
 * @param before left as it is when it is undefined, or cannot be gone on from
 * @returns undefined when the mesh is gone
 */
export async function refreshWarm(
  read: ReadRows,
  meshId: string,
  before: Warm | undefined,
  now: Date,
): Promise<Warm | undefined> {
  const known = before as Kept | undefined;
  const found = await read(async (tx) => {
    const mesh = await readMesh(tx, meshId);
    if (!mesh) return undefined;
    const { hasFacts, told } = factsOf(mesh.clusters);
    const config = canonicalJson([mesh.options, mesh.certificateDays]);
    const goesOn =
      known !== undefined &&
      known.hasFacts === hasFacts &&
      known.told.join() === told.join() &&
      known.config === config
        ? known
        : undefined;
    return {
      mesh,
      hasFacts,
      told,
      config,
      goesOn,
      policies: await changedPolicies(tx, meshId, goesOn?.revision ?? 0, Number(mesh.revision)),
      facts: await changedFacts(tx, mesh.clusters, hasFacts, goesOn),
    };
  });
  if (!found) return undefined;
  const { mesh, hasFacts, told, config, goesOn, policies, facts } = found;
  const warm: Kept = goesOn ?? {
    incremental: createIncremental(
      { resources: [], meshConfig: meshConfigOf(mesh.options) },
      {
        rules: hasFacts ? admissionRules({ hasFacts, told }) : rulesFor({ hasFacts, told }),
        now: now.getTime(),
        certificateDays: mesh.certificateDays,
      },
    ),
    revision: 0,
    seen: '',
    hasFacts,
    told,
    awaitsFacts: false,
    limits: [],
    config,
    policies: new Map(),
    clusterIds: [],
    observed: new Set(),
    observedOf: { key: '', atMs: 0, limits: [] },
    faults: new Set(),
    facts: new Map(),
    seqs: new Map(),
  };
  const changes: Change[] = [
    ...policies.map((row) => policyChange(warm, row)),
    ...facts(warm),
  ].flatMap((change) => change ?? []);
  for (let from = 0; from < changes.length; from += chunk) {
    if (from > 0) await breath();
    warm.incremental.apply(changes.slice(from, from + chunk));
  }
  warm.limits = limitsOf(mesh.clusters);
  warm.clusterIds = mesh.clusters.map(({ id }) => id);
  warm.awaitsFacts = !hasFacts && mesh.clusters.length > 0;
  warm.revision = Math.max(warm.revision, Number(mesh.revision));
  warm.seqs = new Map(mesh.clusters.map(({ id, seq }) => [id, seq]));
  warm.seen = seenOf(mesh.revision, mesh.clusters);
  return warm;
}

interface PolicyRow {
  id: string;
  version: number;
  object: unknown;
  isGone: boolean;
}

const changedPolicies = (tx: Tx, meshId: string, from: number, to: number): Promise<PolicyRow[]> =>
  from === to
    ? Promise.resolve([])
    : tx.$queryRaw<PolicyRow[]>`
        SELECT id, version, object, deleted_at IS NOT NULL AS "isGone" FROM policy
        WHERE mesh_id = ${meshId} AND NOT auxiliary AND revision > ${from}
          AND (${from} > 0 OR deleted_at IS NULL)`;

const ofMesh = (object: unknown): Resource | undefined => {
  const read = readObject(object);
  return 'resource' in read ? read.resource : undefined;
};

function policyChange(warm: Kept, row: PolicyRow): Change | undefined {
  const resource = ofMesh(row.object);
  if (!resource) return undefined;
  if (row.isGone) {
    warm.policies.delete(resource.id);
    return { remove: resource.id };
  }
  warm.policies.set(resource.id, { policyId: row.id, version: row.version });
  return { put: resource };
}

/** Resource of an object of the mesh, as a write brings it; undefined for kinds that no rule knows. */
export const resourceOfObject = ofMesh;

async function changedFacts(
  tx: Tx,
  clusters: ClusterRow[],
  hasFacts: boolean,
  known: Kept | undefined,
): Promise<(warm: Kept) => (Change | undefined)[]> {
  if (!hasFacts) return () => [];
  const stale = clusters.filter(({ id, seq }) => known?.seqs.get(id) !== seq).map(({ id }) => id);
  const gone = [...(known?.seqs.keys() ?? [])].filter((id) => clusters.every((c) => c.id !== id));
  if (stale.length === 0 && gone.length === 0) return () => [];
  const index = await tx.$queryRaw<{ id: string; digest: string; clusterId: string }[]>`
    SELECT o.id, o.digest, o.cluster_id AS "clusterId" FROM cluster_object AS o
    WHERE o.cluster_id = ANY(${stale}) AND o.origin <> 'mesh' AND NOT (o.origin = 'direct' AND EXISTS (
      -- Of a name that the mesh has too only one holds, so the two are not told as duplicates of each other.
      SELECT FROM mesh_cluster AS m JOIN policy AS p ON p.mesh_id = m.mesh_id
      WHERE m.cluster_id = o.cluster_id AND p.deleted_at IS NULL AND p.api_group = o.api_group AND p.kind = o.kind
        AND p.namespace = o.namespace AND p.name = o.name))`;
  const wanted = index.filter(({ id, digest }) => known?.facts.get(id)?.digest !== digest);
  const rows = await tx.$queryRaw<
    { id: string; clusterId: string; digest: string; object: unknown; truncated: boolean }[]
  >`SELECT id, cluster_id AS "clusterId", digest, object, truncated FROM cluster_object
    WHERE id = ANY(${wanted.map(({ id }) => id)})`;
  const present = new Set(index.map(({ id }) => id));
  const reread = new Set([...stale, ...gone]);
  return (warm) => {
    const left = [...warm.facts].filter(
      ([id, { resourceId }]) =>
        !present.has(id) && (resourceId === null || reread.has(clusterOf(resourceId))),
    );
    for (const [id] of left) warm.facts.delete(id);
    return [
      ...left.map(([, { resourceId }]) =>
        resourceId === null ? undefined : { remove: resourceId },
      ),
      ...rows.map((row) => factChange(warm, row)),
    ];
  };
}

const clusterOf = (resourceId: string): string => resourceId.slice(0, resourceId.indexOf('|'));

function factChange(
  warm: Kept,
  row: { id: string; clusterId: string; digest: string; object: unknown; truncated: boolean },
): Change | undefined {
  const read = row.truncated ? undefined : readObject(row.object, { cluster: row.clusterId });
  const resource = read && 'resource' in read ? read.resource : undefined;
  const before = warm.facts.get(row.id)?.resourceId ?? null;
  warm.facts.set(row.id, { digest: row.digest, resourceId: resource?.id ?? null });
  if (resource) return { put: resource };
  return before === null ? undefined : { remove: before };
}
