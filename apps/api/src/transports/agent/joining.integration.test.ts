import { Hono } from 'hono';
import { parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import {
  clusterGet,
  clusterJoin,
  clusterLeave,
  clusterRenewJoin,
  clusterRevoke,
} from '@ambit/contracts/operations/cluster';
import { auditOf, makeTenant } from '@ambit/services/testing/tenant';
import { agentApp } from './app.ts';
import {
  clock,
  get,
  joined,
  log,
  makeMesh,
  newKey,
  notifications,
  platform,
  post,
  prove,
  register,
  report,
  stop,
  tenant,
  useDoor,
} from './testing/door.ts';

useDoor();

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
    clock.nowMs = Date.now() + 3_601_000;
    messages.push((await (await register(renewed.token, await newKey(), uid)).json()).message);
    clock.nowMs = null;
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
      clock.nowMs = Date.now() + 25 * 3_600_000;
      const expired = await get('desired?have=0', credential);
      expect([expired.status, (await expired.json()).message]).toEqual([
        401,
        expect.stringContaining('expired'),
      ]);
      const renewed = await post('credential', { proof: await prove(key, id) }, credential);
      expect(renewed.status).toBe(200);
      clock.nowMs = Date.now() + 32 * 24 * 3_600_000;
      expect((await post('credential', { proof: await prove(key, id) }, credential)).status).toBe(
        401,
      );
    } finally {
      clock.nowMs = null;
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
