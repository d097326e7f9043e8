import { counted } from '@ambit/contracts/words';
import {
  guardGet,
  guardUpdate,
  type GuardMode,
  type GuardProof,
} from '@ambit/contracts/operations/enrolment';
import { proveGuards } from '@ambit/istio/enrolment/prove';
import { tellAdmission } from '../agent-link/admission.ts';
import { diagnoseSoon } from '../diagnosis/run.ts';
import type { Context } from '../kernel/context.ts';
import { implement } from '../kernel/implement.ts';
import { lockMesh } from '../mesh/lock.ts';
import { loadFacts } from './load.ts';

export const getGuard = implement(guardGet, async (context, { meshId }) =>
  readGuards(context, meshId),
);

/** Rules by which a change that opens a hole is found; where guards are kept, admission denies it at every door. */
const holeRules = ['AMB0001', 'AMB0003', 'AMB0032', 'AMB0041'];
const bySelf = 'the guard of L7 policies';

export const updateGuard = implement(
  guardUpdate,
  async (context, { meshId, mode }) => {
    const { tx, organisationId, now } = context;
    await lockMesh(tx, meshId);
    await tx.mesh.update({ where: { id: meshId }, data: { guardMode: mode } });
    // What a person set about these rules stays.
    await tx.ruleSetting.deleteMany({
      where: { meshId, code: { in: holeRules }, updatedBy: bySelf },
    });
    if (mode === 'keep') {
      await tx.ruleSetting.createMany({
        data: holeRules.map((code) => ({
          meshId,
          code,
          organisationId,
          mode: 'deny',
          updatedBy: bySelf,
          updatedAt: now,
        })),
        skipDuplicates: true,
      });
    }
    await diagnoseSoon(tx, organisationId, meshId, now);
    await tellAdmission(tx, meshId);
    await context.changed('mesh', meshId, 'updated', meshId);
    return readGuards(context, meshId);
  },
  ({ meshId }) => meshId,
);

async function readGuards({ tx, now }: Context, meshId: string) {
  const clusters = await loadFacts(tx, meshId, now);
  const { guardMode } = await tx.mesh.findUniqueOrThrow({
    where: { id: meshId },
    select: { guardMode: true },
  });
  const proofs = clusters.flatMap(({ facts, clusterId, clusterName }) =>
    proveGuards(facts, { clusterId, clusterName }),
  );
  const mode = guardMode as GuardMode;
  return { mode, sentence: sentenceOf(mode, proofs), proofs };
}

function sentenceOf(mode: GuardMode, proofs: GuardProof[]): string {
  if (proofs.length === 0) return 'No L7 policy is bound to a Service or waypoint.';
  const holes = proofs.filter(({ hole }) => hole).length;
  if (holes === 0) {
    return `Every client passes a live waypoint or is refused, for ${counted(proofs.length, 'L7 policy', 'L7 policies')}.`;
  }
  const advice =
    mode === 'keep'
      ? 'the guards are being brought up to date'
      : 'add the guard of each, or let Ambit keep them';
  return `${holes} of ${counted(proofs.length, 'L7 policy', 'L7 policies')} can be gone past: ${advice}.`;
}
