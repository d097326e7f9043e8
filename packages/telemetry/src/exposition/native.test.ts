import { expect, test } from 'vitest';
import { captured } from '../captured/captured.ts';
import { createAggregate, type EdgeRate } from './aggregate.ts';
import { createCounters } from './counters.ts';
import { countedRequests, type Self } from './envoy.ts';
import { nativeCounts } from './fold.ts';

const self: Self = {
  cluster: '',
  namespace: 'mall',
  workload: 'waypoint',
  app: 'waypoint',
  version: 'latest',
};

/** Two scrapes of one real proxy ten seconds apart, and what they tell. */
function between(name: string, of: Self, change = (text: string) => text): EdgeRate[] {
  const counters = createCounters();
  const aggregate = createAggregate(() => counters);
  const target = { pod: 'p', ztunnel: false, self: of };
  aggregate.take(target, change(captured(`${name}-1`)), 0);
  aggregate.drain();
  const { bad } = aggregate.take(target, change(captured(`${name}-2`)), 10_000);
  expect(bad).toBe(0);
  return aggregate.drain();
}

const sum = (told: EdgeRate[], metric: string, code?: string): number =>
  told
    .filter((one) => one.metric === metric && (!code || one.labels['response_code'] === code))
    .reduce((total, { rate }) => total + rate, 0);

test('a waypoint tells what was asked, with codes, latency and bytes, and not who asked', () => {
  const told = between('waypoint', { ...self, isWaypoint: true });
  expect(new Set(told.map(({ labels }) => labels['destination_service']))).toEqual(
    new Set(['echo.mall.svc.cluster.local']),
  );
  for (const { labels } of told) {
    expect(labels).toMatchObject({
      reporter: 'waypoint',
      connection_security_policy: 'mutual_tls',
    });
    expect(labels).not.toHaveProperty('source_workload');
  }
  expect(sum(told, 'requests')).toBeCloseTo(29.6, 5);
  expect(sum(told, 'requests', '503')).toBeCloseTo(3.8, 5);
  expect(sum(told, 'durationCount')).toBeGreaterThan(20);
  expect(sum(told, 'durationBucket')).toBeGreaterThan(0);
  expect(sum(told, 'requestBytes')).toBeGreaterThan(1_000);
  expect(sum(told, 'responseBytes')).toBeGreaterThan(sum(told, 'requestBytes'));
});

test("a client's sidecar tells who asked, and each request once", () => {
  const client = { ...self, namespace: 'street', workload: 'client', app: 'client' };
  const told = between('sidecar', client);
  for (const { labels } of told) {
    expect(labels).toMatchObject({
      reporter: 'source',
      source_workload: 'client',
      destination_service: 'echo.street.svc.cluster.local',
    });
  }
  expect(sum(told, 'requests')).toBeCloseTo(29.6, 5);
  expect(sum(told, 'requests', '503')).toBeCloseTo(2.7, 5);
});

test('bytes of a cluster that had no request are not told as those of requests', () => {
  const told = between('sidecar', self, (text) =>
    text
      .split('\n')
      .filter((line) => !line.includes('upstream_rq'))
      .join('\n'),
  );
  expect(told).toEqual([]);
});

test('and are told from the first request on', () => {
  const counters = createCounters();
  const aggregate = createAggregate(() => counters);
  const target = { pod: 'p', ztunnel: false, self };
  const bytes = (value: number) =>
    `envoy_cluster_upstream_cx_tx_bytes_total{cluster_name="outbound|80||a.b.svc.cluster.local"} ${value}\n`;
  const asked = (value: number) =>
    `envoy_cluster_upstream_rq{cluster_name="outbound|80||a.b.svc.cluster.local",response_code="200"} ${value}\n`;
  aggregate.take(target, bytes(10), 0);
  aggregate.take(target, bytes(20), 10_000);
  expect(aggregate.drain()).toEqual([]);
  aggregate.take(target, bytes(40) + asked(3), 20_000);
  expect(aggregate.drain().map(({ metric, rate }) => [metric, rate])).toEqual([
    ['requestBytes', 2],
    ['requests', 0.3],
  ]);
});

test('requests to services alone are counted, without those of istiod', () => {
  const { clusters, requests } = countedRequests(Buffer.from(captured('waypoint-2')));
  expect([...clusters]).toEqual(['inbound-vip|8080|http|echo.mall.svc.cluster.local']);
  expect(requests).toBe(3105 + 322);
});

test("Istio's own metrics are known before the first request", () => {
  expect(nativeCounts(Buffer.from(captured('sidecar-2')))).not.toBeNull();
  expect(nativeCounts(Buffer.from('istio_build{component="proxy",tag="1.31.0"} 1\n'))).toBeNull();
});
