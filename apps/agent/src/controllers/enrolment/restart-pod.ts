import { isStatus } from '../../kube/client.ts';
import type { Cluster } from '../../kube/objects.ts';
import { listAll, type Listed } from '../../kube/watch.ts';
import { sleep } from '../../wait.ts';

interface Pod extends Listed {
  status?: { conditions?: { type: string; status: string }[] };
}

const pauseMs = 1_000;

/**
 * The action restart-pod: evicts one pod by the Eviction API, so that PodDisruptionBudgets hold, and waits until its
 * owner has another ready one in its place. A pod that is gone already needs nothing.
 * @returns what was done, in words
 * @throws Error when nothing would make the pod again
 */
export async function restartPod(
  cluster: Cluster,
  action: { namespace: string; pod: string },
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const { namespace, pod: name } = action;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const before = await readPod(cluster, path, signal);
  if (!before) return `pod ${namespace}/${name} is gone already`;
  const owner = before.metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner)
    throw new Error(`nothing would make pod ${namespace}/${name} again: restart it by hand`);
  const pods = async () =>
    (await listAll<Pod>(cluster.client, `/api/v1/namespaces/${namespace}/pods`, { signal })).items;
  const known = new Set((await pods()).map(({ metadata }) => metadata.uid));
  await evict(cluster, path, before, progress, signal);
  for (;;) {
    const old = await readPod(cluster, path, signal);
    const isGone = old?.metadata.uid !== before.metadata.uid;
    const successor = (await pods()).find(
      (pod) =>
        !known.has(pod.metadata.uid) &&
        !pod.metadata.deletionTimestamp &&
        pod.metadata.ownerReferences?.some(
          (one) => one.controller && one.kind === owner.kind && one.name === owner.name,
        ) &&
        isReady(pod),
    );
    if (isGone && successor) {
      return `pod ${namespace}/${name} was evicted; ${successor.metadata.name} is ready in its place`;
    }
    progress(
      isGone
        ? `${name} is gone; waiting for a ready pod in its place`
        : `waiting for ${name} to end`,
    );
    await sleep(pauseMs, signal);
  }
}

/** A budget that allows no disruption now answers 429: it is asked again until the action expires. */
async function evict(
  { client }: Cluster,
  path: string,
  { metadata }: Pod,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: metadata.name, namespace: metadata.namespace },
    deleteOptions: { preconditions: { uid: metadata.uid } },
  };
  for (;;) {
    try {
      await client.request('POST', `${path}/eviction`, { body, signal });
      return;
    } catch (error) {
      if (isStatus(error, 404, 409)) return;
      if (!isStatus(error, 429)) throw error;
      progress(`a disruption budget lets no pod go now: ${error.message}`);
      await sleep(error.retryAfterMs ?? pauseMs, signal);
    }
  }
}

async function readPod(
  { client }: Cluster,
  path: string,
  signal: AbortSignal,
): Promise<Pod | null> {
  try {
    return await client.request<Pod>('GET', path, { signal });
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
