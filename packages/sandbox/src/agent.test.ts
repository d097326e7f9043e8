import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBundles, type BundleManager } from '@ambit/agent/controllers/bundle/manager';
import { readClusterFacts } from '@ambit/agent/controllers/facts/cluster-facts';
import { observe, type Observer } from '@ambit/agent/controllers/inventory/observer';
import { openKubeClient } from '@ambit/agent/kube/client';
import { makeResources } from '@ambit/agent/kube/resources';
import type { Cluster } from '@ambit/agent/kube/objects';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import { canonicalJson } from '@ambit/contracts/canonical';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { controlPlaneBundle } from '@ambit/istio/bundle/split';
import { extraObjects, installerInput } from '@ambit/istio/values';
import { sandboxReleases } from './releases/catalogue.ts';
import { gatewayApiDefinitions } from './releases/definitions.ts';
import { renderSandboxRelease } from './releases/render.ts';
import { startSandbox, type Sandbox } from './start.ts';
import { until } from './testing/until.ts';

const pace = { pullMs: 20, initMs: 10, readyMs: 20, stopMs: 20, jobMs: 30, restartMs: 200 };
const stopping = new AbortController();
let sandbox: Sandbox;
let cluster: Cluster;
let manager: BundleManager;
let observer: Observer;
const logs: string[] = [];
const blobs = new Map<string, Bundle>();

beforeAll(async () => {
  sandbox = await startSandbox({ pace });
  const client = openKubeClient({
    server: new URL(sandbox.url),
    tls: {},
    token: async () => undefined,
  });
  cluster = { client, resources: makeResources(client) };
  manager = startBundles({
    cluster,
    namespace: 'ambit-system',
    pruneCapPercent: 30,
    pollMs: 20,
    load: async (digest) => blobs.get(digest)!,
    log: (bundle, level, text) => logs.push(`${bundle} ${level} ${text}`),
    changed: () => {},
    timing: { firstRetryMs: 50 },
  });
  observer = observe(
    cluster,
    () => {},
    stopping.signal,
    (error) => logs.push(String(error)),
  );
});
afterAll(async () => {
  await manager.stop();
  stopping.abort();
  cluster.client.close();
  await sandbox.close();
});

function bundleFor(version: string, more: { mtls?: 'STRICT' } = {}): Bundle {
  const release = sandboxReleases.find((one) => one.version === version)!;
  const input = {
    release,
    profile: 'ambient' as const,
    options: meshOptionsSchema.parse(more),
  };
  return controlPlaneBundle({
    meshId: 'msh_sandbox',
    rendered: renderSandboxRelease(version, installerInput(input)),
    gatewayApi: gatewayApiDefinitions(version),
    extras: extraObjects(input),
  });
}

async function want(bundle: Bundle, mode: 'present' | 'absent' = 'present'): Promise<void> {
  const digest = `sha256:${createHash('sha256').update(canonicalJson(bundle)).digest('hex')}`;
  blobs.set(digest, bundle);
  await manager.want([{ name: bundle.name, digest, order: 0, mode, drift: 'repair' }]);
}

const stateIs = (state: string) => () => manager.statuses().some((one) => one.state === state);
const said = () => JSON.stringify({ statuses: manager.statuses(), logs: logs.slice(-10) });
const reach = (state: string) =>
  until(`the bundle is ${state}`, stateIs(state)).catch((error: Error) => {
    throw new Error(`${error.message}\n${said()}`);
  });
const seen = () => sandbox.manager.cache;

test('the agent reads the cluster as any other', async () => {
  const facts = await readClusterFacts(cluster, 'none', stopping.signal);
  expect(facts.kubernetesVersion).toBe('v1.34.0+ambit-sandbox');
  expect(facts.nodes.map(({ name }) => name)).toEqual([
    'sandbox-node-1',
    'sandbox-node-2',
    'sandbox-node-3',
  ]);
  expect(facts.foreignIstio).toEqual([]);
  expect(facts.gatewayApi).toBeNull();
});

test('the agent installs, upgrades, prunes and removes a mesh', { timeout: 120_000 }, async () => {
  await want(bundleFor('1.31.0-sandbox', { mtls: 'STRICT' }));
  await reach('Ready');
  expect(seen().list('peerauthentications.security.istio.io')).toHaveLength(1);
  const facts = await readClusterFacts(cluster, 'none', stopping.signal);
  expect(facts.gatewayApi).toBe('v1.4.0');
  const image = () =>
    seen().get('deployments.apps', 'istio-system', 'istiod')?.spec.template.spec.containers[0]
      ?.image;
  expect(image()).toBe('sandbox.ambit.dev/pilot:1.31.0-sandbox');

  // Without STRICT one object leaves the bundle: it is pruned with the upgrade.
  await want(bundleFor('1.32.0-sandbox'));
  await until('upgraded', () => image() === 'sandbox.ambit.dev/pilot:1.32.0-sandbox');
  await reach('Ready');
  await until('pruned', () => seen().list('peerauthentications.security.istio.io').length === 0);
  expect(manager.statuses()[0]).toMatchObject({ errors: [], drift: [] });

  await want(bundleFor('1.32.1-sandbox-broken'));
  await until(
    'the agent says why it waits',
    () => manager.statuses()[0]!.message.includes('ErrImagePull'),
    30_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${said()}`);
  });
  await want(bundleFor('1.32.0-sandbox'));
  await reach('Ready');

  await want(bundleFor('1.32.0-sandbox'), 'absent');
  await reach('Removed');
  const left = [
    'customresourcedefinitions.apiextensions.k8s.io',
    'secrets',
    'gatewayclasses.gateway.networking.k8s.io',
  ] as const;
  for (const kind of left) {
    const names = seen()
      .list(kind)
      .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
      .filter((name) => !name.startsWith('ambit-system/'));
    expect(names).toEqual([]);
  }
  const maps = seen()
    .list('configmaps')
    .filter(({ metadata }) => metadata.name.startsWith('istio'));
  expect(maps).toEqual([]);
});

test('the agent sees the workloads of the shop', async () => {
  const front = observer.inventory({})?.workloads.find(({ name }) => name === 'front');
  expect(front).toMatchObject({ kind: 'Deployment', namespace: 'shop', pods: 2, mode: 'none' });
});
