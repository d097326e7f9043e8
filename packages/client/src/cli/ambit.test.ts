import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { ambit } from './ambit.ts';
import { commands } from './commands.ts';
import { nearest } from './names.ts';
import { settingsFile } from './settings.ts';

interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

const meshId = 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1';
const clusterId = 'cls_01kaz5m8x0v6h2c4q7t9w3e5r1';
let answers: Record<string, { status?: number; body: unknown }>;
let seen: Seen[];
let server: Server;
let home: string;
let url: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'ambit-cli-'));
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { method = '', url: path = '', headers } = request;
      seen.push({ method, path, headers, body: text ? JSON.parse(text) : undefined });
      const answer = answers[`${method} ${path.split('?')[0]}`];
      response.statusCode = answer ? (answer.status ?? 200) : 404;
      response.end(JSON.stringify(answer?.body ?? notFound));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  seen = [];
  answers = {};
  rmSync(join(home, 'ambit'), { recursive: true, force: true });
});

const notFound = {
  code: 'not_found',
  message: 'no mesh there',
  fix: 'look at the list',
  details: [{ path: 'meshId', message: 'unknown' }],
  requestId: 'req_1',
};

async function run(
  line: string,
  env: Record<string, string> = { AMBIT_URL: url, AMBIT_TOKEN: 't' },
) {
  let out = '';
  let err = '';
  const code = await ambit(line.split(' ').filter(Boolean), {
    env: { XDG_CONFIG_HOME: home, AMBIT_HOME: join(home, 'none'), ...env },
    out: (text) => (out += text),
    err: (text) => (err += text),
    readFile: (path) => readFileSync(path, 'utf8'),
    fetch,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

test('a list is a table, and names its next page', async () => {
  answers['GET /v1/clusters'] = {
    body: { items: [{ id: clusterId, name: 'lab', state: 'connected' }], nextCursor: 'c2' },
  };
  const { code, out, err } = await run('cluster list --limit 1');
  expect(code).toBe(0);
  expect(out).toMatch(/NAME +STATE/);
  expect(out).toMatch(/lab +connected/);
  expect(err).toContain('--cursor c2');
  expect(seen[0]).toMatchObject({ method: 'GET', path: '/v1/clusters?limit=1' });
  expect(seen[0]?.headers).toMatchObject({
    authorization: 'Bearer t',
    'user-agent': 'ambit-cli/0.1',
  });
});

test('-o json and -o yaml give the whole answer', async () => {
  const body = { items: [{ id: clusterId, name: 'lab' }], nextCursor: null };
  answers['GET /v1/clusters'] = { body };
  expect(JSON.parse((await run('cluster list -o json')).out)).toEqual(body);
  expect(parseYaml((await run('cluster list -o yaml')).out)).toEqual(body);
  expect((await run('cluster list -o xml')).code).toBe(2);
});

test('a kubeconfig is printed whole; without TLS the token stands in it', async () => {
  const body = { apiVersion: 'v1', kind: 'Config', clusters: [], users: [] };
  answers['GET /v1/meshes'] = { body: { items: [{ id: meshId, name: 'shop' }], nextCursor: null } };
  answers[`GET /v1/meshes/${meshId}/kubeconfig`] = { body };
  const { code, out } = await run('kubeconfig shop');
  expect(code).toBe(0);
  expect(parseYaml(out)).toEqual(body);
  expect(seen.at(-1)?.path).toBe(`/v1/meshes/${meshId}/kubeconfig?credential=inline`);
  await run('kubeconfig shop --credential exec');
  expect(seen.at(-1)?.path).toBe(`/v1/meshes/${meshId}/kubeconfig?credential=exec`);
});

test('a name stands for an id, and a change states the version it read', async () => {
  answers['GET /v1/meshes'] = { body: { items: [{ id: meshId, name: 'shop' }], nextCursor: null } };
  answers[`GET /v1/meshes/${meshId}`] = { body: { id: meshId, version: 4 } };
  answers[`POST /v1/meshes/${meshId}/upgrade`] = { status: 202, body: { mesh: {}, operation: {} } };
  expect((await run('mesh upgrade shop --release 1.31.0')).code).toBe(0);
  expect(seen.at(-1)).toMatchObject({ method: 'POST', body: { release: '1.31.0' } });
  expect(seen.at(-1)?.headers['if-match']).toBe('"4"');
  expect(seen.at(-1)?.headers['idempotency-key']).toMatch(/.{20}/);
});

test('an unknown name is told with those that exist', async () => {
  answers['GET /v1/meshes'] = { body: { items: [{ id: meshId, name: 'shop' }], nextCursor: null } };
  const { code, err } = await run('mesh get shpo');
  expect(code).toBe(2);
  expect(err).toContain('there is no mesh "shpo"');
  expect(err).toContain('shop');
});

test('a file gives the fields, and text for yaml', async () => {
  const file = join(home, 'input.yaml');
  writeFileSync(file, `name: shop\nclusterIds: [${clusterId}]\noptions: { mtls: STRICT }\n`);
  answers['POST /v1/meshes'] = { status: 202, body: {} };
  await run(`mesh create -f ${file} --options.access-log`);
  expect(seen[0]?.body).toEqual({
    name: 'shop',
    clusterIds: [clusterId],
    options: { mtls: 'STRICT', accessLog: true },
  });
  answers[`POST /v1/meshes/${meshId}/policies`] = { body: { items: [], dryRun: false } };
  await run(`policy apply ${meshId} -f ${file}`);
  expect(seen.at(-1)?.body).toMatchObject({ yaml: readFileSync(file, 'utf8') });
});

test('--all reads every page', async () => {
  let calls = 0;
  Object.defineProperty(answers, 'GET /v1/audit', {
    get: () => ({
      body: { items: [{ at: `t${calls}` }], nextCursor: calls++ < 2 ? 'more' : null },
    }),
  });
  const { out } = await run('audit list --all -o json');
  expect(JSON.parse(out)).toEqual({
    items: [{ at: 't0' }, { at: 't1' }, { at: 't2' }],
    nextCursor: null,
  });
});

test('input that cannot be right is refused before anything is sent', async () => {
  const { code, err } = await run(`mesh create --name SHOP --options.mtls off`);
  expect(code).toBe(2);
  expect(err).toContain('--name: lower-case letters');
  expect(err).toContain('--cluster-ids: is needed');
  expect(err).toMatch(/--options.mtls: .*STRICT/);
  expect(seen).toEqual([]);
});

test('a refusal is told with details, fix and request id, and its own exit code', async () => {
  const { code, err } = await run(`mesh get ${meshId}`);
  expect(code).toBe(4);
  expect(err).toContain('no mesh there (not_found)');
  expect(err).toContain('meshId: unknown');
  expect(err).toContain('look at the list');
  expect(err).toContain('request req_1');
});

test('an unreachable platform is said, with its address', async () => {
  const { code, err } = await run('cluster list', {
    AMBIT_URL: 'http://127.0.0.1:9',
    AMBIT_TOKEN: 't',
  });
  expect(code).toBe(6);
  expect(err).toContain('http://127.0.0.1:9 cannot be reached');
});

test.each([
  ['mehs list', 'Did you mean "mesh"?'],
  ['mesh lst', 'Did you mean "list"?'],
  ['mesh list --limt 3', 'Did you mean "limit"?'],
  ['agent instal', 'Did you mean "install"?'],
  [`mesh get ${meshId} extra`, '"extra" is one word too many'],
])('"%s" is a usage error: %s', async (line, message) => {
  const { code, err } = await run(line);
  expect(code).toBe(2);
  expect(err).toContain(message);
});

test('without address or token the way to them is told', async () => {
  const { code, err } = await run('cluster list', {});
  expect(code).toBe(2);
  expect(err).toContain('ambit login');
});

test('a kept token is not sent to an address from another place', async () => {
  answers['GET /v1/me'] = {
    body: { actor: { name: 'me' }, role: 'owner', organisation: { name: 'o' } },
  };
  await run('login --name kept', { AMBIT_URL: url, AMBIT_TOKEN: 'secret' });
  const { code, err } = await run('cluster list', { AMBIT_URL: 'http://127.0.0.1:9' });
  expect(code).toBe(2);
  expect(err).toContain('there is no API token for http://127.0.0.1:9');
});

test('login keeps a checked token, closed to others, and later commands use it', async () => {
  answers['GET /v1/me'] = {
    body: { actor: { name: 'me' }, role: 'owner', organisation: { name: 'o' } },
  };
  answers['GET /v1/clusters'] = { body: { items: [], nextCursor: null } };
  const env = { AMBIT_URL: url, AMBIT_TOKEN: 'secret' };
  expect((await run('login --name prod', env)).out).toContain('owner of o');
  const file = settingsFile({ XDG_CONFIG_HOME: home });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await run('cluster list', {})).out).toBe('none\n');
  expect(seen.at(-1)?.headers.authorization).toBe('Bearer secret');
  expect((await run('context', {})).out).toContain('context prod');
  expect((await run('context use pord', {})).err).toContain('Did you mean "prod"?');
  expect((await run('context remove prod', {})).code).toBe(0);
  expect((await run('cluster list', {})).code).toBe(2);
});

test('watching ends with the outcome of the operation', async () => {
  const operationId = 'opr_01kaz5m8x0v6h2c4q7t9w3e5r1';
  const step = (state: string, message: string) => ({
    name: 'render',
    title: 'Render the release',
    state,
    message,
    startedAt: '2026-11-02T10:15:00.000Z',
    finishedAt: state === 'running' ? null : '2026-11-02T10:15:01.500Z',
  });
  const operation = {
    id: operationId,
    title: 'Create mesh',
    target: { name: 'shop' },
    message: 'no such release',
  };
  let calls = 0;
  Object.defineProperty(answers, `GET /v1/operations/${operationId}`, {
    get: () => ({
      body:
        calls++ === 0
          ? { ...operation, state: 'running', steps: [step('running', 'now')] }
          : { ...operation, state: 'failed', steps: [step('failed', 'broken')] },
    }),
  });
  const { code, err } = await run(`operation watch ${operationId}`);
  expect(code).toBe(1);
  expect(err.split('\n').slice(0, 3)).toEqual([
    '  … Render the release: now',
    '  ✗ Render the release: broken (1.5 s)',
    'Create mesh shop: failed. no such release',
  ]);
});

test('every command has a help page with its route', async () => {
  for (const { domain, verb, contract } of commands) {
    const { code, out } = await run(`${domain} ${verb} --help`);
    expect(code).toBe(0);
    expect(out).toContain(contract.summary);
    expect(out).toContain(contract.rest.path);
  }
  for (const line of [
    '',
    '--help',
    'mesh --help',
    'login --help',
    'context --help',
    'agent install --help',
    'operation watch --help',
    'api',
  ]) {
    expect((await run(line)).code).toBe(0);
  }
});

test.each([
  ['lsit', 'list'],
  ['creat', 'create'],
  ['xyzxyz', undefined],
])('nearest word to %s is %s', (typed, word) => {
  expect(nearest(typed, ['list', 'create', 'delete'])).toBe(word);
});
