import type { Inventory } from '../inventory.ts';
import { protocols } from '../model.ts';
import { addSignals, emptySignals, type Signals } from '../signals.ts';
import type { TelemetryStore } from '../store/telemetry-store.ts';

/** A version of a service, over all clusters of its mesh. */
export interface VersionSignals {
  /** The canonical revision; empty where pods have none. */
  version: string;
  /** Of the inventory, and those that traffic named. */
  workloads: { cluster: string; name: string }[];
  /** What it is asked through the service, now. */
  signals: Signals;
}

/**
 * What each version of a service is asked through it now; those of the inventory that nobody asks too. Requests count where
 * there are any; what ztunnel carries below them does not count again. Ordered by version.
 */
export function versionSignals(
  store: TelemetryStore,
  inventory: Inventory,
  service: { namespace: string; name: string },
): VersionSignals[] {
  const { registry, links } = store;
  const found = new Map<
    string,
    {
      workloads: Map<string, { cluster: string; name: string }>;
      requests: Signals | null;
      connections: Signals | null;
    }
  >();
  const of = (version: string, workload: { cluster: string; name: string }) => {
    let entry = found.get(version);
    if (!entry) {
      entry = { workloads: new Map(), requests: null, connections: null };
      found.set(version, entry);
    }
    if (workload.name !== '') entry.workloads.set(`${workload.cluster}/${workload.name}`, workload);
    return entry;
  };
  const versionOf = new Map<string, string>();
  for (const { cluster, namespace, name, version } of inventory.workloads) {
    versionOf.set(`${cluster}/${namespace}/${name}`, version);
  }
  for (const { cluster, namespace, name, workloads } of inventory.services) {
    if (namespace !== service.namespace || name !== service.name) continue;
    for (const workload of workloads) {
      of(versionOf.get(`${cluster}/${namespace}/${workload}`) ?? '', { cluster, name: workload });
    }
  }
  const waypoints = new Set(
    inventory.workloads
      .filter(({ role }) => role === 'waypoint')
      .map(({ cluster, namespace, name }) => `${cluster}/${namespace}/${name}`),
  );
  for (const link of links) {
    const asked = registry.services[link.service]!;
    if (asked.name !== service.name || asked.namespace !== service.namespace) continue;
    const to = registry.endpoints[link.destination]!;
    const key = `${to.cluster}/${to.namespace}/${to.workload}`;
    if (waypoints.has(key) || link.signals.every((each) => each === null)) continue;
    const version = versionOf.get(key) ?? to.version;
    const entry = of(version, { cluster: to.cluster, name: to.workload });
    protocols.forEach((protocol, at) => {
      const told = link.signals[at];
      if (!told) return;
      const field = protocol === 'tcp' ? 'connections' : 'requests';
      addSignals((entry[field] ??= emptySignals()), told);
    });
  }
  const isAsked = [...found.values()].some(({ requests }) => requests !== null);
  return [...found]
    .map(([version, { workloads, requests, connections }]) => ({
      version,
      workloads: [...workloads.values()],
      signals: (isAsked ? requests : connections) ?? emptySignals(),
    }))
    .sort((a, b) => (a.version < b.version ? -1 : 1));
}
