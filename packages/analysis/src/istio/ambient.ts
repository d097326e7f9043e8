import type { Resource } from '../resource.ts';

/** What the CNI agent writes on pods whose traffic it redirects to ztunnel. */
export const redirection = 'ambient.istio.io/redirection';

/** Whether ztunnel takes the pod's traffic now: the CNI agent notes it on the pod. */
export function isPodInAmbient({ annotations }: Resource<'Pod'>): boolean {
  return annotations[redirection] === 'enabled';
}

/** Whether pods of the namespace are to be in ambient; labels for sidecars go first. As Istio's analysis decides. */
export function isNamespaceInAmbient(namespace: Resource<'Namespace'> | undefined): boolean {
  if (!namespace) return false;
  const { labels } = namespace;
  if (labels['istio-injection'] === 'enabled' || labels['istio.io/rev']) return false;
  return labels['istio.io/dataplane-mode'] === 'ambient';
}
