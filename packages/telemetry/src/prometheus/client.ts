import { explainFault } from '../http/explain.ts';
import { createDirectTransport, type Transport } from '../http/transport.ts';
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
  /** How the server is reached; from here when absent. It is closed with the client. */
  transport?: Transport;
}

export interface AskOptions {
  signal?: AbortSignal;
  /** Less than the longest answer that is taken otherwise. */
  mostBytes?: number;
}

export interface PrometheusClient {
  /**
   * Asks for an instant vector and gives its rows as they arrive. Throws SourceError.
   * @param at seconds since 1970; the server's own now when absent
   */
  query(
    promql: string,
    onRow: OnRow,
    options?: AskOptions & { at?: number },
  ): Promise<Answer & { bytes: number }>;
  /**
   * Asks something else of the API (`query_range`, `status/buildinfo`) and reads the answer whole: for small ones.
   * Parameters go as a form, or as a query of a GET without any. Throws SourceError.
   */
  ask(path: string, form?: URLSearchParams, options?: AskOptions): Promise<unknown>;
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
  const transport = settings.transport ?? createDirectTransport({ concurrency });
  const where = `${base.protocol}//${base.host}${base.pathname}`;
  const slots = createSlots(concurrency);

  const headers = {
    ...settings.headers,
    ...authOf(settings.auth),
    accept: 'application/json',
    ...(compress ? { 'accept-encoding': 'gzip' } : {}),
  };

  /** Sends one request, and gives the chunks of its answer to `take` in their order. */
  async function send(
    path: string,
    form: URLSearchParams | undefined,
    take: (chunk: Buffer) => void,
    { signal, mostBytes = longestAnswer }: AskOptions,
  ): Promise<number> {
    const longest = Math.min(mostBytes, longestAnswer);
    const release = await slots.take(signal);
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const { status, chunks } = await transport.send({
        method: form === undefined ? 'GET' : 'POST',
        url: new URL(`api/v1/${path}`, base),
        headers:
          form === undefined
            ? headers
            : { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: form?.toString() ?? '',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      if (status !== 200) throw statusProblem(status, await readError(chunks), where);
      let bytes = 0;
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > longest) {
          throw new SourceError(
            'tooLarge',
            `An answer of ${where} is over ${Math.round(longest / 1e6)} MB: ask for fewer namespaces, or for the mesh alone by a matcher.`,
          );
        }
        take(chunk);
      }
      return bytes;
    } catch (error) {
      if (timeout.aborted) {
        throw new SourceError(
          'timeout',
          `${where} did not answer within ${timeoutMs / 1000} s: it is overloaded, or the window or the mesh is too large for it.`,
        );
      }
      throw explainFault(error, where);
    } finally {
      release();
    }
  }

  return {
    query: async (promql, onRow, { at, ...options } = {}) => {
      const form = new URLSearchParams({
        query: promql,
        timeout: `${Math.ceil(timeoutMs / 1000)}s`,
      });
      if (at !== undefined) form.set('time', String(at));
      const reader = createVectorReader(onRow);
      const bytes = await send('query', form, reader.push, options);
      return { ...reader.end(), bytes };
    },
    ask: async (path, form, options = {}) => {
      const parts: Buffer[] = [];
      await send(path, form, (chunk) => parts.push(chunk), options);
      try {
        return JSON.parse(Buffer.concat(parts).toString('utf8'));
      } catch {
        throw new SourceError(
          'malformed',
          `${where} answers something that is no JSON: is this the root of a Prometheus API?`,
        );
      }
    },
    close: () => transport.close(),
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
  if (status >= 300 && status < 400) {
    return new SourceError(
      'refused',
      `${where} leads elsewhere (${status}), and credentials do not follow: give the address it leads to, or sign in first.`,
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
