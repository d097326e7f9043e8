import type { KindName } from '../kinds.ts';
import type { Index } from '../view.ts';
import { defineIndex } from '../view.ts';

const perKind = (
  name: string,
  key: (resource: { namespace: string; name: string }) => string,
): ((kind: KindName) => Index) => {
  const made = new Map<KindName, Index>();
  return (kind) => {
    const known = made.get(kind);
    if (known) return known;
    const index: Index = {
      name: `${name}/${kind}`,
      kinds: [kind],
      keys: (resource) => [key(resource)],
    };
    made.set(kind, index);
    return index;
  };
};

export const byName = perKind('name', (resource) => `${resource.namespace}/${resource.name}`);
export const byNamespace = perKind('namespace', (resource) => resource.namespace);

/** Pods by one label, `key=value`, in all namespaces; and in one, `namespace|key=value`. */
export const podsByLabel = defineIndex({
  name: 'pods by label',
  kinds: ['Pod'],
  keys: ({ labels, namespace }) =>
    Object.entries(labels).flatMap(([key, value]) => [
      `${key}=${value}`,
      `${namespace}|${key}=${value}`,
    ]),
});
