import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { CompactSign, compactVerify, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { Hono } from 'hono';
import { pino } from 'pino';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  agentProofType,
  desiredStateSchema,
  type Inventory,
  type StatusReport,
} from '@ambit/contracts/agent/protocol';
import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import {
  clusterGet,
  clusterJoin,
  clusterLeave,
  clusterNamespaces,
  clusterRenewJoin,
  clusterRevoke,
} from '@ambit/contracts/operations/cluster';
import { inTenant } from '@ambit/db/database';
import { setDesired } from '@ambit/services/desired/set-desired';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '@ambit/services/testing/tenant';
import { openNotifications, type Notifications } from '../../platform/notifications.ts';
import { agentApp } from './app.ts';

const log = pino({ level: 'silent' });
let platform: TestPlatform;
let notifications: Notifications;
let tenant: Tenant;
let stop: AbortController;
let app: Hono;
let clockMs: number | null = null;

beforeAll(async () => {
  platform = await testPlatform({ now: () => (clockMs === null ? new Date() : new Date(clockMs)) });
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

const mounted = (stopping: AbortSignal) =>
  new Hono().route('/agent', agentApp({ ...platform, log, notifications, stopping }));

/** Whatever an answer may hold; each test looks at its own part. */
type Answer = {
  credential: string;
  platformKeys: JWK[];
  message: string;
  code: string;
  details: object[];
};
type Reply = Omit<Response, 'json'> & { json(): Promise<Answer> };

type Key = {
  privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  publicKey: { kty: 'OKP'; crv: 'Ed25519'; x: string };
};

async function newKey(): Promise<Key> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x } = await exportJWK(pair.publicKey);
  return { privateKey: pair.privateKey, publicKey: { kty: 'OKP', crv: 'Ed25519', x: String(x) } };
}

const prove = (
  key: Key,
  sub: string,
  iatMs = platform.now().getTime(),
  jti: string = crypto.randomUUID(),
  typ: string = agentProofType,
) =>
  new CompactSign(Buffer.from(JSON.stringify({ sub, iat: Math.floor(iatMs / 1000), jti })))
    .setProtectedHeader({ alg: 'EdDSA', typ })
    .sign(key.privateKey);

