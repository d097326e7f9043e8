import {
  itself,
  nothing,
  ownerKey,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import { keyOf } from '../client/controller.ts';
import type { DaemonSet, Node, Pod, Toleration } from '../objects.ts';
import { isAvailable, isReady, manager, remove, setStatus, share, templateHash } from './common.ts';
import { podFor, podsOf } from './replica-set.ts';
import { nodeAccepts } from './scheduler.ts';

const hashLabel = 'controller-revision-hash';

/** Keeps one pod on each node that takes it. */
export const daemonSetController: Controller = {
  name: 'daemon-set',
  manager,
  triggers: {
    'daemonsets.apps': itself,
    pods: (pod) => ownerKey(pod, 'DaemonSet'),
    nodes: (_node, view) => view.list('daemonsets.apps').map(keyOf),
  },
  decide: (key, view, now) => {
    const set = view.get('daemonsets.apps', ...splitKey(key));
    if (set === undefined || set.metadata.deletionTimestamp) return nothing;
    return decideDaemonSet(set, podsOf(set, view), view.list('nodes'), now);
  },
};

/** What Kubernetes adds to the pods of every DaemonSet, so that they run on nodes in trouble too. */
const daemonTolerations: Toleration[] = [
  'not-ready',
  'unreachable',
  'disk-pressure',
  'memory-pressure',
  'pid-pressure',
  'unschedulable',
].map((name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists' }));

export function decideDaemonSet(set: DaemonSet, pods: Pod[], nodes: Node[], now: Date): Decision {
  const { template, updateStrategy, minReadySeconds = 0 } = set.spec;
  const hash = templateHash(template);
  const spec = {
    ...template.spec,
    tolerations: [...(template.spec.tolerations ?? []), ...daemonTolerations],
  };
  const wanted = nodes.filter((node) => nodeAccepts(node, spec, 'running'));
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const isNew = ({ metadata }: Pod): boolean => metadata.labels?.[hashLabel] === hash;
  const onNode = (node: string): Pod[] => living.filter((pod) => pod.spec.nodeName === node);
  const misplaced = living.filter(({ spec: { nodeName } }) => !names.has(nodeName ?? ''));
  const over = living.filter(
    ({ status }) => status?.phase === 'Failed' || status?.phase === 'Succeeded',
  );
  const leaving = new Set([...misplaced, ...over]);
  const create: string[] = [];
  const { maxUnavailable, maxSurge } = updateStrategy?.rollingUpdate ?? {};
  const surge = share(maxSurge, wanted.length, 'up', 0);
  const rolls = updateStrategy?.type !== 'OnDelete';
  let mayBreak = surge > 0 ? 0 : share(maxUnavailable, wanted.length, 'up', 1);
  let maySurge = surge;
  const unavailable = wanted.filter(
    ({ metadata: { name } }) => !onNode(name).some((pod) => isAvailable(pod, minReadySeconds, now)),
  ).length;
  mayBreak -= unavailable;
  for (const { metadata } of wanted) {
    const here = onNode(metadata.name).filter((pod) => !leaving.has(pod));
    const fresh = here.find(isNew);
    const stale = here.filter((pod) => !isNew(pod));
    if (here.length === 0) {
      // The pod before has to be gone: both would want the same ports of the node.
      if (!pods.some((pod) => pod.spec.nodeName === metadata.name && !leaving.has(pod))) {
        create.push(metadata.name);
      }
    } else if (stale.length > 0 && rolls) {
      if (surge > 0) {
        if (fresh === undefined && maySurge-- > 0) create.push(metadata.name);
        else if (fresh && isAvailable(fresh, minReadySeconds, now))
          stale.forEach((pod) => leaving.add(pod));
      } else if (stale.some((pod) => !isAvailable(pod, minReadySeconds, now)) || mayBreak-- > 0) {
        stale.forEach((pod) => leaving.add(pod));
      }
    }
  }
  const serving = wanted.map(({ metadata: { name } }) =>
    onNode(name).filter((pod) => !leaving.has(pod)),
  );
  const count = (is: (pod: Pod) => boolean): number =>
    serving.filter((here) => here.some(is)).length;
  const available = count((pod) => isAvailable(pod, minReadySeconds, now));
  return {
    actions: [
      ...[...leaving].map((pod) => remove(pod)),
      ...create.map((nodeName) => ({
        do: 'create' as const,
        object: podFor(set, { ...template, spec }, { labels: { [hashLabel]: hash }, nodeName }),
      })),
      ...setStatus(set, {
        observedGeneration: set.metadata.generation ?? 1,
        desiredNumberScheduled: wanted.length,
        currentNumberScheduled: count(() => true),
        numberMisscheduled: misplaced.length,
        updatedNumberScheduled: count(isNew),
        numberReady: count(isReady),
        numberAvailable: available,
        numberUnavailable: wanted.length - available,
      }),
    ],
    ...(minReadySeconds > 0 && available < wanted.length ? { againMs: 1000 } : {}),
  };
}
