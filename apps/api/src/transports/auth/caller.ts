import { roleSchema } from '@ambit/contracts/permissions';
import type { Database } from '@ambit/db/database';
import type { Caller, Door } from '@ambit/services/kernel/context';
import { AmbitError, notFound } from '@ambit/services/kernel/errors';
import { limitsOf } from '@ambit/services/kernel/limits';
import { hashSecret } from '@ambit/services/kernel/keys';
import { isAPIError } from 'better-auth/api';
import { traceparentNow } from '../../platform/tracing.ts';
import type { Auth } from './auth.ts';
import { assertSameOrigin } from './same-origin.ts';

export interface CallerOptions {
  db: Database;
  auth: Auth;
  publicUrl: string;
  now: () => Date;
}

export interface IncomingRequest {
  method: string;
  headers: Headers;
  door: Door;
  requestId: string;
  /** Takes a renewed session's cookie to the answer. */
  setCookie?: (cookie: string) => void;
}

export const organisationHeader = 'x-ambit-organisation';
const tokenPrefix = 'ambit_';
const lastUsedStepMs = 60_000;

/**
 * Who calls, and for which organisation: by an API token, else by the session's cookie.
 * @throws AmbitError unauthenticated, forbidden (another site, no membership), not_found (organisation of others)
 */
export async function findCaller(
  options: CallerOptions,
  request: IncomingRequest,
): Promise<Caller> {
  const authorization = request.headers.get('authorization');
  const caller = authorization
    ? await byToken(options, request, bearer(authorization))
    : await bySession(options, request);
  const idempotencyKey = readIdempotencyKey(request.headers);
  const traceparent = traceparentNow();
  return {
    ...caller,
    door: request.door,
    requestId: request.requestId,
    ...(idempotencyKey ? { idempotencyKey } : {}),
    ...(traceparent ? { traceparent } : {}),
  };
}

async function byToken({ db, now }: CallerOptions, request: IncomingRequest, secret: string) {
  const row = await db.system.apiToken.findUnique({ where: { secretHash: hashSecret(secret) } });
  if (!row) throw unauthenticated('this API token is not known');
  if (row.revokedAt) throw unauthenticated(`the API token "${row.name}" was revoked`);
  if (row.expiresAt <= now()) throw unauthenticated(`the API token "${row.name}" has expired`);
  const asked = request.headers.get(organisationHeader);
  if (asked && asked !== row.organisationId) throw notFound('organisation', asked);
  if (!row.lastUsedAt || now().getTime() - row.lastUsedAt.getTime() > lastUsedStepMs) {
    await db.system.apiToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: now() } });
  }
  return {
    actor: { kind: 'token' as const, id: row.id, name: row.name, email: null },
    role: roleSchema.parse(row.role),
    ...limitsOf(row.limits),
    organisationId: row.organisationId,
    apiToken: secret,
  };
}

async function bySession(options: CallerOptions, request: IncomingRequest) {
  const session = await sessionOf(options.auth, request);
  if (!session) throw unauthenticated('sign in first, or send an API token');
  assertSameOrigin(request.method, request.headers, options.publicUrl);
  const { user } = session;
  const organisations = await membershipsOf(options.db, user.id);
  const { id, role, limits } = choose(organisations, request.headers.get(organisationHeader));
  return {
    actor: { kind: 'user' as const, id: user.id, name: user.name, email: user.email },
    role,
    ...(limits ? { limits } : {}),
    organisationId: id,
    organisations,
  };
}

/** better-auth hides why a session cannot be read; the one reason there is: the database. */
async function sessionOf(auth: Auth, { headers, setCookie }: IncomingRequest) {
  try {
    const found = await auth.api.getSession({ headers, returnHeaders: true });
    for (const cookie of found.headers.getSetCookie()) setCookie?.(cookie);
    return found.response;
  } catch (error) {
    if (!isAPIError(error) || error.statusCode !== 500) throw error;
    throw new AmbitError('unavailable', 'sessions cannot be read at the moment', {
      fix: 'try again in a moment; meshes keep working meanwhile',
      cause: error,
    });
  }
}

type Membership = NonNullable<Caller['organisations']>[number] & Pick<Caller, 'limits'>;

/** The one list that crosses organisations: a person's own memberships, the oldest first. */
async function membershipsOf(db: Database, userId: string): Promise<Membership[]> {
  const rows = await db.system.member.findMany({
    where: { userId },
    include: { organisation: { select: { name: true } } },
    orderBy: { id: 'asc' },
  });
  return rows.map((row) => ({
    id: row.organisationId,
    name: row.organisation.name,
    role: roleSchema.parse(row.role),
    ...limitsOf(row.limits),
  }));
}

function choose(memberships: Membership[], asked: string | null): Membership {
  const found = asked ? memberships.find(({ id }) => id === asked) : memberships[0];
  if (found) return found;
  if (asked) throw notFound('organisation', asked);
  throw new AmbitError('forbidden', 'you are a member of no organisation', {
    fix: 'ask an owner for an invitation',
  });
}

function bearer(authorization: string): string {
  const [scheme, secret] = authorization.split(/\s+/, 2);
  if (scheme?.toLowerCase() === 'bearer' && secret?.startsWith(tokenPrefix)) return secret;
  throw unauthenticated('the authorization header is not one of an API token');
}

const unauthenticated = (message: string): AmbitError =>
  new AmbitError('unauthenticated', message, {
    fix: 'Authorization: Bearer ambit_…, with a token made under "API tokens" in the console',
  });

function readIdempotencyKey(headers: Headers): string | null {
  const key = headers.get('idempotency-key');
  if (key === null || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new AmbitError('invalid_input', 'the Idempotency-Key header is not valid', {
    fix: 'use 1 to 255 visible ASCII characters, for example a UUID',
  });
}
