import { counted } from '@ambit/contracts/words';
import { guardGet, type GuardMode, type GuardProof } from '@ambit/contracts/operations/enrolment';
import { proveGuards } from '@ambit/istio/enrolment/prove';
import type { Context } from '../kernel/context.ts';
import { implement } from '../kernel/implement.ts';
import { loadFacts } from './load.ts';

export const getGuard = implement(guardGet, async (context, { meshId }) =>
  readGuards(context, meshId),
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
