import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Limit } from '@ambit/contracts/limits';
import { hasCommand, kubectlFor, type Kubectl } from '@ambit/kube-api/testing/kubectl';
import { renderedMesh } from '@ambit/services/testing/rendered-mesh';
import { auditOf } from '@ambit/services/testing/tenant';
import { startTracing } from '../../platform/tracing.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let meshId: string;
const opened: Kubectl[] = [];
beforeAll(async () => {
  server = await startTestServer();
  meshId = await renderedMesh(server.platform, server.tenant);
});
afterAll(async () => {
  for (const kubectl of opened) await kubectl.remove();
  await server.close();
});

const group = '/apis/networking.istio.io/v1';
const sidecars = (namespace: string) => `${group}/namespaces/${namespace}/sidecars`;
const sidecar = (name: string, namespace: string) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'Sidecar',
  metadata: { name, namespace },
  spec: { egress: [{ hosts: ['./*'] }] },
});

async function limitedToken(role: 'operator' | 'viewer', ...limits: Limit[]): Promise<string> {
  const { secret } = await server.json<{ secret: string }>('owner', '/v1/tokens', {
    method: 'POST',
    json: { name: 'limited', role, limits },
  });
  return secret;
}

async function kubectlWith(token: string): Promise<Kubectl> {
  const url = new URL(`${server.url}/k8s/${meshId}`);
  url.username = 'ambit';
  url.password = token;
  const kubectl = await kubectlFor(url.href);
  opened.push(kubectl);
  return kubectl;
}

