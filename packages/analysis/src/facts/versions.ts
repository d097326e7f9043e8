import type { Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { defineDerivation, defineIndex } from '../view.ts';
import { knows } from './known.ts';

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
  keys: (pod) => (proxyVersion(pod) ? [pod.namespace] : []),
});

export type ProxyCount = {
  cluster: string;
  version: string;
  revision: string;
  count: number;
  /** Some of them. */
  namespaces: string[];
};

const countsIn = defineDerivation({
  name: 'proxies of a namespace by version',
  compute: (view, namespace) => {
    const found = new Map<string, ProxyCount>();
    for (const pod of view.lookup(proxies, namespace)) {
      const version = proxyVersion(pod);
      if (!version) continue;
      const text = versionText(version);
      const revision = pod.labels['istio.io/rev'] ?? '';
      const key = `${pod.cluster}|${text}|${revision}`;
      const { cluster } = pod;
      const entry = found.get(key) ?? {
        cluster,
        version: text,
        revision,
        count: 0,
        namespaces: [namespace],
      };
      found.set(key, { ...entry, count: entry.count + 1 });
    }
    return JSON.stringify([...found.values()]);
  },
});

const podNamespaces = defineIndex({
  name: 'namespaces of pods with proxies',
  kinds: ['Pod'],
  keys: (pod) => (proxyVersion(pod) ? ['*'] : []),
});

const namespaceNames = defineDerivation({
  name: 'namespaces of pods with proxies',
  compute: (view) =>
    [...new Set(view.lookup(podNamespaces, '*').map(({ namespace }) => namespace))]
      .sort()
      .join(' '),
});

const counts = defineDerivation({
  name: 'proxies by version',
  compute: (view) => {
    const found = new Map<string, ProxyCount>();
    const names = knows(view, 'Namespace')
      ? view.list('Namespace').map(({ name }) => name)
      : view.derive(namespaceNames, '').split(' ');
    for (const name of names) {
      for (const one of JSON.parse(view.derive(countsIn, name)) as ProxyCount[]) {
        const key = `${one.cluster}|${one.version}|${one.revision}`;
        const known = found.get(key);
        if (!known) found.set(key, one);
        else {
          known.count += one.count;
          if (known.namespaces.length < 4) known.namespaces.push(name);
        }
      }
    }
    return JSON.stringify([...found.values()]);
  },
});

/** How many proxies of which version and revision run in a cluster. */
export function proxyCounts(view: View, cluster: string): ProxyCount[] {
  const all = JSON.parse(view.derive(counts, '')) as ProxyCount[];
  return all.filter((entry) => entry.cluster === cluster);
}
