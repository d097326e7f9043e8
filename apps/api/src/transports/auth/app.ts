import type { ErrorCode } from '@ambit/contracts/errors';
import { AmbitError } from '@ambit/services/kernel/errors';
import { isAPIError } from 'better-auth/api';
import { Hono } from 'hono';
import type { Process } from '../../platform/platform.ts';
import type { DoorEnv } from '../door.ts';
import type { Auth } from './auth.ts';
import { withClientAddress } from './client-address.ts';
import { attemptLimit } from './attempt-limit.ts';
import { assertSameOrigin } from './same-origin.ts';

const codes: Record<number, ErrorCode> = {
  400: 'invalid_input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  422: 'unprocessable',
  429: 'rate_limited',
};

/** `/auth/*`: sign-in, sign-out and sessions by better-auth, its errors in our form. */
export function authApp(platform: Process, auth: Auth): Hono<DoorEnv> {
  const failures = attemptLimit({ most: 10, windowMs: 15 * 60_000, now: () => Date.now() });
  const app = new Hono<DoorEnv>();
  app.all('/auth/*', async (c) => {
    c.set('operation', 'auth');
    assertSameOrigin(c.req.method, c.req.raw.headers, platform.publicUrl);
    const headers = withClientAddress(c.req.raw.headers, c.env);
    const request = new Request(c.req.raw, { headers });
    const email = c.req.path.endsWith('/sign-in/email') ? await emailOf(request) : null;
    if (email !== null) failures.assertBelow(email, 'sign-ins for this email failed');
    const response = await answer(auth, request);
    if (email !== null) {
      if (response.status === 401) failures.count(email);
      else if (response.ok) failures.forget(email);
    }
    if (response.status < 400) return email === null ? response : withoutToken(response);
    throw await asAmbitError(response);
  });
  return app;
}

/** The session's token belongs into its cookie only, where no script reads it. */
async function withoutToken(response: Response): Promise<Response> {
  const { user } = (await response.json()) as { user: unknown };
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return Response.json({ user }, { status: response.status, headers });
}

async function emailOf(request: Request): Promise<string | null> {
  const body: unknown = await request
    .clone()
    .json()
    .catch(() => null);
  const email = (body as { email?: unknown } | null)?.email;
  return typeof email === 'string' ? email.trim().toLowerCase() : null;
}

/** better-auth throws what it refuses (see `onAPIError`), so that a database that is away is not taken for that. */
async function answer(auth: Auth, request: Request): Promise<Response> {
  try {
    return await auth.handler(request);
  } catch (error) {
    if (!isAPIError(error)) throw error;
    return Response.json(error.body ?? null, { status: error.statusCode });
  }
}

async function asAmbitError(response: Response): Promise<Error> {
  const body: unknown = await response.json().catch(() => null);
  const told = (body as { message?: unknown } | null)?.message;
  const code = codes[response.status];
  if (code === undefined) return new Error(`sign-in answered ${response.status}: ${String(told)}`);
  const message = typeof told === 'string' && told ? told : 'this request was refused';
  return new AmbitError(code, message, code === 'rate_limited' ? { fix: 'wait a minute' } : {});
}
