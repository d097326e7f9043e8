import type { KindName } from '../kinds.ts';
import type { Labels } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { selectorPairs } from '../selector.ts';
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

/** Whether the snapshot tells anything of workloads. */
export const knowsWorkloads = (view: View): boolean =>
  [...others, 'Pod' as const].some((kind) => knows(view, kind));

/**
 * Whether nothing speaks against a pod with the labels: there is one, a workload would make one, or the snapshot
 * tells nothing of workloads (files of policies alone). In parity with istioctl pods alone count.
 */
export function mayHavePod(view: View, selector: Selector, namespace?: string): boolean {
  if (view.hasPod(selector, namespace)) return true;
  if (view.parity) return false;
  return !knowsWorkloads(view) || workloads(view, selector, namespace).length > 0;
}

const hasProxy = (containers: readonly { name?: string }[] | undefined): boolean =>
  containers?.some(({ name }) => name === 'istio-proxy') ?? false;

/** Whether a pod has a sidecar, or is itself a proxy (a gateway or waypoint). */
export function hasSidecar({ spec }: Resource<'Pod'>): boolean {
  return hasProxy(spec.containers) || hasProxy(spec.initContainers);
}

const gatewayLabels = ['gateway.networking.k8s.io/gateway-name', 'gateway.istio.io/managed'];

/** Whether the labels are those of a gateway or waypoint, not of an application. */
export function isGateway(labels: Labels): boolean {
  if (gatewayLabels.some((label) => label in labels)) return true;
  return ['ingressgateway', 'egressgateway', 'eastwestgateway'].includes(labels['istio'] ?? '');
}
