import { addedOfSums, type WaypointFigures } from '@ambit/contracts/agent/waypoint';
import { parseExposition } from '@ambit/telemetry/exposition/parse';
import { addWindows, windowOf, type Sample, type Window } from './traffic.ts';
import type { Load } from './scale.ts';

/**
 * Only what is read here; Istio's own counters, and Envoy's where a vanilla Envoy has none of Istio's. Also what is
 * still 0: a proxy without a request is told from one that does not count.
 */
export const figuresPath = `/stats/prometheus?filter=${encodeURIComponent(
  'istio_requests_total|istio_request_duration|downstream_rq_(active|completed|time|5xx)|external.upstream_rq_time|istio_tcp_.*_bytes_total|tcp\\..*downstream_cx_rx_bytes_total|(cds|lds).update_rejected',
)}`;

const requestsTotal = 'istio_requests_total';
const durations = 'istio_request_duration_milliseconds_bucket';
const rqActive = 'envoy_http_downstream_rq_active';
const rqCompleted = 'envoy_http_downstream_rq_completed';
/** By Istio's tags and by Envoy's own. */
const rqClass = new Set(['envoy_http_downstream_rq', 'envoy_http_downstream_rq_xx']);
const took = 'envoy_http_downstream_rq_time_';
const waited = 'envoy_cluster_external_upstream_rq_time_';
const rejections = new Set([
  'envoy_listener_manager_lds_update_rejected',
  'envoy_cluster_manager_cds_update_rejected',
]);
const streams = new Set([
  'istio_tcp_received_bytes_total',
  'istio_tcp_sent_bytes_total',
  'envoy_tcp_downstream_cx_rx_bytes_total',
]);
const wanted = new Set([
  ...streams,
  requestsTotal,
  durations,
  rqActive,
  rqCompleted,
  ...rqClass,
  ...rejections,
  ...['bucket', 'sum', 'count'].map((part) => took + part),
  ...['sum', 'count'].map((part) => waited + part),
]);

/** The tunnel's own requests (CONNECT), and those for metrics and health, are not those of clients. */
const isOwn = (labels: string): boolean =>
  /connect_terminate|prefix="(?:admin|agent|stats|secure_stats|secure_merged_stats)[;"]/.test(
    labels,
  );
/** Clusters by which a waypoint reaches servers (pilot/pkg/networking/core, listener_waypoint). */
const isServer = (labels: string): boolean =>
  /cluster_name="(?:inbound-vip\||outbound\||encap)/.test(labels);
const bound = /(?:^|,)le="([^"]+)"/;
const boundOf = (labels: string): number =>
  Number(bound.exec(labels)?.[1]?.replace('+Inf', 'Infinity') ?? Number.NaN);

/** Reads what a waypoint's replica shows. Pure. */
export function readSample(text: string, at: number): Sample {
  let requests: number | null = null;
  let completed: number | null = null;
  let active: number | null = null;
  let rejected = 0;
  let streamBytes: number | null = null;
  let failed = 0;
  let failedHere = 0;
  let isTimed = false;
  const timings = { tookMs: 0, took: 0, waitedMs: 0, waited: 0 };
  const buckets = new Map<number, number>();
  const ownBuckets = new Map<number, number>();
  const add = (into: Map<number, number>, labels: string, value: number) => {
    const le = boundOf(labels);
    if (!Number.isNaN(le)) into.set(le, (into.get(le) ?? 0) + value);
  };
  parseExposition(
    text,
    (name) => wanted.has(name),
    (name, labels, value) => {
      if (rejections.has(name)) rejected += value;
      else if (streams.has(name)) streamBytes = (streamBytes ?? 0) + value;
      else if (name.startsWith(waited)) {
        if (!isServer(labels)) return;
        if (name.endsWith('_sum')) timings.waitedMs += value;
        else timings.waited += value;
      } else if (name.startsWith('envoy_http_')) {
        if (isOwn(labels)) return;
        if (name === rqActive) active = (active ?? 0) + value;
        else if (name === rqCompleted) completed = (completed ?? 0) + value;
        else if (rqClass.has(name)) {
          if (/response_code_class="5/.test(labels)) failedHere += value;
        } else if (name.endsWith('_bucket')) add(ownBuckets, labels, value);
        else if (name.endsWith('_sum')) timings.tookMs += value;
        else {
          timings.took += value;
          isTimed = true;
        }
      } else if (!labels.includes('reporter="waypoint"')) return;
      else if (name === durations) add(buckets, labels, value);
      else if (name === requestsTotal) {
        requests = (requests ?? 0) + value;
        if (/(?:^|,)response_code="5/.test(labels)) failed += value;
      }
    },
  );
  return {
    at,
    requests: requests ?? completed,
    errors: requests !== null ? failed : isTimed ? failedHere : null,
    active,
    streamBytes,
    buckets: buckets.size > 0 ? buckets : ownBuckets,
    timings: isTimed ? timings : null,
    rejected,
  };
}

export interface Interval {
  load: Load;
  figures: Omit<WaypointFigures, 'at'>;
  /** The same as sums, for what is kept of it; null: no replica was read twice. */
  window: Window | null;
}

/** What all replicas of a waypoint did between two samples of each; one that began in between counts from then. Pure. */
export function between(pairs: readonly { before: Sample | undefined; now: Sample }[]): Interval {
  let rate: number | null = null;
  let active: number | null = null;
  let told = 0;
  const windows: Window[] = [];
  for (const { before, now } of pairs) {
    if (now.active !== null) active = (active ?? 0) + now.active;
    if (now.active !== null || now.requests !== null) told += 1;
    if (!before || now.at <= before.at) continue;
    const window = windowOf(before, now);
    if (window === null) continue;
    windows.push(window);
    rate = (rate ?? 0) + (window.requests * 1_000) / window.observedMs;
  }
  const window = windows.length === 0 ? null : addWindows(windows);
  const buckets = window?.buckets ?? new Map<number, number>();
  return {
    load: { requestsPerSecond: rate, activeRequests: active, told },
    figures: {
      requestsPerSecond: rate,
      activeRequests: active,
      p50Ms: quantile(buckets, 0.5),
      p99Ms: quantile(buckets, 0.99),
      addedMs: window && addedOfSums(window),
      errorShare: window && window.errorsOf > 0 ? window.errors / window.errorsOf : null,
    },
    window,
  };
}

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
