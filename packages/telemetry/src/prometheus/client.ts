import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createGunzip } from 'node:zlib';
import { SourceError } from '../source.ts';
import { createVectorReader, type Answer, type OnRow } from './vector-reader.ts';

export interface PrometheusSettings {
  /** Address of the API's root, with the path before /api/v1 where there is one. */
  url: string;
  auth?: { kind: 'bearer'; token: string } | { kind: 'basic'; user: string; password: string };
  /** Sent with each request: a tenant (`X-Scope-OrgID`, `THANOS-TENANT`), or what a gateway asks for. */
  headers?: Record<string, string>;
  timeoutMs?: number;
  /** Queries that run at once. */
  concurrency?: number;
  /** Longest answer that is taken, in bytes as they are read. */
  longestAnswer?: number;
  /** Ask for gzip: worth it over slow networks only, on fast ones packing costs more than it saves. */
  compress?: boolean;
}

export interface PrometheusClient {
  /**
   * Asks for an instant vector and gives its rows as they arrive. Throws SourceError.
   * @param at seconds since 1970; the server's own now when absent
   */
  query(
    promql: string,
    onRow: OnRow,
    options?: { at?: number; signal?: AbortSignal },
  ): Promise<Answer & { bytes: number }>;
  close(): void;
}

const defaultTimeoutMs = 30_000;
const defaultConcurrency = 4;
const defaultLongestAnswer = 512 * 1024 * 1024;
const longestError = 64 * 1024;

export function createPrometheusClient(settings: PrometheusSettings): PrometheusClient {
  const { timeoutMs = defaultTimeoutMs, concurrency = defaultConcurrency } = settings;
  const { longestAnswer = defaultLongestAnswer, compress = false } = settings;
  const base = new URL(settings.url.endsWith('/') ? settings.url : `${settings.url}/`);
  const target = new URL('api/v1/query', base);
  const isTls = target.protocol === 'https:';
  const agent = isTls
    ? new HttpsAgent({ keepAlive: true, maxSockets: concurrency })
    : new HttpAgent({ keepAlive: true, maxSockets: concurrency });
  const where = `${target.protocol}//${target.host}${base.pathname}`;
  const slots = createSlots(concurrency);

  const headers = {
    ...settings.headers,
    ...authOf(settings.auth),
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    ...(compress ? { 'accept-encoding': 'gzip' } : {}),
  };

  async function send(body: string, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = (isTls ? httpsRequest : httpRequest)(
        target,
        {
          method: 'POST',
          agent,
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          signal,
        },
        resolve,
      );
      sent.on('error', reject).end(body);
    });
  }

  async function ask(promql: string, onRow: OnRow, at: number | undefined, signal: AbortSignal) {
    const form = new URLSearchParams({ query: promql, timeout: `${Math.ceil(timeoutMs / 1000)}s` });
    if (at !== undefined) form.set('time', String(at));
    const response = await send(form.toString(), signal);
    const stream =
      response.headers['content-encoding'] === 'gzip'
        ? response.pipe(createGunzip()).on('error', () => response.destroy())
        : response;
    const status = response.statusCode ?? 0;
    if (status !== 200) throw statusProblem(status, await readError(stream), where);
    const reader = createVectorReader(onRow);
    let bytes = 0;
    for await (const chunk of stream) {
      bytes += (chunk as Buffer).length;
      if (bytes > longestAnswer) {
        response.destroy();
        throw new SourceError(
          'tooLarge',
          `An answer of ${where} is over ${Math.round(longestAnswer / 1e6)} MB: ask for fewer namespaces, or for the mesh alone by a matcher.`,
        );
      }
      reader.push(chunk as Buffer);
    }
    return { ...reader.end(), bytes };
  }

  return {
    query: async (promql, onRow, { at, signal } = {}) => {
      const release = await slots.take(signal);
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
        return await ask(promql, onRow, at, either);
      } catch (error) {
        if (timeout.aborted) {
          throw new SourceError(
            'timeout',
            `${where} did not answer within ${timeoutMs / 1000} s: it is overloaded, or the window or the mesh is too large for it.`,
          );
        }
        throw asSourceError(error, where);
      } finally {
        release();
      }
    },
    close: () => agent.destroy(),
  };
}

function authOf(auth: PrometheusSettings['auth']): Record<string, string> {
  if (auth === undefined) return {};
  const text =
    auth.kind === 'bearer'
      ? `Bearer ${auth.token}`
      : `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`;
  return { authorization: text };
}

function asSourceError(error: unknown, where: string): SourceError {
  if (error instanceof SourceError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new SourceError(
    'unreachable',
    `${where} cannot be reached or broke off (${code ?? message}): is the address right, and does the server run?`,
  );
}

async function readError(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.length > longestError) break;
  }
  try {
    return String((JSON.parse(text) as { error?: unknown }).error ?? '').slice(0, 500);
  } catch {
    return '';
  }
}

function statusProblem(status: number, told: string, where: string): SourceError {
  const because = told === '' ? '' : `: ${told}`;
  if (status === 401 || status === 403) {
    return new SourceError(
      'unauthorised',
      `${where} refuses the credentials (${status})${because}. Check token, user and tenant header.`,
    );
  }
  if (status === 413 || /too many samples|exceeded.*limit|max-series|too large/i.test(told)) {
    return new SourceError('tooLarge', `${where} finds the query too large (${status})${because}.`);
  }
  if (status === 429 || status >= 500) {
    return new SourceError('unavailable', `${where} cannot answer now (${status})${because}.`);
  }
  return new SourceError(
    'refused',
    `${where} refuses the query (${status})${because}. Is this the root of a Prometheus API?`,
  );
}

function createSlots(most: number): { take(signal?: AbortSignal): Promise<() => void> } {
  let busy = 0;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else busy--;
  };
  return {
    take: async (signal) => {
      if (busy < most) busy++;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      if (signal?.aborted) {
        release();
        signal.throwIfAborted();
      }
      return release;
    },
  };
}
