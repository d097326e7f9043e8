import { request } from 'node:https';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runAgent } from '@ambit/agent/agent';
import { clusterUid, kubernetesVersion } from '@ambit/agent/controllers/facts/cluster-facts';
import { openKubeClient } from '@ambit/agent/kube/client';
import type { Cluster } from '@ambit/agent/kube/objects';
import { makeResources } from '@ambit/agent/kube/resources';
import { diskCache } from '@ambit/agent/link/cache';
import { memoryStore } from '@ambit/agent/link/credentials';
import { linkHttp } from '@ambit/agent/link/http';
import { openSession } from '@ambit/agent/link/session';
import type { KubeObject } from '@ambit/contracts/common';
import { exampleCertificate } from '@ambit/analysis/rules/shared/certificate';
import { findingList } from '@ambit/contracts/operations/finding';
import { clusterJoin } from '@ambit/contracts/operations/cluster';
import {
  directAdopt,
  directDecide,
  directGet,
  directList,
  type DirectObject,
} from '@ambit/contracts/operations/direct';
import { clusterAdmissionUpdate, ruleSettingUpdate } from '@ambit/contracts/operations/finding';
import { policyApply, policyDelete, policyList } from '@ambit/contracts/operations/policy';
import { inTenant } from '@ambit/db/database';
import { hasCommand, kubectlFor } from '@ambit/kube-api/testing/kubectl';
import { startSandbox, type Sandbox } from '@ambit/sandbox/start';
import { reflectStatuses } from '@ambit/services/cluster-object/reflect';
import { diagnoseMesh } from '@ambit/services/diagnosis/run';
import { deliverPolicies } from '@ambit/services/policy/deliver';
import { loadSnapshot } from '@ambit/services/snapshot/load-snapshot';
import { makeMesh } from '../../testing/sandbox-mesh.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const version = '1.31.0-sandbox';
const pace = { pullMs: 20, initMs: 10, readyMs: 20, stopMs: 20, jobMs: 30, restartMs: 200 };
const store = memoryStore();
const said: string[] = [];
/** Bodies of what the agent sent, unpacked. */
const sent: string[] = [];
let server: TestServer;
let sandbox: Sandbox;
let cluster: Cluster;
let clusterId: string;
let token: string;
let meshId: string;
let cache: string;
let agent: { stop(): Promise<void> };
const ending = new AbortController();
let jobs: Promise<void>;

beforeAll(async () => {
  [server, sandbox] = await Promise.all([startTestServer(), startSandbox({ pace, shop: false })]);
  cache = await mkdtemp(join(tmpdir(), 'ambit-objects-'));
  const client = openKubeClient({
    server: new URL(sandbox.url),
    tls: {},
    token: async () => undefined,
  });
  cluster = { client, resources: makeResources(client) };
  await kube('PATCH', '/api/v1/namespaces/ambit-system', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'ambit-system' },
  });
  await kube('PATCH', '/api/v1/namespaces/shop', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop' },
  });
  const joined = await server.tenant.callAs('operator', clusterJoin, { name: 'bed' });
  clusterId = joined.cluster.id;
  token = joined.join.token;
  meshId = await makeMesh(server, clusterId, {}, version);
  jobs = work();
  agent = startAgent();
  await until(async () => {
    const { clusters } = await snapshot();
    const gateway = clusters[0]!.objects.find(({ object }) => object.metadata.name === 'istio');
    expect(gateway?.object.kind).toBe('GatewayClass');
  });
});
afterAll(async () => {
  await agent?.stop();
  ending.abort();
  await jobs;
  cluster?.client.close();
  await sandbox?.close();
  await server?.close();
  await rm(cache, { recursive: true, force: true });
});

