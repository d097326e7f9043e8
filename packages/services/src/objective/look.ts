import { inTenant, type Tx } from '@ambit/db/database';
import { evaluateSoon } from '../alert/evaluate.ts';
import type { Platform } from '../kernel/context.ts';
import { effectsOf } from '../kernel/effects.ts';
import { countObjectives } from './count.ts';
import { lookForRules } from './look-rules.ts';
import { see, type Seen } from './see.ts';

/** How often a mesh is looked at that has objectives or rules on signals. */
export const lookEveryMs = 10_000;

/**
 * Looks at the signals of a mesh: counts what its objectives are asked, says where they stand, and which rules on signals
 * hold. Alerts are evaluated when something is otherwise than before. Several workers may do it; one look counts.
 */
export async function lookAtSignals(
  platform: Platform,
  organisationId: string,
  meshId: string,
): Promise<void> {
  const { db, now } = platform;
  const claimed = await inTenant(db, organisationId, (tx) =>
    claim(tx, organisationId, meshId, now()),
  );
  if (!claimed) return;
  const seen = await see(platform, organisationId, meshId);
  if (seen === null) return;
  await inTenant(db, organisationId, (tx) => takeIn(tx, organisationId, meshId, seen, now()));
}

async function claim(tx: Tx, organisationId: string, meshId: string, now: Date): Promise<boolean> {
  const taken = await tx.$executeRaw`
    INSERT INTO mesh_signal AS m (mesh_id, organisation_id, looked_at)
    SELECT id, ${organisationId}, ${now} FROM mesh WHERE id = ${meshId}
    ON CONFLICT (mesh_id) DO UPDATE SET looked_at = excluded.looked_at
    WHERE m.looked_at <= ${new Date(now.getTime() - lookEveryMs)}`;
  return taken > 0;
}

/** Writes down what was seen. Repeating it with the same moment changes nothing. */
export async function takeIn(
  tx: Tx,
  organisationId: string,
  meshId: string,
  seen: Seen,
  now: Date,
): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${`signals/${meshId}`}))) AS lock`;
  // Before what belongs to it, as who deletes it does.
  const [mesh] = await tx.$queryRaw<{ name: string }[]>`
    SELECT name FROM mesh WHERE id = ${meshId} FOR KEY SHARE`;
  if (!mesh) return;
  const objectives = await countObjectives(tx, organisationId, meshId, seen, now);
  const rules = await lookForRules(tx, organisationId, meshId, mesh.name, seen, now);
  const { enqueue, changed } = effectsOf(tx, organisationId);
  if (objectives) await changed('objective', meshId, 'updated', meshId);
  if (rules) await changed('alert', organisationId, 'updated');
  if (objectives || rules) await evaluateSoon(tx, organisationId, now, enqueue);
}
