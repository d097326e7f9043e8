import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proxyPod, type SeenPod } from '../proxies/facts.ts';
import { readHttp } from './http.ts';
import { instantOf, readLogs } from './logs.ts';

const never = new AbortController().signal;
const at = (second: number, nano = 0) =>
  `2026-11-25T07:00:${String(second).padStart(2, '0')}.${String(nano).padStart(9, '0')}Z`;

describe('a page of a log', () => {
  const read = {
    namespace: 'shop',
    pod: 'web-1',
    container: 'istio-proxy',
    previous: false,
    words: [] as string[],
    lines: 3,
    waitMs: 0,
  };
  let asked: Record<string, string> = {};
  const client = (lines: string[]) => ({
    open: async (_method: string, _path: string, options?: { query?: Record<string, string> }) => {
      asked = options?.query ?? {};
      return Readable.from([`${lines.join('\n')}\n`]) as unknown as IncomingMessage;
    },
  });
  const written = [1, 2, 3, 4, 5].map((second) => `${at(second)} line ${second}`);
  const textsOf = (page: { lines: { text: string }[] }) => page.lines.map(({ text }) => text);

  it('without a cursor holds the last lines, oldest first', async () => {
    const page = await readLogs(client(written), read, never);
    expect(textsOf(page)).toEqual(['line 3', 'line 4', 'line 5']);
    expect(page).toMatchObject({ cursor: at(5), more: false });
    expect(asked).toMatchObject({ tailLines: '3', timestamps: 'true' });
  });

  it('after a cursor holds the next lines, and page by page no line is lost or told twice', async () => {
    const seen: string[] = [];
    let cursor = at(0);
    for (let more = true; more;) {
      const page = await readLogs(client(written), { ...read, lines: 2, after: cursor }, never);
      seen.push(...textsOf(page));
      ({ more } = page);
      cursor = page.cursor!;
    }
    expect(seen).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5']);
    expect(asked['sinceTime']).toBe('2026-11-25T07:00:04.000Z');
  });

  it('keeps lines of one moment together', async () => {
    const same = [1, 2, 3, 4].map((n) => `${at(7)} same ${n}`);
    const page = await readLogs(
      client([...same, `${at(8)} later`]),
      { ...read, lines: 2, after: at(1) },
      never,
    );
    expect(textsOf(page)).toEqual(['same 1', 'same 2', 'same 3', 'same 4']);
    expect(page).toMatchObject({ cursor: at(7), more: true });
  });

  it('moves its cursor over lines that were looked at and not wanted', async () => {
    const page = await readLogs(
      client(written),
      { ...read, words: ['LINE', '2'], lines: 10, after: at(0) },
      never,
    );
    expect(textsOf(page)).toEqual(['line 2']);
    expect(page.cursor).toBe(at(5));
  });

  it('cannot be searched for what is masked', async () => {
    const secret = [`${at(1)} GET /a?card=4111 HTTP/1.1`];
    const page = await readLogs(client(secret), { ...read, words: ['4111'] }, never);
    expect(page.lines).toEqual([]);
  });

  it('knows moments to the nanosecond, in any zone', () => {
    expect(instantOf('2026-11-25T07:00:00.000000001Z')! - instantOf('2026-11-25T07:00:00Z')!).toBe(
      1n,
    );
    expect(instantOf('2026-11-25T08:00:00.5+01:00')).toBe(instantOf('2026-11-25T07:00:00.500Z'));
    expect(instantOf('yesterday')).toBeNull();
  });
});

