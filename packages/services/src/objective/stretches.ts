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
/** No stretch is longer: a window sees nothing of those that began earlier. The newest are as they were counted. */
const longest = { newestMs: 6 * 3_600_000, newMs: 3 * minuteMs, oldMs: 2 * 3_600_000 };

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

/**
 * Adds what was counted of some objectives, each once: to the newest stretch when it goes on and is shorter than a minute,
 * else as a new one.
 */
export async function addStretches(
  tx: Tx,
  organisationId: string,
  counted: readonly Counted[],
): Promise<void> {
  if (counted.length === 0) return;
  await tx.$executeRaw`
    WITH given AS (
      SELECT g.*, extract(epoch FROM g.to_at - g.from_at) * 1000 AS covered_ms
      FROM unnest(
        ${counted.map(({ objectiveId }) => objectiveId)}::text[],
        ${counted.map(({ fromMs }) => new Date(fromMs))}::timestamptz[],
        ${counted.map(({ toMs }) => new Date(toMs))}::timestamptz[],
        ${counted.map(({ good }) => good)}::float8[],
        ${counted.map(({ total }) => total)}::float8[]
      ) AS g(objective_id, from_at, to_at, good, total)),
    extended AS (
      UPDATE objective_stretch s SET to_at = g.to_at, covered_ms = s.covered_ms + g.covered_ms,
        good = s.good + g.good, total = s.total + g.total
      FROM given g
      WHERE s.objective_id = g.objective_id AND s.to_at = g.from_at AND s.to_at - s.from_at < interval '1 minute'
        AND s.from_at = (SELECT max(from_at) FROM objective_stretch WHERE objective_id = g.objective_id)
      RETURNING s.objective_id)
    INSERT INTO objective_stretch (objective_id, from_at, to_at, organisation_id, covered_ms, good, total)
    SELECT objective_id, from_at, to_at, ${organisationId}, covered_ms, good, total FROM given
    WHERE objective_id NOT IN (SELECT objective_id FROM extended)
    ON CONFLICT DO NOTHING`;
}

/** What was told of the newest so many milliseconds of an objective. */
export type SumOf = (objectiveId: string, windowMs: number) => WindowSum;

/** Sums of windows that end now, of all objectives at once; a stretch that lies in one partly counts by its part. */
export async function sumWindows(
  tx: Tx,
  wanted: readonly { objectiveId: string; windowsMs: readonly number[] }[],
  now: Date,
): Promise<SumOf> {
  const pairs = wanted.flatMap(({ objectiveId, windowsMs }) =>
    windowsMs.map((ms) => ({ objectiveId, ms })),
  );
  const rows = await tx.$queryRaw<
    { id: string; ms: number; good: number; total: number; coveredMs: number }[]
  >`
    SELECT id, ms, sum(good * part) AS good, sum(total * part) AS total, sum(covered_ms * part) AS "coveredMs"
    FROM (
      SELECT w.id, w.ms, s.good, s.total, s.covered_ms,
        extract(epoch FROM least(s.to_at, ${now}) - greatest(s.from_at, w.begins))::float8
          / extract(epoch FROM s.to_at - s.from_at)::float8 AS part
      FROM (
        SELECT id, ms, ${now}::timestamptz - ms * interval '1 ms' AS begins,
          CASE WHEN ms <= ${longest.newestMs}::float8 THEN ${longest.newMs}::float8 ELSE ${longest.oldMs}::float8 END * interval '1 ms' AS longest
        FROM unnest(
          ${pairs.map(({ objectiveId }) => objectiveId)}::text[],
          ${pairs.map(({ ms }) => ms)}::float8[]
        ) AS p(id, ms)
      ) AS w
      JOIN objective_stretch s ON s.objective_id = w.id
        AND s.from_at > w.begins - w.longest AND s.to_at > w.begins
      WHERE s.from_at < ${now} AND s.to_at > s.from_at
    ) AS parts GROUP BY id, ms`;
  const sums = new Map(
    rows.map(({ id, ms, good, total, coveredMs }) => [
      `${id} ${Number(ms)}`,
      { good: Number(good), total: Number(total), coveredMs: Number(coveredMs) },
    ]),
  );
  return (objectiveId, ms) =>
    sums.get(`${objectiveId} ${ms}`) ?? { good: 0, total: 0, coveredMs: 0 };
}

export const isRollDue = (rolledAt: Date, now: Date): boolean =>
  now.getTime() - rolledAt.getTime() > rollEveryMs;

/** Makes old stretches of some objectives coarser and forgets what lies before their windows. Sums stay as they are. */
export async function rollStretches(
  tx: Tx,
  objectives: readonly { id: string; periodDays: number }[],
  now: Date,
): Promise<void> {
  if (objectives.length === 0) return;
  const ids = objectives.map(({ id }) => id);
  const ago = (ms: number) => new Date(now.getTime() - ms);
  await tx.$executeRaw`
    DELETE FROM objective_stretch s
    USING unnest(${ids}::text[], ${objectives.map(({ periodDays }) => ago((periodDays + 1) * dayMs))}::timestamptz[]) AS o(id, ends)
    WHERE s.objective_id = o.id AND s.to_at < o.ends`;
  for (const { afterMs, groupMs } of tiers) {
    const short = Prisma.raw(`interval '${groupMs / 2} milliseconds'`);
    await tx.$executeRaw`
      WITH old AS (
        DELETE FROM objective_stretch
        WHERE objective_id = ANY(${ids}::text[]) AND to_at < ${ago(afterMs)} AND to_at - from_at < ${short}
        RETURNING *)
      INSERT INTO objective_stretch (objective_id, from_at, to_at, organisation_id, covered_ms, good, total)
      SELECT objective_id, min(from_at), max(to_at), organisation_id, sum(covered_ms), sum(good), sum(total)
      FROM old GROUP BY objective_id, organisation_id, floor(extract(epoch FROM from_at) * 1000 / ${groupMs}::float8)`;
  }
}
