import type { Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { defineDerivation, defineIndex } from '../view.ts';

/** A version of Istio as far as it matters for compatibility. */
export type Version = { major: number; minor: number };

export const versionText = ({ major, minor }: Version): string => `${major}.${minor}`;

/** The version that an image's tag tells: `docker.io/istio/proxyv2:1.31.0-distroless`. */
export function versionOfImage(image: string | undefined): Version | undefined {
  const groups = /:v?(?<major>\d+)\.(?<minor>\d+)(?:[.-]|$)/.exec(image ?? '')?.groups;
  return groups ? { major: Number(groups['major']), minor: Number(groups['minor']) } : undefined;
}

/** The version of a pod's proxy; ztunnel is one too. */
export function proxyVersion({ spec }: Resource<'Pod'>): Version | undefined {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const proxy =
    all.find(({ name }) => name === 'istio-proxy') ??
    all.find(({ image }) => /\/ztunnel[:@]/.test(image ?? ''));
  return versionOfImage(proxy?.image);
}

const proxies = defineIndex({
  name: 'pods with proxies of a known version',
  kinds: ['Pod'],
  keys: (pod) => (proxyVersion(pod) ? ['*'] : []),
});

export type ProxyCount = { version: string; revision: string; count: number; namespaces: string[] };

const counts = defineDerivation({
  name: 'proxies by version',
  compute: (view) => {
    const found = new Map<string, { count: number; namespaces: Set<string> }>();
    for (const pod of view.lookup(proxies, '*')) {
      const version = proxyVersion(pod);
      if (!version) continue;
      const revision = pod.labels['istio.io/rev'] ?? '';
      const key = `${pod.cluster}|${versionText(version)}|${revision}`;
      const entry = found.get(key) ?? { count: 0, namespaces: new Set<string>() };
      entry.count += 1;
      if (entry.namespaces.size < 4) entry.namespaces.add(pod.namespace);
      found.set(key, entry);
    }
    const list = [...found].map(([key, { count, namespaces }]) => {
      const [cluster = '', version = '', revision = ''] = key.split('|');
      return { cluster, version, revision, count, namespaces: [...namespaces] };
    });
    return JSON.stringify(list);
  },
});

/** How many proxies of which version and revision run in a cluster. */
export function proxyCounts(view: View, cluster: string): ProxyCount[] {
  const all = JSON.parse(view.derive(counts, '')) as (ProxyCount & { cluster: string })[];
  return all.filter((entry) => entry.cluster === cluster);
}
