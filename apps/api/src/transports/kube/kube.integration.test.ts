import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '@ambit/db/free-port';
import { hasCommand, kubectlFor, type Kubectl } from '@ambit/kube-api/testing/kubectl';
import { renderedMesh } from '@ambit/services/testing/rendered-mesh';
import { auditOf, makeTenant } from '@ambit/services/testing/tenant';
import { runProgram } from '../../testing/program.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let second: Awaited<ReturnType<typeof anotherProcess>>;
let meshId: string;
const opened: Kubectl[] = [];
beforeAll(async () => {
  server = await startTestServer();
  second = await anotherProcess();
  meshId = await renderedMesh(server.platform, server.tenant);
});
afterAll(async () => {
  for (const kubectl of opened) await kubectl.remove();
  await second.kill();
  await server.close();
});

/** A second process over the same database, with connections, listener and memory of its own. */
async function anotherProcess() {
  const port = await freePort();
  const program = runProgram('main.ts', {
    AMBIT_DATABASE_URL: server.platform.db.url,
    AMBIT_PORT: String(port),
  });
  const url = `http://127.0.0.1:${port}`;
  await until(() =>
    fetch(`${url}/readyz`).then(
      ({ ok: isReady }) => isReady,
      () => false,
    ),
  );
  return {
    url,
    kill: async (signal: NodeJS.Signals = 'SIGKILL') => {
      program.kill(signal);
      return program.ended;
    },
  };
}

type Role = Parameters<TestServer['token']>[0];

async function kubectlAs(role: Role, url = server.url, mesh = meshId): Promise<Kubectl> {
  const withToken = new URL(`${url}/k8s/${mesh}`);
  withToken.username = 'ambit';
  withToken.password = await server.token(role);
  const kubectl = await kubectlFor(withToken.href);
  opened.push(kubectl);
  return kubectl;
}

