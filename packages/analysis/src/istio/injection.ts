import type { ConfigMap, Labels } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { defineDerivation, defineIndex } from '../view.ts';
import type { View } from '../view.ts';

export const injectionKey = 'istio-injection';
export const revisionKey = 'istio.io/rev';
export const dataplaneKey = 'istio.io/dataplane-mode';

/** Labels that put a namespace into the mesh; none beside an `istio-injection` that switches it off. */
export function injectionLabels(labels: Labels): string[] {
  const injection = labels[injectionKey];
  const others = [revisionKey, dataplaneKey].filter((key) => labels[key] !== undefined);
  if (injection === undefined) return others;
  return injection === 'enabled' ? [injectionKey, ...others] : [injectionKey];
}

export const isAmbientNamespace = (labels: Labels): boolean => labels[dataplaneKey] === 'ambient';

const injectorMap = 'istio-sidecar-injector';

/** Configurations of sidecar injectors, by name: `istio-sidecar-injector`, or with `-REVISION`. */
const injectorsByName = defineIndex({
  name: 'injector configurations by name',
  kinds: ['ConfigMap'],
  keys: ({ name }) => (name.startsWith(injectorMap) ? [name, ''] : []),
});

function injectorName(revision: string): string {
  return revision === '' || revision === 'default' ? injectorMap : `${injectorMap}-${revision}`;
}

export function hasInjector(view: View): boolean {
  return view.lookup(injectorsByName, '').length > 0;
}

type Values = {
  global?: { hub?: string; tag?: string; proxy?: { image?: string } };
  sidecarInjectorWebhook?: { enableNamespacesByDefault?: boolean };
};

function valuesOf(config: Resource<'ConfigMap'> | undefined): Values | undefined {
  const text = (config?.spec as ConfigMap | undefined)?.data?.['values'];
  if (text === undefined) return undefined;
  try {
    const values: unknown = JSON.parse(text);
    return typeof values === 'object' && values !== null ? values : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the injector of the revision takes namespaces that have no label. */
export const injectsByDefault = defineDerivation({
  name: 'injector takes namespaces without a label',
  compute: (view, revision) => {
    const [config] = view.lookup(injectorsByName, injectorName(revision));
    return valuesOf(config)?.sidecarInjectorWebhook?.enableNamespacesByDefault === true;
  },
});

/** The image that the injector of the revision gives to sidecars; undefined when there is no injector. */
export const injectedImage = defineDerivation({
  name: 'image of injected sidecars',
  compute: (view, revision) => {
    const config = view.lookup(injectorsByName, injectorName(revision)).at(-1);
    if (!config) return undefined;
    const values = valuesOf(config);
    if (!values) return '';
    const { hub = '', tag = '', proxy } = values.global ?? {};
    const image = proxy?.image ?? '';
    return image.includes('/') ? image : `${hub}/${image}:${tag}`;
  },
});
