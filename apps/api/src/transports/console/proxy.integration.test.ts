import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let upstream: Server;
const seen: IncomingMessage[] = [];

/** Stands for `next start`: echoes bodies and streams a page in two parts. */
beforeAll(async () => {
  upstream = createServer((request, response) => {
    seen.push(request);
    if (request.method === 'POST') {
      response.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] });
      request.pipe(response);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html' });
    response.write('<p>first');
    request.socket.once('close', () => response.destroy());
    if (request.url === '/slow') return;
    response.end(' second');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const { port } = upstream.address() as AddressInfo;
  server = await startTestServer({ AMBIT_CONSOLE_URL: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await server.close();
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

describe('what is no API goes to the console', () => {
  it('with its path, query and host, and comes back whole', async () => {
    const response = await server.request(null, '/meshes?a=1');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('<p>first second');
    const request = seen.at(-1)!;
    expect(request.url).toBe('/meshes?a=1');
    expect(request.headers.host).toBe(new URL(server.url).host);
  });

  it('with bodies larger than the API takes, and every cookie', async () => {
    const body = 'x'.repeat(6_000_000);
    const response = await server.request(null, '/upload', { method: 'POST', body });
    expect(response.status).toBe(201);
    expect((await response.text()).length).toBe(body.length);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('as a stream: the first part is there before the last', async () => {
    const leave = new AbortController();
    const response = await server.request(null, '/slow', { signal: leave.signal });
    const { value } = await response.body!.getReader().read();
    expect(new TextDecoder().decode(value)).toBe('<p>first');
    const gone = new Promise((resolve) => seen.at(-1)!.socket.once('close', resolve));
    leave.abort();
    await gone;
  });

  it('and never the API itself', async () => {
    const before = seen.length;
    for (const [path, status] of [
      ['/v1/unknown', 404],
      ['/trpc/unknown', 404],
      ['/auth/unknown', 404],
      ['/agent/unknown', 404],
      ['/k8s/x', 401],
    ] as const) {
      const response = await server.request(null, path);
      expect(response.headers.get('content-type'), path).toContain('application/json');
      expect(response.status, path).toBe(status);
    }
    expect(seen.length).toBe(before);
  });
});