async function ok(kubectl: Kubectl, args: string[], stdin?: string): Promise<string> {
  const ran = await kubectl(args, { stdin });
  expect(ran.code, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toBe(0);
  return ran.stdout + ran.stderr;
}

async function fails(kubectl: Kubectl, args: string[], stdin?: string): Promise<string> {
  const ran = await kubectl(args, { stdin });
  expect(ran.code, ran.stdout).not.toBe(0);
  return ran.stdout + ran.stderr;
}

const route = (name: string, timeout = '5s', host = name) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: ["${host}"]
  http:
  - timeout: ${timeout}
    route: [{destination: {host: ${name}}}]
`;

interface Policy {
  id: string;
  name: string;
  version: number;
  author: string;
  door: string;
  yaml: string;
}
const policies = async (name: string): Promise<Policy | undefined> => {
  const { items } = await server.json<{ items: Policy[] }>(
    'viewer',
    `/v1/meshes/${meshId}/policies?limit=100`,
  );
  return items.find((item) => item.name === name);
};
const until = async <T>(read: () => Promise<T | undefined | false>): Promise<T> => {
  for (;;) {
    const found = await read();
    if (found) return found;
    await sleep(20);
  }
};

describe.skipIf(!hasCommand('kubectl', ['version', '--client']))('unmodified kubectl', () => {
  test('applies, edits and deletes; history, author, door and audit are those of every door', async () => {
    const kubectl = await kubectlAs('operator');
    expect(await ok(kubectl, ['apply', '-f', '-'], route('reviews'))).toContain('created');
    expect(await ok(kubectl, ['apply', '-f', '-'], route('reviews'))).toContain('unchanged');
    expect(await ok(kubectl, ['apply', '-f', '-'], route('reviews', '7s'))).toContain('configured');
    const editor = join(kubectl.folder, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/timeout: 7s/timeout: 9s/" "$1"\n');
    await chmod(editor, 0o755);
    const edited = await kubectl(['edit', 'virtualservices', 'reviews', '-n', 'shop'], {
      env: { EDITOR: editor },
    });
    expect(edited.stdout + edited.stderr).toContain('edited');
    const policy = await until(() => policies('reviews'));
    expect(policy).toMatchObject({ version: 3, door: 'kubectl', author: 'test operator' });
    expect(policy.yaml).toContain('timeout: 9s');
    expect(policy.yaml).not.toMatch(/managedFields|last-applied|resourceVersion/);
    expect(await ok(kubectl, ['get', 'virtualservices', '-A'])).toMatch(/shop\s+reviews/);
    await ok(kubectl, ['delete', 'virtualservices', 'reviews', '-n', 'shop']);
    const history = await server.json<{ items: { change: string; door: string }[] }>(
      'viewer',
      `/v1/meshes/${meshId}/policies/${policy.id}/history`,
    );
    expect(history.items.map(({ change, door }) => `${change} ${door}`)).toEqual([
      'deleted kubectl',
      'updated kubectl',
      'updated kubectl',
      'created kubectl',
    ]);
    expect(await auditOf(server.platform, server.tenant, 'kube.delete')).toMatchObject([
      { door: 'kubectl', target: policy.id, outcome: 'done', actorName: 'test operator' },
    ]);
  });

  test('server-side apply meets the fields of REST, and force takes them', async () => {
    const kubectl = await kubectlAs('operator');
    const written = await server.json<{ items: object[] }>(
      'operator',
      `/v1/meshes/${meshId}/policies`,
      { method: 'POST', json: { yaml: route('ratings', '1s') } },
    );
    expect(written.items).toHaveLength(1);
    const apply = ['apply', '--server-side', '-f', '-'];
    await until(
      async () => (await kubectl(['get', 'virtualservices', 'ratings', '-n', 'shop'])).code === 0,
    );
    const refused = await fails(kubectl, apply, route('ratings', '2s'));
    expect(refused).toContain('conflict with "ambit-rest"');
    expect(await ok(kubectl, [...apply, '--force-conflicts'], route('ratings', '2s'))).toContain(
      'serverside-applied',
    );
    const after = await policies('ratings');
    expect(after).toMatchObject({ version: 2, door: 'kubectl' });
    const fields = await ok(kubectl, [
      'get',
      'virtualservices',
      'ratings',
      '-n',
      'shop',
      '--show-managed-fields',
      '-o',
      'yaml',
    ]);
    expect(fields).toMatch(/manager: kubectl\n\s+operation: Apply/);
    const restored = await server.request(
      'operator',
      `/v1/meshes/${meshId}/policies/${after!.id}/restore`,
      { method: 'POST', json: { version: 1 } },
    );
    expect(restored.status).toBe(200);
    expect(
      await until(async () => {
        const text = await ok(kubectl, [
          'get',
          'virtualservices',
          'ratings',
          '-n',
          'shop',
          '-o',
          'yaml',
        ]);
        return text.includes('timeout: 1s') && text;
      }),
    ).toContain('name: ratings');
  });

  test('what Istio refuses is refused with the field; what it warns about is a warning', async () => {
    const kubectl = await kubectlAs('operator');
    const wrong = route('wrong', '5s', 'no host');
    const refused = await fails(kubectl, ['apply', '-f', '-'], wrong);
    expect(refused).toMatch(/is invalid: spec\.hosts\[0\]/);
    expect(await policies('wrong')).toBeUndefined();
  });

  test('a watch shows writes of REST and of another process', async () => {
    const here = await kubectlAs('operator');
    const there = await kubectlAs('operator', second.url);
    const watch = here.follow(['get', 'virtualservices', '-n', 'shop', '-w', '-o', 'name']);
    try {
      const seen = async (name: string): Promise<void> => {
        while ((await watch.line()) !== `virtualservice.networking.istio.io/${name}`);
      };
      await ok(there, ['apply', '-f', '-'], route('from-there'));
      await seen('from-there');
      await server.request('operator', `/v1/meshes/${meshId}/policies`, {
        method: 'POST',
        json: { yaml: route('from-rest') },
      });
      await seen('from-rest');
      await ok(here, ['apply', '-f', '-'], route('from-there', '8s'));
      await seen('from-there');
      expect(
        await until(async () => {
          const text = await ok(there, [
            'get',
            'virtualservices',
            'from-there',
            '-n',
            'shop',
            '-o',
            'yaml',
          ]);
          return text.includes('timeout: 8s') && text;
        }),
      ).toContain('shop');
    } finally {
      watch.stop();
    }
  });

  test('whoami, can-i, explain and api-resources; a viewer reads only', async () => {
    const operator = await kubectlAs('operator');
    const viewer = await kubectlAs('viewer');
    expect(await ok(viewer, ['auth', 'whoami'])).toMatch(/test viewer[\s\S]*ambit:viewer/);
    expect(await ok(operator, ['auth', 'can-i', 'create', 'virtualservices'])).toContain('yes');
    expect(await fails(viewer, ['auth', 'can-i', 'create', 'virtualservices'])).toContain('no');
    expect(await ok(viewer, ['auth', 'can-i', 'list', 'virtualservices'])).toContain('yes');
    expect(await fails(viewer, ['get', 'secrets', '-A'])).toContain('forbidden');
    expect(await fails(viewer, ['apply', '-f', '-'], route('not-mine'))).toContain('forbidden');
    expect(await ok(viewer, ['explain', 'virtualservice'])).toContain('networking.istio.io');
    expect(await ok(viewer, ['api-resources'])).toMatch(/httproutes/);
  });

  test('a Secret is sealed in the database and readable through the API; it is no policy', async () => {
    const kubectl = await kubectlAs('operator');
    const secret = [
      'create',
      'secret',
      'generic',
      'tls',
      '-n',
      'shop',
      '--from-literal=k=hushhush',
    ];
    await ok(kubectl, secret);
    const shown = await ok(kubectl, [
      'get',
      'secret',
      'tls',
      '-n',
      'shop',
      '-o',
      'jsonpath={.data.k}',
    ]);
    expect(Buffer.from(shown, 'base64').toString()).toBe('hushhush');
    const { rows } = await server.platform.db.pool.query(
      `SELECT policy.*, log.* FROM policy JOIN policy_version AS log ON log.policy_id = policy.id WHERE policy.name = 'tls'`,
    );
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('hushhush').toString('base64'));
    expect(rows[0].kube).toMatch(/^aes256gcm:/);
    expect(await policies('tls')).toBeUndefined();
    const there = await kubectlAs('operator', second.url);
    const other = await ok(there, [
      'get',
      'secret',
      'tls',
      '-n',
      'shop',
      '-o',
      'jsonpath={.data.k}',
    ]);
    expect(other).toBe(shown);
  });

  test('a process that was killed and started anew has everything, with the same uids and versions', async () => {
    const kubectl = await kubectlAs('operator', second.url);
    await ok(kubectl, ['apply', '-f', '-'], route('stays'));
    const fields = 'jsonpath={.metadata.uid} {.metadata.resourceVersion}';
    const args = ['get', 'virtualservices', 'stays', '-n', 'shop', '-o', fields];
    const before = await ok(kubectl, args);
    await second.kill();
    second = await anotherProcess();
    const there = await kubectlAs('operator', second.url);
    expect(await ok(there, args)).toBe(before);
    const revision = before.split(' ')[1]!;
    const missed = await fetch(
      `${second.url}/k8s/${meshId}/apis/networking.istio.io/v1/virtualservices?watch=1&resourceVersion=${Number(revision) - 1}`,
      { headers: { authorization: `Bearer ${await server.token('operator')}` } },
    );
    let text = '';
    for await (const chunk of missed.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('\n')) break;
    }
    expect(text).toMatch(/"type":"ADDED".*"name":"stays"/);
  });

  test('the kubeconfig that the platform hands out works as it is', async () => {
    const answer = await server.request(
      'operator',
      `/v1/meshes/${meshId}/kubeconfig?credential=inline`,
    );
    expect(answer.status).toBe(200);
    const kubectl = await kubectlAs('viewer');
    const file = join(kubectl.folder, 'given');
    await writeFile(file, await answer.text());
    expect(await ok(kubectl, ['--kubeconfig', file, 'auth', 'whoami'])).toContain('test operator');
    const config = await server.json<{ clusters: object[]; users: object[] }>(
      'viewer',
      `/v1/meshes/${meshId}/kubeconfig`,
    );
    expect(JSON.stringify(config)).toContain('ambit:AMBIT_TOKEN@');
  });
});

test('a process stops at SIGTERM with open watches, and ends them', async () => {
  const process = await anotherProcess();
  const watch = await fetch(
    `${process.url}/k8s/${meshId}/apis/networking.istio.io/v1/virtualservices?watch=1`,
    { headers: { authorization: `Bearer ${await server.token('viewer')}` } },
  );
  expect(watch.status).toBe(200);
  const text = watch.text().catch(() => 'broken off');
  expect(await process.kill('SIGTERM')).toBe(0);
  expect(await text).not.toBe('broken off');
});

describe('a request that cannot be served is a Status', () => {
  const status = async (role: Role | null, mesh: string, of = server.tenant) => {
    const token = role === null ? undefined : await server.token(role, of);
    const answer = await fetch(`${server.url}/k8s/${mesh}/api`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    const body = (await answer.json()) as { kind: string; reason: string; message: string };
    expect(body.kind).toBe('Status');
    expect(body.message).not.toMatch(/^\s+at /m);
    return [answer.status, body.reason];
  };

  test('without a token 401, for a mesh of others or none 404, before the first render 503', async () => {
    const other = await makeTenant(server.platform, 'Other');
    const early = await renderedMesh(server.platform, server.tenant, { rendered: false });
    expect(await status(null, meshId)).toEqual([401, 'Unauthorized']);
    expect(await status('owner', meshId, other)).toEqual([404, 'NotFound']);
    expect(await status('owner', 'mesh_none')).toEqual([404, 'NotFound']);
    expect(await status('owner', early)).toEqual([503, 'ServiceUnavailable']);
  });
});
