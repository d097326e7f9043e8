import { defaultCertificateDays } from '@ambit/analysis/certificate-days';
import {
  diagnosisGet,
  diagnosisReport,
  diagnosisRun,
  diagnosisUpdate,
} from '@ambit/contracts/operations/finding';
import type { Tx } from '@ambit/db/database';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { beginReport } from '../mesh/begin.ts';
import { lockMesh, requireMesh } from '../mesh/lock.ts';
import { leftOut } from '@ambit/analysis/admission/told';
import { diagnoseSoon } from './run.ts';
import { describeMesh } from './warm.ts';

async function stand(tx: Tx, meshId: string, now: Date) {
  const row = await tx.meshDiagnosis.findUnique({ where: { meshId } });
  const { seen, limits, facts } = await describeMesh(tx, meshId, now);
  const requested = row?.requestedAt ?? null;
  const ran = row?.ranAt ?? null;
  const n = leftOut(facts);
  return {
    meshId,
    ranAt: ran?.toISOString() ?? null,
    durationMs: row?.durationMs ?? 0,
    resources: row?.resources ?? 0,
    pending: !ran || row?.seen !== seen || (requested !== null && requested > ran),
    error: row?.error ?? '',
    limits: [
      ...limits,
      ...(row?.limits ?? []),
      ...(n > 0 ? [`${n} rules wait for kinds that agents do not tell of`] : []),
    ],
    certificateDays: row?.certificateDays ?? defaultCertificateDays,
  };
}

export const getDiagnosis = implement(diagnosisGet, async ({ tx, now }, { meshId }) => {
  await requireMesh(tx, meshId);
  return stand(tx, meshId, now);
});

export const runDiagnosis = implement(
  diagnosisRun,
  async ({ tx, organisationId, now, changed }, { meshId }) => {
    await requireMesh(tx, meshId);
    await diagnoseSoon(tx, organisationId, meshId, now);
    await changed('finding', meshId, 'updated', meshId);
    return stand(tx, meshId, now);
  },
  ({ meshId }) => meshId,
);

export const updateDiagnosis = implement(
  diagnosisUpdate,
  async ({ tx, organisationId, now, changed }, { meshId, certificateDays }) => {
    await requireMesh(tx, meshId);
    await diagnoseSoon(tx, organisationId, meshId, now);
    await tx.meshDiagnosis.update({ where: { meshId }, data: { certificateDays } });
    await changed('finding', meshId, 'updated', meshId);
    return stand(tx, meshId, now);
  },
  ({ meshId }) => meshId,
);

export const reportOnMesh = implement(
  diagnosisReport,
  async (context, { meshId }) => {
    const mesh = await lockMesh(context.tx, meshId);
    return { operation: toOperation(await beginReport(context, mesh, {})) };
  },
  ({ meshId }) => meshId,
);
