import type { ProxyFault } from '@ambit/analysis/observed';
import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import type { Tx } from '@ambit/db/database';
import { proxiesOldAfterMs } from '../telemetry-store/read.ts';

/** What agents read of proxies lately that speaks against pods, as it was noted when they told of it. */
export async function proxyFaults(
  tx: Tx,
  clusterIds: readonly string[],
  now: Date,
): Promise<ProxyFault[]> {
  if (clusterIds.length === 0) return [];
  const since = new Date(now.getTime() - proxiesOldAfterMs);
  const rows = await tx.$queryRaw<{ faults: ProxyFault[] }[]>`
    SELECT faults FROM telemetry_source
    WHERE cluster_id = ANY(${clusterIds}) AND proxies_at >= ${since} AND faults <> '[]'::jsonb`;
  return sorted(rows.flatMap(({ faults }) => faults));
}

/** The same of proxies as one cluster tells of them. */
export const faultsAmong = (clusterId: string, proxies: readonly ReportedProxy[]): ProxyFault[] =>
  sorted(proxies.flatMap((proxy) => faultOf(clusterId, proxy) ?? []));

const sorted = (faults: readonly ProxyFault[]): ProxyFault[] =>
  faults.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));

const placeOf = ({ cluster, namespace, pod }: ProxyFault): string =>
  `${cluster} ${namespace}/${pod}`;

/** Null for a proxy that is well, or of which nothing is known. */
function faultOf(cluster: string, proxy: ReportedProxy): ProxyFault | null {
  const { admin, namespace, pod, node, kind } = proxy;
  if (!admin || admin.readAt === null) return null;
  const { readAt } = admin;
  // What could not be read lately may have changed, but an ended certificate was over already.
  const misses = admin.problem === '' ? admin.misses : [];
  const expired = admin.certificates.flatMap(({ identity, expiresAt }) =>
    expiresAt !== null && expiresAt <= readAt ? [{ identity, expiresAt }] : [],
  );
  if (misses.length + expired.length === 0) return null;
  return {
    of: kind === 'ztunnel' ? 'ztunnel' : 'sidecar',
    cluster,
    namespace,
    pod,
    node,
    misses,
    expired,
  };
}
