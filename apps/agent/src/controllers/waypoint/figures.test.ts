import { describe, expect, test } from 'vitest';
import { between, quantile, readSample } from './figures.ts';
import { rejectedIn } from './rejected.ts';

describe('figures', () => {
  const text = (requests: number, quick: number, slow: number) => `# HELP
istio_requests_total{reporter="waypoint",response_code="200"} ${requests}
istio_requests_total{reporter="source"} 99999
istio_request_duration_milliseconds_bucket{reporter="waypoint",le="5"} ${quick}
istio_request_duration_milliseconds_bucket{reporter="waypoint",le="10"} ${slow}
istio_request_duration_milliseconds_bucket{reporter="waypoint",le="+Inf"} ${slow}
envoy_http_downstream_rq_active{envoy_http_conn_manager_prefix="inbound_http"} 3
envoy_http_downstream_rq_active{envoy_http_conn_manager_prefix="connect_terminate"} 40
envoy_listener_manager_lds_update_rejected{} 2
`;
  test('are read from two scrapes of each replica, and summed', () => {
    const pairs = [1, 2].map(() => ({
      before: readSample(text(100, 50, 100), 0),
      now: readSample(text(300, 150, 300), 10_000),
    }));
    const { figures, load } = between(pairs);
    expect(figures).toMatchObject({ requestsPerSecond: 40, activeRequests: 6, p50Ms: 5 });
    expect(load.told).toBe(2);
    expect(pairs[0]!.now.rejected).toBe(2);
  });

  test('of a vanilla Envoy come from its own counters', () => {
    const envoy = (n: number) => `envoy_http_downstream_rq_completed{p="inbound"} ${n}\n`;
    const pair = { before: readSample(envoy(10), 0), now: readSample(envoy(60), 5_000) };
    expect(between([pair]).figures.requestsPerSecond).toBe(10);
  });

  test('are not known from one scrape, and a proxy that began anew does not count backwards', () => {
    expect(
      between([{ before: undefined, now: readSample(text(5, 1, 1), 0) }]).figures.requestsPerSecond,
    ).toBeNull();
    const anew = {
      before: readSample(text(500, 50, 100), 0),
      now: readSample(text(20, 5, 20), 10_000),
    };
    expect(between([anew]).figures.requestsPerSecond).toBe(2);
  });

  test('a share of nothing is not known', () => {
    expect(quantile(new Map(), 0.5)).toBeNull();
    expect(
      quantile(
        new Map([
          [5, 0],
          [Infinity, 0],
        ]),
        0.5,
      ),
    ).toBeNull();
  });

  test('what Envoy refused is read from its dump', () => {
    const dump = JSON.stringify({
      configs: [
        {
          '@type': 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump.DynamicListener',
          name: 'main_internal',
          active_state: { listener: {} },
          error_state: { details: 'no factory for istio.stats' },
        },
        { '@type': 'DynamicListener', name: 'good', active_state: {} },
      ],
    });
    expect(rejectedIn(dump)).toEqual(['main_internal: no factory for istio.stats']);
    expect(rejectedIn('not json')).toEqual([]);
  });
});
