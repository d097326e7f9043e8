import type { Resource } from '../resource.ts';
import { ofSelectionKey, selectionKey, selectorPairs, selects } from '../selector.ts';
import type { Selector, View } from '../view.ts';
import { defineDerivation } from '../view.ts';

const keyOf = (selector: Selector): string => selectionKey(undefined, selector);
const selectorOf = (key: string): Map<string, string> => ofSelectionKey(key).selector;

/** The number of a target port; 0 for a name. As Kubernetes' IntOrString reads it. */
function portNumber(target: number | string | undefined): number {
  if (typeof target === 'number') return target;
  return typeof target === 'string' && /^[-+]?\d+$/.test(target) ? Number(target) : 0;
}

/** The numbers of a pod's ports that have the name. */
const namedPorts = (pod: Resource<'Pod'>, name: string): number[] =>
  (pod.spec.containers ?? []).flatMap(({ ports = [] }) =>
    ports.flatMap((port) => (port.name === name && port.containerPort ? [port.containerPort] : [])),
  );

const gatewayPorts = defineDerivation<readonly number[]>({
  name: 'ports of gateway services',
  isEqual: (a, b) => a.length === b.length && a.every((port, index) => port === b[index]),
  compute: (view, key) => {
    const ports = new Set<number>();
    const mapped = new Set<number>();
    for (const pod of view.pods(selectorOf(key))) {
      for (const service of view.inNamespace('Service', pod.namespace)) {
        if (!selects(service.spec.selector, pod.labels)) continue;
        for (const { protocol, port = 0, targetPort } of service.spec.ports ?? []) {
          // Istio's analysis of files knows neither that TCP is meant where nothing is written, nor names of ports.
          if ((protocol ?? (view.parity ? '' : 'TCP')) !== 'TCP') continue;
          const target = portNumber(targetPort);
          ports.add(target || port);
          if (typeof targetPort === 'string' && target === 0 && !view.parity) {
            for (const one of namedPorts(pod, targetPort)) ports.add(one);
          }
          if (target !== 0) mapped.add(port);
        }
      }
    }
    return [...ports, ...mapped].sort((a, b) => a - b);
  },
});

/** TCP ports, of Services and of their targets, through which the pods of a selector are reached. */
export function gatewayServicePorts(view: View, selector: Selector): readonly number[] {
  return view.derive(gatewayPorts, keyOf(selector));
}

const firstPodNamespace = defineDerivation<string | undefined>({
  name: 'namespace of the first pod',
  compute: (view, key) => {
    const pods = view.pods(selectorOf(key));
    return (pods.find(({ namespace }) => namespace !== '') ?? pods[0])?.namespace;
  },
});

/** The namespace of the first pod of a selector; undefined when there is none. */
export function workloadNamespace(view: View, selector: Selector): string | undefined {
  return view.derive(firstPodNamespace, keyOf(selector));
}

/** Whether both selectors can be met by one pod that there is. */
export function sharePod(view: View, a: Selector, b: Selector): boolean {
  const both = new Map(selectorPairs(a));
  for (const [name, value] of selectorPairs(b)) {
    if (both.has(name) && both.get(name) !== value) return false;
    both.set(name, value);
  }
  return view.hasPod(both);
}

/** Whether `inner` asks for everything that `outer` asks for. */
export function isSubset(outer: Selector, inner: Selector): boolean {
  const known = new Map(selectorPairs(inner));
  return selectorPairs(outer).every(([name, value]) => known.get(name) === value);
}

export type Gateway = Resource<'Gateway'>;
