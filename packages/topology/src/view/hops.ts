import type { Link } from '../store/telemetry-store.ts';
import type { IsCovered } from './placement.ts';
import type { Places } from './places.ts';

/**
 * Knows which traffic waypoints tell of themselves. Then the two ztunnel hops around a waypoint (client to
 * waypoint, waypoint to server) carry nothing that is not told already.
 */
export function createHops(places: Places): {
  isCovered: IsCovered;
  /** Takes over changed links. @returns hops that are to be placed again, because what covers them changed */
  note(changed: Iterable<number>, links: readonly Link[]): Iterable<number>;
} {
  const told: boolean[] = [];
  const fromSource = new Map<string, number>();
  const toDestination = new Map<number, number>();
  const hops = new Set<number>();

  const count = <K>(map: Map<K, number>, key: K, by: number): void => {
    map.set(key, (map.get(key) ?? 0) + by);
  };

  return {
    isCovered: ({ source, service, destination }, waypointIs) =>
      waypointIs === 'destination'
        ? (fromSource.get(`${source} ${service}`) ?? 0) > 0
        : (toDestination.get(destination) ?? 0) > 0,
    note: (changed, links) => {
      let hasFlipped = false;
      for (const id of changed) {
        const link = links[id]!;
        const { source, service, destination } = link;
        if (places.isWaypoint(source) || places.isWaypoint(destination)) {
          hops.add(id);
          continue;
        }
        const isTold = link.signals.some((signals) => signals?.waypoint === true);
        if (isTold === (told[id] ?? false)) continue;
        told[id] = isTold;
        hasFlipped = true;
        count(fromSource, `${source} ${service}`, isTold ? 1 : -1);
        count(toDestination, destination, isTold ? 1 : -1);
      }
      return hasFlipped ? hops : [];
    },
  };
}
