import type { Tx } from '@ambit/db/database';
import { sumOver, type Stretch } from '@ambit/topology/objectives/objective';

export interface HistoryPoint {
  from: string;
  to: string;
  good: number;
  total: number;
  coverage: number;
}

const points = 120;

/** Good and all over a span in even steps. Pure. */
export function stepsOf(
  stretches: readonly Stretch[],
  fromMs: number,
  toMs: number,
  count: number = points,
): HistoryPoint[] {
  const stepMs = (toMs - fromMs) / count;
  return Array.from({ length: count }, (_, at) => {
    const begin = fromMs + at * stepMs;
    const { good, total, coveredMs } = sumOver(stretches, begin, begin + stepMs);
    return {
      from: new Date(begin).toISOString(),
      to: new Date(begin + stepMs).toISOString(),
      good,
      total,
      coverage: Math.min(1, coveredMs / stepMs),
    };
  });
}

/** How an objective's window was filled. */
export async function historyOf(
  tx: Tx,
  objectiveId: string,
  periodDays: number,
  now: Date,
): Promise<HistoryPoint[]> {
  const fromMs = now.getTime() - periodDays * 86_400_000;
  const rows = await tx.objectiveStretch.findMany({
    where: { objectiveId, toAt: { gt: new Date(fromMs) } },
    orderBy: { fromAt: 'asc' },
  });
  const stretches = rows.map((row) => ({
    fromMs: row.fromAt.getTime(),
    toMs: row.toAt.getTime(),
    good: row.good,
    total: row.total,
    coveredMs: row.coveredMs,
  }));
  return stepsOf(stretches, fromMs, now.getTime());
}
