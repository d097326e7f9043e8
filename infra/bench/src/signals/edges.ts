import type { GraphEdge } from '@ambit/topology/model';
import { decodeGraph } from '@ambit/topology/wire/message';
import type { Ground } from '../waypoint/ground.ts';

export interface Told {
  /** The window that rates are taken over. */
  windowS: number;
  /** HTTP requests into the Service, by who asks. */
  edges: GraphEdge[];
  /** Requests a second, of all edges. */
  rate: number;
  /** 0 to 1, of all edges. */
  errorShare: number;
}

/** What the graph says of the requests to one Service. */
export async function toldOf(
  { client, meshId }: Ground,
  namespace: string,
  service: string,
): Promise<Told> {
  const { graph } = await client.topology.get({ meshId, group: 'service' });
  const edges = decodeGraph(graph).edges.filter(
    ({ target, protocol }) =>
      protocol === 'http' && new RegExp(`^service:[^/]+/${namespace}/${service}$`).test(target),
  );
  const rate = edges.reduce((sum, edge) => sum + edge.rate, 0);
  const failed = edges.reduce((sum, edge) => sum + edge.rate * (edge.errorShare ?? 0), 0);
  return { windowS: graph.windowS, edges, rate, errorShare: rate === 0 ? 0 : failed / rate };
}