const ask = (token: string, path: string, method = 'GET', json?: object) =>
  fetch(`${server.url}/k8s/${meshId}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(json ? { body: JSON.stringify(json) } : {}),
  });

interface Status {
  kind: string;
  reason: string;
  code: number;
  message: string;
}
interface Access {
  status: { allowed: boolean; reason?: string };
}

/** Whether the API says that something is allowed, as `kubectl auth can-i` asks. */
async function canI(token: string, resourceAttributes: object): Promise<boolean> {
  const answer = await ask(
    token,
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    'POST',
    { spec: { resourceAttributes: { group: 'networking.istio.io', ...resourceAttributes } } },
  );
  return ((await answer.json()) as Access).status.allowed;
}

test('a token for one namespace works there; elsewhere a Status says what is missing, and it is audited', async () => {
  const token = await limitedToken('operator', { meshId, namespaces: ['shop'] });
  const ours = await ask(token, sidecars('shop'), 'POST', sidecar('ours', 'shop'));
  expect(ours.status).toBe(201);
  const theirs = await ask(token, sidecars('dev'), 'POST', sidecar('theirs', 'dev'));
  const status = (await theirs.json()) as Status;
  expect(status).toMatchObject({ kind: 'Status', reason: 'Forbidden', code: 403 });
  expect(status.message).toContain(
    `cannot create resource "sidecars" in API group "networking.istio.io" in the namespace "dev": you are limited to namespace shop of mesh ${meshId}`,
  );
  const [row] = await auditOf(server.platform, server.tenant, 'kube.create');
  expect(row).toMatchObject({
    outcome: 'refused',
    door: 'kubectl',
    actorName: 'limited',
    target: meshId,
    detail: { resource: 'sidecars.networking.istio.io', namespace: 'dev', error: status.message },
  });
});

test('what is answered to questions is what is allowed, verb by verb and place by place', async () => {
  const operator = await limitedToken(
    'operator',
    { meshId, namespaces: ['shop'], verbs: ['get', 'list', 'patch'] },
    { namespaces: ['web'] },
  );
  const viewer = await limitedToken('viewer', { namespaces: ['shop'] });
  const requests = [
    { verb: 'get', method: 'GET', path: (ns: string) => `${sidecars(ns)}/none` },
    { verb: 'list', method: 'GET', path: sidecars },
    { verb: 'create', method: 'POST', path: sidecars },
    { verb: 'update', method: 'PUT', path: (ns: string) => `${sidecars(ns)}/none` },
    { verb: 'delete', method: 'DELETE', path: (ns: string) => `${sidecars(ns)}/none` },
    { verb: 'deletecollection', method: 'DELETE', path: sidecars },
  ];
  const allowed: string[] = [];
  for (const [name, token] of Object.entries({ operator, viewer })) {
    for (const namespace of ['shop', 'web', 'dev', '']) {
      for (const { verb, method, path } of requests) {
        const says = await canI(token, { verb, namespace, resource: 'sidecars' });
        const at = namespace === '' ? `${group}/sidecars` : path(namespace);
        const body = method === 'POST' || method === 'PUT' ? sidecar('none', namespace) : undefined;
        if (namespace !== '' || verb === 'list') {
          const { status } = await ask(token, at, method, body);
          expect(status === 403, `${name} ${verb} ${namespace}: ${status}`).toBe(!says);
        }
        if (says) allowed.push(`${name} ${verb} ${namespace}`);
      }
    }
  }
  expect(allowed).toEqual([
    'operator get shop',
    'operator list shop',
    ...requests.map(({ verb }) => `operator ${verb} web`),
    'viewer get shop',
    'viewer list shop',
  ]);
  const secrets = { group: '', resource: 'secrets', namespace: 'shop', verb: 'get' };
  expect(await canI(viewer, secrets)).toBe(false);
  expect(await canI(viewer, { verb: '*', resource: '*', namespace: 'shop' })).toBe(false);
  expect(await canI(operator, { verb: '*', resource: '*', namespace: 'web' })).toBe(true);
});

test('nobody is told of the rights of others', async () => {
  const token = await server.token('owner');
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const answer = await ask(token, path, 'POST', { spec: { user: 'somebody' } });
  expect(await answer.json()).toMatchObject({
    code: 403,
    message: expect.stringContaining('only what who asks may do'),
  });
});

describe.skipIf(!hasCommand('kubectl', ['version', '--client']))('kubectl', () => {
  test('auth can-i --list tells the rules of a namespace', async () => {
    const list = async (token: string, namespace: string): Promise<string> =>
      (await (await kubectlWith(token))(['auth', 'can-i', '--list', '-n', namespace])).stdout;
    const token = await limitedToken('operator', {
      namespaces: ['shop'],
      verbs: ['get', 'delete'],
    });
    expect(await list(token, 'shop')).toMatch(
      /\*\.\*\s+\[\]\s+\[\]\s+\[delete deletecollection get\]|\*\.\*\s+\[\]\s+\[\]\s+\[get delete deletecollection\]/,
    );
    expect(await list(token, 'dev')).not.toContain('*.*');
    const viewer = await list(await server.token('viewer'), 'shop');
    expect(viewer).toMatch(/configmaps\s+\[\]\s+\[\]\s+\[get list watch\]/);
    expect(viewer).toMatch(/\*\.networking\.istio\.io\s+\[\]\s+\[\]\s+\[get list watch\]/);
    expect(viewer).not.toMatch(/secrets|\*\.\*/);
  });
});

test('a request continues the trace of its client', async () => {
  const spans: string[] = [];
  const collector: Server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => spans.push(chunk.toString('latin1')));
    request.on('end', () => response.end());
  });
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening));
  const { port } = collector.address() as AddressInfo;
  const stop = await startTracing('test', `http://127.0.0.1:${port}`);
  try {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await fetch(`${server.url}/k8s/${meshId}${sidecars('shop')}`, {
      headers: {
        authorization: `Bearer ${await server.token('viewer')}`,
        traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      },
    });
    await stop();
    const sent = spans.join('');
    expect(sent).toContain('GET kube');
    expect(sent).toContain(traceId);
    expect(sent).toContain(meshId);
  } finally {
    await new Promise((closed) => collector.close(closed));
  }
});
