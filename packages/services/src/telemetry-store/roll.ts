import { inTenant, type Database, type Tx } from '@ambit/db/database';
import { Prisma } from '@ambit/db/generated/client';
import { combine } from './combine.ts';
import { readBlocks } from './read.ts';
import { resolutions, type Resolution } from './resolutions.ts';
import { writeInterval } from './write.ts';

/** Rows of an interval may come this long after its end. */
export const lateMs = 70_000;
/** Intervals that one call rolls up at most; the next goes on. */
const most = 240;

/**
 * Rolls the rates of a cluster up into minutes and ten minutes, as far as they are over. Doing it again changes nothing.
 * @returns whether there is more to do
 */
export async function rollUp(
  { db, now }: { db: Database; now: () => Date },
  organisationId: string,
  clusterId: string,
): Promise<boolean> {
  let more = false;
  for (const [finer, coarser] of [
    [resolutions[0]!, resolutions[1]!],
    [resolutions[1]!, resolutions[2]!],
  ] as const) {
    const rolled = await inTenant(db, organisationId, (tx) =>
      roll(tx, organisationId, clusterId, finer, coarser, now().getTime()),
    );
    more ||= rolled === most;
  }
  return more;
}

async function roll(
  tx: Tx,
  organisationId: string,
  clusterId: string,
  finer: Resolution,
  coarser: Resolution,
  nowMs: number,
): Promise<number> {
  const { stepMs } = coarser;
  const column = Prisma.raw(coarser.name === '1m' ? 'rolled_1m' : 'rolled_10m');
  const [row] = await tx.$queryRaw<{ done: Date; first: Date | null }[]>`
    SELECT ${column} AS done,
      (SELECT min(at) FROM ${Prisma.raw(`"${finer.table}"`)} AS finer
       WHERE finer.cluster_id = source.cluster_id AND finer.at > source.${column}) AS first
    FROM telemetry_source AS source WHERE cluster_id = ${clusterId} FOR UPDATE`;
  if (!row?.first) return 0;
  const begin = Math.floor((row.first.getTime() - 1) / stepMs) * stepMs;
  const end = Math.floor((nowMs - lateMs - (stepMs > 60_000 ? 60_000 : 0)) / stepMs) * stepMs;
  let rolled = 0;
  let from = begin;
  for (; from + stepMs <= end && rolled < most; from += stepMs, rolled++) {
    const blocks = await readBlocks(tx, clusterId, finer, from, from + stepMs);
    const { coveredMs, readings } = combine(blocks);
    if (coveredMs === 0) continue;
    await writeInterval(tx, { clusterId, organisationId }, coarser, {
      at: new Date(from + stepMs),
      windowMs: coveredMs,
      readings,
    });
  }
  if (from > row.done.getTime()) {
    await tx.$executeRaw`
      UPDATE telemetry_source SET ${column} = ${new Date(from)} WHERE cluster_id = ${clusterId}`;
  }
  return rolled;
}
