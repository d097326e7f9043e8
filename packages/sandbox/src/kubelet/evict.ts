import type { ConnectRequest } from '@ambit/kube-api/engine';
import type { View } from '../client/cache.ts';
import type { Client } from '../client/client.ts';
import { matches } from '../controllers/selectors.ts';

const answer = (code: number, reason: string, message: string): Response =>
  Response.json(
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: code < 300 ? 'Success' : 'Failure',
      ...(reason ? { reason } : {}),
      message,
      code,
    },
    { status: code },
  );

/** The Eviction API: deletes a pod unless a PodDisruptionBudget lets none go now. */
export async function evict(
  { target, request }: ConnectRequest,
  view: () => View,
  client: Client,
): Promise<Response | undefined> {
  const { namespace, name, subresource } = target;
  if (target.version.resource.id !== 'pods' || subresource !== 'eviction') return undefined;
  if (request.method !== 'POST') return undefined;
  const pod = view().get('pods', namespace, name);
  if (pod === undefined) return answer(404, 'NotFound', `pods "${name}" not found`);
  const budget = view()
    .list('poddisruptionbudgets.policy', namespace)
    .find(
      ({ spec, status }) =>
        matches(spec.selector, pod.metadata.labels) &&
        Number(status?.['disruptionsAllowed'] ?? 0) <= 0,
    );
  if (budget) {
    return answer(
      429,
      'TooManyRequests',
      `Cannot evict pod as it would violate the pod's disruption budget ${budget.metadata.name}.`,
    );
  }
  await client.delete('pods', { namespace, name }, { uid: pod.metadata.uid });
  return answer(201, '', '');
}
