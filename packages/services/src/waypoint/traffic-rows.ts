import { durationBounds } from '@ambit/contracts/agent/telemetry';
import {
  addedOfSums,
  combineTraffic,
  noTraffic,
  type ReportedWaypoint,
  type TrafficSums,
  type WaypointTraffic,
} from '@ambit/contracts/agent/waypoint';
import type { Tx } from '@ambit/db/database';
import { histogramQuantile } from '@ambit/topology/signals';

const hourMs = 3_600_000;

/** Steps that are kept, and for how long; each is written at once, so that nothing has to be rolled up. */
export const trafficSteps = [
  { stepS: 60, keptMs: 6 * hourMs },
  { stepS: 600, keptMs: 7 * 24 * hourMs },
] as const;

/** Of a longer time than this nobody knows when in it anything was: it is left out. */
const longestMs = 600_000;

/** What was done between two reports of the same counting, or since it began; null: nothing that can be placed. Pure. */
export function trafficBetween(
  before: WaypointTraffic | null,
  now: WaypointTraffic,
): TrafficSums | null {
  const from = before?.since === now.since ? before : noTraffic;
  const sums = combineTraffic(now, from, (one, other) => one - other);
  return sums.observedMs > 0 && sums.observedMs <= longestMs && sums.requests >= 0 ? sums : null;
}

/** Keeps what waypoints of a cluster did since the last report, and forgets what is old. */
export async function keepTraffic(
  tx: Tx,
  { clusterId, organisationId }: { clusterId: string; organisationId: string },
  before: readonly ReportedWaypoint[],
  now: readonly ReportedWaypoint[],
  at: Date,
): Promise<void> {
  const known = new Map(before.map((one) => [`${one.namespace}/${one.name}`, one.traffic]));
  const rows = now.flatMap(({ namespace, name, traffic }) => {
    const sums = traffic && trafficBetween(known.get(`${namespace}/${name}`) ?? null, traffic);
    return sums ? [{ namespace, name, ...sums }] : [];
  });
  if (rows.length === 0) return;
  for (const { stepS, keptMs } of trafficSteps) {
    const stepMs = stepS * 1_000;
    const end = new Date(Math.ceil(at.getTime() / stepMs) * stepMs);
    await tx.$executeRaw`
      INSERT INTO waypoint_traffic AS old (cluster_id, organisation_id, step_s, at, namespace, name,
        observed_ms, requests, errors, errors_of, took_ms, added_ms, added_of, timed, buckets)
      SELECT ${clusterId}, ${organisationId}, ${stepS}, ${end}, namespace, name, "observedMs", requests, errors,
        "errorsOf", "tookMs", "addedMs", "addedOf", timed, buckets
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new (namespace text, name text,
        "observedMs" float8, requests float8, errors float8, "errorsOf" float8, "tookMs" float8, "addedMs" float8,
        "addedOf" float8, timed float8, buckets real[])
      ON CONFLICT (cluster_id, namespace, name, step_s, at) DO UPDATE SET
        observed_ms = old.observed_ms + excluded.observed_ms, requests = old.requests + excluded.requests,
        errors = old.errors + excluded.errors, errors_of = old.errors_of + excluded.errors_of,
        took_ms = old.took_ms + excluded.took_ms, added_ms = old.added_ms + excluded.added_ms,
        added_of = old.added_of + excluded.added_of, timed = old.timed + excluded.timed,
        buckets = ARRAY(SELECT a + b FROM unnest(old.buckets, excluded.buckets) WITH ORDINALITY AS each (a, b, n)
          ORDER BY n)`;
    await tx.$executeRaw`
      DELETE FROM waypoint_traffic
      WHERE cluster_id = ${clusterId} AND step_s = ${stepS} AND at < ${new Date(at.getTime() - keptMs)}`;
  }
}

interface TrafficRow extends TrafficSums {
  at: Date;
}

/** The finest step in seconds that is kept of everything since then. */
export const stepKeptSince = (fromMs: number, now: Date): number =>
  (trafficSteps.find(({ keptMs }) => fromMs >= +now - keptMs) ?? trafficSteps.at(-1)!).stepS;

/** Of one waypoint in one cluster, over time, in the finest steps that are kept for so long. */
export async function readTraffic(
  tx: Tx,
  { clusterId, namespace, name }: { clusterId: string; namespace: string; name: string },
  { fromMs, toMs, stepMs, now }: { fromMs: number; toMs: number; stepMs: number; now: Date },
): Promise<TrafficRow[]> {
  const stepS = stepKeptSince(fromMs, now);
  return tx.$queryRaw<TrafficRow[]>`
    SELECT at, observed_ms AS "observedMs", requests, errors, errors_of AS "errorsOf", took_ms AS "tookMs",
      added_ms AS "addedMs", added_of AS "addedOf", timed, buckets
    FROM waypoint_traffic
    WHERE cluster_id = ${clusterId} AND namespace = ${namespace} AND name = ${name} AND step_s = ${stepS}
      AND at > ${new Date(fromMs - stepMs)} AND at <= ${new Date(toMs)}
    ORDER BY at`;
}

export interface TrafficPoint {
  rate: number | null;
  errorShare: number | null;
  p50Ms: number | null;
  p99Ms: number | null;
  addedMs: number | null;
}

/** What some rows together say; all null for none. Pure. */
export function pointOf(rows: readonly TrafficSums[]): TrafficPoint {
  const all = rows.reduce<TrafficSums>(
    (sums, row) => combineTraffic(sums, row, (one, other) => one + other),
    noTraffic,
  );
  const { observedMs, requests, errors, errorsOf } = all;
  const buckets = durationBounds.flatMap((bound, at) => [bound, all.buckets[at]!]);
  const latency = [...buckets, Infinity, all.timed];
  return {
    rate: observedMs > 0 ? (requests * 1_000) / observedMs : null,
    errorShare: errorsOf > 0 ? errors / errorsOf : null,
    p50Ms: histogramQuantile(0.5, latency),
    p99Ms: histogramQuantile(0.99, latency),
    addedMs: addedOfSums(all),
  };
}
