import type { ObjectRef } from '@ambit/contracts/common';
import { isStatus } from '../../kube/client.ts';
import { deleteObject, type Cluster, type Found } from '../../kube/objects.ts';
import { pathOf } from '../../kube/resources.ts';
import { listAll, metadataOnly, type Listed, type Metadata } from '../../kube/watch.ts';
import { inParallel } from '../../wait.ts';
import { foreignIstio } from '../foreign/detect.ts';

/** ConfigMaps by which istiod elected leaders before it used Leases, and still does for some tasks. */
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';

/** ConfigMaps that istiod writes into every namespace. */
const everywhere = ['istio-ca-root-cert', 'istio-ca-crl'];

interface Class extends Listed {
  spec?: { controllerName?: string };
}

/**
 * What istiod makes at run time and leaves behind (istio-facts: root certificates in every namespace, its CA, its
 * Gateway classes, its elections). Nothing is touched while another Istio runs in the cluster.
 * @param namespaces those the control plane ran in
 */
export async function removeLeftovers(
  cluster: Cluster,
  namespaces: string[],
  ownSet: string,
  signal: AbortSignal,
): Promise<number> {
  if ((await foreignIstio(cluster, ownSet, signal)).length > 0) return 0;
  const found = await gatewayClasses(cluster, signal);
  for (const name of everywhere) found.push(...(await configMaps(cluster, name, signal)));
  for (const namespace of namespaces) {
    found.push(
      ...(await secret(cluster, namespace, 'istio-ca-secret', signal)),
      ...(await elections(cluster, namespace, signal)),
    );
  }
  await inParallel(found, 8, (one) => deleteObject(cluster, one, signal));
  return found.length;
}

const asFound = (apiVersion: string, kind: string, metadata: Metadata): Found => {
  const ref: ObjectRef = { apiVersion, kind, name: metadata.name };
  if (metadata.namespace) ref.namespace = metadata.namespace;
  return { ref, metadata };
};

async function configMaps(
  { client }: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<Found[]> {
  const { items } = await listAll<Listed>(client, '/api/v1/configmaps', {
    query: { fieldSelector: `metadata.name=${name}` },
    accept: metadataOnly,
    signal,
  });
  return items.map(({ metadata }) => asFound('v1', 'ConfigMap', metadata));
}

async function gatewayClasses(
  { client, resources }: Cluster,
  signal: AbortSignal,
): Promise<Found[]> {
  const resource = await resources.ofGroupKind('gateway.networking.k8s.io', 'GatewayClass');
  if (!resource) return [];
  const { items } = await listAll<Class>(client, pathOf(resource), { signal });
  return items
    .filter(({ spec }) => spec?.controllerName?.startsWith('istio.io/'))
    .map(({ metadata }) => asFound(resource.apiVersion, 'GatewayClass', metadata));
}

async function secret(
  { client }: Cluster,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Found[]> {
  try {
    const { metadata } = await client.request<Listed>(
      'GET',
      `/api/v1/namespaces/${namespace}/secrets/${name}`,
      { signal },
    );
    return [asFound('v1', 'Secret', metadata)];
  } catch (error) {
    if (isStatus(error, 404)) return [];
    throw error;
  }
}

async function elections(
  { client }: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<Found[]> {
  const base = `/namespaces/${namespace}`;
  const [maps, leases] = await Promise.all([
    listAll<Listed>(client, `/api/v1${base}/configmaps`, { signal }),
    listAll<Listed>(client, `/apis/coordination.k8s.io/v1${base}/leases`, { signal }),
  ]);
  const ofIstio = ({ metadata }: Listed) => metadata.name.startsWith('istio-');
  return [
    ...maps.items
      .filter((one) => ofIstio(one) && one.metadata.annotations?.[leaderAnnotation])
      .map(({ metadata }) => asFound('v1', 'ConfigMap', metadata)),
    ...leases.items
      .filter(ofIstio)
      .map(({ metadata }) => asFound('coordination.k8s.io/v1', 'Lease', metadata)),
  ];
}
