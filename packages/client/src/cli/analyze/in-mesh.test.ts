import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ambit } from '../ambit.ts';

const folder = mkdtempSync(join(tmpdir(), 'ambit-in-mesh-'));
const meshId = 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1';

const told = (code: string, line: number | null, isIntroduced: boolean): object => ({
  code,
  severity: code.startsWith('IST') ? 'error' : 'warning',
  message: `what ${code} says`,
  resource: 'VirtualService shop/web',
  kind: 'VirtualService',
  namespace: 'shop',
  name: 'web',
  path: 'spec.http[0]',
  cause: 'why',
  consequence: 'what follows',
  fix: null,
  advice: 'what to do',
  link: 'https://example.com',
  ...(isIntroduced || line !== null
    ? { introduced: isIntroduced, denied: false, line, fixed: null }
    : {}),
});

/** What the platform answers, in place of one: the verbs themselves are tested where they are. */
const answers: Record<string, (body: { yaml?: string }) => object> = {
  'GET /v1/meshes': () => ({ items: [{ id: meshId, name: 'prod' }], nextCursor: null }),
  'GET /v1/findings': () => ({
    items: [
      { ...told('IST0101', null, false), id: 'fnd_1', clusterName: 'eu' },
      { ...told('AMB0008', null, false), id: 'fnd_2', clusterName: null },
    ],
    nextCursor: null,
  }),
  [`POST /v1/meshes/${meshId}/policies`]: () => ({
    items: [],
    warnings: [],
    findings: [told('IST0101', 6, true), told('IST0132', 2, false), told('AMB0011', null, true)],
    dryRun: true,
  }),
};

let server: Server;
let url = '';
const bodies: { yaml?: string; dryRun?: boolean }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const body = text ? (JSON.parse(text) as { yaml?: string }) : {};
      bodies.push(body);
      const answer = answers[`${request.method} ${request.url?.split('?')[0]}`];
      response.statusCode = answer ? 200 : 404;
      response.end(JSON.stringify(answer?.(body) ?? { code: 'not_found', message: 'nothing' }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await ambit(['analyze', ...args, '-o', 'json'], {
    env: { AMBIT_URL: url, AMBIT_TOKEN: 't', XDG_CONFIG_HOME: folder },
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    readFile: (path) => readFileSync(path, 'utf8'),
    fetch,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

test('without files it tells what stands in the mesh, by its name', async () => {
  const { code, out } = await run('--mesh', 'prod');
  expect(JSON.parse(out).findings).toMatchObject([
    { id: 'fnd_1', code: 'IST0101', cluster: 'eu', severity: 'error' },
    { id: 'fnd_2', code: 'AMB0008' },
  ]);
  expect(code).toBe(1);
  expect((await run('--mesh', meshId, '--fail-on', 'never')).code).toBe(0);
});

test('with files it tells what they would bring about, at their own lines', async () => {
  const [a, b] = [join(folder, 'a.yaml'), join(folder, 'b.yaml')];
  writeFileSync(a, 'a: 1\nb: 2');
  writeFileSync(b, 'c: 3\nd: 4\ne: 5\n');
  const { out } = await run(a, b, '--mesh', 'prod');
  expect(bodies.at(-1)).toMatchObject({
    dryRun: true,
    yaml: 'a: 1\nb: 2\n---\nc: 3\nd: 4\ne: 5\n---\n',
  });
  const { findings } = JSON.parse(out);
  expect(findings).toMatchObject([{ code: 'IST0101', file: b, line: 3 }, { code: 'AMB0011' }]);
});

test('parity and a mesh exclude each other', async () => {
  const { code, err } = await run('--mesh', 'prod', '--parity', 'istioctl');
  expect(code).toBe(2);
  expect(err).toContain('--mesh cannot be combined');
});
