import {
  itself,
  keyOf,
  nothing,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import type { Node, Pod, PodSpec, Taint } from '../objects.ts';
import { isNodeReady, patch, setStatus, withConditions } from './common.ts';
import { matchesMap } from './selectors.ts';

/** Finds a node for every pod that has none: the emptiest of those that take it. */
export const scheduler: Controller = {
  name: 'scheduler',
  manager: 'kube-scheduler',
  triggers: {
    pods: (pod) => (isWaiting(pod) ? itself(pod) : []),
    nodes: (_node, view) => view.list('pods').filter(isWaiting).map(keyOf),
  },
  decide: (key, view, now) => {
    const pod = view.get('pods', ...splitKey(key));
    if (pod === undefined || !isWaiting(pod)) return nothing;
    return decidePlace(pod, view.list('nodes'), view.list('pods'), now);
  },
};

const isWaiting = ({ spec, metadata, status }: Pod): boolean =>
  spec.nodeName === undefined &&
  metadata.deletionTimestamp === undefined &&
  status?.phase !== 'Failed' &&
  status?.phase !== 'Succeeded';

export function decidePlace(pod: Pod, nodes: Node[], pods: Pod[], now: Date): Decision {
  const load = (node: Node): number =>
    pods.filter(({ spec }) => spec.nodeName === node.metadata.name).length;
  const siblings = (node: Node): number =>
    pods.filter(
      ({ spec, metadata }) =>
        spec.nodeName === node.metadata.name &&
        metadata.ownerReferences?.[0]?.uid === pod.metadata.ownerReferences?.[0]?.uid,
    ).length;
  const fitting = nodes
    .filter((node) => nodeAccepts(node, pod.spec, 'scheduling'))
    .sort((a, b) => siblings(a) - siblings(b) || load(a) - load(b));
  const chosen = fitting[0];
  if (chosen !== undefined) {
    return { actions: [patch(pod, { spec: { nodeName: chosen.metadata.name } })] };
  }
  const message = `0/${nodes.length} nodes are available: ${refusals(nodes, pod.spec)}.`;
  const conditions = withConditions(
    pod.status?.conditions,
    [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    now,
  );
  return { actions: setStatus(pod, { phase: 'Pending', conditions }) };
}

/** Whether a node takes a pod: to schedule it there, or only to leave it running. */
export function nodeAccepts(node: Node, spec: PodSpec, purpose: 'scheduling' | 'running'): boolean {
  return refusalOf(node, spec, purpose) === null;
}

function refusalOf(node: Node, spec: PodSpec, purpose: 'scheduling' | 'running'): string | null {
  if (!matchesMap(spec.nodeSelector ?? {}, node.metadata.labels)) {
    return "didn't match Pod's node affinity/selector";
  }
  if (purpose === 'scheduling' && node.spec.unschedulable) return 'were unschedulable';
  const holds = (node.spec.taints ?? []).filter(
    ({ effect }) => effect === 'NoExecute' || effect === 'NoSchedule',
  );
  const taint = holds.find((one) => !isTolerated(one, spec));
  if (taint) return `had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  if (purpose === 'scheduling' && !isNodeReady(node)) return 'were not ready';
  return null;
}

const isTolerated = (taint: Taint, spec: PodSpec): boolean =>
  tolerationFor(taint, spec) !== undefined;

export const tolerationFor = (taint: Taint, spec: PodSpec) =>
  spec.tolerations?.find(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (key === undefined || key === ''
        ? operator === 'Exists'
        : key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))),
  );

function refusals(nodes: Node[], spec: PodSpec): string {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const refusal = refusalOf(node, spec, 'scheduling') ?? '';
    counts.set(refusal, (counts.get(refusal) ?? 0) + 1);
  }
  return [...counts].map(([refusal, count]) => `${count} node(s) ${refusal}`).join(', ');
}
