import type { Writer } from '@ambit/contracts/agent/objects';
import type { KubeObject } from '@ambit/kube-api/types';
import { stringify } from 'yaml';
import { wishOf } from '../mesh-api/wish.ts';

/** Labels and annotations by which tools know what is theirs; an adopted object is theirs no more. */
const toolMarks = [
  /^meta\.helm\.sh\//,
  /^helm\.sh\//,
  /^argocd\.argoproj\.io\//,
  /^(kustomize|helm)\.toolkit\.fluxcd\.io\//,
  /^objectset\.rio\.cattle\.io\//,
  /^applyset\.kubernetes\.io\//,
  /^ambit\.dev\//,
];

/** What would be adopted of a cluster's object: what it asks for, without bookkeeping and marks of tools. Pure. */
export function adoptable(object: KubeObject): { object: KubeObject; yaml: string } {
  const wish = wishOf(object);
  const metadata = { ...wish.metadata };
  for (const field of ['labels', 'annotations'] as const) {
    const kept = Object.entries(metadata[field] ?? {}).filter(
      ([key, value]) =>
        !toolMarks.some((mark) => mark.test(key)) &&
        !(key === 'app.kubernetes.io/managed-by' && value === 'Helm'),
    );
    if (kept.length > 0) metadata[field] = Object.fromEntries(kept);
    else delete metadata[field];
  }
  const { apiVersion, kind, metadata: _metadata, ...rest } = wish;
  const clean = { apiVersion, kind, metadata, ...rest } as KubeObject;
  return { object: clean, yaml: stringify(clean, { lineWidth: 0, aliasDuplicateObjects: false }) };
}

/** What a person should do in the tool that wrote an object, so that it does not write or delete it again. */
export function handOverSteps(writer: Writer | null): string[] {
  const of = (what: string) => (writer?.application ? `${what} ${writer.application}` : what);
  switch (writer?.tool) {
    case 'argocd':
      return [
        `Take it out of the source of ${of('the Argo CD application')}; otherwise Argo CD writes it again at its next sync, and the two take turns.`,
      ];
    case 'flux':
      return [
        `Take it out of the source of ${of('the Flux object')}; otherwise Flux writes it again at its next reconciliation, and the two take turns.`,
      ];
    case 'helm':
      return [
        `${of('The Helm release')} still lists it: its next upgrade would write it, and its removal would delete it. Take it out of the chart, with helm.sh/resource-policy: keep in the upgrade that does so.`,
      ];
    case 'terraform':
      return ['Forget it in Terraform with `terraform state rm`, and take it out of the files.'];
    case 'kubectl':
      return ["From now on apply it to the mesh's own Kubernetes API, not to the cluster."];
    case 'ambit':
      return ['Take it out of the other Ambit, or leave that mesh with this cluster.'];
    default:
      return writer?.managers[0]
        ? [`Tell ${writer.managers[0]} to write it no more; otherwise the two take turns.`]
        : [];
  }
}
