import type { ErrorBody } from '@ambit/contracts/errors';
import { sentence } from './format.ts';

/** Thrown by `requestJson` for an answer that is not 2xx. */
export class HttpError extends Error {
  readonly body: ErrorBody;
  readonly status: number;
  constructor(body: ErrorBody, status: number) {
    super(body.message);
    this.body = body;
    this.status = status;
  }
}

const isBody = (value: unknown): value is ErrorBody =>
  typeof value === 'object' && value !== null && 'code' in value && 'message' in value;

/** The error body of whatever was thrown: from tRPC, from REST, or made here when no answer came. */
export function errorBody(error: unknown): ErrorBody {
  if (error instanceof HttpError) return error.body;
  const data = (error as { data?: unknown } | null)?.data;
  if (isBody(data) && typeof data.code === 'string' && /^[a-z_]+$/.test(data.code)) return data;
  const noAnswer =
    error instanceof TypeError || (error as { cause?: unknown })?.cause !== undefined;
  return noAnswer
    ? {
        code: 'unavailable',
        message: 'The platform did not answer.',
        fix: 'Check that Ambit is running and that this browser can reach it, then try again.',
        requestId: '',
      }
    : {
        code: 'internal',
        message: error instanceof Error ? error.message : 'Something failed in the console.',
        requestId: '',
      };
}

/** Message and fix in one line, for a toast or under a form. */
export function errorText(error: unknown): string {
  const body = errorBody(error);
  return [body.message, body.fix ?? ''].map(sentence).join(' ').trim();
}

/**
 * Calls a REST route of the same origin.
 * @throws HttpError with the answer's error body
 */
export async function requestJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, {
    credentials: 'same-origin',
    ...init,
    headers: { accept: 'application/json', 'content-type': 'application/json', ...init.headers },
  });
  const text = await response.text();
  const json: unknown =
    text && /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : null;
  if (response.ok) return json as T;
  const body = isBody(json)
    ? { ...json, requestId: json.requestId ?? '' }
    : {
        code: 'internal' as const,
        message: `The platform answered ${response.status}.`,
        requestId: response.headers.get('x-request-id') ?? '',
      };
  throw new HttpError(body, response.status);
}
