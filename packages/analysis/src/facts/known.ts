import type { KindName } from '../kinds.ts';
import type { View } from '../view.ts';
import { defineDerivation } from '../view.ts';

const present = defineDerivation({
  name: 'kind is present',
  compute: (view, kind) => view.list(kind as KindName).length > 0,
});

const presentIn = defineDerivation({
  name: 'kind is present in namespace',
  compute: (view, key) => {
    const [kind = '', namespace = ''] = key.split('|');
    return view.inNamespace(kind as KindName, namespace).length > 0;
  },
});

/** Whether the snapshot says anything of the kind: what it is silent about is unknown, not absent. */
export function knows(view: View, kind: KindName): boolean {
  return view.derive(present, kind);
}

/**
 * Whether the absence of an object of the kind in the namespace means something: the snapshot is that of a cluster
 * (it has Namespaces) and has the kind, or it has the kind in this namespace. Reads Namespaces too.
 */
export function knowsIn(view: View, kind: KindName, namespace: string): boolean {
  if (!knows(view, kind)) return false;
  return knows(view, 'Namespace') || view.derive(presentIn, `${kind}|${namespace}`);
}

/** Whether a namespace is surely not there: the snapshot has Namespaces, but not this one. */
export function isMissingNamespace(view: View, name: string): boolean {
  return knows(view, 'Namespace') && view.namespace(name) === undefined;
}
