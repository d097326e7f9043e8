import { inTenant, type Database } from '@ambit/db/database';
import { effectsOf } from '../kernel/effects.ts';
import type { Status } from './settings.ts';

const mostProblems = 10;

/**
 * Keeps how asking an integration went. Consoles are told when it is another state or other problems; of the same ones
 * only the time is kept.
 */
export async function recordStatus(
  db: Database,
  organisationId: string,
  id: string,
  outcome: Pick<Status, 'state' | 'problems'>,
  now: Date,
): Promise<void> {
  await inTenant(db, organisationId, async (tx) => {
    const [row] = await tx.$queryRaw<{ status: Partial<Status> }[]>`
      SELECT status FROM integration WHERE id = ${id} FOR UPDATE`;
    if (!row) return;
    const problems = outcome.problems.slice(0, mostProblems);
    const at = now.toISOString();
    const status: Status = {
      state: outcome.state,
      problems,
      at,
      lastOkAt: outcome.state === 'failed' ? (row.status.lastOkAt ?? null) : at,
    };
    await tx.integration.update({ where: { id }, data: { status: status as object } });
    const isSame =
      row.status.state === status.state &&
      JSON.stringify(row.status.problems) === JSON.stringify(problems);
    if (!isSame) await effectsOf(tx, organisationId).changed('integration', id, 'updated');
  });
}
