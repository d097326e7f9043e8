import { clusterNames, clusterOf } from '../exposition/envoy.ts';
import type { PrometheusClient } from './client.ts';
import { readLabels } from './identities.ts';
import { allOf, quote, regexOf } from './promql-text.ts';

/**
 * What the connection pools of one service needed at one proxy that calls it, at most, over some time. What the server
 * of metrics does not know is left out.
 */
export interface PoolPeaks {
  /** In full: `web.shop.svc.cluster.local`. */
  host: string;
  peakConnections?: number;
  peakRequests?: number;
  peakPendingRequests?: number;
  /** How often a limit on connections was hit, and how many requests a limit made fail. */
  connectionOverflows?: number;
  requestOverflows?: number;
}

type Measured = Exclude<keyof PoolPeaks, 'host'>;

/**
 * Gauges and counters of Envoy's clusters (envoyproxy.io, "Cluster manager statistics"). Istio keeps them only of proxies
 * whose `proxyStatsMatcher` names them.
 */
const gauges = {
  peakConnections: 'envoy_cluster_upstream_cx_active',
  peakRequests: 'envoy_cluster_upstream_rq_active',
  peakPendingRequests: 'envoy_cluster_upstream_rq_pending_active',
} as const satisfies Partial<Record<Measured, string>>;
const counters = {
  connectionOverflows: 'envoy_cluster_upstream_cx_overflow',
  requestOverflows: 'envoy_cluster_upstream_rq_pending_overflow',
} as const satisfies Partial<Record<Measured, string>>;

export interface PoolsAsked {
  hosts: readonly string[];
  /** For every series, such as `mesh_id="shop"`; empty for none. */
  matchers: string;
  /** How far back from now. */
  backS: number;
  signal?: AbortSignal;
}

/** Hosts of one question. */
const hostsAtOnce = 100;
const mostBytes = 16 * 1024 * 1024;
/** A rate over less may have one sample alone, and over more hides a peak. */
const rateS = 120;

/** Subsets have pools of their own, so only clusters of a service as a whole count; waypoints name a protocol there. */
const cluster = /^(?:outbound\|\d+\|\||inbound-vip\|\d+\|(?:http|tcp)\|)([^|]+)$/;
const clusterExpression = (hosts: string): string =>
  `(outbound[|][0-9]+[|]|inbound-vip[|][0-9]+[|](http|tcp))[|](${hosts});?`;

/**
 * Asks a server of metrics what the pools of services needed. Requests under way are known of every proxy with Istio's
 * metrics, as a mean over two minutes (the time that a second's requests took: Little's law); connections, waiting requests
 * and overflows of proxies that tell Envoy's own. Throws SourceError.
 */
export async function readPools(
  client: Pick<PrometheusClient, 'query'>,
  asked: PoolsAsked,
): Promise<PoolPeaks[]> {
  const found = new Map<string, PoolPeaks>();
  const note = (host: string, measured: Measured, value: number) => {
    if (!Number.isFinite(value) || value < 0) return;
    const known = found.get(host) ?? { host };
    known[measured] = Math.max(known[measured] ?? 0, Math.floor(value));
    found.set(host, known);
  };
  for (let from = 0; from < asked.hosts.length; from += hostsAtOnce) {
    const some = new Set(asked.hosts.slice(from, from + hostsAtOnce));
    await Promise.all(
      questions(some, asked).map(async ({ measured, promql }) => {
        await client.query(
          promql,
          (row, begin, end, value) => {
            const host = hostOf(readLabels(row.toString('latin1', begin, end)));
            if (host !== undefined && some.has(host)) note(host, measured, value);
          },
          { mostBytes, ...(asked.signal ? { signal: asked.signal } : {}) },
        );
      }),
    );
  }
  return [...found.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
}

function questions(
  hosts: ReadonlySet<string>,
  { matchers, backS }: PoolsAsked,
): { measured: Measured; promql: string }[] {
  const names = [...hosts].map(regexOf).join('|');
  const all = (...own: string[]) => allOf(matchers, ...own);
  const over = (call: string, name: string) =>
    clusterNames
      .map(
        (label) =>
          `${call}(${name}{${all(`${label}=~"${quote(clusterExpression(names))}"`)}}[${backS}s])`,
      )
      .join(' or ');
  const by = clusterNames.join(',');
  const served = all(
    'reporter=~"source|waypoint"',
    'instance!=""',
    `destination_service=~"${quote(names)}"`,
  );
  const underWay = `sum by (instance,destination_service) (rate(istio_request_duration_milliseconds_sum{${served}}[${rateS}s])) / 1000`;
  return [
    ...Object.entries(gauges).map(([measured, name]) => ({
      measured: measured as Measured,
      promql: `max by (${by}) (${over('max_over_time', name)})`,
    })),
    ...Object.entries(counters).map(([measured, name]) => ({
      measured: measured as Measured,
      promql: `max by (${by}) (${over('increase', name)})`,
    })),
    {
      measured: 'peakRequests',
      promql: `max by (destination_service) (max_over_time((${underWay})[${backS}s:60s]))`,
    },
  ];
}

function hostOf(labels: ReadonlyMap<string, string>): string | undefined {
  const name = clusterOf(labels);
  return name === '' ? labels.get('destination_service') : cluster.exec(name)?.[1];
}
