import { agentPaths } from '@ambit/contracts/agent/protocol';
import { errorBodySchema } from '@ambit/contracts/errors';

/** An answer of the platform that is not a success, with its own words. `status` is 0 when there was no answer. */
export class LinkError extends Error {
  readonly status: number;
  readonly retryAfterMs: number | null;

  constructor(status: number, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.name = 'LinkError';
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface LinkRequest {
  method?: 'GET' | 'POST';
  credential?: string | undefined;
  json?: unknown;
  /** Sent as it is, already compressed. */
  gzip?: Uint8Array;
  timeoutMs?: number;
  signal: AbortSignal;
  /** Largest answer that is read. */
  maxBytes?: number;
}

export interface LinkAnswer {
  status: number;
  bytes: Buffer;
}

/** Calls the platform; knows its clock by the `Date` of its answers. */
export interface LinkHttp {
  call(path: string, request: LinkRequest): Promise<LinkAnswer>;
  /** Now, by the platform's clock when it was heard, in milliseconds. */
  nowMs(): number;
}

const defaultTimeoutMs = 20_000;
const defaultMaxBytes = 64 * 1024 * 1024;

/** @throws LinkError for whatever is not a success */
export function linkHttp(platformUrl: string, fetcher: typeof fetch = fetch): LinkHttp {
  let offsetMs = 0;
  let traceparent: string | null = null;
  return {
    nowMs: () => Date.now() + offsetMs,
    call: async (path, request) => {
      const { timeoutMs = defaultTimeoutMs } = request;
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
      const body =
        request.gzip ?? (request.json === undefined ? null : JSON.stringify(request.json));
      let answer: Response;
      let bytes: Buffer;
      try {
        answer = await fetcher(`${platformUrl}${path}`, {
          method: request.method ?? (body === null ? 'GET' : 'POST'),
          signal,
          redirect: 'error',
          headers: {
            accept: 'application/json',
            ...(body === null ? {} : { 'content-type': 'application/json' }),
            ...(request.gzip ? { 'content-encoding': 'gzip' } : {}),
            ...(traceparent && !path.startsWith(agentPaths.desired) ? { traceparent } : {}),
            ...(request.credential ? { authorization: `Bearer ${request.credential}` } : {}),
          },
          ...(body === null ? {} : { body: body as string | Uint8Array<ArrayBuffer> }),
        });
        bytes = await readCapped(answer, request.maxBytes ?? defaultMaxBytes);
      } catch (error) {
        request.signal.throwIfAborted();
        throw new LinkError(0, `cannot reach ${platformUrl}: ${reasonOf(error)}`);
      }
      const date = Date.parse(answer.headers.get('date') ?? '');
      // The header counts whole seconds: less than one apart is no difference.
      if (!Number.isNaN(date)) {
        const apart = date - Date.now();
        offsetMs = Math.abs(apart) < 2000 ? 0 : apart;
      }
      // What is fetched and reported for a desired state belongs to the trace of what asked for it.
      if (answer.status === 200 && path.startsWith(agentPaths.desired)) {
        traceparent = answer.headers.get('traceparent');
      }
      if (answer.ok) return { status: answer.status, bytes };
      throw errorOf(answer, bytes);
    },
  };
}

async function readCapped(answer: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return error.name === 'TimeoutError' ? 'no answer in time' : cause || error.message;
}

function errorOf(answer: Response, bytes: Buffer): LinkError {
  const seconds = Number(answer.headers.get('retry-after'));
  const retryAfterMs = seconds > 0 ? seconds * 1000 : null;
  try {
    const { message, fix } = errorBodySchema.parse(JSON.parse(bytes.toString()));
    return new LinkError(answer.status, fix ? `${message}; ${fix}` : message, retryAfterMs);
  } catch {
    return new LinkError(answer.status, `the platform answered ${answer.status}`, retryAfterMs);
  }
}
