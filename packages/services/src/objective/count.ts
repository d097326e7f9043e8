import type { Tx } from '@ambit/db/database';
import { evaluateSums, windowsOf, type WindowSum } from '@ambit/topology/objectives/objective';
import { goodOf, subjectKey } from '@ambit/topology/objectives/subject-signals';
import { toObjectiveMath, type ObjectiveStatus, type Promised } from './facts.ts';
import type { Seen } from './see.ts';
import { toPromised, type ObjectiveRow } from './rows.ts';
import { isToldIn } from './silence.ts';
import { standingOf } from './standing.ts';
import {
  addStretches,
  isRollDue,
  rollStretches,
  sumWindows,
  toldSpan,
  type Counted,
} from './stretches.ts';

/** Longer windows are summed anew now and then; in between, what is counted is added to them. */
const freshWindowMs = 3_600_000;
const sumEveryMs = 60_000;
/** So many a look at most, those first that wait longest. */
const mostSummed = 100;

const isFresh = (windowMs: number): boolean => windowMs <= freshWindowMs;

/**
 * Counts what all objectives of a mesh are asked and says where each stands, with as many queries for one as for a
 * thousand. True when one stands otherwise than before.
 */
export async function countObjectives(
  tx: Tx,
  organisationId: string,
  meshId: string,
  seen: Seen,
  now: Date,
): Promise<boolean> {
  await tx.$queryRaw`SELECT id FROM objective WHERE mesh_id = ${meshId} ORDER BY id FOR NO KEY UPDATE`;
  const rows = await tx.objective.findMany({ where: { meshId }, orderBy: { id: 'asc' } });
  if (rows.length === 0) return false;
  const looked = rows.map((row) => {
    const promised = toPromised(row);
    const { counted, silence } = countOf(promised, seen);
    const clusters =
      seen.subjects.get(subjectKey(promised.subject))?.clusters ??
      (row.status as ObjectiveStatus | null)?.clusters ??
      [];
    return { row, promised, silence, clusters, added: counted && addedOf(row, counted, now) };
  });
  await addStretches(
    tx,
    organisationId,
    looked.flatMap(({ added }) => added ?? []),
  );
  const rolled = rows.filter(({ rolledAt }) => isRollDue(rolledAt, now));
  await rollStretches(tx, rolled, now);
  const summed = new Set(toSum(rows, now));
  const sumOf = await sumWindows(
    tx,
    rows.map((row) => ({
      objectiveId: row.id,
      windowsMs: windowsOf(row).filter((ms) => isFresh(ms) || summed.has(row)),
    })),
    now,
  );
  const standings = looked.map(({ row, promised, silence, clusters, added }) => {
    const sums = longSums(row, summed.has(row) ? (ms) => sumOf(row.id, ms) : null, added);
    const toldMs = added?.toMs ?? row.toldAt?.getTime() ?? null;
    // Its turn to be summed comes with one of the next looks; what was counted in this one counts once.
    if (!sums) return { row, status: null, sums, toldMs };
    const evaluation = evaluateSums(toObjectiveMath(promised), (ms) =>
      isFresh(ms) ? sumOf(row.id, ms) : sums[ms]!,
    );
    const status = {
      ...standingOf(promised, evaluation, toldMs, now.getTime(), silence),
      clusters,
    };
    return { row, status, sums, toldMs };
  });
  const ids = (some: Iterable<{ id: string }>) => Array.from(some, ({ id }) => id);
  await tx.$executeRaw`
    UPDATE objective o SET status = coalesce(s.status::jsonb, o.status), sums = s.sums::jsonb, told_at = s.told_at,
      summed_at = CASE WHEN o.id = ANY(${ids(summed)}::text[]) THEN ${now} ELSE o.summed_at END,
      rolled_at = CASE WHEN o.id = ANY(${ids(rolled)}::text[]) THEN ${now} ELSE o.rolled_at END
    FROM unnest(
      ${standings.map(({ row }) => row.id)}::text[],
      ${standings.map(({ status }) => status && JSON.stringify(status))}::text[],
      ${standings.map(({ sums }) => sums && JSON.stringify(sums))}::text[],
      ${standings.map(({ toldMs }) => (toldMs === null ? null : new Date(toldMs)))}::timestamptz[]
    ) AS s(id, status, sums, told_at)
    WHERE o.id = s.id`;
  return standings.some(({ row, status }) => {
    if (!status) return false;
    const before = row.status as ObjectiveStatus | null;
    return before?.state !== status.state || burning(before) !== burning(status);
  });
}

