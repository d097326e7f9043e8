import type { View } from '../client/cache.ts';
import {
  itself,
  keyOf,
  nothing,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import { remove, setStatus } from '../controllers/common.ts';
import type { Container, Node, Pod } from '../objects.ts';
import { podStatusOf } from './pod-status.ts';
import {
  advance,
  allContainers,
  beginRuntime,
  crash,
  resumeRuntime,
  usualPace,
  type Pace,
  type Runtime,
} from './runtime.ts';

export interface KubeletOptions {
  pace?: Partial<Pace>;
  /** Nodes that are broken do nothing. */
  isBroken: (node: string) => boolean;
  mayBeReady: (pod: Pod, container: Container, view: View) => boolean;
  /** Pods that run and are not ready, by a fault. */
  isUnwell?: (pod: Pod) => boolean;
}

export interface Kubelet extends Controller {
  /** Ends the containers of a pod with an error; false when it does not run. */
  crash(key: string, view: View): boolean;
}

/** The simulated kubelets of all nodes: they "run" pods without running anything. */
export function createKubelet(options: KubeletOptions): Kubelet {
  const pace = { ...usualPace, ...options.pace };
  const runtimes = new Map<string, Runtime>();
  const images = new Map<string, Set<string>>();
  const addresses = new Map<string, string>();

  const runtimeOf = (pod: Pod, node: Node, nowMs: number): Runtime => {
    const known = runtimes.get(pod.metadata.uid);
    if (known) return known;
    const resumed = resumeRuntime(pod, nowMs);
    const ip =
      resumed?.ip ?? (pod.spec.hostNetwork ? addressOf(node) : freeAddress(node, addresses));
    if (!pod.spec.hostNetwork) addresses.set(ip, pod.metadata.uid);
    return resumed ?? beginRuntime(pod, ip, nowMs);
  };

  const forget = (uid: string): void => {
    const runtime = runtimes.get(uid);
    if (runtime && addresses.get(runtime.ip) === uid) addresses.delete(runtime.ip);
    runtimes.delete(uid);
  };

  const decidePod = (pod: Pod, node: Node, view: View, now: Date): Decision => {
    const nowMs = now.getTime();
    const nodeImages = images.get(node.metadata.name) ?? new Set<string>();
    images.set(node.metadata.name, nodeImages);
    const { runtime, againMs } = advance(runtimeOf(pod, node, nowMs), pod, nowMs, {
      pace,
      hasImage: (image) => nodeImages.has(image),
      mayBeReady: (one, container) => options.mayBeReady(one, container, view),
    });
    if (options.isUnwell?.(pod)) {
      for (const [name, run] of Object.entries(runtime.runs)) {
        runtime.runs[name] = { ...run, ready: false };
      }
    }
    runtimes.set(pod.metadata.uid, runtime);
    for (const { name, image } of allContainers(pod)) {
      if (runtime.runs[name]?.state === 'running') nodeImages.add(image);
    }
    if (runtime.stopped) {
      forget(pod.metadata.uid);
      return { actions: [remove(pod, 0)] };
    }
    const status = podStatusOf(pod, runtime, addressOf(node), nowMs);
    return { actions: setStatus(pod, status), ...(againMs === undefined ? {} : { againMs }) };
  };

  return {
    name: 'kubelet',
    manager: 'kubelet',
    triggers: {
      pods: itself,
      nodes: (node, view) =>
        view
          .list('pods')
          .filter(({ spec }) => spec.nodeName === node.metadata.name)
          .map(keyOf),
    },
    decide: (key, view, now) => {
      const pod = view.get('pods', ...splitKey(key));
      if (pod?.spec.nodeName === undefined) return nothing;
      const node = view.get('nodes', '', pod.spec.nodeName);
      if (node === undefined || options.isBroken(node.metadata.name)) return nothing;
      return decidePod(pod, node, view, now);
    },
    crash: (key, view) => {
      const pod = view.get('pods', ...splitKey(key));
      const runtime = pod && runtimes.get(pod.metadata.uid);
      if (!pod || !runtime) return false;
      runtimes.set(pod.metadata.uid, crash(runtime, pod, Date.now()));
      return true;
    },
  };
}

const addressOf = (node: Node): string =>
  node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '192.0.2.1';

/** The first address of the node's range that no pod has. */
function freeAddress(node: Node, taken: Map<string, string>): string {
  const [base = '10.244.0.0'] = (node.spec.podCIDR ?? '10.244.0.0/24').split('/');
  const prefix = base.split('.').slice(0, 3).join('.');
  for (let last = 2; last < 255; last++) {
    const ip = `${prefix}.${last}`;
    if (!taken.has(ip)) return ip;
  }
  throw new Error(`node ${node.metadata.name} has no free pod address`);
}
