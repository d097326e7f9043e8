import type { z } from 'zod';
import type {
  integrationAuthSchema,
  integrationCreate,
  IntegrationKind,
} from '@ambit/contracts/operations/integration';
import type { Prisma } from '@ambit/db/generated/client';
import type { Database } from '@ambit/db/database';
import { invalid } from '../kernel/errors.ts';
import { sealOf } from '../mesh-api/seal.ts';

export type IntegrationInput = Omit<z.output<typeof integrationCreate.input>, 'kind'>;
export type Auth = z.output<typeof integrationAuthSchema>;

/** What of an integration may be shown; the column `settings`. */
export interface Settings {
  auth: { kind: 'none' } | { kind: 'basic'; username: string } | { kind: 'bearer' };
  headers: { name: string; value: string | null; secret: boolean }[];
  caPem: string;
  insecureSkipVerify: boolean;
  timeoutMs: number;
  reach: 'platform' | 'agent';
  matchers: string;
  latency: boolean;
  traceUrl: string;
}

/** What may not; sealed in the column `secrets`. */
export interface Secrets {
  password?: string;
  token?: string;
  /** By name in lower case. */
  headers: Record<string, string>;
}

export interface Status {
  state: 'ok' | 'partial' | 'failed';
  problems: string[];
  at: string;
  lastOkAt: string | null;
}

export type IntegrationRow = Prisma.IntegrationGetPayload<object>;

/** An integration with everything that asking it needs. */
export interface OpenIntegration {
  id: string;
  organisationId: string;
  kind: IntegrationKind;
  name: string;
  clusterId: string | null;
  meshId: string | null;
  url: string;
  version: number;
  settings: Settings;
  /** Sent with each request: what it asks for, and how one signs in. */
  headers: Record<string, string>;
}

const place = (id: string): string => `integration/${id}`;

export async function sealSecrets(db: Database, id: string, secrets: Secrets): Promise<string> {
  return (await sealOf(db)).close(JSON.stringify(secrets), place(id));
}

export async function openSecrets(
  db: Database,
  row: Pick<IntegrationRow, 'id' | 'secrets'>,
): Promise<Secrets> {
  return JSON.parse((await sealOf(db)).open(row.secrets, place(row.id))) as Secrets;
}

export async function openIntegration(db: Database, row: IntegrationRow): Promise<OpenIntegration> {
  const settings = row.settings as unknown as Settings;
  const secrets = await openSecrets(db, row);
  const { id, organisationId, name, clusterId, meshId, url, version } = row;
  const headers = Object.fromEntries(
    settings.headers.map((header) => [
      header.name.toLowerCase(),
      header.value ?? secrets.headers[header.name.toLowerCase()] ?? '',
    ]),
  );
  return {
    id,
    organisationId,
    kind: row.kind as IntegrationKind,
    name,
    clusterId,
    meshId,
    url,
    version,
    settings,
    headers: { ...headers, ...authHeader(settings, secrets) },
  };
}

function authHeader({ auth }: Settings, { password, token }: Secrets): Record<string, string> {
  if (auth.kind === 'none') return {};
  const text =
    auth.kind === 'bearer'
      ? `Bearer ${token ?? ''}`
      : `Basic ${Buffer.from(`${auth.username}:${password ?? ''}`).toString('base64')}`;
  return { authorization: text };
}

/**
 * Parts an input in what may be shown and what is sealed. Secrets that are left out stay only while they go to the same
 * server: nobody gets one sent elsewhere by changing an address.
 * @throws AmbitError invalid_input when a secret is missing
 */
export function splitSecrets(
  input: IntegrationInput,
  before?: { url: string; clusterId: string | null; settings: Settings; secrets: Secrets },
): { settings: Settings; secrets: Secrets } {
  const isSame =
    before !== undefined &&
    new URL(before.url).origin === new URL(input.address).origin &&
    input.reach === before.settings.reach &&
    // The same address is another server in another cluster.
    (input.reach === 'platform' || input.clusterId === before.clusterId) &&
    (!input.insecureSkipVerify || before.settings.insecureSkipVerify) &&
    input.caPem === before.settings.caPem;
  const old = isSame ? before.secrets : { headers: {} as Record<string, string> };
  const secrets: Secrets = { headers: {} };
  const needed = (path: string, what: string) =>
    invalid(`the ${what} is needed`, [
      {
        path,
        message:
          before === undefined || isSame
            ? 'give it'
            : 'the server, or how it is trusted, is another one: give it again',
      },
    ]);
  const { auth } = input;
  if (auth.kind === 'basic') {
    const sameUser =
      before?.settings.auth.kind === 'basic' && before.settings.auth.username === auth.username;
    const password = auth.password ?? (sameUser ? old.password : undefined);
    if (password === undefined) throw needed('auth.password', 'password');
    secrets.password = password;
  }
  if (auth.kind === 'bearer') {
    const token = auth.token ?? old.token;
    if (token === undefined) throw needed('auth.token', 'token');
    secrets.token = token;
  }
  const headers = input.headers.map(({ name, value, secret }, at) => {
    if (!secret) return { name, value: value ?? '', secret };
    const kept = value ?? old.headers[name.toLowerCase()];
    if (kept === undefined) throw needed(`headers.${at}.value`, `value of ${name}`);
    secrets.headers[name.toLowerCase()] = kept;
    return { name, value: null, secret };
  });
  const { caPem, insecureSkipVerify, timeoutMs, reach, matchers, latency, traceUrl } = input;
  const shown: Settings['auth'] =
    auth.kind === 'basic' ? { kind: 'basic', username: auth.username } : { kind: auth.kind };
  return {
    settings: {
      auth: shown,
      headers,
      caPem,
      insecureSkipVerify,
      timeoutMs,
      reach,
      matchers,
      latency,
      traceUrl,
    },
    secrets,
  };
}