type Sums = Record<number, WindowSum>;

/** What a reading adds to an objective; null when it tells of no time that was not told of before. */
function addedOf(
  { id, toldAt, createdAt }: ObjectiveRow,
  { good, total }: { good: number; total: number },
  now: Date,
): Counted | null {
  const span = toldSpan(toldAt?.getTime() ?? null, createdAt.getTime(), now.getTime());
  if (!span) return null;
  const seconds = (span.toMs - span.fromMs) / 1000;
  return { objectiveId: id, ...span, good: good * seconds, total: total * seconds };
}

/** Windows that are kept with the objective; null when one of them was never summed. Of what nobody told of they are empty. */
function keptSums(row: ObjectiveRow): Sums | null {
  const nothing = { good: 0, total: 0, coveredMs: 0 };
  if (row.toldAt === null) return Object.fromEntries(windowsOf(row).map((ms) => [ms, nothing]));
  const kept = row.sums as Sums | null;
  return kept && windowsOf(row).every((ms) => isFresh(ms) || kept[ms]) ? kept : null;
}

/** Objectives whose long windows are summed anew by this look. */
function toSum(rows: readonly ObjectiveRow[], now: Date): ObjectiveRow[] {
  const summedMs = (row: ObjectiveRow) => (keptSums(row) ? row.summedAt.getTime() : 0);
  return rows
    .filter((row) => now.getTime() - summedMs(row) >= sumEveryMs)
    .toSorted((a, b) => summedMs(a) - summedMs(b))
    .slice(0, mostSummed);
}

function longSums(
  row: ObjectiveRow,
  fresh: ((windowMs: number) => WindowSum) | null,
  added: Counted | null,
): Sums | null {
  const kept = keptSums(row);
  if (!fresh && !kept) return null;
  const long = windowsOf(row).filter((ms) => !isFresh(ms));
  return Object.fromEntries(
    long.map((ms) => {
      if (fresh) return [ms, fresh(ms)];
      const { good, total, coveredMs } = kept![ms]!;
      return [
        ms,
        {
          good: good + (added?.good ?? 0),
          total: total + (added?.total ?? 0),
          coveredMs: coveredMs + (added ? added.toMs - added.fromMs : 0),
        },
      ];
    }),
  );
}

const burning = (status: ObjectiveStatus | null): string =>
  (status?.burns ?? []).map(({ isBurning }) => (isBurning ? 1 : 0)).join('');

/** Good and all requests each second now; null with the reason when nobody tells. */
export function countOf(
  promised: Promised,
  { subjects, silence }: Seen,
): { counted: { good: number; total: number } | null; silence: string } {
  const quiet = promised.kind === 'latency' ? silence.latency : silence.requests;
  const found = subjects.get(subjectKey(promised.subject));
  if (!isToldIn(quiet, found?.clusters ?? [])) return { counted: null, silence: quiet.reason };
  if (!found) {
    // Somewhere nobody tells of, it may well be.
    return quiet.clusters.size > 0
      ? { counted: null, silence: quiet.reason }
      : { counted: { good: 0, total: 0 }, silence: '' };
  }
  const counted = goodOf(
    found.signals,
    promised.kind === 'latency'
      ? { kind: 'latency', thresholdMs: promised.thresholdMs ?? 0 }
      : { kind: 'availability' },
  );
  return {
    counted,
    silence: counted
      ? ''
      : `Nobody tells how many requests took at most ${promised.thresholdMs} ms: latency is off at the source, or its histogram has no such bound.`,
  };
}
