import { isPodInAmbient } from './ambient.ts';
import type { Container, Labels } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { ofSelectionKey, selectionKey } from '../selector.ts';
import { defineDerivation } from '../view.ts';
import type { Selector, View } from '../view.ts';

const injectKey = 'sidecar.istio.io/inject';

export const proxyContainer = 'istio-proxy';

/** Whether a container of the proxy's name is there, with an image. Only the first of the name counts. */
export function hasProxy(containers: readonly Container[]): boolean {
  return Boolean(containers.find(({ name }) => name === proxyContainer)?.image);
}

function isInjected(
  annotations: Labels,
  labels: Labels,
  namespace: string,
  containers: readonly Container[],
  view: View,
): boolean {
  if (hasProxy(containers)) return true;
  const own = labels[injectKey] ?? annotations[injectKey];
  if (own !== undefined) return own === 'true';
  return view.namespace(namespace)?.labels['istio-injection'] === 'enabled';
}

/** Whether a Pod has a sidecar or would get one, as Istio's analysis sees it (revision labels do not count). */
export function podHasSidecar(pod: Resource<'Pod'>, view: View): boolean {
  const { containers = [], initContainers = [] } = pod.spec;
  const all = [...containers, ...initContainers];
  return isInjected(pod.annotations, pod.labels, pod.namespace, all, view);
}

/** The same of a Deployment's pods. */
export function deploymentHasSidecar(deployment: Resource<'Deployment'>, view: View): boolean {
  const { metadata = {}, spec = {} } = deployment.spec.template ?? {};
  const { annotations = {}, labels = {} } = metadata;
  return isInjected(annotations, labels, deployment.namespace, spec.containers ?? [], view);
}

/** Whether the namespace's label, or its own, enrols a pod with ztunnel. */
export function isAmbient(pod: Resource<'Pod'>, view: View): boolean {
  if (isPodInAmbient(pod)) return true;
  const mode =
    pod.labels['istio.io/dataplane-mode'] ??
    view.namespace(pod.namespace)?.labels['istio.io/dataplane-mode'];
  return mode === 'ambient';
}

/** With a sidecar, or redirected to ztunnel; beside parity also what is enrolled by label or revision. */
export function isInMesh(pod: Resource<'Pod'>, view: View): boolean {
  if (podHasSidecar(pod, view) || isPodInAmbient(pod)) return true;
  if (view.parity) return false;
  return isAmbient(pod, view) || Boolean(view.namespace(pod.namespace)?.labels['istio.io/rev']);
}

const meshPodExists = defineDerivation({
  name: 'pod in the mesh exists',
  compute: (view, key) => {
    const { namespace, selector } = ofSelectionKey(key);
    return view.pods(selector, namespace).some((pod) => isInMesh(pod, view));
  },
});

/** Whether a pod with the labels is in the mesh, in one namespace or in all. */
export function hasMeshPod(view: View, selector: Selector, namespace?: string): boolean {
  return view.derive(meshPodExists, selectionKey(namespace, selector));
}
