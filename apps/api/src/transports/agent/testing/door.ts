import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { CompactSign, exportJWK, generateKeyPair, type JWK } from 'jose';
import { Hono } from 'hono';
import { pino } from 'pino';
import { afterAll, beforeAll, expect } from 'vitest';
import { agentProofType, type StatusReport } from '@ambit/contracts/agent/protocol';
import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import { clusterJoin } from '@ambit/contracts/operations/cluster';
import { inTenant } from '@ambit/db/database';
import { setDesired } from '@ambit/services/desired/set-desired';
import {
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '@ambit/services/testing/tenant';
import { openNotifications, type Notifications } from '../../../platform/notifications.ts';
import { agentApp } from '../app.ts';

export const log = pino({ level: 'silent' });
export let platform: TestPlatform;
export let notifications: Notifications;
export let tenant: Tenant;
export let stop: AbortController;
export let app: Hono;
/** What the platform takes for now; null: what it is. */
export const clock: { nowMs: number | null } = { nowMs: null };

/** The door for agents, of a platform of its own for the tests of a file. */
export function useDoor(): void {
  beforeAll(async () => {
    platform = await testPlatform({
      now: () => (clock.nowMs === null ? new Date() : new Date(clock.nowMs)),
    });
    notifications = openNotifications(platform.db.url, log);
    stop = new AbortController();
    tenant = await makeTenant(platform);
    app = mounted(stop.signal);
  });
  afterAll(async () => {
    stop.abort();
    await notifications.close();
    await platform.drop();
  });
}

export const mounted = (stopping: AbortSignal) =>
  new Hono().route('/agent', agentApp({ ...platform, log, notifications, stopping }));

/** Whatever an answer may hold; each test looks at its own part. */
type Answer = {
  credential: string;
  platformKeys: JWK[];
  message: string;
  code: string;
  details: object[];
};
export type Reply = Omit<Response, 'json'> & { json(): Promise<Answer> };

type Key = {
  privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  publicKey: { kty: 'OKP'; crv: 'Ed25519'; x: string };
};

export async function newKey(): Promise<Key> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x } = await exportJWK(pair.publicKey);
  return { privateKey: pair.privateKey, publicKey: { kty: 'OKP', crv: 'Ed25519', x: String(x) } };
}

export const prove = (
  key: Key,
  sub: string,
  iatMs = platform.now().getTime(),
  jti: string = crypto.randomUUID(),
  typ: string = agentProofType,
) =>
  new CompactSign(Buffer.from(JSON.stringify({ sub, iat: Math.floor(iatMs / 1000), jti })))
    .setProtectedHeader({ alg: 'EdDSA', typ })
    .sign(key.privateKey);

export const post = async (
  path: string,
  body: unknown,
  credential?: string,
  to = app,
): Promise<Reply> =>
  (await to.request(`/agent/v1/${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: credential ? { authorization: `Bearer ${credential}` } : {},
  })) as Reply;
export const get = async (path: string, credential?: string, to = app): Promise<Reply> =>
  (await to.request(`/agent/v1/${path}`, {
    headers: credential ? { authorization: `Bearer ${credential}` } : {},
  })) as Reply;

export async function register(token: string, key: Key, clusterUid: string, more: object = {}) {
  return post('register', {
    token,
    publicKey: key.publicKey,
    clusterUid,
    kubernetesVersion: 'v1.34.4',
    agentVersion: '0.1.0',
    proof: await prove(key, clusterUid),
    ...more,
  });
}

let made = 0;
export async function joined(of: Tenant = tenant) {
  const name = `c${++made}`;
  const { cluster, join } = await of.callAs('operator', clusterJoin, { name });
  const key = await newKey();
  const uid = crypto.randomUUID();
  const answer = await register(join.token, key, uid);
  expect(answer.status).toBe(201);
  const { credential, platformKeys } = await answer.json();
  return { id: cluster.id, name, key, uid, credential, token: join.token, platformKeys };
}

const startedAt = new Date().toISOString();
export const report = (seq: number, more: Partial<StatusReport> = {}): StatusReport => ({
  bootId: 'boot-1',
  startedAt,
  seq,
  generation: 0,
  agent: { version: '0.1.0', pod: 'ambit-agent-0', namespace: 'ambit-system' },
  cluster: { kubernetesVersion: 'v1.34.4', nodes: [], foreignIstio: [], gatewayApi: null },
  bundles: [],
  actions: [],
  conditions: [],
  logs: [],
  ...more,
});
export const bundleStatus = (name: string, state: StatusReport['bundles'][0]['state']) => ({
  name,
  digest: 'sha256:0',
  state,
  phase: null,
  objects: { total: 1, applied: 1, ready: 1 },
  message: '',
  errors: [],
  drift: [],
  since: startedAt,
});

export async function makeMesh(clusterId: string, of: Tenant = tenant) {
  const meshId = newId('mesh');
  const operationId = newId('operation');
  const { organisationId, projectId } = of;
  await platform.db.system.mesh.create({
    data: {
      id: meshId,
      organisationId,
      projectId,
      name: `m${meshId.slice(-8)}`,
      profile: 'sidecar',
      release: '1.30.2',
      options: {},
      clusters: { create: { clusterId, organisationId } },
    },
  });
  await platform.db.system.operation.create({
    data: {
      id: operationId,
      organisationId,
      type: 'mesh.create',
      state: 'running',
      targetKind: 'mesh',
      targetId: meshId,
      targetName: 'm',
      actor: {},
      input: {},
      steps: { create: [{ organisationId, position: 0, name: 'apply', state: 'running' }] },
    },
  });
  return { meshId, operationId };
}

export const want = (
  clusterId: string,
  meshId: string,
  content: object,
  name = 'control-plane',
) => {
  const bytes = Buffer.from(canonicalJson(content));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return inTenant(platform.db, tenant.organisationId, async (tx) => {
    await tx.blob.createMany({
      data: [
        {
          organisationId: tenant.organisationId,
          digest,
          size: bytes.length,
          gzip: gzipSync(bytes),
        },
      ],
      skipDuplicates: true,
    });
    const generation = await setDesired(tx, tenant.organisationId, clusterId, [
      { name, meshId, digest, order: 10, mode: 'present', drift: 'repair' },
    ]);
    return { digest, generation };
  });
};
