import { waypointsManager } from '@ambit/contracts/agent/waypoint';
import type { Cluster } from '../../kube/objects.ts';
import { applyObject, deleteObject } from '../../kube/objects.ts';
import type { Listed } from '../../kube/watch.ts';
import type { WaypointAction } from './plan.ts';
import { keepManager } from './replicas-kept.ts';
import type { KeptWorld } from './world.ts';

/** What an action is about: a failed one is tried again later, others go on. */
export function nameOfAction(action: WaypointAction): string {
  switch (action.do) {
    case 'apply':
      return `apply ${action.object.kind} ${action.object.metadata.name}`;
    case 'keep':
      return `keep replicas ${action.object.metadata.namespace}/${action.object.metadata.name}`;
    case 'delete':
      return `delete ${action.ref.kind} ${action.ref.name}`;
    case 'scale':
      return `scale ${action.namespace}/${action.name}`;
    case 'wake':
      return `wake ${action.namespace}/${action.name}`;
  }
}

/** Carries an action out, and shows its result to the world at once. Each may be repeated. @throws KubeError, UnknownKind */
export async function act(
  cluster: Cluster,
  kept: Pick<KeptWorld, 'put' | 'scaled'>,
  action: WaypointAction,
  signal: AbortSignal,
): Promise<void> {
  switch (action.do) {
    case 'apply': {
      const made = await applyObject(
        cluster,
        action.object,
        { manager: waypointsManager, force: true },
        signal,
      );
      const { kind } = action.object;
      if (
        kind === 'GatewayClass' ||
        kind === 'ConfigMap' ||
        kind === 'DaemonSet' ||
        kind === 'WorkloadEntry'
      ) {
        kept.put(kind, made as unknown as Listed);
      }
      return;
    }
    case 'keep':
      await applyObject(cluster, action.object, { manager: keepManager, force: false }, signal);
      return;
    case 'delete':
      await deleteObject(cluster, action, signal);
      return;
    case 'wake':
      await act(cluster, kept, { do: 'apply', object: action.object }, signal);
      if (action.from !== action.to) await act(cluster, kept, { ...action, do: 'scale' }, signal);
      return;
    case 'scale': {
      await scaleDeployment(cluster, action, action.to, signal);
      kept.scaled(`${action.namespace}/${action.name}`, action.to);
    }
  }
}

/** @throws KubeError */
export async function scaleDeployment(
  { client }: Cluster,
  { namespace, name }: { namespace: string; name: string },
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${encodeURIComponent(name)}/scale`;
  await client.request('PATCH', path, {
    body: { spec: { replicas } },
    contentType: 'application/merge-patch+json',
    query: { fieldManager: waypointsManager },
    signal,
  });
}
