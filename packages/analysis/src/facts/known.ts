import type { KindName } from '../kinds.ts';
import type { View } from '../view.ts';
import { defineDerivation } from '../view.ts';

const present = defineDerivation({
  name: 'kind is present',
  compute: (view, kind) => view.list(kind as KindName).length > 0,
});

/** Whether the snapshot says anything of the kind: what it is silent about is unknown, not absent. */
export function knows(view: View, kind: KindName): boolean {
  return view.derive(present, kind);
}

/** Whether a rule of Istio must keep still about what it does not find; in parity with istioctl none does. */
export const isUnknown = (view: View, kind: KindName): boolean =>
  !view.parity && !knows(view, kind);

/** Whether a namespace is surely not there: the snapshot has Namespaces, but not this one. */
export function isMissingNamespace(view: View, name: string): boolean {
  return knows(view, 'Namespace') && view.namespace(name) === undefined;
}
