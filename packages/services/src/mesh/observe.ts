import { inTenant } from '@ambit/db/database';
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
  });
}
