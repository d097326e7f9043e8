import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import { proxyList, type Proxy } from '@ambit/contracts/operations/proxy';
import { namespacesFor } from '@ambit/contracts/limits';
import { agoText } from '../agent-reads/ask.ts';
import { implement } from '../kernel/implement.ts';
import {
  proxiesOldAfterMs,
  telemetryStates,
  type TelemetryState,
} from '../telemetry-store/read.ts';
import { memberClusters, type MemberCluster } from './find.ts';
import { isInSync } from './in-sync.ts';

export const listProxies = implement(
  proxyList,
  async ({ tx, now, limits }, { meshId, limit, cursor, ...filters }) => {
    const clusters = await memberClusters(tx, meshId);
    const states = new Map(
      (
        await telemetryStates(
          tx,
          clusters.map(({ id }) => id),
        )
      ).map((state) => [state.clusterId, state]),
    );
    const namespaces = namespacesFor(limits, meshId, 'get');
    const all = clusters
      .flatMap((cluster) =>
        (states.get(cluster.id)?.proxies ?? []).map((proxy) => toProxy(cluster, proxy)),
      )
      .filter((proxy) => namespaces === undefined || namespaces.includes(proxy.namespace))
      .filter((proxy) => fits(proxy, filters))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const from = cursor === undefined ? 0 : all.findIndex((proxy) => keyOf(proxy) > cursor);
    const rest = from === -1 ? [] : all.slice(from);
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    return {
      items,
      nextCursor: rest.length > items.length && last ? keyOf(last) : null,
      total: all.length,
      clusters: clusters.map((cluster) => told(cluster, states.get(cluster.id), now)),
    };
  },
);

const keyOf = ({ clusterName, namespace, pod }: Proxy): string =>
  `${clusterName}/${namespace}/${pod}`;

interface Filters {
  clusterId?: string | undefined;
  namespace?: string | undefined;
  workload?: string | undefined;
  kind?: string | undefined;
  state?: 'outOfSync' | 'unread' | undefined;
}

const fits = (proxy: Proxy, { clusterId, namespace, workload, kind, state }: Filters): boolean =>
  (clusterId ?? proxy.clusterId) === proxy.clusterId &&
  (namespace ?? proxy.namespace) === proxy.namespace &&
  (workload ?? proxy.workload) === proxy.workload &&
  (kind ?? proxy.kind) === proxy.kind &&
  (state !== 'outOfSync' || proxy.inSync === false) &&
  (state !== 'unread' || proxy.problem !== '');

function toProxy({ id, name }: MemberCluster, proxy: ReportedProxy): Proxy {
  const { scrapedAt, ...rest } = proxy;
  return {
    ...rest,
    clusterId: id,
    clusterName: name,
    inSync: isInSync(proxy),
    scrapedAt: scrapedAt === null ? null : new Date(scrapedAt).toISOString(),
  };
}

function told({ id, name }: MemberCluster, state: TelemetryState | undefined, now: Date) {
  const at = state?.proxiesAt ?? null;
  const ageMs = at ? now.getTime() - at.getTime() : 0;
  const note = at
    ? ageMs > proxiesOldAfterMs
      ? `its agent told of proxies last ${agoText(ageMs)} ago`
      : state?.proxies.some(({ istiod }) => istiod === null)
        ? 'istiod could not be asked which proxies are in sync: the role ambit-agent-proxies may be missing, or istiod does not answer'
        : ''
    : 'its agent has not told of proxies: there are none, or it is older than this platform';
  return { clusterId: id, clusterName: name, reportedAt: at?.toISOString() ?? null, note };
}
