import type { Fix } from '@ambit/analysis/finding';
import { findingGet } from '@ambit/contracts/operations/finding';
import type { Tx } from '@ambit/db/database';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { readable } from './list.ts';
import { patchYaml } from './patch-yaml.ts';
import { placesIn } from './place.ts';
import { clusterNames, toFinding, type FindingRow } from './rows.ts';

export const getFinding = implement(findingGet, async ({ tx, limits }, { findingId }) => {
  const row = await tx.finding.findFirst({ where: { AND: [{ id: findingId }, readable(limits)] } });
  if (!row) throw notFound('finding', findingId);
  return {
    ...toFinding(row, await clusterNames(tx)),
    fixed: await fixedOf(tx, row),
    line: await lineOf(tx, row),
    objectId: await directObjectOf(tx, row),
  };
});

/** Where it stands in the text as it is stored now. */
async function lineOf(tx: Tx, row: FindingRow): Promise<number | null> {
  if (!row.policyId || row.resolvedAt) return null;
  const policy = await tx.policy.findUnique({
    where: { id: row.policyId },
    select: { yaml: true, deletedAt: true },
  });
  if (!policy || policy.deletedAt) return null;
  return placesIn(policy.yaml)({ ...row, fix: undefined }).line;
}

async function directObjectOf(tx: Tx, row: FindingRow): Promise<string | null> {
  if (!row.clusterId) return null;
  const { clusterId, kind, namespace, name } = row;
  const found = await tx.clusterObject.findFirst({
    where: { clusterId, kind, namespace, name, origin: 'direct' },
    select: { id: true },
  });
  return found?.id ?? null;
}

/** The text of the policy before and after its fix; only for the version that the finding is about. */
async function fixedOf(tx: Tx, row: FindingRow) {
  const fix = row.fix as Fix | null;
  if (!row.policyId || !fix?.patch || row.resolvedAt) return null;
  const policy = await tx.policy.findUnique({
    where: { id: row.policyId },
    select: { yaml: true, version: true, deletedAt: true },
  });
  if (!policy || policy.deletedAt || policy.version !== row.lastVersion) return null;
  const after = patchYaml(policy.yaml, fix.patch);
  return after === null ? null : { version: policy.version, before: policy.yaml, after };
}
