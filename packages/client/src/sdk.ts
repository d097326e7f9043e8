import { catalogue, type Catalogue } from '@ambit/contracts/catalogue';
import { errorBodySchema, type ErrorBody } from '@ambit/contracts/errors';
import type { OperationContract } from '@ambit/contracts/operation';
import type { z } from 'zod';
import { restRequest } from './request.ts';

export interface ClientOptions {
  /** Address of the platform. */
  url: string;
  /** An API token. */
  token: string;
  /** Names the program in the platform's audit log. */
  userAgent?: string;
  /** Another try after a lost connection or 503, at most so often; every command carries an idempotency key. */
  retries?: number;
  fetch?: typeof fetch;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** The key of an earlier try of this very command, to be sure that it happens once. */
  idempotencyKey?: string;
}

type Call<Contract> =
  Contract extends OperationContract<infer Input, infer Output>
    ? (input: z.input<Input>, options?: CallOptions) => Promise<z.output<Output>>
    : never;

/** Every verb of the catalogue as a function: `client.mesh.create(input)`. */
export type Client = {
  [Domain in keyof Catalogue]: {
    [Verb in keyof Catalogue[Domain]]: Call<Catalogue[Domain][Verb]>;
  };
};

/** The platform refused, or could not be reached (then `status` is 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody, cause?: unknown) {
    super(body.message, { cause });
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
  }
}

/** A typed client of the REST API. Calls throw ApiError. */
export function createClient(options: ClientOptions): Client {
  const domains = Object.entries(catalogue).map(([domain, verbs]) => [
    domain,
    Object.fromEntries(
      Object.entries(verbs as Record<string, OperationContract>).map(([verb, contract]) => [
        verb,
        (input: Record<string, unknown>, call?: CallOptions) =>
          callOperation(options, contract, input, call),
      ]),
    ),
  ]);
  return Object.fromEntries(domains) as Client;
}

/** Calls one verb by its contract. Throws ApiError. */
export async function callOperation(
  { url, token, userAgent = 'ambit-sdk/0.1', retries = 2, fetch: send = fetch }: ClientOptions,
  contract: OperationContract,
  input: Record<string, unknown>,
  { signal, idempotencyKey }: CallOptions = {},
): Promise<unknown> {
  const { method, path, ifMatch, body } = restRequest(contract, input);
  const headers: Record<string, string> = {
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    'user-agent': userAgent,
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...(ifMatch ? { 'if-match': ifMatch } : {}),
    ...(contract.kind === 'command'
      ? { 'idempotency-key': idempotencyKey ?? crypto.randomUUID() }
      : {}),
  };
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= retries || signal?.aborted === true;
    let response: Response;
    try {
      response = await send(new URL(path, url), {
        method,
        headers,
        ...(body ? { body: JSON.stringify(body) } : {}),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (last) throw unreachable(url, error);
      await wait(200 * 2 ** attempt);
      continue;
    }
    if (response.status === 503 && !last) {
      await wait(retryAfterMs(response) ?? 200 * 2 ** attempt);
      continue;
    }
    return answerOf(response);
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok && text === '') return undefined;
  const value = parse(text);
  if (response.ok && value !== undefined) return value;
  const told = errorBodySchema.safeParse(value);
  throw new ApiError(response.status, told.success ? told.data : strange(response, text));
}

const strange = (response: Response, text: string): ErrorBody => ({
  code: response.status >= 500 ? 'unavailable' : 'internal',
  message: `${response.url} answered ${response.status} in another form than Ambit's: ${text.slice(0, 200).trim()}`,
  fix: 'check that the address is that of Ambit, and not of a proxy before it',
  requestId: response.headers.get('x-request-id') ?? '',
});

function unreachable(url: string, error: unknown): ApiError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ApiError(
    0,
    {
      code: 'unavailable',
      message: `${url} cannot be reached${why ? `: ${why}` : ''}`,
      fix: 'check the address, and that the platform runs (npm start)',
      requestId: '',
    },
    error,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(seconds, 10) * 1000 : undefined;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
