import type { Cluster } from '../../kube/objects.ts';
import { listAll } from '../../kube/watch.ts';
import { gatewayNameLabel, isUp, type PodObject } from './objects.ts';

export const adminPort = 15_000;
export const statsPort = 15_090;

/** Replicas of a waypoint that serve now. */
export async function readyPods(
  { client }: Cluster,
  { namespace, name }: { namespace: string; name: string },
  signal: AbortSignal,
): Promise<PodObject[]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const query = { labelSelector: `${gatewayNameLabel}=${name}` };
  const { items } = await listAll<PodObject>(client, path, { query, signal });
  return items.filter(isUp);
}
