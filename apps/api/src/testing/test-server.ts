import { newId } from '@ambit/contracts/ids';
import type { Role } from '@ambit/contracts/permissions';
import { freePort } from '@ambit/db/free-port';
import { hashSecret, newSecret } from '@ambit/services/kernel/keys';
import {
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '@ambit/services/testing/tenant';
import { readConfig } from '../platform/config.ts';
import { openLog } from '../platform/log.ts';
import { makeMetrics } from '../platform/metrics.ts';
import { openNotifications } from '../platform/notifications.ts';
import type { Process } from '../platform/platform.ts';
import { startServer } from '../server.ts';

export interface TestServer {
  url: string;
  platform: Process & TestPlatform;
  tenant: Tenant;
  /** Secret of an API token with this role. */
  token(role: Role, of?: Tenant): Promise<string>;
  /** A request as JSON, with a token of the role (null: none); paths begin with "/". */
  request(
    role: Role | null,
    path: string,
    init?: RequestInit & { json?: unknown },
  ): Promise<Response>;
  /** The JSON of a request's answer. */
  json<T = Record<string, unknown>>(...request: Parameters<TestServer['request']>): Promise<T>;
  /** Stops the server and removes its database. */
  close(): Promise<void>;
}

/** A whole server on a free port over a database of its own, with one organisation. */
export async function startTestServer(env: Record<string, string> = {}): Promise<TestServer> {
  const base = await testPlatform();
  const port = await freePort();
  const config = readConfig({
    AMBIT_DATABASE_URL: base.db.url,
    AMBIT_PORT: String(port),
    AMBIT_LOG_LEVEL: 'silent',
    ...env,
  });
  const log = openLog('test', config.logLevel);
  const stopping = new AbortController();
  const notifications = openNotifications(base.db.url, log);
  const platform: Process & TestPlatform = {
    ...base,
    publicUrl: config.publicUrl,
    agentUrl: config.agentUrl,
    config,
    log,
    notifications,
    metrics: makeMetrics(base.db),
    stopping: stopping.signal,
    stop: () => stopping.abort(),
    close: () => notifications.close(),
  };
  const server = await startServer(platform);
  const tenant = await makeTenant(platform);
  const tokens = new Map<string, Promise<string>>();
  const token = (role: Role, of: Tenant = tenant): Promise<string> => {
    const key = `${of.organisationId}/${role}`;
    const secret = tokens.get(key) ?? makeToken(platform, of, role);
    tokens.set(key, secret);
    return secret;
  };
  const request: TestServer['request'] = async (role, path, { json, ...init } = {}) =>
    fetch(`${config.publicUrl}${path}`, {
      ...init,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(role === null ? {} : { authorization: `Bearer ${await token(role)}` }),
        ...(init.headers as Record<string, string> | undefined),
      },
    });
  return {
    url: config.publicUrl,
    platform,
    tenant,
    token,
    request,
    json: async <T>(...args: Parameters<typeof request>) =>
      (await (await request(...args)).json()) as T,
    close: async () => {
      platform.stop();
      await server.stop();
      await platform.close();
      await base.drop();
    },
  };
}

async function makeToken(platform: TestPlatform, tenant: Tenant, role: Role): Promise<string> {
  const secret = newSecret('ambit');
  await platform.db.system.apiToken.create({
    data: {
      id: newId('token'),
      organisationId: tenant.organisationId,
      name: `test ${role}`,
      role,
      hint: secret.slice(0, 12),
      secretHash: hashSecret(secret),
      createdBy: tenant.callers[role].actor.id,
      expiresAt: new Date(Date.now() + 3_600_000),
    },
  });
  return secret;
}
