import type { KubeObject, ObjectRef } from '@ambit/contracts/common';
import { mergePatch, readObject, type Cluster } from '../../kube/objects.ts';
import { listAll, type Listed } from '../../kube/watch.ts';
import { sleep } from '../../wait.ts';
import { readiness } from '../bundle/ready.ts';
import type { NamespaceFacts, PodFacts } from '../inventory/inventory.ts';

const restartable = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** Annotation of the pod template: a second run of the same action changes nothing. */
export const restartAnnotation = 'ambit.dev/restarted-by';

export interface RestartPlan {
  workloads: ObjectRef[];
  /** Pods that nothing would make again. */
  loose: string[];
}

/**
 * Which workloads of a namespace must restart so that their pods have the proxies they are to have: injected where the
 * namespace asks for it, gone where it does not, and of the control plane's version. Pods in ambient mode need none.
 * @param proxyTag image tag of the control plane's proxies; null when there is no control plane
 */
export function planRestart(
  namespace: NamespaceFacts,
  pods: PodFacts[],
  proxyTag: string | null,
): RestartPlan {
  const workloads = new Map<string, ObjectRef>();
  const loose: string[] = [];
  for (const pod of pods) {
    if (!needsRestart(namespace, pod, proxyTag)) continue;
    const { owner } = pod;
    if (!owner || !restartable.has(owner.kind)) {
      loose.push(pod.name);
      continue;
    }
    workloads.set(`${owner.kind}/${owner.name}`, {
      apiVersion: 'apps/v1',
      kind: owner.kind,
      namespace: namespace.name,
      name: owner.name,
    });
  }
  return { workloads: [...workloads.values()], loose };
}

/** By istio.io "Sidecar injection": `istio-injection=enabled`, or a revision label. */
export const isInjected = ({ labels }: NamespaceFacts): boolean =>
  labels['istio-injection'] === 'enabled' ||
  (labels['istio-injection'] !== 'disabled' && Boolean(labels['istio.io/rev']));

function needsRestart(namespace: NamespaceFacts, pod: PodFacts, proxyTag: string | null): boolean {
  if (!isInjected(namespace)) return pod.sidecarTag !== null;
  if (pod.sidecarTag === null) return !pod.optOut;
  return proxyTag !== null && pod.sidecarTag !== proxyTag;
}

interface Plane extends Listed {
  spec?: { template?: { spec?: { containers?: { image?: string }[] } } };
}

/** The image tag of istiod: its injector gives proxies the same one. */
export async function controlPlaneTag(
  { client }: Cluster,
  signal: AbortSignal,
): Promise<string | null> {
  const { items } = await listAll<Plane>(client, '/apis/apps/v1/deployments', {
    query: { labelSelector: 'app=istiod' },
    signal,
  });
  const image = items[0]?.spec?.template?.spec?.containers?.[0]?.image ?? '';
  return /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1] ?? null;
}

/**
 * Restarts workloads as `kubectl rollout restart` does, and waits until they are rolled out.
 * @returns how many were restarted
 */
export async function restart(
  cluster: Cluster,
  workloads: ObjectRef[],
  actionId: string,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const patch = {
    spec: { template: { metadata: { annotations: { [restartAnnotation]: actionId } } } },
  };
  const waiting = new Map<string, ObjectRef>();
  for (const ref of workloads) {
    const live = (await readObject(cluster, ref, signal)) as (KubeObject & Paused) | null;
    if (!live || live.spec?.paused) continue;
    await mergePatch(cluster, ref, patch, 'ambit-agent-restart', signal);
    waiting.set(`${ref.kind}/${ref.name}`, ref);
  }
  const count = waiting.size;
  while (waiting.size > 0) {
    let first = '';
    for (const [key, ref] of waiting) {
      const live = await readObject(cluster, ref, signal);
      const found = live ? readiness(live) : null;
      if (!found || found.ready) waiting.delete(key);
      else first ||= `${ref.kind} ${ref.name}: ${found.message}`;
    }
    if (waiting.size === 0) break;
    progress(`${count - waiting.size} of ${count} restarted; ${first}`);
    await sleep(1000, signal);
  }
  return count;
}

interface Paused {
  spec?: { paused?: boolean };
}
