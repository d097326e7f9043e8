import type { View } from '../client/cache.ts';
import {
  itself,
  keyOf,
  nothing,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import type { Lease, Node, Pod, Taint } from '../objects.ts';
import {
  isNodeReady,
  manager,
  patch,
  remove,
  setStatus,
  timestamp,
  withConditions,
} from './common.ts';
import { tolerationFor } from './scheduler.ts';

/** How long a node may be silent. A real cluster gives it 40 s; a sandbox shows the outcome sooner. */
export const nodeGraceMs = 15_000;
export const unreachable = 'node.kubernetes.io/unreachable';

/** Notices nodes that are silent, taints them, and sends their pods elsewhere. */
export const nodeLifecycle = (graceMs = nodeGraceMs): Controller => ({
  name: 'node-lifecycle',
  manager,
  triggers: {
    nodes: itself,
    'leases.coordination.k8s.io': ({ metadata }) =>
      metadata.namespace === 'kube-node-lease' ? [`/${metadata.name}`] : [],
    pods: ({ spec }, view) => {
      const node = view.get('nodes', '', spec.nodeName ?? '');
      return node && node.spec.taints?.length ? [keyOf(node)] : [];
    },
  },
  decide: (key, view, now) => {
    const [, name] = splitKey(key);
    const node = view.get('nodes', '', name);
    if (node === undefined) return nothing;
    return decideNode(
      node,
      view.get('leases.coordination.k8s.io', 'kube-node-lease', name),
      podsOn(name, view),
      now,
      graceMs,
    );
  },
});

const podsOn = (name: string, view: View): Pod[] =>
  view.list('pods').filter(({ spec }) => spec.nodeName === name);

export function decideNode(
  node: Node,
  lease: Lease | undefined,
  pods: Pod[],
  now: Date,
  graceMs = nodeGraceMs,
): Decision {
  const heard = Date.parse(lease?.spec?.renewTime ?? node.metadata.creationTimestamp);
  const silentMs = now.getTime() - heard;
  const taints = node.spec.taints ?? [];
  const ours = taints.filter(({ key }) => key === unreachable);
  if (silentMs < graceMs) {
    const heal = ours.length > 0 && isNodeReady(node);
    return {
      actions: heal
        ? [patch(node, { spec: { taints: taints.filter(({ key }) => key !== unreachable) } })]
        : [],
      againMs: graceMs - silentMs,
    };
  }
  const since = ours[0]?.timeAdded ?? timestamp(now);
  const conditions = withConditions(
    node.status?.conditions,
    [
      {
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      },
    ],
    now,
  );
  const added: Taint[] = ['NoSchedule', 'NoExecute'].map((effect) => ({
    key: unreachable,
    effect,
    timeAdded: since,
  }));
  const { leave, againMs } = evictions(pods, added[1]!, since, now);
  return {
    actions: [
      ...setStatus(node, { conditions }),
      ...(ours.length > 0 ? [] : [patch(node, { spec: { taints: [...taints, ...added] } })]),
      ...pods.flatMap((pod) => notReady(pod, now)),
      ...leave.map((pod) => remove(pod)),
    ],
    ...(againMs === undefined ? {} : { againMs }),
  };
}

/** Pods of a silent node do not count as ready, whatever their kubelet said last. */
const notReady = (pod: Pod, now: Date) =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    ? setStatus(pod, {
        conditions: withConditions(
          pod.status.conditions,
          [{ type: 'Ready', status: 'False', reason: 'NodeNotReady', message: '' }],
          now,
        ),
      })
    : [];

function evictions(
  pods: Pod[],
  taint: Taint,
  since: string,
  now: Date,
): { leave: Pod[]; againMs?: number } {
  const leave: Pod[] = [];
  let againMs: number | undefined;
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const toleration = tolerationFor(taint, pod.spec);
    if (toleration !== undefined && toleration.tolerationSeconds === undefined) continue;
    const dueMs = Date.parse(since) + (toleration?.tolerationSeconds ?? 0) * 1000 - now.getTime();
    if (dueMs <= 0) leave.push(pod);
    else againMs = Math.min(againMs ?? Infinity, dueMs);
  }
  return { leave, ...(againMs === undefined ? {} : { againMs }) };
}
