import { durationBounds } from '@ambit/contracts/agent/telemetry';
import { addedOfSums, waypointTrafficSchema } from '@ambit/contracts/agent/waypoint';
import { expect, test } from 'vitest';
import { between, readSample } from './figures.ts';
import { addedLatency, withWindow } from './traffic.ts';

interface Counts {
  took: [ms: number, count: number];
  waited: [ms: number, count: number];
  failed?: number;
  active?: number;
}

/** As Envoy 1.40 shows it with Istio's tags, with what is not of clients beside it. */
const shown = ({ took, waited, failed = 0, active = 0 }: Counts) => `
envoy_http_downstream_rq_completed{http_conn_manager_prefix="inbound_0.0.0.0_8080"} ${took[1]}
envoy_http_downstream_rq_active{http_conn_manager_prefix="inbound_0.0.0.0_8080"} ${active}
envoy_http_downstream_rq{http_conn_manager_prefix="inbound_0.0.0.0_8080",response_code_class="5xx"} ${failed}
envoy_http_downstream_rq{http_conn_manager_prefix="inbound_0.0.0.0_8080",response_code_class="2xx"} ${took[1] - failed}
envoy_http_downstream_rq_time_bucket{http_conn_manager_prefix="inbound_0.0.0.0_8080",le="5"} ${took[1] / 2}
envoy_http_downstream_rq_time_bucket{http_conn_manager_prefix="inbound_0.0.0.0_8080",le="+Inf"} ${took[1]}
envoy_http_downstream_rq_time_sum{http_conn_manager_prefix="inbound_0.0.0.0_8080"} ${took[0]}
envoy_http_downstream_rq_time_count{http_conn_manager_prefix="inbound_0.0.0.0_8080"} ${took[1]}
envoy_http_downstream_rq_time_sum{http_conn_manager_prefix="stats"} 500
envoy_http_downstream_rq_time_count{http_conn_manager_prefix="stats"} 50
envoy_http_downstream_rq_completed{http_conn_manager_prefix="stats"} 50
envoy_http_downstream_rq_active{http_conn_manager_prefix="admin"} 1
envoy_cluster_external_upstream_rq_time_sum{cluster_name="inbound-vip|8080|http|echo.shop.svc.cluster.local"} ${waited[0]}
envoy_cluster_external_upstream_rq_time_count{cluster_name="inbound-vip|8080|http|echo.shop.svc.cluster.local"} ${waited[1]}
envoy_cluster_external_upstream_rq_time_sum{cluster_name="prometheus_stats"} 400
envoy_cluster_external_upstream_rq_time_count{cluster_name="prometheus_stats"} 50
`;
const nothing: Counts = { took: [0, 0], waited: [0, 0] };
const pair = (before: Counts, now: Counts) => ({
  before: readSample(shown(before), 0),
  now: readSample(shown(now), 10_000),
});
const addedIn = (now: Counts, before = nothing) => between([pair(before, now)]).figures.addedMs;

test('a waypoint adds what its requests took beside waiting for servers', () => {
  expect(addedIn({ took: [1_500, 100], waited: [1_000, 100] })).toBe(5);
  const before: Counts = { took: [1_500, 100], waited: [1_000, 100] };
  expect(addedIn({ took: [1_700, 200], waited: [1_100, 200] }, before)).toBe(1);
});

test('what it answers itself is wholly its own', () => {
  expect(addedIn({ took: [1_010, 20], waited: [1_000, 10] })).toBe(0.5);
});

test('added latency is not told of a proxy that does not time requests, that began anew, or whose servers answered more', () => {
  const plain = readSample('istio_requests_total{reporter="waypoint",response_code="200"} 5\n', 0);
  const now = readSample(shown({ took: [100, 10], waited: [50, 10] }), 10_000);
  expect(addedLatency(plain, now)).toBeNull();
  const anew = pair({ took: [1_500, 100], waited: [1_000, 100] }, { took: [9, 1], waited: [8, 1] });
  expect(addedLatency(anew.before, anew.now)).toBeNull();
  const more = pair(nothing, { took: [100, 10], waited: [900, 30] });
  expect(addedLatency(more.before, more.now)).toBeNull();
  const underWay = pair(nothing, { took: [100, 10], waited: [900, 30], active: 20 });
  expect(addedLatency(underWay.before, underWay.now)).not.toBeNull();
});

test('what Envoy rounds is nothing, and what is further below nothing is not told', () => {
  expect(addedOfSums({ addedMs: -30, addedOf: 100, tookMs: 1_000 })).toBe(0);
  expect(addedOfSums({ addedMs: -3_000, addedOf: 100, tookMs: 1_000 })).toBeNull();
  expect(addedOfSums({ addedMs: 0, addedOf: 0, tookMs: 0 })).toBeNull();
});

test('scrapes and tunnels count as no request, and errors are those of clients', () => {
  const now = { took: [100, 10], waited: [50, 10], failed: 2, active: 3 } satisfies Counts;
  const { figures, load } = between([pair(nothing, now)]);
  expect(figures).toMatchObject({ requestsPerSecond: 1, activeRequests: 3, errorShare: 0.2 });
  expect(load.told).toBe(1);
  expect(readSample(shown(nothing), 0)).toMatchObject({ requests: 0, errors: 0, active: 0 });
});

test('errors of Istio’s own counters are those with 5xx, and are not known where nothing counts them', () => {
  const istio = (good: number, bad: number) =>
    readSample(
      `istio_requests_total{reporter="waypoint",response_code="200"} ${good}
istio_requests_total{reporter="waypoint",response_code="503"} ${bad}\n`,
      good * 1_000,
    );
  expect(between([{ before: istio(1, 0), now: istio(4, 1) }]).figures.errorShare).toBe(0.25);
  const bare = (count: number) =>
    readSample(`envoy_http_downstream_rq_completed{p="inbound"} ${count}\n`, count * 1_000);
  expect(between([{ before: bare(1), now: bare(4) }]).figures.errorShare).toBeNull();
});

test('sums over time tell the same as their windows, over all replicas', () => {
  const one = pair(nothing, { took: [300, 100], waited: [200, 100], failed: 10 });
  const two = pair(nothing, { took: [900, 300], waited: [600, 300] });
  const first = between([one, two]).window!;
  const after = withWindow(null, first, 50_000);
  const all = withWindow(after, first, 60_000);
  expect(waypointTrafficSchema.parse(all)).toEqual(all);
  expect(all).toMatchObject({
    since: 40_000,
    at: 60_000,
    observedMs: 20_000,
    requests: 800,
    errors: 20,
    errorsOf: 800,
    timed: 800,
  });
  expect(all.buckets[durationBounds.indexOf(5)]).toBe(400);
  expect(addedOfSums(all)).toBe(1);
});
