import type { Self } from '@ambit/telemetry/exposition/envoy';
import type { Whose } from '@ambit/telemetry/prometheus/native';
import type { Inventory } from '@ambit/topology/inventory';
import type { Facts } from './inventory.ts';

/**
 * Whose proxies pods are, by what agents told of them. Names of clusters are Ambit's; a pod that only another cluster of
 * the mesh has is of that one, since whoever asks a server of several clusters may not know which.
 */
export function whoseIn({ clusters }: Facts, inventory: Inventory): Whose {
  const named = new Map(
    inventory.workloads.map((each) => [`${each.cluster}/${each.namespace}/${each.name}`, each]),
  );
  const known = new Map<string, Self[]>();
  for (const { name: cluster, proxies } of clusters) {
    for (const { namespace, pod, workload, kind } of proxies ?? []) {
      const isWaypoint = kind === 'waypoint';
      const { app = '', version = '' } = named.get(`${cluster}/${namespace}/${workload}`) ?? {};
      const self = { cluster, namespace, workload, app, version, isWaypoint };
      const key = `${namespace}/${pod}`;
      const others = known.get(key);
      if (others) others.push(self);
      else known.set(key, [self]);
    }
  }
  return ({ cluster, namespace, pod }) => {
    const all = known.get(`${namespace}/${pod}`) ?? [];
    return all.find((self) => self.cluster === cluster) ?? (all.length === 1 ? all[0]! : null);
  };
}
