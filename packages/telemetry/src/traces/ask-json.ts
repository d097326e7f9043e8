import { explainFault } from '../http/explain.ts';
import type { Transport } from '../http/transport.ts';
import { SourceError } from '../source.ts';

export interface TraceServer {
  /** Root of the API. */
  url: string;
  headers: Record<string, string>;
  timeoutMs: number;
  transport: Transport;
}

const longestAnswer = 32 * 1024 * 1024;

/** Asks for JSON. Null for 404. Throws SourceError. */
export async function askJson(
  server: TraceServer,
  path: string,
  query: Record<string, string>,
  what: string,
  signal?: AbortSignal,
): Promise<unknown> {
  const base = new URL(server.url.endsWith('/') ? server.url : `${server.url}/`);
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const where = `${base.protocol}//${base.host}${base.pathname}`;
  const timeout = AbortSignal.timeout(server.timeoutMs);
  try {
    const { status, chunks } = await server.transport.send({
      method: 'GET',
      url,
      headers: { ...server.headers, accept: 'application/json' },
      body: '',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > longestAnswer) {
        throw new SourceError('tooLarge', `An answer of ${where} is over 32 MB: ask for less.`);
      }
      parts.push(chunk);
    }
    if (status === 404) return null;
    const text = Buffer.concat(parts).toString('utf8');
    if (status !== 200) throw refusal(status, where, what, text);
    return JSON.parse(text);
  } catch (error) {
    if (timeout.aborted) {
      throw new SourceError(
        'timeout',
        `${where} did not answer within ${server.timeoutMs / 1000} s: it is overloaded, or the span of time is too large for it.`,
      );
    }
    if (error instanceof SyntaxError) {
      throw new SourceError(
        'malformed',
        `${where} answers something that is no JSON: is this the root of ${what}’s API?`,
      );
    }
    throw explainFault(error, where);
  }
}

function refusal(status: number, where: string, what: string, text: string): SourceError {
  if (status === 401 || status === 403) {
    return new SourceError(
      'unauthorised',
      `${where} refuses the credentials (${status}). Check token, user and tenant header.`,
    );
  }
  const because = /^[\s<]/.test(text) || text === '' ? '' : `: ${text.slice(0, 200)}`;
  return new SourceError(
    status === 429 || status >= 500 ? 'unavailable' : 'refused',
    `${where} answers ${status}${because}. Is this the root of ${what}’s API?`,
  );
}
