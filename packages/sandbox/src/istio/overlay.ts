import { parse } from 'yaml';
import type { View } from '../client/cache.ts';
import type { Gateway } from './objects.ts';

export const overlayKeys = [
  'deployment',
  'service',
  'serviceAccount',
  'horizontalPodAutoscaler',
  'podDisruptionBudget',
] as const;
export type OverlayKey = (typeof overlayKeys)[number];
export type Overlay = Partial<Record<OverlayKey, Record<string, unknown>>>;

const defaultsLabel = 'gateway.istio.io/defaults-for-class';

/**
 * What is to be merged into what istiod makes of a Gateway: the oldest ConfigMap with defaults for its class, then the
 * one that the Gateway names (istio.io, "Gateway API", customising). A text that is no YAML, and a key that istiod does
 * not know, is an error there: nothing is made.
 * @throws Error
 */
export function overlayOf(gateway: Gateway, view: View, rootNamespace: string): Overlay {
  const [defaults] = view
    .list('configmaps', rootNamespace)
    .filter(({ metadata }) => metadata.labels?.[defaultsLabel] === gateway.spec.gatewayClassName)
    .sort((a, b) =>
      (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1,
    );
  const ref = gateway.spec.infrastructure?.parametersRef;
  const own = ref && view.get('configmaps', gateway.metadata.namespace ?? '', ref.name);
  if (ref && !own) throw new Error(`ConfigMap ${ref.name} was not found (simulated)`);
  return [defaults, own].reduce<Overlay>(
    (all, map) => merged(all, textsOf(map?.data)) as Overlay,
    {},
  );
}

function textsOf(data: Record<string, string> = {}): Overlay {
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => {
      if (!overlayKeys.includes(key as OverlayKey)) {
        throw new Error(`unknown key ${key} (simulated)`);
      }
      return [key, parse(text) as Record<string, unknown>];
    }),
  );
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A strategic merge as far as proxies need it: maps by key, containers by name, other lists are replaced. */
export function merged(base: unknown, over: unknown, key = ''): unknown {
  if (Array.isArray(base) && Array.isArray(over) && key === 'containers') {
    const left = [...(over as { name: string }[])];
    const all = (base as { name: string }[]).map((one) => {
      const at = left.findIndex(({ name }) => name === one.name);
      return at < 0 ? one : (merged(one, left.splice(at, 1)[0]) as { name: string });
    });
    return [...all, ...left];
  }
  if (!isMap(base) || !isMap(over)) return over === undefined ? base : over;
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(over)])].map((name) => [
      name,
      name in over ? merged(base[name], over[name], name) : base[name],
    ]),
  );
}