const post = async (path: string, body: unknown, credential?: string, to = app): Promise<Reply> =>
  (await to.request(`/agent/v1/${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: credential ? { authorization: `Bearer ${credential}` } : {},
  })) as Reply;
const get = async (path: string, credential?: string, to = app): Promise<Reply> =>
  (await to.request(`/agent/v1/${path}`, {
    headers: credential ? { authorization: `Bearer ${credential}` } : {},
  })) as Reply;

async function register(token: string, key: Key, clusterUid: string, more: object = {}) {
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
async function joined(of: Tenant = tenant) {
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
const report = (seq: number, more: Partial<StatusReport> = {}): StatusReport => ({
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
const bundleStatus = (name: string, state: StatusReport['bundles'][0]['state']) => ({
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

async function makeMesh(clusterId: string, of: Tenant = tenant) {
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

const want = (clusterId: string, meshId: string, content: object, name = 'control-plane') => {
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

describe('the join manifest', () => {
  it('is made for the human address and points the agent at its own', async () => {
    const far = { ...platform, publicUrl: 'http://people.test', agentUrl: 'http://agents.test' };
    const door = new Hono().route(
      '/agent',
      agentApp({ ...far, log, notifications, stopping: stop.signal }),
    );
    const { join } = await tenant.callAs('operator', clusterJoin, { name: 'with-a-manifest' });
    expect(join.commands.kubectl).toBe(
      `kubectl apply -f "http://ambit.test/agent/v1/manifest?token=${join.token}"`,
    );
    const answer = await get(`manifest?token=${join.token}`, undefined, door);
    const documents = parseAllDocuments(await answer.text()).map((document) => document.toJS());
    expect(documents.map(({ kind }) => kind)).toEqual([
      'Namespace',
      'ServiceAccount',
      'ClusterRole',
      'ClusterRoleBinding',
      'ClusterRole',
      'ClusterRoleBinding',
      'ClusterRole',
      'ClusterRoleBinding',
      'Role',
      'RoleBinding',
      'Secret',
      'Deployment',
    ]);
    const { env } = documents[11].spec.template.spec.containers[0];
    expect(env[0]).toEqual({ name: 'AMBIT_PLATFORM_URL', value: 'http://agents.test' });
    expect(documents[4].rules.map(({ resources }: { resources: string[] }) => resources)).toEqual([
      ['secrets'],
    ]);
    expect(documents[6].rules.map(({ resources }: { resources: string[] }) => resources)).toEqual([
      ['pods/log'],
      ['pods/portforward'],
      ['events'],
    ]);
    const verbs = documents[2].rules.flatMap((rule: { verbs: string[] }) => rule.verbs);
    expect(verbs).not.toContain('*');
    const escalating = documents[2].rules.filter((rule: { verbs: string[] }) =>
      rule.verbs.some((verb) => verb === 'escalate' || verb === 'bind'),
    );
    for (const rule of escalating) expect(rule.resourceNames.length).toBeGreaterThan(0);
  });

  it('does not consume the token, and refuses one that is not known', async () => {
    const { join } = await tenant.callAs('operator', clusterJoin, { name: 'looked-at' });
    await get(`manifest?token=${join.token}`);
    expect((await register(join.token, await newKey(), crypto.randomUUID())).status).toBe(201);
    const refused = await get('manifest?token=ambitjoin_nothing');
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({
      code: 'unauthenticated',
      requestId: expect.stringMatching(/^req_/),
    });
  });
});

describe('registering', () => {
  it('takes a token once; each refusal has a sentence of its own', async () => {
    const { cluster, join } = await tenant.callAs('operator', clusterJoin, { name: 'once' });
    const uid = crypto.randomUUID();
    expect((await register(join.token, await newKey(), uid)).status).toBe(201);
    const messages = [];
    messages.push((await (await register(join.token, await newKey(), uid)).json()).message);
    messages.push(
      (await (await register('ambitjoin_unknown_unknown', await newKey(), uid)).json()).message,
    );
    const { join: renewed } = await tenant.callAs('operator', clusterRenewJoin, {
      clusterId: cluster.id,
    });
    clockMs = Date.now() + 3_601_000;
    messages.push((await (await register(renewed.token, await newKey(), uid)).json()).message);
    clockMs = null;
    expect(messages[0]).toMatch(/used before/);
    expect(messages[1]).toMatch(/not known/);
    expect(messages[2]).toMatch(/expired at/);
    expect(new Set(messages).size).toBe(3);
    expect(await auditOf(platform, tenant, 'cluster.register')).toContainEqual(
      expect.objectContaining({ target: cluster.id, outcome: 'done' }),
    );
  });

  it('lets only one of two racing agents in', async () => {
    const { join } = await tenant.callAs('operator', clusterJoin, { name: 'raced' });
    const uid = crypto.randomUUID();
    const answers = await Promise.all(
      [await newKey(), await newKey(), await newKey()].map((key) => register(join.token, key, uid)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401]);
  });

  it('answers the same agent again when the first answer was lost, and nobody else', async () => {
    const { join } = await tenant.callAs('operator', clusterJoin, { name: 'lost-answer' });
    const uid = crypto.randomUUID();
    const key = await newKey();
    const proof = await prove(key, uid);
    const first = await (await register(join.token, key, uid, { proof })).json();
    const replayed = await register(join.token, key, uid, { proof });
    expect([replayed.status, (await replayed.json()).message]).toEqual([
      401,
      'this proof was used before',
    ]);
    const again = await register(join.token, key, uid);
    expect(again.status).toBe(201);
    const { credential } = await again.json();
    for (const one of [first.credential, credential]) {
      expect((await get('desired?have=0', one)).status).toBe(204);
    }
    const stranger = await newKey();
    const forged = await register(join.token, key, uid, { proof: await prove(stranger, uid) });
    expect(forged.status).toBe(401);
  });

  it('refuses a cloned cluster, naming the other only to its own organisation', async () => {
    const { uid, name } = await joined();
    const { join } = await tenant.callAs('operator', clusterJoin, { name: 'clone' });
    const refused = await register(join.token, await newKey(), uid);
    expect(refused.status).toBe(409);
    expect((await refused.json()).message).toContain(`as "${name}"`);
    const other = await makeTenant(platform, 'Other');
    const { join: foreign } = await other.callAs('operator', clusterJoin, { name: 'clone' });
    const elsewhere = await register(foreign.token, await newKey(), uid);
    expect(elsewhere.status).toBe(409);
    expect((await elsewhere.json()).message).not.toContain(name);
  });

  it('refuses another Kubernetes cluster under the name of one that is in a mesh', async () => {
    const { id } = await joined();
    await makeMesh(id);
    const { join } = await tenant.callAs('operator', clusterRenewJoin, { clusterId: id });
    const refused = await register(join.token, await newKey(), crypto.randomUUID());
    expect(refused.status).toBe(409);
    expect((await refused.json()).message).toMatch(/part of the mesh/);
  });
});

describe('the credential', () => {
  it('is renewed only with the key of the agent, with a proof that works once and is not too far off', async () => {
    const { id, key, credential } = await joined();
    const rotate = (proof: string, by = credential) => post('credential', { proof }, by);
    const proof = await prove(key, id);
    const renewed = await rotate(proof);
    expect(renewed.status).toBe(200);
    expect((await get('desired?have=0', (await renewed.json()).credential)).status).toBe(204);
    const refused: [string, string][] = [
      [await prove(await newKey(), id), 'not signed by the key'],
      [await prove(key, newId('cluster')), 'not signed by the key'],
      [await prove(key, id, Date.now(), undefined, 'something-else'), 'not signed by the key'],
      [proof, 'used before'],
      [await prove(key, id, Date.now() - 11 * 60_000), 'seconds away'],
      [await prove(key, id, Date.now() + 11 * 60_000), 'seconds away'],
    ];
    for (const [bad, why] of refused) {
      const answer = await rotate(bad);
      expect([answer.status, (await answer.json()).message]).toEqual([
        401,
        expect.stringContaining(why),
      ]);
    }
    for (const offMs of [-9.5 * 60_000, 9.5 * 60_000]) {
      expect((await rotate(await prove(key, id, Date.now() + offMs))).status).toBe(200);
    }
  });

  it('expires after 24 h; an agent that was offline renews it with its key for 30 days', async () => {
    const { id, key, credential } = await joined();
    try {
      clockMs = Date.now() + 25 * 3_600_000;
      const expired = await get('desired?have=0', credential);
      expect([expired.status, (await expired.json()).message]).toEqual([
        401,
        expect.stringContaining('expired'),
      ]);
      const renewed = await post('credential', { proof: await prove(key, id) }, credential);
      expect(renewed.status).toBe(200);
      clockMs = Date.now() + 32 * 24 * 3_600_000;
      expect((await post('credential', { proof: await prove(key, id) }, credential)).status).toBe(
        401,
      );
    } finally {
      clockMs = null;
    }
  });

  it('is refused at once when revoked, also in a waiting long poll, and when its cluster was removed', async () => {
    const { id, key, credential } = await joined();
    const waiting = get('desired?have=0&wait=20', credential);
    await tenant.callAs('operator', clusterRevoke, { clusterId: id });
    const woken = await waiting;
    expect([woken.status, (await woken.json()).message]).toEqual([
      401,
      expect.stringContaining('revoked'),
    ]);
    expect((await post('status', report(1), credential)).status).toBe(401);
    expect((await post('credential', { proof: await prove(key, id) }, credential)).status).toBe(
      401,
    );
    expect(await tenant.callAs('viewer', clusterGet, { clusterId: id })).toMatchObject({
      state: 'gone',
    });

    const other = await joined();
    const left = await tenant.callAs('operator', clusterLeave, { clusterId: other.id });
    expect(left.uninstallCommand).toMatch(/^kubectl delete /);
    const answer = await get('desired?have=0', other.credential);
    expect([answer.status, (await answer.json()).message]).toEqual([
      401,
      expect.stringContaining('removed from Ambit'),
    ]);
  });

  it('is refused without, with nonsense, and when signed by somebody else', async () => {
    const { key } = await joined();
    for (const credential of [undefined, 'nonsense', await prove(key, newId('cluster'))]) {
      expect((await get('desired?have=0', credential)).status).toBe(401);
    }
  });
});

describe('the desired state', () => {
  it('is signed by the platform over exactly what it says, and wakes the waiting agent', async () => {
    const { id, credential, platformKeys } = await joined();
    const { meshId } = await makeMesh(id);
    expect((await get('desired?have=0', credential)).status).toBe(204);
    const waiting = get('desired?have=0&wait=20', credential);
    const { digest, generation } = await want(id, meshId, { hello: 1 });
    const answer = await waiting;
    expect(answer.status).toBe(200);
    const desired = desiredStateSchema.parse(await answer.json());
    expect(desired).toMatchObject({
      clusterId: id,
      generation,
      bundles: [{ name: 'control-plane', digest }],
    });
    const key = await importJWK(platformKeys[0]!, 'EdDSA');
    const { payload } = await compactVerify(desired.signature, key);
    const { bundles, actions } = desired;
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({
      sub: id,
      gen: generation,
      dig: createHash('sha256').update(canonicalJson({ bundles, actions })).digest('hex'),
    });
    expect((await get(`desired?have=${generation}`, credential)).status).toBe(204);
  });

  it('answers a thousand waiting agents, and all of them when the server stops', async () => {
    const { credential } = await joined();
    const stopping = new AbortController();
    const server = mounted(stopping.signal);
    const polls = Array.from({ length: 1000 }, () =>
      get('desired?have=0&wait=50', credential, server),
    );
    const answers = Promise.all(polls);
    stopping.abort();
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([204]));
  });

  it('carries actions that are not done, and drops those that are over', async () => {
    const { id, credential } = await joined();
    const { meshId, operationId } = await makeMesh(id);
    const action = (state: string, expiresAt: Date) => ({
      id: newId('action'),
      clusterId: id,
      organisationId: tenant.organisationId,
      operationId,
      kind: 'restart-workloads',
      payload: { namespace: 'shop' },
      state,
      expiresAt,
    });
    const open = action('pending', new Date(Date.now() + 60_000));
    await platform.db.system.agentAction.createMany({
      data: [
        open,
        action('succeeded', new Date(Date.now() + 60_000)),
        action('pending', new Date(0)),
      ],
    });
    await want(id, meshId, { hello: 2 });
    const desired = desiredStateSchema.parse(
      await (await get('desired?have=0', credential)).json(),
    );
    expect(desired.actions).toEqual([
      {
        id: open.id,
        kind: 'restart-workloads',
        namespace: 'shop',
        expiresAt: open.expiresAt.toISOString(),
      },
    ]);
    await post(
      'status',
      report(1, { actions: [{ id: open.id, state: 'succeeded', message: '2 restarted' }] }),
      credential,
    );
    const row = await platform.db.system.agentAction.findUniqueOrThrow({ where: { id: open.id } });
    expect(row).toMatchObject({
      state: 'succeeded',
      message: '2 restarted',
      finishedAt: expect.any(Date),
    });
    const outbox = await platform.db.system.outboxEntry.findMany({
      where: { job: 'operation.advance' },
    });
    expect(outbox.map(({ data }) => data)).toContainEqual({
      organisationId: tenant.organisationId,
      operationId,
    });
  });
});

describe('blobs', () => {
  it('are given as stored, only to agents of their own organisation', async () => {
    const { id, credential } = await joined();
    const { meshId } = await makeMesh(id);
    const { digest } = await want(id, meshId, { secret: 'of this organisation' });
    const answer = await get(`blobs/${digest}`, credential);
    expect([answer.status, answer.headers.get('content-encoding')]).toEqual([200, 'gzip']);
    expect(answer.headers.get('cache-control')).toContain('immutable');
    const stranger = await joined(await makeTenant(platform, 'Stranger'));
    expect((await get(`blobs/${digest}`, stranger.credential)).status).toBe(404);
    expect((await get('blobs/sha256:00', credential)).status).toBe(404);
  });
});

describe('status reports', () => {
  const eventsOf = (id: string) =>
    platform.db.system.changeEvent.count({ where: { topic: 'cluster', resourceId: id } });

  it('keeps the latest, drops replays, and tells consoles only of what they can see', async () => {
    const { id, credential } = await joined();
    const first = await post('status', report(5), credential);
    expect(await first.json()).toEqual({ acceptedSeq: 5 });
    const events = await eventsOf(id);
    for (const seq of [5, 4]) {
      const replay = report(seq, { agent: { version: 'replayed', pod: 'x', namespace: 'x' } });
      expect(await (await post('status', replay, credential)).json()).toEqual({ acceptedSeq: 5 });
    }
    expect(await (await post('status', report(6), credential)).json()).toEqual({ acceptedSeq: 6 });
    expect(await eventsOf(id)).toBe(events);
    const older = report(99, { bootId: 'boot-0', startedAt: new Date(0).toISOString() });
    expect(await (await post('status', older, credential)).json()).toEqual({ acceptedSeq: 6 });
    await post(
      'status',
      report(7, { cluster: { ...report(0).cluster, gatewayApi: 'v1.6.0' } }),
      credential,
    );
    expect(await eventsOf(id)).toBe(events + 1);
    expect(await tenant.callAs('viewer', clusterGet, { clusterId: id })).toMatchObject({
      state: 'connected',
      agentVersion: '0.1.0',
      gatewayApi: 'v1.6.0',
    });
  });

  it('takes a heartbeat cheaply, and never for one when something else was stored in between', async () => {
    const { id, credential } = await joined();
    const other = mounted(stop.signal);
    const nodes = [{ name: 'n', ready: true, version: 'v1', os: 'linux', arch: 'amd64' }];
    const full = (seq: number) => report(seq, { cluster: { ...report(0).cluster, nodes } });
    const nodesOf = async () =>
      (await tenant.callAs('viewer', clusterGet, { clusterId: id })).nodes.length;
    await post('status', report(1), credential);
    await post('status', report(2), credential);
    expect(await nodesOf()).toBe(0);
    await post('status', full(3), credential, other);
    expect(await nodesOf()).toBe(1);
    await post('status', report(4), credential);
    expect(await nodesOf()).toBe(0);
    const reportOf = async () =>
      (await platform.db.system.cluster.findUniqueOrThrow({ where: { id } })).reportSeq;
    await post('status', report(5), credential);
    expect(await (await post('status', report(5), credential)).json()).toEqual({ acceptedSeq: 5 });
    expect(await reportOf()).toBe(5);
  });

  it('refuses a start in the future, a body that is too large, and one that is not a report', async () => {
    const { credential } = await joined();
    const future = report(1, { startedAt: new Date(Date.now() + 11 * 60_000).toISOString() });
    expect((await post('status', future, credential)).status).toBe(400);
    const large = report(1, { bootId: 'x'.repeat(300 * 1024) });
    const answer = await post('status', large, credential);
    expect([answer.status, (await answer.json()).code]).toEqual([413, 'too_large']);
    expect((await post('status', '{', credential)).status).toBe(400);
    const wrong = await post('status', { seq: 'one' }, credential);
    expect([wrong.status, (await wrong.json()).details.length > 0]).toEqual([400, true]);
  });

  it('tells a cluster that sends far too much when to come back', async () => {
    const { credential } = await joined();
    let refused: Reply | undefined;
    for (let seq = 0; seq < 60 && !refused; seq++) {
      const answer = await post('status', report(seq), credential);
      if (answer.status === 429) refused = answer;
    }
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('writes log lines to the unfinished operation once, and wakes it and the mesh on bundle changes', async () => {
    const { id, credential } = await joined();
    const { meshId, operationId } = await makeMesh(id);
    await want(id, meshId, { hello: 3 });
    const logs: StatusReport['logs'] = [
      {
        at: new Date().toISOString(),
        bundle: 'control-plane',
        level: 'info',
        text: 'applied 3 objects',
      },
      { at: new Date().toISOString(), bundle: 'unknown', level: 'info', text: 'nobody hears this' },
    ];
    const bundles = [bundleStatus('control-plane', 'Applying')];
    await post('status', report(1, { bundles, logs }), credential);
    await post('status', report(2, { bundles, logs }), credential);
    const lines = await platform.db.system.operationLog.findMany({ where: { operationId } });
    expect(lines.map(({ text, step }) => [text, step])).toEqual([['applied 3 objects', 'apply']]);
    const jobs = () =>
      platform.db.system.outboxEntry.findMany({
        where: { data: { path: ['meshId'], equals: meshId } },
      });
    expect((await jobs()).map(({ job }) => job)).toEqual(['mesh.observe']);
    await post(
      'status',
      report(3, { bundles: [bundleStatus('control-plane', 'Ready')] }),
      credential,
    );
    expect(await jobs()).toHaveLength(2);
  });
});

describe('the inventory', () => {
  it('is taken as gzip, once for a digest, and shown by namespace', async () => {
    const { id, credential } = await joined();
    const inventory: Inventory = {
      digest: 'sha256:1',
      namespaces: [{ name: 'shop', labels: { team: 'a' }, phase: 'Active' }],
      workloads: [
        {
          namespace: 'shop',
          kind: 'Deployment',
          name: 'web',
          serviceAccount: 'web',
          pods: 2,
          ready: 2,
          enrolled: 2,
          mode: 'sidecar',
          revision: 'default',
          proxyVersions: { '1.30.2': 2 },
        },
      ],
      owned: {},
    };
    const send = () =>
      app.request('/agent/v1/inventory', {
        method: 'POST',
        body: gzipSync(JSON.stringify(inventory)),
        headers: { authorization: `Bearer ${credential}`, 'content-encoding': 'gzip' },
      });
    expect(await (await send()).json()).toEqual({ changed: true });
    expect(await (await send()).json()).toEqual({ changed: false });
    const { items } = await tenant.callAs('viewer', clusterNamespaces, { clusterId: id });
    expect(items).toEqual([
      {
        name: 'shop',
        labels: { team: 'a' },
        workloads: [expect.objectContaining({ name: 'web' })],
      },
    ]);
  });
});