/** The worker's part: the jobs that the outbox holds, again and again. */
async function work(): Promise<void> {
  const handlers = { 'policies.deliver': deliverPolicies, 'policies.reflect': reflectStatuses };
  const { platform } = server;
  while (!ending.signal.aborted) {
    const rows = await platform.db.system.outboxEntry.findMany({
      where: { job: { in: Object.keys(handlers) }, relayedAt: null },
    });
    for (const { id, job, data } of rows) {
      const ids = data as { organisationId: string; meshId: string };
      await handlers[job as keyof typeof handlers](platform, ids.organisationId, ids.meshId);
      await platform.db.system.outboxEntry.update({
        where: { id },
        data: { relayedAt: new Date() },
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The real agent in this process, against the simulated cluster. */
function startAgent() {
  const stopped = new AbortController();
  const say = (level: string, message: string) => said.push(`${level} ${message}`);
  const done = openSession(
    {
      http: linkHttp(server.url, (address, init) => {
        const { body } = init ?? {};
        if (body instanceof Uint8Array) sent.push(gunzipSync(body).toString());
        else if (typeof body === 'string') sent.push(body);
        return fetch(address, init);
      }),
      store,
      joinToken: token,
      describe: async () => ({
        clusterUid: await clusterUid(cluster, stopped.signal),
        kubernetesVersion: await kubernetesVersion(cluster, stopped.signal),
        agentVersion: 'test',
      }),
      say,
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
        podName: 'agent-0',
        version: 'test',
        say,
        health: {
          role: 'leading',
          generation: 0,
          linkUp: false,
          refused: false,
          reports: 0,
          bundles: [],
        },
        timing: { pollMs: 20, firstRetryMs: 50, healthEveryMs: 200 },
      },
      stopped.signal,
    ),
  );
  return {
    stop: async () => {
      stopped.abort();
      await done.catch(() => {});
    },
  };
}

const until = (check: () => unknown, timeout = 60_000) =>
  vi.waitFor(check, { timeout, interval: 50 });
const kube = (
  method: 'GET' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  manager = 'someone',
) =>
  cluster.client.request<KubeObject>(method, path, {
    ...(body ? { body, contentType: 'application/apply-patch+yaml' } : {}),
    ...(method === 'PATCH' ? { query: { fieldManager: manager, force: 'true' } } : {}),
  });
const snapshot = () =>
  inTenant(server.platform.db, server.tenant.organisationId, (tx) =>
    loadSnapshot(tx, meshId, new Date()),
  );

const services = '/apis/networking.istio.io/v1/namespaces/shop/virtualservices';
const virtualService = (name: string, timeout: string, more: object = {}): KubeObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name, namespace: 'shop', ...more },
  spec: { hosts: [name], http: [{ timeout, route: [{ destination: { host: name } }] }] },
});
const live = (name: string) =>
  kube('GET', `${services}/${name}`) as Promise<
    KubeObject & {
      metadata: { uid: string; managedFields: { manager: string; subresource?: string }[] };
      spec: { http: { timeout: string; retries?: object }[] };
    }
  >;
const directs = async () => (await server.tenant.callAs('viewer', directList, { meshId })).items;
const directNamed = async (name: string, state?: string): Promise<DirectObject> => {
  let found: DirectObject | undefined;
  await until(async () => {
    found = (await directs()).find((one) => one.name === name);
    expect(found?.state, said.slice(-5).join('\n')).toBe(state ?? found?.state ?? 'open');
  });
  return found!;
};
const policyNamed = async (name: string) =>
  (await server.tenant.callAs('viewer', policyList, { meshId, limit: 200 })).items.find(
    (policy) => policy.name === name,
  );
const applied = async (name: string) =>
  (await policyNamed(name))?.conditions.find(({ type }) => type === 'Applied');
const applyToMesh = (object: KubeObject) =>
  server.tenant.callAs('operator', policyApply, { meshId, yaml: JSON.stringify(object) });
const managersOf = ({ metadata }: Awaited<ReturnType<typeof live>>) =>
  metadata.managedFields.filter(({ subresource }) => !subresource).map(({ manager }) => manager);

describe('the road between a mesh and its cluster', () => {
  it('tells what diagnosis needs, and that it is the whole picture', async () => {
    await until(async () => {
      const { clusters } = await snapshot();
      expect(clusters[0]).toMatchObject({ name: 'bed', state: 'connected', complete: true });
      const kinds = new Set(clusters[0]!.objects.map(({ object }) => object.kind));
      for (const kind of ['Namespace', 'Node', 'Pod', 'Service', 'Deployment', 'DaemonSet']) {
        expect(kinds).toContain(kind);
      }
      const node = clusters[0]!.objects.find(({ object }) => object.kind === 'Node')!;
      expect(Object.keys(node.object.metadata.labels!)).toContain('topology.kubernetes.io/zone');
    });
  });

  it.skipIf(!hasCommand('kubectl', ['version', '--client']))(
    'lets kubectl wait at the mesh for what istiod says in the cluster',
    async () => {
      const url = new URL(`${server.url}/k8s/${meshId}`);
      url.username = 'ambit';
      url.password = await server.token('operator');
      const kubectl = await kubectlFor(url.href);
      const file = join(kubectl.folder, 'gateway.yaml');
      await writeFile(
        file,
        JSON.stringify({
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'Gateway',
          metadata: { name: 'front', namespace: 'shop' },
          spec: {
            gatewayClassName: 'istio',
            listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
          },
        }),
      );
      const run = async (...args: string[]) => {
        const ran = await kubectl(args);
        expect(ran.code, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toBe(0);
        return ran.stdout;
      };
      await run('apply', '-f', file);
      const waiting = ['gateways.gateway.networking.k8s.io/front', '-n', 'shop'];
      await run('wait', '--for=condition=Programmed', '--timeout=60s', ...waiting);
      const address = '-o=jsonpath={.status.addresses[0].value} {.metadata.generation}';
      expect(await run('get', ...waiting, address)).toMatch(/^\S+ 1$/);
      const front = await policyNamed('front');
      expect(front).toMatchObject({ version: 1 });
      await kubectl.remove();
    },
  );

  it('shows what others applied, and forgets it when it is gone', async () => {
    await kube('PATCH', `${services}/flat`, virtualService('flat', '1s'), 'kubectl');
    const found = await directNamed('flat', 'open');
    expect(found.writer).toEqual({ tool: 'kubectl', application: '', managers: ['kubectl'] });
    const told = await server.tenant.callAs('viewer', directGet, { meshId, objectId: found.id });
    expect(told.yaml).toContain('timeout: 1s');
    await kube('DELETE', `${services}/flat`);
    await until(async () =>
      expect((await directs()).map(({ name }) => name)).not.toContain('flat'),
    );
  });

  it('adopts an object: it changes hands without being made anew, and is the mesh’s from then on', async () => {
    const tracked = { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:x', note: 'kept' } };
    await kube(
      'PATCH',
      `${services}/web`,
      virtualService('web', '2s', tracked),
      'argocd-controller',
    );
    await kube(
      'PATCH',
      `${services}/web`,
      { ...virtualService('web', '2s'), metadata: { name: 'web', labels: { team: 'b' } } },
      'another-tool',
    );
    const before = await live('web');
    const { id: objectId } = await directNamed('web', 'open');
    const { policy } = await server.tenant.callAs('operator', directAdopt, { meshId, objectId });
    expect(policy.object.metadata).toMatchObject({
      labels: { team: 'b' },
      annotations: { note: 'kept' },
    });
    await until(async () => expect(await applied('web')).toMatchObject({ status: 'True' }));
    const after = await live('web');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(managersOf(after)).toEqual(['ambit-agent']);
    expect(after.metadata.annotations).not.toHaveProperty(['argocd.argoproj.io/tracking-id']);
    expect(after['spec']).toEqual(before['spec']);
    await until(async () => expect((await directs()).map(({ name }) => name)).not.toContain('web'));

    await applyToMesh(virtualService('web', '3s'));
    await until(async () => expect((await live('web')).spec.http[0]!.timeout).toBe('3s'));
    expect((await live('web')).metadata.labels).not.toHaveProperty('team');
    await server.tenant.callAs('operator', policyDelete, { meshId, policyId: policy.id });
    await until(() => expect(live('web')).rejects.toThrow());
  });

  it('never overwrites: a name in both places waits for a person, who keeps or takes', async () => {
    const theirs = virtualService('pay', '4s');
    (theirs['spec'] as { http: object[] }).http[0] = {
      ...(theirs['spec'] as { http: object[] }).http[0],
      retries: { attempts: 3 },
    };
    await kube('PATCH', `${services}/pay`, theirs, 'helm');
    const before = await live('pay');
    await applyToMesh(virtualService('pay', '5s'));
    const { id: objectId } = await directNamed('pay', 'conflict');
    await until(async () => expect(await applied('pay')).toMatchObject({ reason: 'Conflict' }));
    expect((await live('pay')).spec.http[0]!.timeout).toBe('4s');

    await server.tenant.callAs('operator', directDecide, { meshId, objectId, choice: 'keep' });
    await until(async () =>
      expect(await applied('pay')).toMatchObject({ status: 'True', reason: 'KeptByCluster' }),
    );
    expect((await live('pay')).spec.http[0]!.timeout).toBe('4s');

    await server.tenant.callAs('operator', directDecide, { meshId, objectId, choice: 'take' });
    await until(async () => expect((await live('pay')).spec.http[0]!.timeout).toBe('5s'));
    const after = await live('pay');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.spec.http[0]).not.toHaveProperty('retries');
    expect(managersOf(after)).toEqual(['ambit-agent']);
    await until(async () => expect(await applied('pay')).toMatchObject({ reason: 'Applied' }));
  });

  it('carries Secrets that a policy names, sealed where they are stored, and takes them away with it', async () => {
    const secret = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'shop' },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': 'certificate', 'tls.key': 'not-for-everybody' },
    });
    const gateway = (name: string) => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name, namespace: 'shop' },
      spec: {
        selector: { istio: 'ingress' },
        servers: [
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: ['shop.example.com'],
            tls: { mode: 'SIMPLE', credentialName: 'shop-tls' },
          },
        ],
      },
    });
    const mesh = (method: string, path: string, json?: object) =>
      server.request('operator', `/k8s/${meshId}${path}`, { method, ...(json ? { json } : {}) });
    const secrets = '/api/v1/namespaces/shop/secrets';
    for (const name of ['shop-tls', 'unnamed']) {
      expect((await mesh('POST', secrets, secret(name))).status).toBe(201);
    }
    await applyToMesh(gateway('edge'));
    const there = () =>
      kube('GET', `${secrets}/shop-tls`) as Promise<KubeObject & { data: object }>;
    await until(async () =>
      expect((await there()).data).toMatchObject({
        'tls.key': Buffer.from('not-for-everybody').toString('base64'),
      }),
    );
    await expect(kube('GET', `${secrets}/unnamed`)).rejects.toThrow();
    const key = Buffer.from('not-for-everybody').toString('base64');
    const { digest } = await server.platform.db.system.desiredBundle.findUniqueOrThrow({
      where: { clusterId_name: { clusterId, name: 'references' } },
    });
    const { gzip } = await server.platform.db.system.blob.findFirstOrThrow({ where: { digest } });
    expect(Buffer.from(gzip).toString('latin1')).toMatch(/^aes256gcm:/);
    const kept = await Promise.all(
      (await readdir(join(cache, 'blobs'))).map((file) =>
        readFile(join(cache, 'blobs', file), 'utf8'),
      ),
    );
    expect(kept.length).toBeGreaterThan(0);
    for (const text of kept) expect(text.includes(key)).toBe(false);

    // Another value follows; with the policy that named it, it goes.
    const changed = { ...secret('shop-tls'), stringData: { 'tls.crt': 'c', 'tls.key': 'new' } };
    expect((await mesh('PUT', `${secrets}/shop-tls`, changed)).status).toBe(200);
    await until(async () =>
      expect((await there()).data).toMatchObject({
        'tls.key': Buffer.from('new').toString('base64'),
      }),
    );
    const { id: policyId } = (await policyNamed('edge'))!;
    await server.tenant.callAs('operator', policyDelete, { meshId, policyId });
    await until(() => expect(there()).rejects.toThrow());
  });

  it('tells certificates before they expire, of TLS Secrets and those that a Gateway names, and never a key', async () => {
    const key = Buffer.from('-----BEGIN PRIVATE KEY-----\nbmV2ZXI=\n').toString('base64');
    const secret = (name: string, type: string, field: string) =>
      kube('PATCH', `/api/v1/namespaces/shop/secrets/${name}`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace: 'shop' },
        type,
        data: { [`${field}crt`]: exampleCertificate, [`${field}key`]: key, [field]: key },
      });
    await secret('front-tls', 'kubernetes.io/tls', 'tls.');
    await secret('back-plain', 'Opaque', 'tls.');
    await secret('unnamed-plain', 'Opaque', 'tls.');
    const gateway = (name: string, credentialName: string) =>
      kube('PATCH', `/apis/networking.istio.io/v1/namespaces/shop/gateways/${name}`, {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Gateway',
        metadata: { name, namespace: 'shop' },
        spec: {
          selector: { istio: 'ingress' },
          servers: [
            {
              port: { number: 443, name: 'https', protocol: 'HTTPS' },
              hosts: [`${name}.example.com`],
              tls: { mode: 'SIMPLE', credentialName },
            },
          ],
        },
      });
    await gateway('front', 'front-tls');
    await gateway('back', 'back-plain');
    const secrets = async () => {
      const [only] = (await snapshot()).clusters;
      expect(only).toMatchObject({
        complete: true,
        told: ['CertificateAuthority', 'PodDisruptionBudget', 'Secret', 'ServiceAccount'],
      });
      return only!.objects
        .filter(({ object }) => object.kind === 'Secret')
        .map(({ object }) => [object.metadata.name, object['data']]);
    };
    const certificate = { 'tls.crt': exampleCertificate };
    await until(async () =>
      expect(await secrets()).toEqual([
        ['back-plain', certificate],
        ['front-tls', certificate],
      ]),
    );
    await diagnoseMesh(
      { db: server.platform.db, now: () => new Date('2036-11-12T00:00:00Z') },
      server.tenant.organisationId,
      meshId,
    );
    const { items } = await server.tenant.callAs('viewer', findingList, { meshId });
    const expiring = items.filter(({ code }) => code === 'AMB0023');
    expect(expiring.map(({ resource }) => resource).sort()).toEqual([
      'Secret shop/back-plain',
      'Secret shop/front-tls',
    ]);
    expect(sent.join()).toContain(exampleCertificate);
    for (const hidden of [key, 'PRIVATE KEY', 'tls.key', 'unnamed-plain']) {
      expect(sent.filter((body) => body.includes(hidden))).toEqual([]);
    }

    await kube('DELETE', '/apis/networking.istio.io/v1/namespaces/shop/gateways/back');
    await kube('DELETE', '/api/v1/namespaces/shop/secrets/front-tls');
    await until(async () => expect(await secrets()).toEqual([]));
  });

  it('tells what happened while the agent was away, and nothing twice', async () => {
    await kube('PATCH', `${services}/stays`, virtualService('stays', '1s'), 'kubectl');
    await kube('PATCH', `${services}/goes`, virtualService('goes', '1s'), 'kubectl');
    const stays = await directNamed('stays', 'open');
    await directNamed('goes', 'open');
    await agent.stop();
    await kube('DELETE', `${services}/goes`);
    await kube('PATCH', `${services}/comes`, virtualService('comes', '1s'), 'kubectl');
    agent = startAgent();
    await directNamed('comes', 'open');
    await until(async () =>
      expect((await directs()).map(({ name }) => name)).not.toContain('goes'),
    );
    expect((await directNamed('stays')).changedAt).toBe(stays.changedAt);
  });

  it('serves a webhook with the settings of the rules, for as long as the mesh wants it', async () => {
    const setMode = (mode: 'off' | 'deny') =>
      server.tenant.callAs('operator', clusterAdmissionUpdate, { meshId, mode });
    await setMode('deny');
    await until(async () => expect(await reviewed(virtualService('asked', '1s'))).toBeTruthy());
    await server.tenant.callAs('operator', ruleSettingUpdate, {
      meshId,
      code: 'IST0101',
      mode: 'deny',
    });
    await until(async () =>
      expect(await reviewed(virtualService('asked', '1s'))).toMatchObject({
        allowed: false,
        status: { message: expect.stringMatching(/IST0101 VirtualService shop\/asked.*Fix: /) },
      }),
    );
    await setMode('off');
    await until(() => expect(kube('GET', webhookPath)).rejects.toMatchObject({ status: 404 }));
  });
});

