import type { LabelOf, Registry } from '@ambit/topology/store/registry';
import type { TelemetryStore } from '@ambit/topology/store/telemetry-store';

/** Sources that one store can be filled from. */
export const mostSharers = 64;

/**
 * A store as one of several sources sees it: its rounds replace only what it told itself. Rounds of several may
 * overlap; what one brings is taken over at its `commit`, in one go.
 * @param number of the source in this store, below `mostSharers`
 * @param clusterOf the cluster that a label of the source means
 */
export function shareStore(
  store: TelemetryStore,
  number: number,
  clusterOf?: (label: string) => string,
): TelemetryStore {
  let told: number[] = [];
  return {
    registry: clusterOf ? renamed(store.registry, clusterOf) : store.registry,
    links: store.links,
    dropped: store.dropped,
    series: store.series,
    begin: () => {
      told = [];
    },
    add: (series, rate, part = 0) => {
      told.push(series, rate, part);
    },
    commit: (isUnanswered = () => false) => {
      store.begin();
      for (let at = 0; at < told.length; at += 3) {
        store.add(told[at]!, told[at + 1]!, told[at + 2]! * mostSharers + number);
      }
      told = [];
      return store.commit(
        (part) => part % mostSharers !== number || isUnanswered(Math.floor(part / mostSharers)),
      );
    },
  };
}

function renamed(registry: Registry, clusterOf: (label: string) => string): Registry {
  const read =
    (label: LabelOf): LabelOf =>
    (name) => {
      const value = label(name);
      return name.endsWith('_cluster') ? clusterOf(value ?? '') : value;
    };
  return {
    ...registry,
    endpoint: (side, label) => registry.endpoint(side, read(label)),
    service: (label) => registry.service(read(label)),
  };
}
