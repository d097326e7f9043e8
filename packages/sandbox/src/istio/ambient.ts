import type { View } from '../client/cache.ts';
import {
  itself,
  keyOf,
  nothing,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import { isReady, patch } from '../controllers/common.ts';
import type { Pod } from '../objects.ts';

export const redirection = 'ambient.istio.io/redirection';
export const modeLabel = 'istio.io/dataplane-mode';

/**
 * The simulated istio-cni: takes running pods into ambient, and lets them go again, without a restart.
 * @param isMissed pods, `namespace/name`, that it fails to redirect, by a fault
 */
export const ambientController = (isMissed: (pod: string) => boolean): Controller => ({
  name: 'ambient',
  manager: 'istio-cni',
  triggers: {
    pods: (pod, view) =>
      isNodeAgent(pod)
        ? view
            .list('pods')
            .filter(({ spec }) => spec.nodeName === pod.spec.nodeName)
            .map(keyOf)
        : itself(pod),
    namespaces: ({ metadata }, view) => view.list('pods', metadata.name).map(keyOf),
  },
  decide: (key, view) => {
    const pod = view.get('pods', ...splitKey(key));
    if (pod?.spec.nodeName === undefined || pod.metadata.deletionTimestamp) return nothing;
    if (!hasAgent(view, pod.spec.nodeName, isCni)) return nothing;
    return decideEnrolment(
      pod,
      view.get('namespaces', '', pod.metadata.namespace ?? '')?.metadata.labels ?? {},
      hasAgent(view, pod.spec.nodeName, isZtunnel),
      isMissed(key),
    );
  },
});

export const isCni = ({ metadata }: Pod): boolean =>
  metadata.labels?.['k8s-app'] === 'istio-cni-node';
export const isZtunnel = ({ metadata }: Pod): boolean => metadata.labels?.app === 'ztunnel';
const isNodeAgent = (pod: Pod): boolean => isCni(pod) || isZtunnel(pod);

const hasAgent = (view: View, node: string, is: (pod: Pod) => boolean): boolean =>
  view.list('pods').some((pod) => pod.spec.nodeName === node && is(pod) && isReady(pod));

export const hasSidecar = ({ spec }: Pod): boolean =>
  [...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === 'istio-proxy');

/** Whether a pod is to be in ambient (istio.io, "Add workloads to the mesh"): its own label wins over its namespace's. */
export function wantsAmbient(pod: Pod, namespaceLabels: Record<string, string>): boolean {
  const mode = pod.metadata.labels?.[modeLabel] ?? namespaceLabels[modeLabel];
  return mode === 'ambient' && !pod.spec.hostNetwork && !hasSidecar(pod);
}

export function decideEnrolment(
  pod: Pod,
  namespaceLabels: Record<string, string>,
  hasZtunnel: boolean,
  isMissed = false,
): Decision {
  const is = pod.metadata.annotations?.[redirection] === 'enabled';
  const wants = wantsAmbient(pod, namespaceLabels) && !isMissed;
  if (wants && !is && hasZtunnel && pod.status?.podIP !== undefined) {
    return { actions: [patch(pod, { metadata: { annotations: { [redirection]: 'enabled' } } })] };
  }
  if (!wants && is) {
    return { actions: [patch(pod, { metadata: { annotations: { [redirection]: null } } })] };
  }
  return nothing;
}
