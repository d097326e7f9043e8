import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { pino } from 'pino';
import { parseAllDocuments } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  bundleOf,
  configMap,
  custom,
  definition,
  deployment,
  namespaceObject,
} from '@ambit/agent/testing/bundles';
import { bedBinaries, bedMissing, startKubeBed, type KubeBed } from '@ambit/agent/testing/kube-bed';
import { testCertificate } from '@ambit/agent/testing/certificate';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { BundleStatus } from '@ambit/contracts/agent/protocol';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { KubeObject } from '@ambit/contracts/common';
import { newId } from '@ambit/contracts/ids';
import {
  clusterGet,
  clusterJoin,
  clusterNamespaces,
  clusterRevoke,
} from '@ambit/contracts/operations/cluster';
import { inTenant } from '@ambit/db/database';
import { freePort } from '@ambit/db/free-port';
import { secretsRoleName } from '@ambit/services/agent-link/install/names';
import { raiseGeneration, setDesired } from '@ambit/services/desired/set-desired';
import {
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '@ambit/services/testing/tenant';
import { openNotifications, type Notifications } from '../../platform/notifications.ts';
import { agentApp } from './app.ts';

const binaries = bedBinaries();
if (!binaries) console.warn(bedMissing);

const log = pino({ level: 'silent' });
const main = fileURLToPath(import.meta.resolve('@ambit/agent/main'));
let bed: KubeBed;
let platform: TestPlatform;
let notifications: Notifications;
let tenant: Tenant;
let server: Server;
let port = 0;
let clusterId = '';
let token = '';
let meshId = '';
const agents: ChildProcess[] = [];
const folders: string[] = [];

beforeAll(async () => {
  if (!binaries) return;
  bed = await startKubeBed(binaries);
  platform = await testPlatform();
  notifications = openNotifications(platform.db.url, log);
  tenant = await makeTenant(platform);
  await serve();
  platform.agentUrl = `http://127.0.0.1:${port}`;
  const { cluster, join: given } = await tenant.callAs('operator', clusterJoin, { name: 'bed' });
  clusterId = cluster.id;
  token = given.token;
  const manifest = await (
    await fetch(`http://127.0.0.1:${port}/agent/v1/manifest?token=${token}`)
  ).text();
  for (const document of parseAllDocuments(manifest)) await apply(document.toJS() as KubeObject);
  meshId = newId('mesh');
  await platform.db.system.mesh.create({
    data: {
      id: meshId,
      organisationId: tenant.organisationId,
      projectId: tenant.projectId,
      name: 'm',
      profile: 'sidecar',
      release: '1.30.2',
      options: {},
      clusters: { create: { clusterId, organisationId: tenant.organisationId } },
    },
  });
});
afterEach(async () => {
  // Told to end, they give up the lease, and the next test need not wait for it to expire.
  for (const agent of agents.splice(0)) await end(agent, 'SIGTERM');
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await notifications?.close();
  await platform?.drop();
  await bed?.stop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

async function serve() {
  port ||= await freePort();
  const app = new Hono().route(
    '/agent',
    agentApp({ ...platform, log, notifications, stopping: new AbortController().signal }),
  );
  server = createServer(
    (incoming, outgoing) => void getRequestListener(app.fetch)(incoming, outgoing),
  );
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

const paths: Record<string, string> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: '/api/v1/namespaces/NS/serviceaccounts',
  Secret: '/api/v1/namespaces/NS/secrets',
  ConfigMap: '/api/v1/namespaces/NS/configmaps',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings',
  Deployment: '/apis/apps/v1/namespaces/NS/deployments',
  Pod: '/api/v1/namespaces/NS/pods',
};
const leasePath = '/apis/coordination.k8s.io/v1/namespaces/ambit-system/leases/ambit-agent';
const pathOf = ({ kind, metadata }: KubeObject) =>
  `${paths[kind]!.replace('NS', metadata.namespace ?? '')}/${metadata.name}`;
const apply = (object: KubeObject) =>
  bed.admin.request<KubeObject>('PATCH', pathOf(object), {
    body: object,
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: 'admin', force: 'true' },
  });
const read = (object: KubeObject) =>
  bed.admin.request<KubeObject & { data?: object }>('GET', pathOf(object)).catch(() => null);

interface RunningAgent extends ChildProcess {
  text(): string;
}

/** The agent as its own process, with the rights of its service account and nothing more. */
async function startAgent(
  name: string,
  { cache, leaseS = 5 }: { cache?: string; leaseS?: number } = {},
): Promise<RunningAgent> {
  const folder = cache ?? (await mkdtemp(join(tmpdir(), 'ambit-agent-test-')));
  if (!cache) folders.push(folder);
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: bed.agentKubeconfig,
      AMBIT_PLATFORM_URL: `http://127.0.0.1:${port}`,
      AMBIT_JOIN_TOKEN: token,
      POD_NAME: name,
      AMBIT_AGENT_CACHE: folder,
      AMBIT_AGENT_HEALTH_PORT: '0',
      AMBIT_AGENT_LEASE_S: String(leaseS),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  }
  agents.push(child);
  return Object.assign(child, { text: () => text });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return ended;
}

const until = (check: () => unknown, timeout = 60_000) =>
  vi.waitFor(check, { timeout, interval: 50 });

async function statusOf(name: string): Promise<BundleStatus | undefined> {
  const { report } = await platform.db.system.cluster.findUniqueOrThrow({
    where: { id: clusterId },
  });
  return (report as { bundles?: BundleStatus[] } | null)?.bundles?.find((one) => one.name === name);
}

async function want(
  bundle: Bundle,
  more: { mode?: 'absent'; drift?: 'repair' } = {},
): Promise<string> {
  const bytes = Buffer.from(canonicalJson(bundle));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const { organisationId } = tenant;
  await inTenant(platform.db, organisationId, async (tx) => {
    await tx.blob.createMany({
      data: [{ organisationId, digest, size: bytes.length, gzip: gzipSync(bytes) }],
      skipDuplicates: true,
    });
    await setDesired(tx, organisationId, clusterId, [
      { name: bundle.name, meshId, digest, order: 10, mode: 'present', drift: 'repair', ...more },
    ]);
  });
  return digest;
}

const reach = (name: string, state: string, digest: string, timeout?: number) =>
  until(async () => expect(await statusOf(name)).toMatchObject({ state, digest }), timeout);

describe.skipIf(!binaries)('an agent and its platform', () => {
  it('joins with the rights of its manifest alone, reports the cluster, and applies what it may', async () => {
    const agent = await startAgent('agent-a');
    await apply(namespaceObject('shop'));
    await apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-0', namespace: 'shop' },
      spec: { containers: [{ name: 'istio-proxy', image: 'proxy:1.31.0' }] },
    });
    await until(async () =>
      expect(await tenant.callAs('viewer', clusterGet, { clusterId })).toMatchObject({
        state: 'connected',
        kubernetesVersion: expect.stringMatching(/^v1\./),
        foreignIstio: [],
      }),
    );
    await until(async () => {
      const { items } = await tenant.callAs('viewer', clusterNamespaces, { clusterId });
      expect(items.find(({ name }) => name === 'shop')?.workloads).toEqual([
        expect.objectContaining({ name: 'web-0', mode: 'sidecar', proxyVersions: { '1.31.0': 1 } }),
      ]);
    });
    const role = (name: string): KubeObject => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }],
    });
    const good = await want(
      bundleOf('control-plane', [
        ['namespaces', [namespaceObject('istio-system')]],
        ['crds', [definition('networking.istio.io', 'VirtualService')], 'established'],
        [
          'configuration',
          [role('istiod-clusterrole-istio-system'), configMap('istio-system', 'istio')],
        ],
        ['policies', [custom('networking.istio.io', 'VirtualService', 'shop', 'web')]],
      ]),
    );
    await reach('control-plane', 'Ready', good);
    // The owner took the wide right to Secrets away: the mesh's CA is told all the same, and never its key.
    await bed.admin.request('DELETE', `${paths['ClusterRoleBinding']}/${secretsRoleName}`);
    await apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'istio-ca-secret', namespace: 'istio-system' },
      type: 'istio.io/ca-root',
      data: { 'ca-cert.pem': testCertificate, 'ca-key.pem': 'a2V5' },
    } as KubeObject);
    await until(async () => {
      const told = await platform.db.system.clusterObject.findMany({
        where: { clusterId, kind: { in: ['CertificateAuthority', 'Secret'] } },
      });
      expect(told.map(({ object }) => object)).toMatchObject([
        { kind: 'CertificateAuthority', spec: { source: 'istio-ca-secret', isSelfSigned: true } },
      ]);
      expect(JSON.stringify(told)).not.toContain('a2V5');
    });
    // More than the agent may do itself, under a name that it may not exceed its rights for.
    const allPowerful = {
      ...role('all-powerful'),
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    };
    const bad = await want(bundleOf('control-plane', [['configuration', [allPowerful]]]));
    await reach('control-plane', 'Failed', bad);
    expect((await statusOf('control-plane'))!.errors[0]).toMatchObject({
      reason: 'Forbidden',
      object: { kind: 'ClusterRole', name: 'all-powerful' },
    });
    const gone = await want(bundleOf('control-plane', [['configuration', [allPowerful]]]), {
      mode: 'absent',
    });
    await reach('control-plane', 'Removed', gone);
    expect(await end(agent, 'SIGTERM')).toBe(0);
    expect(agent.text()).not.toContain(token);
  });

  it('goes on after a kill in the middle, with the credential it kept', async () => {
    const plane = deployment('shop', 'slow');
    const bundle = bundleOf('killed', [
      ['configuration', [configMap('shop', 'before')]],
      ['control-plane', [plane], 'rollout'],
      ['extras', [configMap('shop', 'behind')]],
    ]);
    const first = await startAgent('agent-b');
    const digest = await want(bundle);
    await reach('killed', 'Waiting', digest);
    const second = await startAgent('agent-c');
    await until(() => expect(second.text()).toContain('standing by'));
    await end(first, 'SIGKILL');
    await bed.admin.request('PATCH', `${pathOf(plane)}/status`, {
      contentType: 'application/merge-patch+json',
      body: {
        status: {
          observedGeneration: 1,
          replicas: 1,
          updatedReplicas: 1,
          readyReplicas: 1,
          availableReplicas: 1,
        },
      },
    });
    await reach('killed', 'Ready', digest);
    expect(second.text()).toContain('going on with phase control-plane');
    expect(await read(configMap('shop', 'behind'))).not.toBeNull();
  });

  it('has one leader of two copies; the other takes over as soon as the first one ends', async () => {
    const leaseS = 15;
    const first = await startAgent('agent-d', { leaseS });
    await until(() => expect(first.text()).toContain('"leading"'));
    const second = await startAgent('agent-e', { leaseS });
    await until(() => expect(second.text()).toContain('held by agent-d'));
    expect(await end(first, 'SIGTERM')).toBe(0);
    // Given up, not left to run out.
    const lease = await bed.admin.request<{ spec: { holderIdentity?: string } }>('GET', leasePath);
    expect(lease.spec.holderIdentity).not.toBe('agent-d');
    await until(() => expect(second.text()).toContain('"leading"'));
    await until(async () => {
      const row = await platform.db.system.cluster.findUniqueOrThrow({ where: { id: clusterId } });
      expect(row.report).toMatchObject({ agent: { pod: 'agent-e' } });
    });
    await end(second, 'SIGTERM');
  });

  it('keeps repairing while the platform is away, also after a restart, and never from an edited cache', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'ambit-agent-test-'));
    folders.push(cache);
    const map = configMap('shop', 'kept', { a: '1' });
    const first = await startAgent('agent-f', { cache });
    const digest = await want(bundleOf('offline', [['configuration', [map]]]));
    await reach('offline', 'Ready', digest);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await end(first, 'SIGTERM');
    await bed.admin.request('DELETE', pathOf(map));
    const second = await startAgent('agent-g', { cache });
    await until(async () => expect(await read(map)).toMatchObject({ data: { a: '1' } }));
    await end(second, 'SIGTERM');

    const blobs = join(cache, 'blobs');
    const evil = canonicalJson(
      bundleOf('offline', [['configuration', [configMap('shop', 'kept', { a: 'evil' })]]]),
    );
    for (const name of await readdir(blobs)) await writeFile(join(blobs, name), evil);
    const third = await startAgent('agent-h', { cache });
    await until(() => expect(third.text()).toMatch(/cannot reach/));
    await serve();
    await reach('offline', 'Ready', digest);
    expect(await read(map)).toMatchObject({ data: { a: '1' } });
  });

  it('says that it is refused when revoked, and keeps what it applied', async () => {
    const agent = await startAgent('agent-i');
    await until(() => expect(agent.text()).toContain('desired state'));
    const map = configMap('shop', 'kept', { a: '1' });
    const losesAndRegains = async () => {
      await bed.admin.request('DELETE', pathOf(map));
      await until(async () => expect(await read(map)).not.toBeNull());
    };
    // An agent that is refused can no longer fetch: it has to hold the bundle before.
    await losesAndRegains();
    await tenant.callAs('operator', clusterRevoke, { clusterId });
    await until(() => expect(agent.text()).toMatch(/the platform refuses this agent: .*revoked/));
    await losesAndRegains();
    await inTenant(platform.db, tenant.organisationId, (tx) => raiseGeneration(tx, clusterId));
    expect((await tenant.callAs('viewer', clusterGet, { clusterId })).state).toBe('gone');
  });
});
