import { createHash } from 'node:crypto';
import type { Finding } from '@ambit/analysis/finding';
import { proxyFaultResource, serviceTrafficResource } from '@ambit/analysis/snapshot';
import { suppressionsOf, matchesGlob, type Suppression } from '@ambit/analysis/suppress';
import { canonicalJson } from '@ambit/contracts/canonical';
import { inTenant, type Database, type Tx } from '@ambit/db/database';
import { evaluateSoon } from '../alert/evaluate.ts';
import type { Reacher } from '../integration/transport.ts';
import { effectsOf } from '../kernel/effects.ts';
import { ruleOf } from '@ambit/analysis/admission/advice';
import { diagnoserOf } from './diagnoser.ts';
import { rulesFor } from '@ambit/analysis/admission/told';
import { touch } from './touched.ts';
import { proxyFaults } from './proxy-faults.ts';
import { limitedHosts, observedTraffic } from './observed.ts';
import { mostOf, poolsOf } from './pools.ts';
import { destinationRules, type ReadRows, type Warm } from './warm.ts';

export interface DiagnosisEngine {
  db: Database;
  now: () => Date;
  /** Reaches the servers of metrics of a mesh; left out: they are not asked. */
  reacher?: Reacher;
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** The id of a finding: the same as long as the mesh has the same finding. */
export function findingId(meshId: string, key: string): string {
  const digest = createHash('sha256').update(`${meshId}/${key}`).digest();
  return `fnd_${Array.from(digest.subarray(0, 26), (byte) => alphabet[byte % 32]).join('')}`;
}

/** A suppression that a person made, or an annotation of the object. */
interface Hidden {
  reason: string;
  by: string;
  expiresAt: string | null;
  suppressionId: string | null;
}

interface FindingRow {
  id: string;
  key: string;
  code: string;
  severity: string;
  kind: string;
  namespace: string;
  name: string;
  resource: string;
  cluster_id: string;
  path: string;
  message: string;
  cause: string;
  consequence: string;
  fix: unknown;
  link: string;
  policy_id: string | null;
  version: number | null;
  suppressed: Hidden | null;
}

/**
 * Diagnoses a mesh and writes what changed: findings that are new, that changed, that are no more. Repeating it changes
 * nothing but the time of the last sight.
 */
export async function diagnoseMesh(
  { db, now, reacher }: DiagnosisEngine,
  organisationId: string,
  meshId: string,
): Promise<void> {
  const began = performance.now();
  const at = now();
  try {
    const read: ReadRows = (work) => inTenant(db, organisationId, work);
    await diagnoserOf(db).use(read, meshId, at, async (warm) => {
      await observe({ db, reacher, meshId }, read, warm, at);
      await lookAtProxies(read, warm, at);
      warm.incremental.setNow(at.getTime());
      const findings = warm.incremental.findings();
      await inTenant(db, organisationId, async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${`diagnose/${meshId}`}))) AS lock`;
        const hidden = await hiddenBy(tx, meshId, at);
        const rows = findings.map((finding) => toRow(meshId, finding, warm, hidden));
        await writeFindings(tx, organisationId, meshId, rows, warm, at);
        await noteRun(tx, organisationId, meshId, at, {
          seen: warm.seen,
          durationMs: Math.round(performance.now() - began),
          resources: warm.incremental.size(),
          limits: warm.observedOf.limits,
          error: '',
        });
      });
    });
  } catch (error) {
    // The next look begins anew, and what is wrong with it stands where people look.
    diagnoserOf(db).forget(meshId);
    await inTenant(db, organisationId, (tx) =>
      noteRun(tx, organisationId, meshId, at, {
        durationMs: Math.round(performance.now() - began),
        error: error instanceof Error ? error.message : String(error),
      }),
    ).catch(() => {});
    throw error;
  }
}

/** Its means are over a minute, so it is no other before. */
const observeEveryMs = 60_000;

/** Brings what telemetry saw into the analysis. */
async function observe(
  { db, reacher, meshId }: { db: Database; reacher: Reacher | undefined; meshId: string },
  read: ReadRows,
  warm: Warm,
  at: Date,
): Promise<void> {
  const hosts = limitedHosts(destinationRules(warm));
  if (hosts.size === 0) warm.observedOf.limits = [];
  if (hosts.size === 0 && warm.observed.size === 0) return;
  const asked = JSON.stringify([warm.clusterIds, [...hosts.keys()].sort()]);
  const { key, atMs } = warm.observedOf;
  if (key === asked && Math.abs(at.getTime() - atMs) < observeEveryMs) return;
  const told = await read((tx) => observedTraffic(db, tx, warm.clusterIds, hosts, at));
  const pools = reacher ? await poolsOf(reacher, read, meshId, hosts) : { traffic: [], limits: [] };
  const resources = mostOf([...told, ...pools.traffic]).map(serviceTrafficResource);
  const ids = new Set(resources.map(({ id }) => id));
  warm.incremental.apply([
    ...[...warm.observed].filter((id) => !ids.has(id)).map((id) => ({ remove: id })),
    ...resources.map((resource) => ({ put: resource })),
  ]);
  warm.observed = ids;
  warm.observedOf = { key: asked, atMs: at.getTime(), limits: pools.limits };
}

/** Brings in what agents read of proxies, and takes away what is no more. */
async function lookAtProxies(read: ReadRows, warm: Warm, at: Date): Promise<void> {
  const found = await read((tx) => proxyFaults(tx, warm.clusterIds, at));
  const resources = found.map(proxyFaultResource);
  const ids = new Set(resources.map(({ id }) => id));
  warm.incremental.apply([
    ...[...warm.faults].filter((id) => !ids.has(id)).map((id) => ({ remove: id })),
    ...resources.map((resource) => ({ put: resource })),
  ]);
  warm.faults = ids;
}

async function noteRun(
  tx: Tx,
  organisationId: string,
  meshId: string,
  ranAt: Date,
  more: {
    seen?: string;
    durationMs: number;
    resources?: number;
    limits?: string[];
    error: string;
  },
): Promise<void> {
  await tx.meshDiagnosis.upsert({
    where: { meshId },
    create: { meshId, organisationId, ranAt, ...more },
    update: { ranAt, ...more },
  });
}

type HiddenBy = (finding: Finding, annotations: Readonly<Record<string, string>>) => Hidden | null;

async function hiddenBy(tx: Tx, meshId: string, now: Date): Promise<HiddenBy> {
  const rows = await tx.findingSuppression.findMany({
    where: { meshId, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
    orderBy: { id: 'asc' },
  });
  const fits = (entry: Suppression, finding: Finding): boolean =>
    (entry.code === '*' || entry.code === finding.code) &&
    (entry.expiresAt === undefined || entry.expiresAt > now.getTime()) &&
    (entry.resource === undefined || matchesGlob(entry.resource, finding.resource));
  return (finding, annotations) => {
    const row = rows.find(({ code, resource }) => fits({ code, resource }, finding));
    if (row) {
      return {
        reason: row.reason,
        by: row.createdBy,
        expiresAt: row.expiresAt?.toISOString() ?? null,
        suppressionId: row.id,
      };
    }
    const own = suppressionsOf(annotations).find((entry) => fits(entry, finding));
    if (!own) return null;
    return {
      reason: own.reason ?? 'suppressed by an annotation',
      by: 'annotation',
      expiresAt: own.expiresAt === undefined ? null : new Date(own.expiresAt).toISOString(),
      suppressionId: null,
    };
  };
}

const kindNames: Record<string, string[]> = { Gateway: ['Gateway', 'KubernetesGateway'] };

/** The resource that a finding is about; both Gateways are told as "Gateway". */
function subjectOf(finding: Finding, warm: Warm) {
  const cluster = finding.cluster ?? '';
  for (const kind of kindNames[finding.kind] ?? [finding.kind]) {
    const id = `${cluster}|${kind}|${finding.namespace}/${finding.name}`;
    const resource = warm.incremental.resource(id);
    if (resource) return { resource, policy: warm.policies.get(id) };
  }
  return undefined;
}

function toRow(meshId: string, finding: Finding, warm: Warm, hidden: HiddenBy): FindingRow {
  const subject = subjectOf(finding, warm);
  return {
    id: findingId(meshId, finding.id),
    key: finding.id,
    code: finding.code,
    severity: finding.severity,
    kind: finding.kind,
    namespace: finding.namespace,
    name: finding.name,
    resource: finding.resource,
    cluster_id: finding.cluster ?? '',
    path: finding.path,
    message: finding.message,
    cause: finding.cause,
    consequence: finding.consequence,
    fix: finding.fix ?? null,
    link: finding.link,
    policy_id: subject?.policy?.policyId ?? null,
    version: subject?.policy?.version ?? null,
    suppressed: hidden(finding, subject?.resource.annotations ?? {}),
  };
}

async function writeFindings(
  tx: Tx,
  organisationId: string,
  meshId: string,
  rows: FindingRow[],
  warm: Warm,
  now: Date,
): Promise<void> {
  const before = await tx.finding.findMany({ where: { meshId, resolvedAt: null } });
  const known = new Map(before.map((row) => [row.key, row]));
  const changed = rows.filter((row) => {
    const old = known.get(row.key);
    return !old || fingerprint(row) !== fingerprint(asStored(old));
  });
  const here = new Set(rows.map(({ key }) => key));
  const absent = before.filter(({ key }) => !here.has(key));
  // While facts are missing, what rules about facts found before is neither seen nor over.
  const asked = new Set(rulesFor(warm));
  const isOver = (row: StoredFinding) => {
    const rule = ruleOf(row);
    return !warm.awaitsFacts || !rule || asked.has(rule);
  };
  const gone = absent.filter(isOver).map(({ id }) => id);
  if (changed.length > 0) {
    await tx.$executeRaw`
      INSERT INTO finding AS f (id, organisation_id, mesh_id, key, code, severity, kind, namespace, name, resource,
        cluster_id, path, message, cause, consequence, fix, link, policy_id, first_version, last_version, first_seen,
        last_seen, suppressed)
      SELECT x.id, ${organisationId}, ${meshId}, x.key, x.code, x.severity, x.kind, x.namespace, x.name, x.resource,
        x.cluster_id, x.path, x.message, x.cause, x.consequence, NULLIF(x.fix, 'null'::jsonb), x.link, x.policy_id,
        x.version, x.version, ${now}, ${now}, NULLIF(x.suppressed, 'null'::jsonb)
      FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) AS x(id text, key text, code text, severity text,
        kind text, namespace text, name text, resource text, cluster_id text, path text, message text, cause text,
        consequence text, fix jsonb, link text, policy_id text, version int, suppressed jsonb)
      ON CONFLICT (mesh_id, key) DO UPDATE SET severity = excluded.severity, message = excluded.message,
        cause = excluded.cause, consequence = excluded.consequence, fix = excluded.fix, link = excluded.link,
        policy_id = excluded.policy_id, last_version = excluded.last_version, last_seen = excluded.last_seen,
        suppressed = excluded.suppressed, resolved_at = NULL`;
  }
  await tx.$executeRaw`
    UPDATE finding SET last_seen = ${now} WHERE mesh_id = ${meshId} AND resolved_at IS NULL
      AND last_seen < ${new Date(now.getTime() - 60_000)}`;
  if (gone.length > 0) {
    await tx.finding.updateMany({ where: { id: { in: gone } }, data: { resolvedAt: now } });
  }
  const kept = absent.filter((row) => !isOver(row));
  await writeCounts(tx, organisationId, meshId, [...rows, ...kept], now);
  if (changed.length + gone.length === 0) return;
  const { changed: tell, enqueue } = effectsOf(tx, organisationId);
  await tell('finding', meshId, 'updated', meshId);
  await evaluateSoon(tx, organisationId, now, enqueue);
}

type StoredFinding = Awaited<ReturnType<Tx['finding']['findMany']>>[number];
type Compared = Omit<
  FindingRow,
  'id' | 'cluster_id' | 'kind' | 'namespace' | 'name' | 'resource' | 'path'
>;

const fingerprint = (row: Compared): string => {
  const { key, code, severity, message, cause, consequence, fix, link, policy_id, version } = row;
  return canonicalJson([
    key,
    code,
    severity,
    message,
    cause,
    consequence,
    fix ?? null,
    link,
    policy_id,
    version,
    row.suppressed ?? null,
  ]);
};

const asStored = (row: StoredFinding): Compared => ({
  ...row,
  policy_id: row.policyId,
  version: row.lastVersion,
  suppressed: row.suppressed as Hidden | null,
});

async function writeCounts(
  tx: Tx,
  organisationId: string,
  meshId: string,
  rows: { severity: string; suppressed: unknown }[],
  at: Date,
): Promise<void> {
  const count = (severity: string) =>
    rows.filter((row) => row.severity === severity && row.suppressed === null).length;
  const counts = { error: count('error'), warning: count('warning'), info: count('info') };
  const last = await tx.findingCount.findFirst({ where: { meshId }, orderBy: { at: 'desc' } });
  const isSame =
    last?.error === counts.error && last.warning === counts.warning && last.info === counts.info;
  if (isSame) return;
  await tx.findingCount.createMany({
    data: [{ meshId, organisationId, at, ...counts }],
    skipDuplicates: true,
  });
}

/** Has a mesh diagnosed soon: what it goes by has changed, beside its objects. */
export async function diagnoseSoon(
  tx: Tx,
  organisationId: string,
  meshId: string,
  now: Date,
): Promise<void> {
  await tx.meshDiagnosis.upsert({
    where: { meshId },
    create: { meshId, organisationId, requestedAt: now, settings: 1 },
    update: { requestedAt: now, settings: { increment: 1 } },
  });
  touch(meshId);
  await effectsOf(tx, organisationId).enqueue('mesh.diagnose', { organisationId, meshId });
}