describe('a question to a server', () => {
  let server: Server;
  let url: string;
  const got: { method?: string; body: string }[] = [];
  const headers: Record<string, unknown>[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push({ method: request.method, body });
        headers.push(request.headers);
        if (request.url === '/moved') response.writeHead(302, { location: 'http://127.0.0.1:1/' });
        else response.writeHead(422);
        response.end('{"status":"error"}');
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  const ask = async (
    path: string,
    more: Partial<Parameters<typeof readHttp>[0]> = {},
    allowLoopback = true,
    apiServer = 'https://10.0.0.1',
  ) => {
    let body = '';
    let status = 0;
    await readHttp(
      {
        kind: 'http',
        method: 'GET',
        url: path.startsWith('http') ? path : url + path,
        headers: {},
        body: '',
        ...more,
      },
      { apiServer: new URL(apiServer), allowLoopback },
      {
        status: (given) => (status = given),
        write: async (bytes) => void (body += Buffer.from(bytes).toString()),
      },
      never,
    );
    return { status, body };
  };

  it('gives status and body, whatever they are', async () => {
    expect(await ask('/api/v1/query?query=up')).toEqual({
      status: 422,
      body: '{"status":"error"}',
    });
  });

  it('sends forms to the query addresses of Prometheus, and to nothing else', async () => {
    await ask('/prom/api/v1/query', { method: 'POST', body: 'query=up' });
    expect(got.at(-1)).toEqual({ method: 'POST', body: 'query=up' });
    const before = got.length;
    for (const path of ['/api/v1/admin/tsdb/delete_series', '/-/reload', '/api/v1/write']) {
      await expect(ask(path, { method: 'POST' }), path).rejects.toMatchObject({
        reason: 'refused',
      });
    }
    expect(got).toHaveLength(before);
  });

  it('carries what opens the server, and nothing that changes the connection', async () => {
    await ask('/api/v1/query', {
      headers: {
        authorization: 'Bearer x',
        Host: 'other',
        'Accept-Encoding': 'gzip',
        'X-Scope-OrgID': 'a',
      },
    });
    const sent = headers.at(-1)!;
    expect(sent).toMatchObject({
      authorization: 'Bearer x',
      'x-scope-orgid': 'a',
      host: new URL(url).host,
    });
    expect(sent).not.toHaveProperty('accept-encoding');
  });

  it('does not follow where it is sent on to', async () => {
    expect((await ask('/moved')).status).toBe(302);
  });

  it.each([
    ['its own loopback', 'http://127.0.0.1:1/'],
    ['its own loopback by name', 'http://localhost:1/'],
    ['its own loopback, mapped', 'http://[::ffff:127.0.0.1]:1/'],
    ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/'],
    ['the API server', 'https://10.0.0.1/api/v1/secrets'],
  ])('is never sent to %s', async (_what, address) => {
    await expect(ask(address, {}, false)).rejects.toMatchObject({ reason: 'refused' });
  });

  it('to nobody says so', async () => {
    await expect(ask('http://127.0.0.1:1/')).rejects.toMatchObject({ reason: 'unreachable' });
  });
});

describe('what a pod is', () => {
  const pod = (
    labels: Record<string, string>,
    containers: string[],
    init: string[] = [],
  ): SeenPod => ({
    metadata: { name: 'p', namespace: 'n', labels },
    spec: {
      containers: containers.map((name) => ({ name, image: `hub/${name}:1.31.0` })),
      initContainers: init.map((name) => ({ name, image: `hub/${name}:1.31.0` })),
    },
  });
  it.each([
    ['a sidecar', pod({ app: 'web' }, ['web', 'istio-proxy']), 'sidecar', 'istio-proxy'],
    ['a native sidecar', pod({ app: 'web' }, ['web'], ['istio-proxy']), 'sidecar', 'istio-proxy'],
    ['a ztunnel', pod({ app: 'ztunnel' }, ['istio-proxy']), 'ztunnel', 'istio-proxy'],
    [
      'a waypoint',
      pod({ 'gateway.istio.io/managed': 'istio.io-mesh-controller' }, ['istio-proxy']),
      'waypoint',
      'istio-proxy',
    ],
    ['a gateway', pod({ istio: 'ingressgateway' }, ['istio-proxy']), 'gateway', 'istio-proxy'],
    ['istiod', pod({ app: 'istiod' }, ['discovery']), null, 'discovery'],
  ])('%s', (_what, seen, kind, container) => {
    expect(proxyPod(seen)).toMatchObject({ kind, container, version: '1.31.0' });
  });
  it('is of no interest without a proxy, or when it ended', () => {
    expect(proxyPod(pod({ app: 'web' }, ['web']))).toBeNull();
    const ended = pod({ app: 'web' }, ['web', 'istio-proxy']);
    expect(proxyPod({ ...ended, status: { phase: 'Succeeded' } })).toBeNull();
  });
});
