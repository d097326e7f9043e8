import type { ConnectRequest } from '@ambit/kube-api/engine';
import type { View } from '../client/cache.ts';
import { allContainers } from './runtime.ts';

/** Answers `kubectl logs`: says that nothing runs, and since when it is simulated. Other subresources are not served. */
export function podLog(
  { target, request }: ConnectRequest,
  view: () => View,
): Response | undefined {
  if (target.version.resource.id !== 'pods' || target.subresource !== 'log') return undefined;
  const pod = view().get('pods', target.namespace, target.name);
  if (pod === undefined) return undefined;
  const asked = request.query.get('container');
  const container = allContainers(pod).find(({ name }) => asked === null || name === asked);
  if (container === undefined) return undefined;
  const { name, image } = container;
  const since = pod.status?.startTime ?? pod.metadata.creationTimestamp;
  return new Response(
    `${since} simulated: the sandbox runs no program; container ${name} stands for ${image}\n`,
    { headers: { 'content-type': 'text/plain' } },
  );
}
