import type { StatusReport } from '@ambit/contracts/agent/protocol';
import type { Cluster } from '../../kube/objects.ts';
import { listAll, type Listed } from '../../kube/watch.ts';
import { partOfLabel } from '../bundle/applyset.ts';

export type ForeignIstio = StatusReport['cluster']['foreignIstio'][number];

interface Workload extends Listed {
  spec?: { template?: { spec?: { containers?: { image?: string }[] } } };
}

/** Control planes and webhooks of an Istio that does not belong to the set: `istiod` Deployments, injectors. */
export async function foreignIstio(
  { client }: Cluster,
  ownSet: string,
  signal: AbortSignal,
): Promise<ForeignIstio[]> {
  const query = { labelSelector: 'app=istiod' };
  const [deployments, webhooks] = await Promise.all([
    listAll<Workload>(client, '/apis/apps/v1/deployments', { query, signal }),
    listAll<Listed>(client, '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', {
      query: { labelSelector: 'app=sidecar-injector' },
      signal,
    }),
  ]);
  return findForeign(deployments.items, webhooks.items, ownSet);
}

/** Pure: which of them are not of the set. A webhook is only told when no control plane of its release is. */
export function findForeign(
  deployments: Workload[],
  webhooks: Listed[],
  ownSet: string,
): ForeignIstio[] {
  const foreign = ({ metadata }: Listed) => metadata.labels?.[partOfLabel] !== ownSet;
  const planes = deployments.filter(foreign).map(({ metadata, spec }) => ({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    version: versionOf(spec?.template?.spec?.containers?.[0]?.image ?? '', metadata.labels ?? {}),
    managedBy: managedBy(metadata),
  }));
  if (planes.length > 0) return planes;
  return webhooks.filter(foreign).map(({ metadata }) => ({
    namespace: '',
    name: metadata.name,
    version: versionOf('', metadata.labels ?? {}),
    managedBy: managedBy(metadata),
  }));
}

const versionOf = (image: string, labels: Record<string, string>): string => {
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1];
  return (
    tag ?? labels['app.kubernetes.io/version'] ?? labels['operator.istio.io/version'] ?? 'unknown'
  );
};

function managedBy({
  labels = {},
  annotations = {},
  managedFields = [],
}: Listed['metadata']): string {
  if (annotations['meta.helm.sh/release-name'])
    return `Helm release ${annotations['meta.helm.sh/release-name']}`;
  if (Object.keys(labels).some((key) => key.startsWith('sailoperator.io/')))
    return 'the Sail operator';
  if (labels['install.operator.istio.io/owning-resource']) return 'istioctl';
  const named = labels['app.kubernetes.io/managed-by'];
  return named ?? managedFields[0]?.manager ?? 'unknown';
}
