import { fqdnOf } from '@ambit/analysis/istio/hosts';
import type { ServiceTraffic } from '@ambit/analysis/observed';
import type { Resource } from '@ambit/analysis/resource';
import type { Database, Tx } from '@ambit/db/database';
import { ratesOver, telemetryStates } from '../telemetry-store/read.ts';

/** How far back traffic counts, and over how long a mean is taken. */
export const backMs = 3_600_000;
const stepMs = 60_000;

/**
 * Hosts whose DestinationRule limits connections or requests: only their traffic is read. True for those with a limit on
 * more than the requests under way.
 */
export function limitedHosts(rules: Iterable<Resource>): Map<string, boolean> {
  const hosts = new Map<string, boolean>();
  for (const rule of rules) {
    if (rule.kind !== 'DestinationRule') continue;
    const { host = '', trafficPolicy } = rule.spec;
    const { tcp, http } = trafficPolicy?.connectionPool ?? {};
    const isLimit = (most = 0): boolean => most > 0;
    const limitsMore = isLimit(tcp?.maxConnections) || isLimit(http?.http1MaxPendingRequests);
    if (!limitsMore && !isLimit(http?.http2MaxRequests)) continue;
    const name = fqdnOf(rule.namespace, host);
    hosts.set(name, limitsMore || (hosts.get(name) ?? false));
  }
  return hosts;
}

/** Whether an agent of the clusters told of traffic in the time that counts. */
export const tellsTraffic = (times: readonly Date[], now: Date): boolean =>
  times.some((at) => now.getTime() - at.getTime() <= backMs);

/**
 * What agents measured of the hosts in the last hour. Requests under way at a caller are the time that its requests
 * took in a second (Little's law), a mean over a minute and over the proxies of a workload; so the real peak of one
 * proxy is no lower.
 */
export async function observedTraffic(
  db: Database,
  tx: Tx,
  clusterIds: string[],
  hosts: ReadonlyMap<string, boolean>,
  now: Date,
): Promise<ServiceTraffic[]> {
  if (hosts.size === 0 || clusterIds.length === 0) return [];
  const peaks = new Map<string, number>();
  for (const { clusterId, proxies } of await telemetryStates(tx, clusterIds)) {
    const proxyCount = new Map<string, number>();
    for (const { namespace, workload } of proxies) {
      const key = `${namespace}/${workload}`;
      proxyCount.set(key, (proxyCount.get(key) ?? 0) + 1);
    }
    const nowMs = now.getTime();
    const { steps } = await ratesOver(
      db,
      tx,
      clusterId,
      ({ reporter, destination_service }) =>
        reporter === 'source' && hosts.has(destination_service ?? ''),
      { fromMs: nowMs - backMs, toMs: nowMs, stepMs, nowMs },
    );
    for (const rates of steps) {
      const underWay = new Map<string, { host: string; caller: string; requests: number }>();
      for (const { metric, labels, rate } of rates ?? []) {
        if (metric !== 'durationSum') continue;
        const host = labels['destination_service'] ?? '';
        const caller = `${labels['source_workload_namespace']}/${labels['source_workload']}`;
        const key = `${host} ${caller}`;
        const known = underWay.get(key) ?? { host, caller, requests: 0 };
        known.requests += rate / 1000;
        underWay.set(key, known);
      }
      for (const { host, caller, requests } of underWay.values()) {
        const each = Math.floor(requests / (proxyCount.get(caller) ?? 1));
        peaks.set(host, Math.max(peaks.get(host) ?? 0, each));
      }
    }
  }
  return [...peaks]
    .filter(([, peakRequests]) => peakRequests > 0)
    .map(([host, peakRequests]) => ({ host, peakRequests }))
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}
