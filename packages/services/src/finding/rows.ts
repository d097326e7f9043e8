import type { z } from 'zod';
import type { Finding } from '@ambit/analysis/finding';
import type {
  diagnosedSchema,
  findingSchema,
  suppressionSchema,
} from '@ambit/contracts/operations/finding';
import { adviceFor } from '@ambit/analysis/admission/advice';
import type { Tx } from '@ambit/db/database';

type Diagnosed = z.input<typeof diagnosedSchema>;
type FindingAnswer = z.input<typeof findingSchema>;
export type FindingRow = Awaited<ReturnType<Tx['finding']['findMany']>>[number];

export const toDiagnosed = (finding: Finding): Diagnosed => ({
  code: finding.code,
  severity: finding.severity,
  message: finding.message,
  resource: finding.resource,
  kind: finding.kind,
  namespace: finding.namespace,
  name: finding.name,
  path: finding.path,
  cause: finding.cause,
  consequence: finding.consequence,
  fix: finding.fix ?? null,
  advice: adviceFor(finding),
  link: finding.link,
});

export function toFinding(row: FindingRow, clusters: ReadonlyMap<string, string>): FindingAnswer {
  return {
    id: row.id,
    meshId: row.meshId,
    code: row.code,
    severity: row.severity as FindingAnswer['severity'],
    message: row.message,
    resource: row.resource,
    kind: row.kind,
    namespace: row.namespace,
    name: row.name,
    path: row.path,
    cause: row.cause,
    consequence: row.consequence,
    fix: row.fix as FindingAnswer['fix'],
    advice: adviceFor({ ...row, fix: (row.fix ?? undefined) as Finding['fix'] }),
    link: row.link,
    clusterId: row.clusterId || null,
    clusterName: row.clusterId ? (clusters.get(row.clusterId) ?? null) : null,
    policyId: row.policyId,
    firstVersion: row.firstVersion,
    lastVersion: row.lastVersion,
    firstSeen: row.firstSeen.toISOString(),
    lastSeen: row.lastSeen.toISOString(),
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
    suppressed: row.suppressed as FindingAnswer['suppressed'],
  };
}

export const clusterNames = async (tx: Tx): Promise<Map<string, string>> =>
  new Map(
    (await tx.cluster.findMany({ select: { id: true, name: true } })).map(({ id, name }) => [
      id,
      name,
    ]),
  );

export const toSuppression = (
  row: Awaited<ReturnType<Tx['findingSuppression']['findMany']>>[number],
  findings: number,
): z.input<typeof suppressionSchema> => ({
  id: row.id,
  meshId: row.meshId,
  code: row.code,
  resource: row.resource,
  reason: row.reason,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  findings,
});
