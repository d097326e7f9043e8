import { afterEach, expect, it } from 'vitest';
import { serveQueries, vector } from '../testing/server.ts';
import { createPrometheusClient } from './client.ts';
import { readPools } from './pools.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

type Row = { labels: Record<string, string>; value: number };

/** A server that has these rows for queries of a metric. */
async function serve(rows: Record<string, Row[]>, more: object = {}) {
  const server = await serveQueries(({ promql }, response) => {
    const name = Object.keys(rows).find((each) => promql.includes(`${each}{`));
    response.end(vector(name ? (rows[name] ?? []) : [], more));
  });
  const client = createPrometheusClient({ url: server.url });
  closers.push(
    () => client.close(),
    () => server.close(),
  );
  return { client, asked: server.asked };
}

const cart = 'cart.shop.svc.cluster.local';
const of = (cluster_name: string, value: number): Row => ({ labels: { cluster_name }, value });

it('tells what the pools of a service needed at one proxy, of its clusters as a whole alone', async () => {
  const { client, asked } = await serve({
    envoy_cluster_upstream_cx_active: [
      of(`outbound|80||${cart}`, 7),
      of(`outbound|9090||${cart};`, 9),
      of(`outbound|80|v2|${cart}`, 400),
      of(`outbound|80||other.shop.svc.cluster.local`, 500),
    ],
    envoy_cluster_upstream_rq_pending_active: [
      { labels: { envoy_cluster_name: `inbound-vip|80|http|${cart}` }, value: 3 },
    ],
    envoy_cluster_upstream_rq_pending_overflow: [of(`outbound|80||${cart}`, 11.6)],
    istio_request_duration_milliseconds_sum: [
      { labels: { destination_service: cart }, value: 12.9 },
    ],
  });
  const found = await readPools(client, {
    hosts: [cart, 'db.shop.svc.cluster.local'],
    matchers: 'mesh_id="m"',
    backS: 3600,
  });
  expect(found).toEqual([
    {
      host: cart,
      peakConnections: 9,
      peakPendingRequests: 3,
      peakRequests: 12,
      requestOverflows: 11,
    },
  ]);
  expect(asked).toHaveLength(6);
  for (const { promql } of asked) expect(promql).toContain('{mesh_id="m",');
  expect(asked.map(({ promql }) => promql)).toContainEqual(
    expect.stringContaining('cart\\\\.shop\\\\.svc\\\\.cluster\\\\.local|db\\\\.shop'),
  );
});

it('says nothing of what the server does not have, and fails with what the server says', async () => {
  const { client } = await serve({});
  expect(await readPools(client, { hosts: [cart], matchers: '', backS: 60 })).toEqual([]);
  const broken = await serve({}, { status: 'error', error: 'too many samples' });
  await expect(
    readPools(broken.client, { hosts: [cart], matchers: '', backS: 60 }),
  ).rejects.toThrow('too many samples');
});
