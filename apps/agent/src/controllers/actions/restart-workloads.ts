import { counted } from '@ambit/contracts/words';
import type { AgentAction } from '@ambit/contracts/agent/protocol';
import { isStatus } from '../../kube/client.ts';
import type { Cluster } from '../../kube/objects.ts';
import type { Listed } from '../../kube/watch.ts';
import { sleep } from '../../wait.ts';
import type { Observer } from '../inventory/observer.ts';
import { controlPlaneTag, planRestart, restart } from './restart.ts';

const settleTries = 30;

/**
 * The action restart-workloads: restarts what needs it in a namespace, waits for the rollout, and proves the result.
 * @returns what was done, in words
 * @throws Error when the namespace is not there, or pods still have the wrong proxies after their restart
 */
export async function restartWorkloads(
  cluster: Cluster,
  observer: Pick<Observer, 'pods'>,
  action: Extract<AgentAction, { kind: 'restart-workloads' }>,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const namespace = await readNamespace(cluster, action.namespace, signal);
  const tag = await controlPlaneTag(cluster, signal);
  const look = () => planRestart(namespace, observer.pods(action.namespace), tag);
  const { workloads, loose } = look();
  const count = await restart(cluster, workloads, action.id, progress, signal);
  // Old pods end, and the watch tells of it, a moment after the rollout is complete.
  for (let tries = 0; tries < settleTries && look().workloads.length > 0; tries++) {
    progress('waiting for the last old pods to end');
    await sleep(1000, signal);
  }
  const [still] = look().workloads;
  if (still && count > 0) {
    throw new Error(
      `pods of ${still.kind} ${still.name} still have not the proxy they are to have after their restart; look at istiod and its injection webhook`,
    );
  }
  const done =
    count === 0 ? 'nothing had to be restarted' : `${counted(count, 'workload')} restarted`;
  return loose.length === 0
    ? done
    : `${done}; ${loose.length} pods are made by nothing that can restart them (${loose.slice(0, 3).join(', ')}): delete them by hand`;
}

async function readNamespace({ client }: Cluster, name: string, signal: AbortSignal) {
  try {
    const { metadata } = await client.request<Listed>('GET', `/api/v1/namespaces/${name}`, {
      signal,
    });
    return { name, labels: metadata.labels ?? {}, phase: 'Active' };
  } catch (error) {
    if (isStatus(error, 404)) throw new Error(`there is no namespace ${name}`, { cause: error });
    throw error;
  }
}
