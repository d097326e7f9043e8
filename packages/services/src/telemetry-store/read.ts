import { durationBounds, edgeMetrics, type ReportedProxy } from '@ambit/contracts/agent/telemetry';
import { Prisma } from '@ambit/db/generated/client';
import type { Database, Tx } from '@ambit/db/database';
import type { EdgeRate } from '@ambit/telemetry/exposition/aggregate';
import type { Metric } from '@ambit/topology/model';
import { blockOf, type Reading } from './block.ts';
import { namedLabels } from './columns.ts';
import { combine, type StoredBlock } from './combine.ts';
import { resolutions, type Resolution } from './resolutions.ts';

/** What was told of proxies longer ago is old. */
export const proxiesOldAfterMs = 180_000;

/** What agents told of a cluster, as it stands. */
export interface TelemetryState {
  clusterId: string;
  /** End of the last interval that was told; null: never. */
  at: Date | null;
  proxies: ReportedProxy[];
  proxiesAt: Date | null;
  dropped: { edges: number; reports: number; samples: number };
}

/** The state of telemetry of clusters; one that never told has no entry. */
export async function telemetryStates(tx: Tx, clusterIds: string[]): Promise<TelemetryState[]> {
  const rows = await tx.$queryRaw<
    { cluster_id: string; at: Date; proxies: ReportedProxy[]; proxies_at: Date; dropped: object }[]
  >`SELECT cluster_id, at, proxies, proxies_at, dropped FROM telemetry_source
    WHERE cluster_id = ANY(${clusterIds}) ORDER BY cluster_id`;
  const told = (time: Date) => (time.getTime() === 0 ? null : time);
  return rows.map((row) => ({
    clusterId: row.cluster_id,
    at: told(row.at),
    proxies: row.proxies,
    proxiesAt: told(row.proxies_at),
    dropped: { edges: 0, reports: 0, samples: 0, ...row.dropped },
  }));
}

/** When each of the clusters that ever told of traffic did so last. */
export async function timesTold(tx: Tx, clusterIds: string[]): Promise<Date[]> {
  const rows = await tx.$queryRaw<{ at: Date }[]>`
    SELECT at FROM telemetry_source WHERE cluster_id = ANY(${clusterIds}) AND at > to_timestamp(0)`;
  return rows.map(({ at }) => at);
}

/** Traffic of a cluster over some time, by edge. */
export interface Moment {
  /** End of the newest interval in it. */
  at: Date;
  /** How much of the time was told of. */
  coveredMs: number;
  rates: EdgeRate[];
}

/**
 * Rates over the newest intervals of a cluster.
 * @param afterMs null is the answer when nothing newer than this was told
 * @param windowMs how far back from the newest; short is restless, long is late
 */
export async function newestRates(
  db: Database,
  tx: Tx,
  clusterId: string,
  { afterMs = -1, windowMs = 60_000 }: { afterMs?: number; windowMs?: number } = {},
): Promise<Moment | null> {
  const [at] = await timesTold(tx, [clusterId]);
  if (!at || at.getTime() <= afterMs) return null;
  const toMs = at.getTime();
  return ratesBetween(db, tx, clusterId, resolutions[0]!, toMs - windowMs, toMs);
}

/**
 * Rates at a moment in the past, over a minute or the finest interval that is kept for so long.
 * @returns null when nobody told of that time, or it is too long ago
 */
export async function ratesAt(
  db: Database,
  tx: Tx,
  clusterId: string,
  atMs: number,
  nowMs: number,
  kept: readonly Resolution[] = resolutions,
): Promise<Moment | null> {
  const resolution = kept.find(({ keptMs }) => atMs >= nowMs - keptMs);
  if (!resolution) return null;
  const windowMs = 60_000;
  const spanMs = Math.max(windowMs, resolution.stepMs);
  // A rolled up interval tells of the time before its end: the moment lies in it.
  const toMs = resolution.stepMs > windowMs ? atMs + spanMs : atMs;
  return ratesBetween(db, tx, clusterId, resolution, toMs - spanMs, toMs);
}

async function ratesBetween(
  db: Database,
  tx: Tx,
  clusterId: string,
  resolution: Resolution,
  fromMs: number,
  toMs: number,
): Promise<Moment | null> {
  const blocks = await readBlocks(tx, clusterId, resolution, fromMs, toMs);
  const { at, coveredMs, readings } = combine(blocks);
  if (!at) return null;
  const labels = await labelsOf(db, tx, clusterId, readings);
  return { at, coveredMs, rates: readings.flatMap((reading) => edgeRates(reading, labels)) };
}

/** Rows after `fromMs` and up to `toMs`, by their ends. */
export async function readBlocks(
  tx: Tx,
  clusterId: string,
  { table }: Resolution,
  fromMs: number,
  toMs: number,
  blocks?: number[],
): Promise<StoredBlock[]> {
  const only = blocks ? Prisma.sql`AND block = ANY(${blocks})` : Prisma.empty;
  return tx.$queryRaw<StoredBlock[]>`
    SELECT at, window_ms AS "windowMs", block, body FROM ${Prisma.raw(`"${table}"`)}
    WHERE cluster_id = ${clusterId} AND at > ${new Date(fromMs)} AND at <= ${new Date(toMs)} ${only}
    ORDER BY at, block`;
}

