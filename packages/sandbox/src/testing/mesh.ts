import { openKubeClient } from '@ambit/agent/kube/client';
import { applyObject, type Cluster } from '@ambit/agent/kube/objects';
import { makeResources } from '@ambit/agent/kube/resources';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { installerInput } from '@ambit/istio/values';
import { sandboxReleases } from '../releases/catalogue.ts';
import { gatewayApiDefinitions } from '../releases/definitions.ts';
import { renderSandboxRelease } from '../releases/render.ts';
import type { Sandbox } from '../start.ts';
import { until } from './until.ts';

/** The sandbox's API server as the agent's code sees it. */
export function clusterOf(sandbox: Pick<Sandbox, 'url'>): Cluster {
  const client = openKubeClient({
    server: new URL(sandbox.url),
    tls: {},
    token: async () => undefined,
  });
  return { client, resources: makeResources(client) };
}

/** Installs the newest simulated release of ambient, and waits until its istiod works. */
export async function installMesh(sandbox: Sandbox, cluster: Cluster): Promise<void> {
  const release = sandboxReleases[0]!;
  const options = meshOptionsSchema.parse({});
  const { signal } = new AbortController();
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } };
  for (const object of [
    namespace,
    ...gatewayApiDefinitions(release.version),
    ...renderSandboxRelease(
      release.version,
      installerInput({ release, profile: 'ambient', options }),
    ),
  ]) {
    await until(`${object.kind} ${object.metadata.name}`, () =>
      applyObject(cluster, object, { manager: 'test', force: true }, signal).then(
        () => true,
        () => false,
      ),
    );
  }
  const { cache } = sandbox.manager;
  await until(
    'istiod and its classes',
    () =>
      cache.get('deployments.apps', 'istio-system', 'istiod')?.status?.availableReplicas === 1 &&
      cache.get('gatewayclasses.gateway.networking.k8s.io', '', 'istio-waypoint') !== undefined,
  );
}
