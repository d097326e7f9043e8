import type { KubeClient } from '../../kube/client.ts';
import { watch, type Listed } from '../../kube/watch.ts';
import type { GatewayObject } from './objects.ts';

export interface KeptParameters {
  /** To be called when a Gateway came, changed or went. */
  gatewaysChanged(): void;
  run(signal: AbortSignal): Promise<void>;
}

const nameOf = ({ metadata, spec }: GatewayObject): string | null => {
  const ref = spec.infrastructure?.parametersRef;
  if (ref?.kind !== 'ConfigMap' || ref.group !== '') return null;
  return `${metadata.namespace ?? ''}/${ref.name}`;
};

const keyOf = ({ metadata }: Listed): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/**
 * Keeps in `into` whether the ConfigMaps that Gateways name are there, from one watch of metadata over all namespaces: to
 * ask for each now and then would be a call for each. Nothing is watched while no Gateway names one.
 */
export function keepParameters(
  client: KubeClient,
  gateways: ReadonlyMap<string, GatewayObject>,
  into: Map<string, boolean>,
  changed: () => void,
  onError: (error: unknown) => void,
): KeptParameters {
  const there = new Set<string>();
  let isListed = false;
  let begin = (): void => {};
  let end = (): void => {};

  const place = () => {
    const named = new Set([...gateways.values()].map(nameOf).filter((name) => name !== null));
    for (const key of into.keys()) if (!named.has(key)) into.delete(key);
    if (isListed) {
      for (const key of named) {
        if (into.get(key) === there.has(key)) continue;
        into.set(key, there.has(key));
        changed();
      }
    }
    if (named.size > 0) begin();
    else end();
  };

  const follow = (signal: AbortSignal): Promise<void> =>
    watch<Listed>(
      client,
      {
        path: '/api/v1/configmaps',
        metadataOnly: true,
        shrink: ({ metadata: { name, namespace, uid, resourceVersion } }) => ({
          metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion },
        }),
        onList: (items) => {
          there.clear();
          for (const item of items) there.add(keyOf(item));
          isListed = true;
          place();
        },
        onEvent: (type, item) => {
          if (type === 'MODIFIED') return;
          if (type === 'DELETED') there.delete(keyOf(item));
          else there.add(keyOf(item));
          place();
        },
        onError,
      },
      signal,
    );

  return {
    gatewaysChanged: place,
    run: async (signal) => {
      while (!signal.aborted) {
        const over = new AbortController();
        await new Promise<void>((started) => {
          begin = started;
          signal.addEventListener('abort', () => started(), { once: true });
          place();
        });
        begin = () => {};
        end = () => over.abort();
        if (!signal.aborted) await follow(AbortSignal.any([signal, over.signal]));
        end = () => {};
        there.clear();
        isListed = false;
      }
    },
  };
}
