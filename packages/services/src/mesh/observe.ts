import { inTenant, type Tx } from '@ambit/db/database';
import type { Context } from '../kernel/context.ts';
import { effectsOf } from '../kernel/effects.ts';
import type { Engine } from '../lifecycle/engine.ts';
import { refreshMesh } from './refresh.ts';

/** Keeps the conditions of a mesh true after facts changed: drift, a silent agent, a Pod that broke. */
export async function observeMesh(
  { db, releases, now }: Pick<Engine, 'db' | 'releases' | 'now'>,
  organisationId: string,
  meshId: string,
): Promise<void> {
  await inTenant(db, organisationId, async (tx) => {
    const { changed } = effectsOf(tx, organisationId);
    await refreshMesh({ tx, organisationId, releases, changed }, meshId, now());
    await tellPolicies(tx, changed, meshId, now());
  });
}

const freshMs = 300_000;
const mostTold = 50;

/**
 * A policy's conditions follow from reports and are stored nowhere: consoles hear of those that were written lately,
 * which are the ones somebody waits for.
 */
async function tellPolicies(
  tx: Tx,
  changed: Context['changed'],
  meshId: string,
  now: Date,
): Promise<void> {
  const fresh = await tx.policy.findMany({
    where: { meshId, auxiliary: false, updatedAt: { gt: new Date(now.getTime() - freshMs) } },
    orderBy: { updatedAt: 'desc' },
    take: mostTold,
    select: { id: true },
  });
  for (const { id } of fresh) await changed('policy', id, 'updated', meshId);
}
