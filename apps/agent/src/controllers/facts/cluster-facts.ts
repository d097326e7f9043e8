import type { StatusReport } from '@ambit/contracts/agent/protocol';
import { isStatus } from '../../kube/client.ts';
import type { Cluster } from '../../kube/objects.ts';
import { listAll, type Listed } from '../../kube/watch.ts';
import { foreignIstio } from '../foreign/detect.ts';

export type ClusterFacts = StatusReport['cluster'];

interface Node extends Listed {
  status?: {
    conditions?: { type: string; status: string }[];
    nodeInfo?: { kubeletVersion?: string; operatingSystem?: string; architecture?: string };
  };
}

/** Versions, nodes and what Istio there is that is not ours. */
export async function readClusterFacts(
  cluster: Cluster,
  ownSet: string,
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const { client } = cluster;
  const [version, nodes, foreign, gatewayApi] = await Promise.all([
    kubernetesVersion(cluster, signal),
    listAll<Node>(client, '/api/v1/nodes', { signal }),
    foreignIstio(cluster, ownSet, signal),
    gatewayApiVersion(cluster, signal),
  ]);
  return {
    kubernetesVersion: version,
    nodes: nodes.items.slice(0, 2000).map(({ metadata, status }) => ({
      name: metadata.name,
      ready:
        status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
      version: status?.nodeInfo?.kubeletVersion ?? '',
      os: status?.nodeInfo?.operatingSystem ?? '',
      arch: status?.nodeInfo?.architecture ?? '',
    })),
    foreignIstio: foreign,
    gatewayApi,
  };
}

export async function kubernetesVersion({ client }: Cluster, signal: AbortSignal): Promise<string> {
  const { gitVersion } = await client.request<{ gitVersion: string }>('GET', '/version', {
    signal,
  });
  return gitVersion;
}

/** The uid of the namespace kube-system: the identity of a cluster. */
export async function clusterUid({ client }: Cluster, signal: AbortSignal): Promise<string> {
  const { metadata } = await client.request<Listed>('GET', '/api/v1/namespaces/kube-system', {
    signal,
  });
  return metadata.uid;
}

async function gatewayApiVersion({ client }: Cluster, signal: AbortSignal): Promise<string | null> {
  try {
    const { metadata } = await client.request<Listed>(
      'GET',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateways.gateway.networking.k8s.io',
      { signal },
    );
    return metadata.annotations?.['gateway.networking.k8s.io/bundle-version'] ?? 'unknown';
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}
