import http from 'node:http';
import https from 'node:https';
import type { KubeConfig } from './config.ts';

/** An answer of the Kubernetes API that is not a success; `reason` is its machine word (NotFound, Conflict, …). */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly causes: { reason: string; message: string; field: string }[];
  readonly retryAfterMs: number | null;

  constructor(status: number, body: StatusBody, retryAfterMs: number | null = null) {
    super(body.message ?? `the Kubernetes API answered ${status}`);
    this.name = 'KubeError';
    this.status = status;
    this.reason = body.reason ?? '';
    this.causes = (body.details?.causes ?? []).map((cause) => ({
      reason: cause.reason ?? '',
      message: cause.message ?? '',
      field: cause.field ?? '',
    }));
    this.retryAfterMs = retryAfterMs;
  }
}

interface StatusBody {
  message?: string;
  reason?: string;
  details?: { causes?: { reason?: string; message?: string; field?: string }[] };
}

export interface RequestOptions {
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The Kubernetes API over connections that are kept: plain requests and watches. */
export interface KubeClient {
  /** @throws KubeError for an answer that is no success; other errors when there was no answer */
  request<T>(method: Method, path: string, options?: RequestOptions): Promise<T>;
  /** An answer as it comes; whoever asked reads or destroys it. @throws as `request` */
  open(method: Method, path: string, options?: RequestOptions): Promise<http.IncomingMessage>;
  /** How to reach the server by other means (upgrades of a connection). */
  config: KubeConfig;
  /** Yields one parsed line after another until the server or the signal ends it. */
  lines<T>(path: string, options: RequestOptions): AsyncGenerator<T>;
  close(): void;
}

export const isStatus = (error: unknown, ...status: number[]): error is KubeError =>
  error instanceof KubeError && status.includes(error.status);

export function openKubeClient(config: KubeConfig): KubeClient {
  const secure = config.server.protocol === 'https:';
  const agent = secure
    ? new https.Agent({ keepAlive: true, maxSockets: 32, ...config.tls })
    : new http.Agent({ keepAlive: true, maxSockets: 32 });
  const streams = secure
    ? new https.Agent({ keepAlive: false, ...config.tls })
    : new http.Agent({ keepAlive: false });

  const send = async (
    method: Method,
    path: string,
    options: RequestOptions,
    over: http.Agent | https.Agent,
  ): Promise<http.IncomingMessage> => {
    const url = new URL(path, config.server);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      url.searchParams.set(name, value);
    }
    const token = await config.token();
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(
        url,
        {
          method,
          agent: over,
          ...(options.signal ? { signal: options.signal } : {}),
          headers: {
            accept: options.accept ?? 'application/json',
            'user-agent': 'ambit-agent',
            ...(token ? { authorization: `Bearer ${token}` } : {}),
            ...(body === undefined
              ? {}
              : {
                  'content-type': options.contentType ?? 'application/json',
                  'content-length': Buffer.byteLength(body),
                }),
          },
        },
        resolve,
      );
      request.setTimeout(options.timeoutMs ?? 30_000, () =>
        request.destroy(new Error(`the Kubernetes API did not answer ${method} ${path} in time`)),
      );
      request.on('error', reject);
      request.end(body);
    });
  };

  const open: KubeClient['open'] = async (method, path, options = {}) => {
    const answer = await send(method, path, options, streams);
    if (isSuccess(answer)) return answer;
    throw errorOf(answer, await readAll(answer));
  };

  return {
    config,
    open,
    request: async <T>(method: Method, path: string, options: RequestOptions = {}) => {
      const answer = await send(method, path, options, agent);
      const text = await readAll(answer);
      if (isSuccess(answer)) return (text ? JSON.parse(text) : undefined) as T;
      throw errorOf(answer, text);
    },
    lines: async function* <T>(path: string, options: RequestOptions) {
      const answer = await send('GET', path, { timeoutMs: 330_000, ...options }, streams);
      if (!isSuccess(answer)) throw errorOf(answer, await readAll(answer));
      let rest = '';
      answer.setEncoding('utf8');
      for await (const chunk of answer) {
        const parts = (rest + (chunk as string)).split('\n');
        rest = parts.pop() ?? '';
        for (const line of parts) if (line) yield JSON.parse(line) as T;
      }
    },
    close: () => {
      agent.destroy();
      streams.destroy();
    },
  };
}

const isSuccess = ({ statusCode = 0 }: http.IncomingMessage) =>
  statusCode >= 200 && statusCode < 300;

async function readAll(answer: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function errorOf(answer: http.IncomingMessage, text: string): KubeError {
  const seconds = Number(answer.headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
  let body: StatusBody;
  try {
    body = JSON.parse(text) as StatusBody;
  } catch {
    body = { message: text.slice(0, 500) };
  }
  return new KubeError(answer.statusCode ?? 0, body, retryAfterMs);
}
