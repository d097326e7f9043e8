import { isDeepStrictEqual } from 'node:util';
import type { ConfigResource } from '@ambit/contracts/agent/reads';
import type { OutputOf } from '@ambit/contracts/operation';
import { proxyConfig } from '@ambit/contracts/operations/proxy';
import { implementOutside, type Outside } from '../kernel/implement.ts';
import { entriesOf, type ConfigEntry } from './entries.ts';
import { readableCluster, type MemberCluster } from './find.ts';
import { readAdmin } from './read-admin.ts';

export const getProxyConfig = implementOutside(
  proxyConfig,
  async (context, { meshId, clusterId, namespace, pod, against }) => {
    const other = against?.split('/')[0];
    if (other !== undefined) {
      await readableCluster(context, { meshId, clusterId, namespace: other }, 'proxies');
    }
    return readableCluster(context, { meshId, clusterId, namespace }, `the proxy ${pod}`);
  },
  async (outside, { namespace, pod, resource, against }, cluster) => {
    const [other, otherPod] = against?.split('/') ?? [];
    const [proxy, second] = await Promise.all([
      read(outside, cluster, resource, namespace, pod),
      other && otherPod ? read(outside, cluster, resource, other, otherPod) : null,
    ]);
    return {
      proxy,
      against: second,
      differences: second ? differencesOf(proxy.entries, second.entries) : [],
    };
  },
);

async function read(
  outside: Outside,
  cluster: MemberCluster,
  resource: ConfigResource,
  namespace: string,
  pod: string,
) {
  const asked = { namespace, pod, view: 'config', resource } as const;
  const dump = await readAdmin(outside, cluster.id, asked);
  return {
    clusterId: cluster.id,
    namespace,
    pod,
    resource,
    readAt: outside.platform.now().toISOString(),
    simulated: cluster.simulated,
    entries: entriesOf(resource, dump),
  };
}

type Difference = OutputOf<typeof proxyConfig>['differences'][number];

/** What two proxies do not have alike, by name. */
export function differencesOf(
  here: readonly ConfigEntry[],
  there: readonly ConfigEntry[],
): Difference[] {
  const other = new Map(there.map((entry) => [entry.name, entry.config]));
  const own = new Set(here.map(({ name }) => name));
  const found: Difference[] = [];
  for (const { name, config } of here) {
    if (!other.has(name)) found.push({ name, change: 'onlyHere' });
    else if (!isDeepStrictEqual(config, other.get(name))) found.push({ name, change: 'differs' });
  }
  for (const { name } of there) if (!own.has(name)) found.push({ name, change: 'onlyThere' });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
