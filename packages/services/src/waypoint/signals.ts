import { waypointSignals } from '@ambit/contracts/operations/waypoint';
import { roundMs, roundRate, roundShare } from '@ambit/topology/text';
import { implement } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';
import { spanOf } from '../topology/span.ts';
import { pointOf, readTraffic, stepKeptSince } from './traffic-rows.ts';

export const getWaypointSignals = implement(
  waypointSignals,
  async ({ tx, now }, { meshId, namespace, name, clusterId, ...asked }) => {
    await requireMesh(tx, meshId);
    const leastS = stepKeptSince(asked.from === undefined ? +now : +new Date(asked.from), now);
    const stepAsked = asked.stepS === undefined ? {} : { stepS: Math.max(asked.stepS, leastS) };
    const { fromS, toS, stepS } = spanOf({ ...asked, ...stepAsked }, now, leastS);
    const [fromMs, toMs, stepMs] = [fromS * 1_000, toS * 1_000, stepS * 1_000];
    const clusters = await tx.cluster.findMany({
      where: { mesh: { meshId }, ...(clusterId === undefined ? {} : { id: clusterId }) },
      orderBy: { name: 'asc' },
      select: { id: true },
    });
    let found: string | null = null;
    let rows: Awaited<ReturnType<typeof readTraffic>> = [];
    for (const { id } of clusters) {
      const where = { clusterId: id, namespace, name };
      rows = await readTraffic(tx, where, { fromMs, toMs, stepMs, now });
      if (rows.length === 0) continue;
      found = id;
      break;
    }
    const byStep = Map.groupBy(rows, ({ at }) => Math.ceil((at.getTime() - fromMs) / stepMs));
    const points = Array.from({ length: Math.floor((toMs - fromMs) / stepMs) + 1 }, (_, step) =>
      pointOf(byStep.get(step) ?? []),
    );
    const told = (value: number | null, round: (value: number) => number): number | null =>
      value === null ? null : round(value);
    return {
      clusterId: found,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      stepS,
      times: points.map((_, step) => fromMs + step * stepMs),
      rate: points.map(({ rate }) => told(rate, roundRate)),
      errorShare: points.map(({ errorShare }) => told(errorShare, roundShare)),
      p50Ms: points.map(({ p50Ms }) => told(p50Ms, roundMs)),
      p99Ms: points.map(({ p99Ms }) => told(p99Ms, roundMs)),
      addedMs: points.map(({ addedMs }) => told(addedMs, roundMs)),
    };
  },
);
