import { execFileSync } from 'node:child_process';
import { connect, type ClientHttp2Session } from 'node:http2';
import { request } from 'node:https';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configMap, CONFIG_MAPS } from '../testing/call.ts';
import { hasCommand, kubectlFor } from '../testing/kubectl.ts';
import { testApi } from '../testing/server.ts';
import { createTlsServer, nodeListener } from './node.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-api-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeCertificate(): { key: Buffer; cert: Buffer } | undefined {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')] as const;
  const options =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  try {
    const args = [...options.split(' '), '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
const tls = makeCertificate();

describe.skipIf(tls === undefined)('over TLS', () => {
  const api = testApi();
  const seen: string[] = [];
  let port: number;
  let session: ClientHttp2Session;
  const listener = nodeListener((incoming) => {
    seen.push(incoming.httpVersion);
    return api;
  });
  const server = tls && createTlsServer(tls, listener);
  beforeAll(async () => {
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    port = (server!.address() as AddressInfo).port;
    session = connect(`https://127.0.0.1:${port}`, { ca: tls!.cert });
  });
  afterAll(() => {
    session.destroy();
    api.close();
    server!.close();
  });

  const stream = (method: string, path: string, body?: object) => {
    const sent = session.request({
      ':method': method,
      ':path': path,
      'content-type': 'application/json',
    });
    sent.setEncoding('utf8');
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    return sent;
  };
  const ask = (method: string, path: string, body?: object) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = stream(method, path, body);
      let status = 0;
      let text = '';
      sent.on('response', (headers) => (status = Number(headers[':status'])));
      sent.on('data', (chunk: string) => (text += chunk));
      sent.on('end', () => resolve({ status, text }));
      sent.on('error', reject);
    });

  test('many requests and a watch share one connection of HTTP/2', async () => {
    const watch = stream('GET', `${CONFIG_MAPS}?watch=1`);
    let events = '';
    watch.on('data', (chunk: string) => (events += chunk));
    await new Promise((resolve) => watch.once('response', resolve));
    const names = Array.from({ length: 20 }, (_, i) => `h${i}`);
    const made = await Promise.all(
      names.map((name) => ask('POST', CONFIG_MAPS, configMap(name, { k: 'x'.repeat(50_000) }))),
    );
    expect(made.map(({ status }) => status)).toEqual(names.map(() => 201));
    await expect.poll(() => events.match(/"type":"ADDED"/g)?.length).toBe(20);
    expect((await ask('GET', `${CONFIG_MAPS}/none`)).status).toBe(404);
    watch.close();
    expect(new Set(seen)).toEqual(new Set(['2.0']));
  });

  test('a body that is too large is 413', async () => {
    const big = configMap('big', { k: 'x'.repeat(4_000_000) });
    expect((await ask('POST', CONFIG_MAPS, big)).status).toBe(413);
  });

  test('clients of HTTP/1.1 are served as well', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ port, path: CONFIG_MAPS, ca: tls!.cert, host: '127.0.0.1' });
      sent.on('response', (answer) => resolve(answer.resume().statusCode));
      sent.on('error', reject);
      sent.end();
    });
    expect(status).toBe(200);
    expect(seen.at(-1)).toBe('1.1');
  });

  test.skipIf(!hasCommand('kubectl', ['version', '--client']))(
    'kubectl speaks HTTP/2 by itself',
    { timeout: 30_000 },
    async () => {
      const kubectl = await kubectlFor(`https://127.0.0.1:${port}`);
      seen.length = 0;
      const args = ['get', 'cm', '-n', 'default', '-o', 'name'];
      const authority = ['--certificate-authority', join(folder, 'cert.pem')];
      const ran = await kubectl([...args, ...authority, '--token', 'any']);
      await kubectl.remove();
      expect(ran.stdout, ran.stderr).toContain('configmap/h0');
      expect(new Set(seen)).toEqual(new Set(['2.0']));
    },
  );
});
