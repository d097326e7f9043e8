import { Prisma } from '@ambit/db/generated/client';
import type { Tx } from '@ambit/db/database';
import { blockOf, nothingMoved, packBlock, type Reading } from './block.ts';
import type { Resolution } from './resolutions.ts';

/** Writes what moved in one interval; one that is there already stays as it is. */
export async function writeInterval(
  tx: Tx,
  { clusterId, organisationId }: { clusterId: string; organisationId: string },
  { table }: Resolution,
  { at, windowMs, readings }: { at: Date; windowMs: number; readings: readonly Reading[] },
): Promise<void> {
  const byBlock = Map.groupBy(readings, ({ number }) => blockOf(number));
  const rows = [...byBlock].map(([block, some]) => ({
    block,
    body: packBlock(some).toString('base64'),
  }));
  // An interval in which nothing moved is told too: silence is not the same as a gap.
  if (rows.length === 0) rows.push({ block: nothingMoved, body: '' });
  await tx.$executeRaw`
    INSERT INTO ${Prisma.raw(`"${table}"`)} (cluster_id, at, block, organisation_id, window_ms, body)
    SELECT ${clusterId}, ${at}, block, ${organisationId}, ${windowMs}, decode(body, 'base64')
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x(block int, body text)
    ON CONFLICT DO NOTHING`;
}