type Labels = Readonly<Record<string, string>>;
const known = new WeakMap<Database, Map<string, Map<number, Labels>>>();
/** Clusters whose labels a process remembers: about 0.5 kB an edge. */
const mostClusters = 64;

async function labelsOf(
  db: Database,
  tx: Tx,
  clusterId: string,
  readings: readonly { number: number }[],
): Promise<ReadonlyMap<number, Labels>> {
  const all = known.get(db) ?? new Map<string, Map<number, Labels>>();
  known.set(db, all);
  const labels = all.get(clusterId) ?? new Map<number, Labels>();
  all.delete(clusterId);
  all.set(clusterId, labels);
  if (all.size > mostClusters) all.delete(all.keys().next().value!);
  const missing = readings.flatMap(({ number }) => (labels.has(number) ? [] : [number]));
  if (missing.length > 0) {
    const rows = await tx.$queryRaw<{ number: number; labels: string[] }[]>`
      SELECT number, labels FROM telemetry_edge WHERE cluster_id = ${clusterId} AND number = ANY(${missing})`;
    for (const row of rows) labels.set(row.number, namedLabels(row.labels));
  }
  return labels;
}

const metricsOfTopology: readonly Metric[] = edgeMetrics;

function edgeRates(reading: Reading, allLabels: ReadonlyMap<number, Labels>): EdgeRate[] {
  const labels = allLabels.get(reading.number);
  if (!labels) return [];
  const { rates, buckets } = reading;
  const found = metricsOfTopology.flatMap((metric, at): EdgeRate[] =>
    rates[at]! > 0 ? [{ metric, labels, rate: rates[at]! }] : [],
  );
  if (!buckets) return found;
  durationBounds.forEach((boundMs, at) =>
    found.push({ metric: 'durationBucket', labels, boundMs, rate: buckets[at]! }),
  );
  const count = rates[edgeMetrics.indexOf('durationCount')]!;
  found.push({ metric: 'durationBucket', labels, boundMs: Infinity, rate: count });
  return found;
}

/** Rates of some edges over time: of each step what was told in it; null where nobody told. */
export interface EdgeSeries {
  times: number[];
  steps: (EdgeRate[] | null)[];
}

/**
 * Rates over time of the edges that are wanted, in steps of `stepMs`, from the finest rates that are kept for so long and
 * are not finer than needed.
 * @param wants of an edge's labels
 */
export async function ratesOver(
  db: Database,
  tx: Tx,
  clusterId: string,
  wants: (labels: Labels) => boolean,
  range: { fromMs: number; toMs: number; stepMs: number; nowMs: number },
  kept: readonly Resolution[] = resolutions,
): Promise<EdgeSeries> {
  const { fromMs, toMs, stepMs, nowMs } = range;
  const rows = await tx.$queryRaw<{ number: number; labels: string[] }[]>`
    SELECT number, labels FROM telemetry_edge
    WHERE cluster_id = ${clusterId} AND seen_at >= ${new Date(fromMs - 3_600_000)}`;
  const labels = new Map<number, Labels>();
  for (const row of rows) {
    const named = namedLabels(row.labels);
    if (wants(named)) labels.set(row.number, named);
  }
  const whole = kept.filter(({ keptMs }) => fromMs >= nowMs - keptMs);
  const resolution = whole.findLast((one) => one.stepMs <= stepMs) ?? whole[0] ?? kept.at(-1)!;
  // Of every interval one block at least, so that silence is told from a gap.
  const blocks = await readBlocks(tx, clusterId, resolution, fromMs - stepMs, toMs, [
    ...new Set([...labels.keys()].map(blockOf)),
  ]);
  const told = await tx.$queryRaw<{ at: Date; windowMs: number }[]>`
    SELECT DISTINCT at, window_ms AS "windowMs" FROM ${Prisma.raw(`"${resolution.table}"`)}
    WHERE cluster_id = ${clusterId} AND at > ${new Date(fromMs - stepMs)} AND at <= ${new Date(toMs)}`;
  const silent = told.map((one): StoredBlock => ({ ...one, block: -1, body: new Uint8Array() }));
  const wanted = new Set(labels.keys());
  const byStep = Map.groupBy([...silent, ...blocks], ({ at }) =>
    Math.ceil((at.getTime() - fromMs) / stepMs),
  );
  const times: number[] = [];
  const steps: EdgeSeries['steps'] = [];
  for (let step = 0; fromMs + step * stepMs <= toMs; step++) {
    times.push(fromMs + step * stepMs);
    const some = byStep.get(step);
    steps.push(
      some ? combine(some, wanted).readings.flatMap((one) => edgeRates(one, labels)) : null,
    );
  }
  return { times, steps };
}
