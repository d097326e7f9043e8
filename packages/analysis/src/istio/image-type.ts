import type { ProxyConfig } from '@ambit/istio/validation/generated/types';
import type { Resource } from '../resource.ts';
import { selects } from '../selector.ts';
import { defineDerivation } from '../view.ts';
import type { View } from '../view.ts';
import { readProxyConfig } from './proxy-config.ts';

const typeOf = (config: ProxyConfig | undefined): string => config?.image?.imageType ?? '';

const isWorkloads = ({ spec }: Resource<'ProxyConfig'>): boolean => spec.selector !== undefined;

/** The image type that ProxyConfigs and the mesh give to a namespace's pods, selectors aside. */
const namespaceImageType = defineDerivation({
  name: 'image type of a namespace',
  compute: (view, namespace) => {
    const mesh = view.mesh();
    const rootNamespace = mesh.rootNamespace || 'istio-system';
    const root = view.inNamespace('ProxyConfig', rootNamespace).at(-1);
    const own =
      namespace === rootNamespace
        ? undefined
        : view.inNamespace('ProxyConfig', namespace).findLast((config) => !isWorkloads(config));
    return typeOf(own?.spec) || typeOf(root?.spec) || mesh.defaultConfig?.image?.imageType || '';
  },
});

/** The variant of the proxy's image that a pod is to have: '' for the default, `distroless`, `debug`. */
export function imageType(pod: Resource<'Pod'>, view: View): string {
  let type = view.derive(namespaceImageType, pod.namespace);
  for (const config of view.inNamespace('ProxyConfig', pod.namespace)) {
    if (!isWorkloads(config) || !selects(config.spec.selector?.matchLabels, pod.labels)) continue;
    type = typeOf(config.spec) || type;
  }
  const written = pod.annotations['proxy.istio.io/config'];
  if (written !== undefined) type = readProxyConfig(written)?.imageType || type;
  return type === 'default' ? '' : type;
}
