import type { KindName } from '../kinds.ts';
import type { Condition, Container, Labels } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { isEmptySelector, selectorPairs, selects } from '../selector.ts';
import type { Selector, View } from '../view.ts';
import { defineIndex } from '../view.ts';
import { knows } from './known.ts';

export type Controller = Resource<'Deployment' | 'StatefulSet' | 'DaemonSet'>;
export type Workload = Controller | Resource<'Pod' | 'WorkloadEntry' | 'WorkloadGroup'>;

export const controllerKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** Kinds that the functions of this file read. */
export const workloadKinds = [
  ...controllerKinds,
  'Pod',
  'WorkloadEntry',
  'WorkloadGroup',
  'Namespace',
] as const satisfies KindName[];

/** Whether a Pod or Node says of itself that it is ready. */
export function isReady({ status }: Resource<'Pod' | 'Node'>): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: Condition[] };
  return conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
}

/** The labels of the workload's pods. */
export function podLabels(workload: Workload): Labels {
  switch (workload.kind) {
    case 'Pod':
      return workload.labels;
    case 'WorkloadEntry':
      return { ...workload.labels, ...Object.fromEntries(workload.spec.labels ?? []) };
    case 'WorkloadGroup':
      return Object.fromEntries(workload.spec.metadata?.labels ?? []);
    default:
      return workload.spec.template?.metadata?.labels ?? {};
  }
}

const byLabel = defineIndex({
  name: 'workloads by label of their pods',
  kinds: [...controllerKinds, 'WorkloadEntry', 'WorkloadGroup'],
  keys: (workload) =>
    Object.entries(podLabels(workload)).flatMap(([key, value]) => [
      `${key}=${value}`,
      `${workload.namespace}|${key}=${value}`,
    ]),
});

const others = [...controllerKinds, 'WorkloadEntry', 'WorkloadGroup'] as const;

/** Workloads whose pods have all the labels, and pods that have them; in one namespace or in all. */
export function workloads(view: View, selector: Selector, namespace?: string): Workload[] {
  const pods: readonly Workload[] = view.pods(selector, namespace);
  const pairs = selectorPairs(selector);
  const [first, ...rest] = pairs;
  if (!first) {
    const all = others.flatMap((kind): readonly Workload[] =>
      namespace === undefined ? view.list(kind) : view.inNamespace(kind, namespace),
    );
    return [...all, ...pods];
  }
  const scope = namespace === undefined ? '' : `${namespace}|`;
  const found: readonly Workload[] = view.lookup(byLabel, `${scope}${first[0]}=${first[1]}`);
  const matching = found.filter((workload) => {
    const labels = podLabels(workload);
    return rest.every(([key, value]) => labels[key] === value);
  });
  return [...matching, ...pods];
}

/** As `workloads`, when it matters only whether some such workload is as wanted. */
export function someWorkload(
  view: View,
  selector: Selector,
  namespace: string,
  isWanted: (workload: Workload) => boolean = () => true,
): boolean {
  if (isEmptySelector(selector)) return workloads(view, selector, namespace).some(isWanted);
  for (const pod of view.pods(selector, namespace)) if (isWanted(pod)) return true;
  const [first] = selectorPairs(selector);
  if (!first) return false;
  for (const workload of view.lookup(byLabel, `${namespace}|${first[0]}=${first[1]}`)) {
    if (selects(selector, podLabels(workload)) && isWanted(workload)) return true;
  }
  return false;
}

/** Whether the snapshot tells anything of workloads. */
export const knowsWorkloads = (view: View): boolean =>
  knows(view, 'Pod') || others.some((kind) => knows(view, kind));

/**
 * Whether nothing speaks against a pod with the labels: there is one, a workload would make one, or the snapshot
 * tells nothing of workloads (files of policies alone). In parity with istioctl pods alone count.
 */
export function mayHavePod(view: View, selector: Selector, namespace?: string): boolean {
  if (view.hasPod(selector, namespace)) return true;
  if (view.parity) return false;
  if (!knowsWorkloads(view)) return true;
  return namespace === undefined
    ? workloads(view, selector).length > 0
    : someWorkload(view, selector, namespace);
}

/** Containers of the workload's pods; empty where nothing is known of them. */
export function containersOf(workload: Workload): readonly Container[] {
  if (workload.kind === 'Pod') return workload.spec.containers ?? [];
  if (workload.kind === 'WorkloadEntry' || workload.kind === 'WorkloadGroup') return [];
  return workload.spec.template?.spec?.containers ?? [];
}

const isProxy = ({ name }: Container): boolean => name === 'istio-proxy';

/** Whether a pod has a sidecar beside its application, native ones (init containers) too. */
export function hasSidecar(pod: Resource<'Pod'>): boolean {
  const containers = containersOf(pod);
  if (containers.some(isProxy)) return containers.length > 1;
  return pod.spec.initContainers?.some(isProxy) ?? false;
}

const gatewayLabels = ['gateway.networking.k8s.io/gateway-name', 'gateway.istio.io/managed'];

/** Whether the workload is a gateway, a waypoint or ztunnel: by its labels, or the proxy is all that it runs. */
export function isGateway(workload: Workload): boolean {
  const labels = podLabels(workload);
  if (gatewayLabels.some((label) => label in labels)) return true;
  if (['ingressgateway', 'egressgateway', 'eastwestgateway'].includes(labels['istio'] ?? '')) {
    return true;
  }
  const containers = containersOf(workload);
  return containers.length > 0 && containers.every(isProxy);
}
