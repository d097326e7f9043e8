import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { openKubeClient, type KubeClient } from './client.ts';
import { makePodHttp, podProblem, readAtMost } from './pod-http.ts';
import { CannotForward } from './port-forward.ts';

/** A pod's server on loopback, and an API server that forwards to it as kubelets do (v4.channel.k8s.io). */
let pod: Server;
let api: Server;
let sockets: WebSocketServer;
let client: KubeClient;
const large = 'x'.repeat(3_000_000);
const never = new AbortController().signal;

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

function forward(socket: WebSocket, port: number): void {
  const head = Buffer.from([port & 0xff, port >> 8]);
  for (const channel of [0, 1]) socket.send(Buffer.concat([Buffer.of(channel), head]));
  const to = connect(port, '127.0.0.1');
  socket.on('message', (message: Buffer) => to.write(message.subarray(1)));
  to.on('data', (data) => socket.send(Buffer.concat([Buffer.of(0), data])));
  to.on('error', () => {
    const why = `error forwarding port ${port}: dial tcp4: connect: connection refused`;
    socket.send(Buffer.concat([Buffer.of(1), Buffer.from(why)]));
    socket.close();
  });
  to.on('close', () => socket.close());
  socket.on('close', () => to.destroy());
}

beforeAll(async () => {
  pod = createServer((request, response) => {
    if (request.url === '/large') response.end(large);
    else if (request.url === '/hangs') response.writeHead(200).write('begun');
    else response.writeHead(request.url === '/ok' ? 200 : 404).end('answer');
  });
  const port = await listening(pod);
  api = createServer((request, response) => {
    const isProxy = request.url?.includes('/proxy/');
    response.writeHead(isProxy ? 200 : 404).end(isProxy ? `proxied ${request.url}` : '{}');
  });
  sockets = new WebSocketServer({ noServer: true });
  api.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url!, 'http://api');
    if (url.pathname.includes('/forbidden/')) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    if (url.pathname.includes('/unserved/')) {
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const asked = Number(url.searchParams.get('ports'));
    sockets.handleUpgrade(request, socket, head, (opened) =>
      forward(opened, asked === 15_000 ? port : asked),
    );
  });
  const at = await listening(api);
  client = openKubeClient({
    server: new URL(`http://127.0.0.1:${at}`),
    tls: {},
    token: async () => 'secret',
  });
});
afterAll(async () => {
  client.close();
  sockets.close();
  for (const server of [pod, api]) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

const get = async (
  path: string,
  more: {
    namespace?: string;
    port?: number;
    reach?: 'direct' | 'api-server';
    signal?: AbortSignal;
  } = {},
) => {
  const http = makePodHttp(client, more.reach ?? 'direct');
  const { namespace = 'shop', port = 15_000, signal = never } = more;
  const of = { namespace, pod: 'web-1', ip: null, port, path, loopback: true, timeoutMs: 15_000 };
  return (await readAtMost(await http.get(of, signal), 10_000_000)).toString();
};

describe('a port on the loopback device of a pod', () => {
  it('is asked through the API server, whatever the size of the answer', async () => {
    expect(await get('/ok')).toBe('answer');
    expect(await get('/large')).toBe(large);
    expect(await Promise.all([get('/ok'), get('/large'), get('/ok')])).toEqual([
      'answer',
      large,
      'answer',
    ]);
  });

  it('answers with its own status', async () => {
    await expect(get('/nothing')).rejects.toMatchObject({ status: 404 });
  });

  it('that nobody listens on says so, and harms nobody', async () => {
    const error: unknown = await get('/ok', { port: 1 }).catch((thrown: unknown) => thrown);
    expect(podProblem(error)).toBe('nothing listens there');
    expect(await get('/ok')).toBe('answer');
  });

  it('that may not be forwarded names the role that is missing', async () => {
    const error: unknown = await get('/ok', { namespace: 'forbidden' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(CannotForward);
    expect(podProblem(error)).toContain('ambit-agent-proxies');
  });

  it('is asked by the pod proxy where no port is forwarded at all, for agents outside of the cluster alone', async () => {
    const unserved = { namespace: 'unserved' };
    await expect(get('/ok', unserved)).rejects.toMatchObject({ status: 404 });
    expect(await get('/ok', { ...unserved, reach: 'api-server' })).toContain(
      '/pods/web-1:15000/proxy/ok',
    );
  });

  it('is left when nobody wants the answer any more', async () => {
    const given = new AbortController();
    const answer = get('/hangs', { signal: given.signal });
    const ended = expect(answer).rejects.toThrow();
    setImmediate(() => given.abort(new Error('enough')));
    await ended;
    expect(await get('/ok')).toBe('answer');
  });
});
