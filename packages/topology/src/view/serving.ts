import type { Registry } from '../store/registry.ts';
import type { Link } from '../store/telemetry-store.ts';

export const isPresent = ({ signals }: Link): boolean => signals.some((each) => each !== null);

/** Learns from the traffic which service a workload is behind: where nobody says, it is the first by name that was asked. */
export function createServing(): {
  /** Takes over changed links. @returns endpoints that are behind another service now */
  note(changed: Iterable<number>, links: readonly Link[], registry: Registry): Set<number>;
  /** -1 for none. */
  serviceOf(endpoint: number): number;
} {
  const counted: boolean[] = [];
  const services = new Map<number, Map<number, number>>();
  const chosen: number[] = [];

  const choose = (endpoint: number, registry: Registry): number => {
    const { namespace } = registry.endpoints[endpoint]!;
    const rank = (service: number): string => {
      const of = registry.services[service]!;
      return `${of.namespace === namespace ? 0 : 1} ${of.name} ${of.namespace} ${of.cluster}`;
    };
    let best = -1;
    for (const service of services.get(endpoint)?.keys() ?? []) {
      if (best === -1 || rank(service) < rank(best)) best = service;
    }
    return best;
  };

  return {
    note: (changed, links, registry) => {
      const touched = new Set<number>();
      for (const id of changed) {
        const link = links[id]!;
        const { destination, service } = link;
        const isNamed =
          registry.endpoints[destination]!.workload !== '' &&
          registry.services[service]!.name !== '';
        const counts = isNamed && isPresent(link);
        if (counts === (counted[id] ?? false)) continue;
        counted[id] = counts;
        let of = services.get(destination);
        if (of === undefined) services.set(destination, (of = new Map()));
        const left = (of.get(service) ?? 0) + (counts ? 1 : -1);
        if (left === 0) of.delete(service);
        else of.set(service, left);
        touched.add(destination);
      }
      const moved = new Set<number>();
      for (const endpoint of touched) {
        const now = choose(endpoint, registry);
        if (now === (chosen[endpoint] ?? -1)) continue;
        chosen[endpoint] = now;
        moved.add(endpoint);
      }
      return moved;
    },
    serviceOf: (endpoint) => chosen[endpoint] ?? -1,
  };
}
