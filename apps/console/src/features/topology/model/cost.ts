import type { Graph } from '@ambit/topology/model';

/** A waypoint as its pool prices it. `costPerHour` is null where the pool has no price. */
export interface PricedWaypoint {
  clusterName: string;
  namespace: string;
  name: string;
  costPerHour: number | null;
  currency: string | null;
}

/** What the waypoints of a mesh cost an hour, and who uses them up. */
export interface Costs {
  /** Cost an hour by the id of a node or an edge. */
  byId: ReadonlyMap<string, number>;
  total: number;
  /** Of `total`, what no traffic in the graph uses. */
  idle: number;
  currency: string;
  waypoints: number;
  /** Waypoints of pools without a price, or in another currency. */
  unpriced: number;
}

/** A waypoint as {@link costsOf} names it. */
export const waypointKey = (cluster: string, namespace: string, name: string): string =>
  `${cluster}/${namespace}/${name}`;

/**
 * Shares out what waypoints cost: each edge that a waypoint told of bears a part of that of its target's waypoint, by
 * its rate among those; a node bears what the edges to it do.
 * @param used the waypoint of each node, by node id
 */
export function costsOf(
  graph: Graph,
  used: ReadonlyMap<string, string>,
  waypoints: readonly PricedWaypoint[],
): Costs {
  const currency = waypoints.find(({ costPerHour }) => costPerHour !== null)?.currency ?? '';
  const prices = new Map<string, number>();
  for (const each of waypoints) {
    if (each.costPerHour === null || each.currency !== currency) continue;
    prices.set(waypointKey(each.clusterName, each.namespace, each.name), each.costPerHour);
  }
  const priced = graph.edges.flatMap((edge) => {
    const key = edge.waypoint && edge.rate > 0 ? used.get(edge.target) : undefined;
    return key !== undefined && prices.has(key) ? [{ edge, key }] : [];
  });
  const rates = new Map<string, number>();
  for (const { edge, key } of priced) rates.set(key, (rates.get(key) ?? 0) + edge.rate);
  const byId = new Map<string, number>();
  for (const { edge, key } of priced) {
    const cost = (prices.get(key)! * edge.rate) / rates.get(key)!;
    byId.set(edge.id, cost);
    byId.set(edge.target, (byId.get(edge.target) ?? 0) + cost);
  }
  let total = 0;
  let idle = 0;
  for (const [key, price] of prices) {
    total += price;
    if (!rates.has(key)) idle += price;
  }
  for (const { id, kind, cluster, namespace, name } of graph.nodes) {
    const price =
      kind === 'waypoint' ? prices.get(waypointKey(cluster, namespace, name)) : undefined;
    if (price !== undefined) byId.set(id, price);
  }
  const unpriced = waypoints.length - prices.size;
  return { byId, total, idle, currency, waypoints: waypoints.length, unpriced };
}