const webhookPath =
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/ambit-admission';

/** Asks as an API server would: at the Service's name, trusting only the configuration's authority. */
async function reviewed(object: KubeObject): Promise<unknown> {
  const { webhooks } = (await kube('GET', webhookPath)) as unknown as {
    webhooks: { clientConfig: { caBundle: string; service: { path: string } } }[];
  };
  const { spec } = (await kube(
    'GET',
    '/api/v1/namespaces/ambit-system/services/ambit-admission',
  )) as unknown as { spec: { ports: { targetPort: number }[] } };
  const { caBundle, service } = webhooks[0]!.clientConfig;
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: spec.ports[0]!.targetPort,
        path: service.path,
        method: 'POST',
        ca: Buffer.from(caBundle, 'base64'),
        servername: 'ambit-admission.ambit-system.svc',
        agent: false,
      },
      (answer) => {
        let body = '';
        answer.on('data', (chunk) => (body += chunk));
        answer.on('end', () => resolve(body));
      },
    );
    asked.on('error', reject);
    asked.end(
      JSON.stringify({
        request: {
          uid: 'u',
          operation: 'CREATE',
          dryRun: true,
          userInfo: { username: 'someone' },
          object,
        },
      }),
    );
  });
  return (JSON.parse(text) as { response: unknown }).response;
}
