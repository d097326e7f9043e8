import { newId } from '@ambit/contracts/ids';
import {
  findingSuppress,
  findingSuppressions,
  findingUnsuppress,
} from '@ambit/contracts/operations/finding';
import type { Tx } from '@ambit/db/database';
import { tellAdmission } from '../agent-link/admission.ts';
import { diagnoseSoon } from '../diagnosis/run.ts';
import { invalid, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { requireMesh } from '../mesh/lock.ts';
import { toSuppression } from './rows.ts';

const hiddenBy = async (tx: Tx, meshId: string): Promise<Map<string, number>> => {
  const rows = await tx.$queryRaw<{ id: string; n: bigint }[]>`
    SELECT suppressed->>'suppressionId' AS id, count(*) AS n FROM finding
    WHERE mesh_id = ${meshId} AND resolved_at IS NULL AND suppressed IS NOT NULL GROUP BY 1`;
  return new Map(rows.map(({ id, n }) => [id, Number(n)]));
};

export const suppressFindings = implement(findingSuppress, async (context, input) => {
  const { tx, organisationId, actor, now, changed } = context;
  const { meshId, code, resource, reason } = input;
  await requireMesh(tx, meshId);
  if (code === '*' && /^\**$/.test(resource)) {
    throw invalid('that would hide everything', [
      { path: 'code', message: 'give a code, a resource or both' },
    ]);
  }
  const expiresAt = input.expiresAt ? new Date(input.expiresAt) : null;
  if (expiresAt && expiresAt <= now) {
    throw invalid('the suppression would be over at once', [
      { path: 'expiresAt', message: 'expected a time in the future' },
    ]);
  }
  const row = await tx.findingSuppression.create({
    data: {
      id: newId('suppression', now.getTime()),
      organisationId,
      meshId,
      code,
      resource,
      reason,
      createdBy: actor.email ?? actor.name,
      createdAt: now,
      expiresAt,
    },
  });
  await diagnoseSoon(tx, organisationId, meshId, now);
  await tellAdmission(tx, meshId);
  await changed('finding', row.id, 'created', meshId);
  return toSuppression(row, 0);
});

export const listSuppressions = implement(findingSuppressions, async ({ tx }, input) => {
  const { meshId } = input;
  await requireMesh(tx, meshId);
  const page = pageArgs(input, 'id');
  const rows = await tx.findingSuppression.findMany({ ...page, where: { ...page.where, meshId } });
  const counts = await hiddenBy(tx, meshId);
  return toPage(input, rows, (row) => toSuppression(row, counts.get(row.id) ?? 0), 'id');
});

export const unsuppressFindings = implement(
  findingUnsuppress,
  async ({ tx, organisationId, now, changed }, { meshId, suppressionId }) => {
    const row = await tx.findingSuppression.findFirst({ where: { id: suppressionId, meshId } });
    if (!row) throw notFound('suppression', suppressionId);
    await tx.findingSuppression.delete({ where: { id: suppressionId } });
    await diagnoseSoon(tx, organisationId, meshId, now);
    await tellAdmission(tx, meshId);
    await changed('finding', suppressionId, 'deleted', meshId);
    return toSuppression(row, 0);
  },
  ({ suppressionId }) => suppressionId,
);
