import type { Writer } from '@ambit/contracts/agent/objects';
import type { Metadata } from '../../kube/watch.ts';

type Marks = Pick<Metadata, 'labels' | 'annotations' | 'managedFields' | 'namespace'>;

/**
 * Who wrote an object, by the marks that tools leave and by its field managers. The first tool that is found counts:
 * what Argo CD or Flux install from a chart carries Helm's marks too.
 */
export function writerOf(metadata: Marks): Writer {
  const managers = managersOf(metadata);
  return { ...toolOf(metadata, managers), managers };
}

/** Managers of the wish itself: who only writes statuses is none of them. */
function managersOf({ managedFields = [] }: Marks): string[] {
  const names = managedFields
    .filter(({ subresource }) => !subresource)
    .map(({ manager }) => manager);
  return [...new Set(names)].slice(0, 10).map((name) => name.slice(0, 200));
}

function toolOf(metadata: Marks, managers: string[]): Omit<Writer, 'managers'> {
  const { labels = {}, annotations = {}, namespace = '' } = metadata;
  const say = (tool: Writer['tool'], application = '') => ({
    tool,
    application: application.slice(0, 300),
  });
  const has = (pattern: RegExp) => managers.some((name) => pattern.test(name));

  const tracked = annotations['argocd.argoproj.io/tracking-id']?.split(':')[0];
  const instance = tracked ?? labels['argocd.argoproj.io/instance'];
  if (instance) return say('argocd', instance);
  if (has(/^argocd/)) return say('argocd', labels['app.kubernetes.io/instance']);

  for (const kind of ['kustomize', 'helm']) {
    const name = labels[`${kind}.toolkit.fluxcd.io/name`];
    if (name) return say('flux', `${labels[`${kind}.toolkit.fluxcd.io/namespace`] ?? ''}/${name}`);
  }
  if (has(/^(kustomize|helm)-controller$/)) return say('flux');

  const release = annotations['meta.helm.sh/release-name'];
  if (release) {
    return say('helm', `${annotations['meta.helm.sh/release-namespace'] ?? namespace}/${release}`);
  }
  if (labels['app.kubernetes.io/managed-by'] === 'Helm' || has(/^helm$/)) return say('helm');
  if (has(/^ambit-agent/)) return say('ambit');
  if (has(/^pilot-discovery$/)) return say('istio');
  if (has(/^(Terraform|HashiCorp)/i)) return say('terraform');
  if (has(/^kubectl/)) return say('kubectl');
  return say('other');
}
