import { Prisma } from '@ambit/db/generated/client';
import type { Tx } from '@ambit/db/database';
import type { WindowSum } from '@ambit/topology/objectives/objective';
import { toldForMs } from './facts.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** How finely counts are kept, by their age; the shortest window that ends now needs the finest. */
const tiers = [
  { afterMs: 8 * 3_600_000, groupMs: 10 * minuteMs },
  { afterMs: 4 * dayMs, groupMs: 60 * minuteMs },
] as const;
const rollEveryMs = 3_600_000;

/**
 * The time that a reading of now tells of: since the one before, at most as long as rates look back. What lies between is
 * a gap. Null when there is nothing new. Pure.
 */
export function toldSpan(
  toldMs: number | null,
  createdMs: number,
  nowMs: number,
): { fromMs: number; toMs: number } | null {
  const fromMs = Math.max(toldMs ?? createdMs, createdMs, nowMs - toldForMs);
  return fromMs < nowMs ? { fromMs, toMs: nowMs } : null;
}

export interface Counted {
  objectiveId: string;
  fromMs: number;
  toMs: number;
  good: number;
  total: number;
}

/** Adds what was counted: to the newest stretch when it goes on and is shorter than a minute, else as a new one. */
export async function addStretch(tx: Tx, organisationId: string, counted: Counted): Promise<void> {
  const { objectiveId, good, total } = counted;
  const from = new Date(counted.fromMs);
  const to = new Date(counted.toMs);
  const coveredMs = counted.toMs - counted.fromMs;
  const extended = await tx.$executeRaw`
    UPDATE objective_stretch SET to_at = ${to}, covered_ms = covered_ms + ${coveredMs},
      good = good + ${good}, total = total + ${total}
    WHERE objective_id = ${objectiveId} AND to_at = ${from} AND to_at - from_at < interval '1 minute'
      AND from_at = (SELECT max(from_at) FROM objective_stretch WHERE objective_id = ${objectiveId})`;
  if (extended > 0) return;
  await tx.$executeRaw`
    INSERT INTO objective_stretch (objective_id, from_at, to_at, organisation_id, covered_ms, good, total)
    VALUES (${objectiveId}, ${from}, ${to}, ${organisationId}, ${coveredMs}, ${good}, ${total})
    ON CONFLICT DO NOTHING`;
}

/** What was told of the newest so many milliseconds; a stretch that lies in it partly counts by its part. */
export async function sumWindows(
  tx: Tx,
  objectiveId: string,
  windowsMs: readonly number[],
  now: Date,
): Promise<(windowMs: number) => WindowSum> {
  const rows = await tx.$queryRaw<{ ms: number; good: number; total: number; coveredMs: number }[]>`
    SELECT ms, sum(good * part) AS good, sum(total * part) AS total, sum(covered_ms * part) AS "coveredMs"
    FROM (
      SELECT w.ms, s.good, s.total, s.covered_ms,
        extract(epoch FROM least(s.to_at, ${now}) - greatest(s.from_at, ${now}::timestamptz - w.ms * interval '1 ms'))
          / extract(epoch FROM s.to_at - s.from_at) AS part
      FROM objective_stretch s
      JOIN unnest(${windowsMs}::float8[]) AS w(ms) ON s.to_at > ${now}::timestamptz - w.ms * interval '1 ms'
      WHERE s.objective_id = ${objectiveId} AND s.from_at < ${now} AND s.to_at > s.from_at
    ) AS parts GROUP BY ms`;
  const byWindow = new Map(
    rows.map(({ ms, good, total, coveredMs }) => [
      Number(ms),
      { good: Number(good), total: Number(total), coveredMs: Number(coveredMs) },
    ]),
  );
  return (ms) => byWindow.get(ms) ?? { good: 0, total: 0, coveredMs: 0 };
}

export const isRollDue = (rolledAt: Date, now: Date): boolean =>
  now.getTime() - rolledAt.getTime() > rollEveryMs;

/** Makes old stretches coarser and forgets what lies before the window. Sums stay as they are. */
export async function rollStretches(
  tx: Tx,
  objectiveId: string,
  periodDays: number,
  now: Date,
): Promise<void> {
  const ago = (ms: number) => new Date(now.getTime() - ms);
  await tx.$executeRaw`
    DELETE FROM objective_stretch WHERE objective_id = ${objectiveId} AND to_at < ${ago((periodDays + 1) * dayMs)}`;
  for (const { afterMs, groupMs } of tiers) {
    const short = Prisma.raw(`interval '${groupMs / 2} milliseconds'`);
    await tx.$executeRaw`
      WITH old AS (
        DELETE FROM objective_stretch
        WHERE objective_id = ${objectiveId} AND to_at < ${ago(afterMs)} AND to_at - from_at < ${short}
        RETURNING *)
      INSERT INTO objective_stretch (objective_id, from_at, to_at, organisation_id, covered_ms, good, total)
      SELECT objective_id, min(from_at), max(to_at), organisation_id, sum(covered_ms), sum(good), sum(total)
      FROM old GROUP BY objective_id, organisation_id, floor(extract(epoch FROM from_at) * 1000 / ${groupMs}::float8)`;
  }
}
