import type { Labels, PodSpec } from '../kubernetes.ts';
import type { View } from '../view.ts';
import { proxyContainer } from './in-mesh.ts';
import { labelSelectorTakes } from '@ambit/istio/label-selector';

/** Whether a container waits for the injector to put the proxy's image in. */
export function hasImageAuto({ containers = [] }: PodSpec): boolean {
  return containers.some(({ name, image }) => name === proxyContainer && image === 'auto');
}

/** Whether an injection webhook of Istio takes pods of the labels, in a namespace of the labels. */
export function isTakenByInjector(view: View, namespace: Labels, pod: Labels): boolean {
  return view
    .list('MutatingWebhookConfiguration')
    .flatMap(({ spec }) => spec.webhooks ?? [])
    .some(
      ({ name, namespaceSelector, objectSelector }) =>
        name?.endsWith('istio.io') &&
        labelSelectorTakes(namespaceSelector, namespace) &&
        labelSelectorTakes(objectSelector, pod),
    );
}
