import type { KindName } from '../kinds.ts';

const ignored: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);

/** Whether Istio neither injects nor analyses what is in the namespace (or is it). */
export function isIgnored(resource: { kind: KindName; namespace: string; name: string }): boolean {
  return ignored.has(resource.kind === 'Namespace' ? resource.name : resource.namespace);
}
