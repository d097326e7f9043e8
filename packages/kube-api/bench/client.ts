import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface Subject {
  name: string;
  url: string;
  token?: string;
  stop(): Promise<void>;
}

export interface Sent {
  status: number;
  body: Buffer;
}

export interface Client {
  send(method: string, path: string, body?: string, type?: string): Promise<Sent>;
  /** Opens a watch and hands over its lines. */
  watch(path: string, line: (text: string) => void): Promise<() => void>;
  close(): void;
}

/** Keep-alive connections to a server, the same for ours and for the peer. */
export function connect({ url, token }: Subject, connections: number): Client {
  const base = new URL(url);
  const secure = base.protocol === 'https:';
  const options = { keepAlive: true, maxSockets: connections };
  const agent = secure
    ? new HttpsAgent({ ...options, rejectUnauthorized: false })
    : new HttpAgent(options);
  const streams = secure ? new HttpsAgent({ rejectUnauthorized: false }) : new HttpAgent();
  const open = (
    method: string,
    path: string,
    headers: Record<string, string>,
    over: HttpAgent | HttpsAgent,
    body?: string,
  ) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)({
        host: base.hostname,
        port: base.port,
        path: `${base.pathname === '/' ? '' : base.pathname}${path}`,
        method,
        agent: over,
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      });
      request.on('response', resolve);
      request.on('error', reject);
      request.end(body);
    });
  return {
    async send(method, path, body, type = 'application/json') {
      const headers: Record<string, string> =
        body === undefined
          ? {}
          : { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) };
      const response = await open(method, path, headers, agent, body);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return { status: response.statusCode ?? 0, body: Buffer.concat(chunks) };
    },
    async watch(path, line) {
      const response = await open('GET', path, {}, streams);
      let rest = '';
      response.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString('utf8')).split('\n');
        rest = parts.pop()!;
        parts.forEach(line);
      });
      response.on('error', () => {});
      return () => response.destroy();
    },
    close: () => {
      agent.destroy();
      streams.destroy();
    },
  };
}

export interface Timing {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Runs `count` calls with `clients` at a time. @throws when an answer is not a success */
export async function load(
  count: number,
  clients: number,
  call: (index: number) => Promise<Sent>,
): Promise<Timing> {
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const begin = performance.now();
      const { status, body } = await call(index);
      times.push(performance.now() - begin);
      if (status >= 300)
        throw new Error(`call ${index} was answered ${status}: ${body.toString().slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, worker));
  const seconds = (performance.now() - started) / 1000;
  return { perSecond: count / seconds, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

export function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
