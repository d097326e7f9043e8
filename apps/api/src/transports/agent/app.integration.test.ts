import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { compactVerify, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  desiredStateSchema,
  type Inventory,
  type StatusReport,
} from '@ambit/contracts/agent/protocol';
import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import { clusterGet, clusterNamespaces } from '@ambit/contracts/operations/cluster';
import { makeTenant } from '@ambit/services/testing/tenant';
import {
  app,
  bundleStatus,
  get,
  joined,
  makeMesh,
  mounted,
  platform,
  post,
  report,
  stop,
  tenant,
  want,
  type Reply,
  useDoor,
} from './testing/door.ts';

useDoor();

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
