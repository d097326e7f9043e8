import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAgent, type AgentInput } from '@ambit/agent/agent';
import { clusterUid, kubernetesVersion } from '@ambit/agent/controllers/facts/cluster-facts';
import { openKubeClient } from '@ambit/agent/kube/client';
import type { Cluster } from '@ambit/agent/kube/objects';
import { makeResources } from '@ambit/agent/kube/resources';
import { diskCache } from '@ambit/agent/link/cache';
import { memoryStore } from '@ambit/agent/link/credentials';
import { linkHttp } from '@ambit/agent/link/http';
import { openSession } from '@ambit/agent/link/session';
import { newId } from '@ambit/contracts/ids';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { clusterJoin } from '@ambit/contracts/operations/cluster';
import { inTenant } from '@ambit/db/database';
import { controlPlaneBundle } from '@ambit/istio/bundle/split';
import { extraObjects, installerInput } from '@ambit/istio/values';
import { sandboxReleases } from '@ambit/sandbox/releases/catalogue';
import { gatewayApiDefinitions } from '@ambit/sandbox/releases/definitions';
import { renderSandboxRelease } from '@ambit/sandbox/releases/render';
import { shopManifests } from '@ambit/sandbox/shop/manifests';
import { startSandbox, type Sandbox } from '@ambit/sandbox/start';
import { setDesired } from '@ambit/services/desired/set-desired';
import { storeBundle } from '@ambit/services/lifecycle/bundles';
import { packBundle } from '@ambit/services/release/renderer';
import { startTestServer, type TestServer } from './test-server.ts';

export interface SandboxMesh {
  server: TestServer;
  sandbox: Sandbox;
  clusterId: string;
  meshId: string;
  /** What the agent said. */
  said: string[];
  stopAgent(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A server, a sandbox and the real agent between them, with an ambient mesh over the sandbox. The shop is in it by
 * sidecars: made once istiod injects.
 */
export async function startSandboxMesh(options: {
  mesh?: object;
  timing?: AgentInput['timing'];
}): Promise<SandboxMesh> {
  const pace = { pullMs: 20, initMs: 10, readyMs: 20, stopMs: 20, jobMs: 30, restartMs: 200 };
  const [server, sandbox] = await Promise.all([
    startTestServer(),
    startSandbox({ pace, shop: false }),
  ]);
  const cache = await mkdtemp(join(tmpdir(), 'ambit-mesh-'));
  const said: string[] = [];
  const client = openKubeClient({
    server: new URL(sandbox.url),
    tls: {},
    token: async () => undefined,
  });
  const cluster: Cluster = { client, resources: makeResources(client) };
  const joined = await server.tenant.callAs('operator', clusterJoin, { name: 'bed' });
  const clusterId = joined.cluster.id;
  const meshId = await makeMesh(server, clusterId, options.mesh ?? {});
  const stopped = new AbortController();
  const done = openSession(
    {
      http: linkHttp(server.url),
      store: memoryStore(),
      joinToken: joined.join.token,
      describe: async () => ({
        clusterUid: await clusterUid(cluster, stopped.signal),
        kubernetesVersion: await kubernetesVersion(cluster, stopped.signal),
        agentVersion: 'test',
      }),
      say: () => {},
    },
    stopped.signal,
  ).then((session) =>
    runAgent(
      {
        cluster,
        session,
        cache: diskCache(cache),
        namespace: 'ambit-system',
        webhook: { port: 0, url: undefined },
        reach: { proxies: 'api-server', loopback: true },
        podName: 'agent-0',
        version: 'test',
        say: (level, message) => said.push(`${level} ${message}`),
        health: {
          role: 'leading',
          generation: 0,
          linkUp: false,
          refused: false,
          reports: 0,
          bundles: [],
        },
        timing: { pollMs: 20, firstRetryMs: 50, healthEveryMs: 200, ...options.timing },
      },
      stopped.signal,
    ),
  );
  const stopAgent = async () => {
    stopped.abort();
    await done.catch(() => {});
  };
  await injects(sandbox);
  const [, ...objects] = shopManifests();
  await sandbox.client.create(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } },
    },
    'test',
  );
  for (const object of objects) await sandbox.client.create(object, 'test');
  return {
    server,
    sandbox,
    clusterId,
    meshId,
    said,
    stopAgent,
    close: async () => {
      await stopAgent();
      client.close();
      await sandbox.close();
      await server.close();
      await rm(cache, { recursive: true, force: true });
    },
  };
}

async function injects({ manager }: Sandbox): Promise<void> {
  const until = Date.now() + 110_000;
  const isReady = (): boolean => {
    const hooks = manager.cache.list('mutatingwebhookconfigurations.admissionregistration.k8s.io');
    return (
      hooks.some((one) => one.webhooks?.every(({ clientConfig }) => clientConfig.caBundle)) &&
      (manager.cache.get('daemonsets.apps', 'istio-system', 'ztunnel')?.status?.numberAvailable ??
        0) > 0
    );
  };
  while (!isReady()) {
    if (Date.now() > until) throw new Error('the simulated istiod does not come up');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** An ambient mesh over a cluster, whose control plane is the sandbox's simulated release. @param given options of the mesh */
export async function makeMesh(
  server: TestServer,
  clusterId: string,
  given: object,
  version = sandboxReleases[0]!.version,
): Promise<string> {
  const { organisationId, projectId } = server.tenant;
  const { db } = server.platform;
  const release = sandboxReleases.find((one) => one.version === version)!;
  const options = meshOptionsSchema.parse(given);
  const meshId = newId('mesh');
  await db.system.mesh.create({
    data: {
      id: meshId,
      organisationId,
      projectId,
      name: 'm',
      profile: 'ambient',
      release: release.version,
      activeRelease: release.version,
      options,
      clusters: { create: { clusterId, organisationId } },
    },
  });
  const input = { release, profile: 'ambient' as const, options };
  const packed = await packBundle(
    controlPlaneBundle({
      meshId,
      rendered: renderSandboxRelease(release.version, installerInput(input)),
      gatewayApi: gatewayApiDefinitions(release.version),
      extras: extraObjects(input),
    }),
  );
  await inTenant(db, organisationId, async (tx) => {
    await storeBundle(tx, organisationId, packed);
    await setDesired(tx, organisationId, clusterId, [
      {
        name: 'control-plane',
        meshId,
        digest: packed.digest,
        order: 10,
        mode: 'present',
        drift: 'repair',
      },
    ]);
  });
  return meshId;
}
