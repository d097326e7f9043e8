import type { WaypointFigures } from '@ambit/contracts/agent/waypoint';
import { parseExposition } from '@ambit/telemetry/exposition/parse';
import type { Load } from './scale.ts';

/** What one replica's counters have reached. */
export interface Sample {
  /** Milliseconds by a clock that never goes back. */
  at: number;
  /** Null: it has no counter of requests. */
  requests: number | null;
  active: number | null;
  /** Cumulative, by upper bound in milliseconds. */
  buckets: ReadonlyMap<number, number>;
  /** How often it refused configuration since it began. */
  rejected: number;
}

/** Only what is read here; Istio's own counters, and Envoy's where a vanilla Envoy has none of Istio's. */
export const figuresPath = `/stats/prometheus?usedonly&filter=${encodeURIComponent(
  'istio_requests_total|istio_request_duration|downstream_rq_(active|completed)|update_rejected',
)}`;

const requestsTotal = 'istio_requests_total';
const durations = 'istio_request_duration_milliseconds_bucket';
const rqActive = 'envoy_http_downstream_rq_active';
const rqCompleted = 'envoy_http_downstream_rq_completed';
const rejections = new Set([
  'envoy_listener_manager_lds_update_rejected',
  'envoy_cluster_manager_cds_update_rejected',
]);
const wanted = new Set([requestsTotal, durations, rqActive, rqCompleted, ...rejections]);

/** The tunnel's own requests (CONNECT) are not those of clients. */
const isTunnel = (labels: string): boolean => labels.includes('connect_terminate');
const bound = /(?:^|,)le="([^"]+)"/;

/** Reads what a waypoint's replica shows. Pure. */
export function readSample(text: string, at: number): Sample {
  let requests: number | null = null;
  let completed: number | null = null;
  let active: number | null = null;
  let rejected = 0;
  const buckets = new Map<number, number>();
  parseExposition(
    text,
    (name) => wanted.has(name),
    (name, labels, value) => {
      if (rejections.has(name)) rejected += value;
      else if (name === rqActive && !isTunnel(labels)) active = (active ?? 0) + value;
      else if (name === rqCompleted && !isTunnel(labels)) completed = (completed ?? 0) + value;
      else if (!labels.includes('reporter="waypoint"')) return;
      else if (name === requestsTotal) requests = (requests ?? 0) + value;
      else if (name === durations) {
        const le = Number(bound.exec(labels)?.[1]?.replace('+Inf', 'Infinity') ?? Number.NaN);
        if (!Number.isNaN(le)) buckets.set(le, (buckets.get(le) ?? 0) + value);
      }
    },
  );
  return { at, requests: requests ?? completed, active, buckets, rejected };
}

export interface Interval {
  load: Load;
  figures: Omit<WaypointFigures, 'at'>;
}

/** What all replicas of a waypoint did between two samples of each; one that began in between counts from then. Pure. */
export function between(pairs: readonly { before: Sample | undefined; now: Sample }[]): Interval {
  const buckets = new Map<number, number>();
  let rate: number | null = null;
  let active: number | null = null;
  let told = 0;
  for (const { before, now } of pairs) {
    if (now.active !== null) active = (active ?? 0) + now.active;
    if (now.active !== null || now.requests !== null) told += 1;
    if (!before || now.at <= before.at) continue;
    const seconds = (now.at - before.at) / 1000;
    if (now.requests !== null) {
      rate = (rate ?? 0) + grown(before.requests ?? 0, now.requests) / seconds;
    }
    for (const [le, count] of now.buckets) {
      buckets.set(le, (buckets.get(le) ?? 0) + grown(before.buckets.get(le) ?? 0, count));
    }
  }
  return {
    load: { requestsPerSecond: rate, activeRequests: active, told },
    figures: {
      requestsPerSecond: rate,
      activeRequests: active,
      p50Ms: quantile(buckets, 0.5),
      p99Ms: quantile(buckets, 0.99),
    },
  };
}

/** A counter that is smaller than before began anew. */
const grown = (before: number, now: number): number => (now < before ? now : now - before);

/** Within a bucket evenly spread, as Prometheus' histogram_quantile takes it. */
export function quantile(buckets: ReadonlyMap<number, number>, share: number): number | null {
  const sorted = [...buckets].toSorted(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  let [low, below] = [0, 0];
  for (const [le, count] of sorted) {
    if (count >= share * total) {
      if (le === Infinity) return low;
      return low + (le - low) * (count === below ? 1 : (share * total - below) / (count - below));
    }
    [low, below] = [le, count];
  }
  return low;
}
