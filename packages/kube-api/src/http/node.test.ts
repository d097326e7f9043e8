import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { configMap, CONFIG_MAPS } from '../testing/call.ts';
import { testServer, type TestServer } from '../testing/server.ts';

describe('over node:http', () => {
  let server: TestServer;
  afterEach(() => server.close());

  const port = (): number => Number(new URL(server.url).port);
  const create = (name: string, data: Record<string, string> = {}) =>
    fetch(`${server.url}${CONFIG_MAPS}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(configMap(name, data)),
    });

  test('a watch is well-formed chunked HTTP, line by line', async () => {
    server = await testServer();
    const response = await fetch(`${server.url}${CONFIG_MAPS}?watch=1&timeoutSeconds=1`);
    await create('a');
    await create('b', { big: 'x'.repeat(200_000) });
    const lines = (await response.text()).trim().split('\n');
    const events = lines.map(
      (line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } },
    );
    expect(events.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'b'],
    ]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  test('a client that never reads is cut off, and the server keeps no more than its bound', async () => {
    server = await testServer({
      limits: { watchQueueBytes: 1_000_000, watchFlushTimeoutMs: 20, watches: 1 },
    });
    const socket = connect(port(), '127.0.0.1');
    socket.pause();
    socket.write(`GET ${CONFIG_MAPS}?watch=1 HTTP/1.1\r\nhost: x\r\n\r\n`);
    const again = async (): Promise<number> => {
      const response = await fetch(`${server.url}${CONFIG_MAPS}?watch=1&timeoutSeconds=1`);
      await response.body?.cancel();
      return response.status;
    };
    await expect.poll(again).toBe(429);
    const big = 'x'.repeat(500_000);
    for (let i = 0; i < 60; i++) expect((await create(`m${i}`, { big })).status).toBe(201);
    await expect.poll(again).toBe(200);
    socket.destroy();
  });

  test('a client that goes away frees its watch', async () => {
    server = await testServer({ limits: { watches: 1 } });
    const controller = new AbortController();
    await fetch(`${server.url}${CONFIG_MAPS}?watch=1`, { signal: controller.signal });
    controller.abort();
    await expect
      .poll(
        async () => (await fetch(`${server.url}${CONFIG_MAPS}?watch=1&timeoutSeconds=1`)).status,
      )
      .toBe(200);
  });

  test('too large a body is 413, announced or streamed, and the answer arrives', async () => {
    server = await testServer({ limits: { bodyBytes: 10_000 } });
    const announced = await create('big', { k: 'x'.repeat(20_000) });
    expect(announced.status).toBe(413);
    const status = await new Promise<number>((resolve, reject) => {
      const streamed = request(
        {
          port: port(),
          path: CONFIG_MAPS,
          method: 'POST',
          headers: { 'transfer-encoding': 'chunked' },
        },
        (response) => resolve(response.statusCode ?? 0),
      );
      streamed.on('error', reject);
      streamed.write('x'.repeat(20_000));
      streamed.end();
    });
    expect(status).toBe(413);
  });

  test('a body that breaks off does not disturb the server', async () => {
    server = await testServer();
    const socket = connect(port(), '127.0.0.1');
    socket.write(`POST ${CONFIG_MAPS} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"a`);
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    expect((await create('after')).status).toBe(201);
  });
});
