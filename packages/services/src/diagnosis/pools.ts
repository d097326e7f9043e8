import type { ServiceTraffic } from '@ambit/analysis/observed';
import type { Tx } from '@ambit/db/database';
import { createPrometheusClient } from '@ambit/telemetry/prometheus/client';
import { readPools, type PoolPeaks } from '@ambit/telemetry/prometheus/pools';
import { toProblem } from '@ambit/telemetry/source';
import { integrationsOf } from '../integration/rows.ts';
import { openIntegration } from '../integration/settings.ts';
import { transportOf, type Reacher } from '../integration/transport.ts';
import { matchersFor } from '../topology/sources.ts';
import { backMs } from './observed.ts';
import type { ReadRows } from './warm.ts';

/** What servers of metrics told of connection pools, and what they did not, in words for people. */
export interface PoolsTold {
  traffic: ServiceTraffic[];
  limits: string[];
}

/** A diagnosis does not wait longer for a server of metrics. */
const patienceMs = 5_000;

/** Asks each Prometheus of a mesh what the pools of these hosts needed in the last hour. Never throws for a server. */
export async function poolsOf(
  platform: Reacher,
  read: ReadRows,
  meshId: string,
  hosts: ReadonlyMap<string, boolean>,
): Promise<PoolsTold> {
  if (hosts.size === 0) return { traffic: [], limits: [] };
  const { name, clusters, integrations, meshes } = await read((tx) => meshOf(tx, meshId));
  const limitsMore = [...hosts.values()].some(Boolean);
  if (integrations.length === 0) return { traffic: [], limits: limitsMore ? [requestsAlone] : [] };
  const limits: string[] = [];
  const told = await Promise.all(
    integrations.map(async (row): Promise<PoolPeaks[]> => {
      try {
        const integration = await openIntegration(platform.db, row);
        const { url, headers, settings, clusterId } = integration;
        if (row.clusterId === null && row.meshId === null && meshes > 1 && !settings.matchers) {
          limits.push(
            `${row.name} tells of all meshes together, so circuit breakers are not compared with it (AMB0016): give it matchers, such as mesh_id="$mesh", or a mesh`,
          );
          return [];
        }
        const cluster = clusters.find(({ id }) => id === clusterId)?.name ?? null;
        const client = createPrometheusClient({
          url,
          headers,
          timeoutMs: Math.min(settings.timeoutMs, patienceMs),
          transport: transportOf(platform, integration),
        });
        try {
          return await readPools(client, {
            hosts: [...hosts.keys()].sort(),
            matchers: matchersFor(settings.matchers, { mesh: name, cluster }),
            backS: backMs / 1000,
          });
        } finally {
          client.close();
        }
      } catch (error) {
        limits.push(
          `${row.name} could not be asked what circuit breakers are compared with (AMB0016): ${toProblem(error).message}`,
        );
        return [];
      }
    }),
  );
  const traffic = mostOf(told.flat());
  if (limitsMore && limits.length === 0 && !traffic.some(hasOwnCounters)) {
    limits.push(requestsAlone);
  }
  return { traffic, limits };
}

const requestsAlone =
  'no Prometheus has connections and waiting requests of the limited services, so limits on them are not compared (AMB0016): let proxies tell upstream_cx_active, upstream_rq_pending_active, upstream_cx_overflow and upstream_rq_pending_overflow (proxyStatsMatcher of Istio)';

const hasOwnCounters = (one: ServiceTraffic): boolean =>
  one.peakConnections !== undefined ||
  one.peakPendingRequests !== undefined ||
  one.requestOverflows !== undefined;

async function meshOf(tx: Tx, meshId: string) {
  const mesh = await tx.mesh.findUniqueOrThrow({ where: { id: meshId }, select: { name: true } });
  const members = await tx.meshCluster.findMany({ where: { meshId }, include: { cluster: true } });
  return {
    ...mesh,
    clusters: members.map(({ cluster }) => cluster),
    integrations: await integrationsOf(tx, meshId, ['prometheus']),
    meshes: await tx.mesh.count(),
  };
}

/** Of figures of the same host the larger ones: each is a peak of one proxy that somebody saw. */
export function mostOf(figures: readonly ServiceTraffic[]): ServiceTraffic[] {
  const byHost = new Map<string, ServiceTraffic>();
  for (const { host, ...figure } of figures) {
    const known = byHost.get(host) ?? { host };
    byHost.set(host, known);
    for (const [name, value] of Object.entries(figure) as [keyof typeof figure, number][]) {
      known[name] = Math.max(known[name] ?? 0, value);
    }
  }
  return [...byHost.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
}
