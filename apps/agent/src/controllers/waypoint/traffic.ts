import { durationBounds } from '@ambit/contracts/agent/telemetry';
import { combineTraffic, noTraffic, type WaypointTraffic } from '@ambit/contracts/agent/waypoint';

/**
 * How long requests took, as a replica's own Envoy counts it since it began: in all (`downstream_rq_time`), and waiting for
 * servers (`external.upstream_rq_time`, which leaves out what is mirrored).
 */
export interface Timings {
  tookMs: number;
  took: number;
  waitedMs: number;
  waited: number;
}

/** What one replica's counters have reached. */
export interface Sample {
  /** Milliseconds by a clock that never goes back. */
  at: number;
  /** Null: it has no counter of requests. */
  requests: number | null;
  /** Of these, answered with 5xx; null: it does not count them. */
  errors: number | null;
  active: number | null;
  /** Cumulative, by upper bound in milliseconds. */
  buckets: ReadonlyMap<number, number>;
  /** Null: it does not time requests by itself. */
  timings: Timings | null;
  /** Of connections that are not HTTP; null: it has no counter of them. */
  streamBytes: number | null;
  /** How often it refused configuration since it began. */
  rejected: number;
}

/** What was done in some time, as sums. */
export interface Window {
  observedMs: number;
  requests: number;
  errors: number;
  errorsOf: number;
  tookMs: number;
  addedMs: number;
  addedOf: number;
  /** Cumulative, by upper bound in milliseconds; `Infinity` holds all. */
  buckets: Map<number, number>;
}

/** A counter that is smaller than before began anew. */
const grown = (before: number, now: number): number => (now < before ? now : now - before);

/** What a replica did between two samples of it; null: it does not count requests. Pure. */
export function windowOf(before: Sample, now: Sample): Window | null {
  if (now.requests === null) return null;
  const requests = grown(before.requests ?? 0, now.requests);
  const buckets = new Map<number, number>();
  for (const [le, count] of now.buckets) {
    buckets.set(le, grown(before.buckets.get(le) ?? 0, count));
  }
  const added = addedLatency(before, now);
  return {
    observedMs: now.at - before.at,
    requests,
    errors: now.errors === null ? 0 : Math.min(requests, grown(before.errors ?? 0, now.errors)),
    errorsOf: now.errors === null ? 0 : requests,
    tookMs: added?.tookMs ?? 0,
    addedMs: added?.addedMs ?? 0,
    addedOf: added?.of ?? 0,
    buckets,
  };
}

/**
 * How long requests were in a waypoint without waiting for the server, in one window of one replica: the sum of
 * `downstream_rq_time` less that of `upstream_rq_time`, both of which Envoy takes from the same moment (envoyproxy.io,
 * "HTTP connection manager statistics", "Cluster manager statistics"; tried with Envoy 1.40).
 *
 * What the difference of the two sums means: the first runs from a request's headers to the end of its answer, the second
 * from when the whole request was read to the end of the server's answer. Between them are reading the request, filters
 * (authentication, authorization, limits, injected delays), and writing the answer; of a request that the waypoint answers
 * itself, all of it. Waiting for a connection and trying again are in the second, so not in the difference; nor is the way
 * from the client to the waypoint. It is a mean over requests: of two histograms no quantile can be told.
 *
 * What is mirrored is in neither: Envoy counts it as `internal.upstream_rq_time`.
 *
 * Null, it cannot be told: without both histograms, for a replica that began anew, and when servers answered more requests
 * than clients asked and are still under way (what is counted then has not one cause). Envoy counts whole milliseconds and
 * sums its histograms by bins of two figures: it is exact to a millisecond and to 5 % of what requests take.
 */
export function addedLatency(
  before: Sample,
  now: Sample,
): { addedMs: number; tookMs: number; of: number } | null {
  if (before.timings === null || now.timings === null) return null;
  const tookMs = now.timings.tookMs - before.timings.tookMs;
  const of = now.timings.took - before.timings.took;
  const waitedMs = now.timings.waitedMs - before.timings.waitedMs;
  const waited = now.timings.waited - before.timings.waited;
  if (of < 0 || waited < 0 || tookMs < 0 || waitedMs < 0) return null;
  const underWay = (now.active ?? 0) + (before.active ?? 0);
  if (waited > of * 1.05 + underWay + 2) return null;
  return { addedMs: tookMs - waitedMs, tookMs, of };
}

/** Of several replicas in the same time. Pure. */
export function addWindows(windows: readonly Window[]): Window {
  const buckets = new Map<number, number>();
  for (const window of windows) {
    for (const [le, count] of window.buckets) buckets.set(le, (buckets.get(le) ?? 0) + count);
  }
  const sum = (of: (window: Window) => number): number =>
    windows.reduce((all, window) => all + of(window), 0);
  return {
    observedMs: Math.max(...windows.map(({ observedMs }) => observedMs)),
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    errorsOf: sum(({ errorsOf }) => errorsOf),
    tookMs: sum(({ tookMs }) => tookMs),
    addedMs: sum(({ addedMs }) => addedMs),
    addedOf: sum(({ addedOf }) => addedOf),
    buckets,
  };
}

/** What a waypoint did so far, with one more window. Pure. */
export function withWindow(
  traffic: WaypointTraffic | null,
  window: Window,
  at: number,
): WaypointTraffic {
  const { buckets, ...sums } = window;
  const done = {
    ...sums,
    timed: buckets.get(Infinity) ?? 0,
    buckets: durationBounds.map((bound) => buckets.get(bound) ?? 0),
  };
  const before = traffic ?? { ...noTraffic, since: Math.floor(at - window.observedMs) };
  return { ...combineTraffic(before, done, (one, other) => one + other), since: before.since, at };
}
