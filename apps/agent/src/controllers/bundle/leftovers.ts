import type { ObjectRef } from '@ambit/contracts/common';
import { isStatus } from '../../kube/client.ts';
import { deleteObject, type Cluster, type Found } from '../../kube/objects.ts';
import { pathOf } from '../../kube/resources.ts';
import { listAll, type Listed, type Metadata } from '../../kube/watch.ts';
import { foreignIstio } from '../foreign/detect.ts';

/** ConfigMaps by which istiod elected leaders before it used Leases, and still does for some tasks. */
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';

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
  const found = [
    ...(await named(
      cluster,
      '/api/v1/configmaps',
      'v1',
      'ConfigMap',
      'istio-ca-root-cert',
      signal,
    )),
    ...(await gatewayClasses(cluster, signal)),
  ];
  for (const namespace of namespaces) {
    found.push(
      ...(await secret(cluster, namespace, 'istio-ca-secret', signal)),
      ...(await elections(cluster, namespace, signal)),
    );
  }
  for (const one of found) await deleteObject(cluster, one, signal);
  return found.length;
}

const asFound = (apiVersion: string, kind: string, metadata: Metadata): Found => {
  const ref: ObjectRef = { apiVersion, kind, name: metadata.name };
  if (metadata.namespace) ref.namespace = metadata.namespace;
  return { ref, metadata };
};

async function named(
  { client }: Cluster,
  path: string,
  apiVersion: string,
  kind: string,
  name: string,
  signal: AbortSignal,
): Promise<Found[]> {
  const { items } = await listAll<Listed>(client, path, {
    query: { fieldSelector: `metadata.name=${name}` },
    signal,
  });
  return items.map(({ metadata }) => asFound(apiVersion, kind, metadata));
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
