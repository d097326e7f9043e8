import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { newId } from '@ambit/contracts/ids';
import {
  clusterGet,
  clusterJoin,
  clusterLeave,
  clusterList,
  clusterNamespaces,
  clusterRenewJoin,
  clusterRevoke,
} from '@ambit/contracts/operations/cluster';
import type { OperationContract } from '@ambit/contracts/operation';
import { hashSecret } from '../kernel/keys.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';

let platform: TestPlatform;
let tenant: Tenant;
let other: Tenant;

beforeAll(async () => {
  platform = await testPlatform({ agentUrl: 'http://agents.test' });
  [tenant, other] = await Promise.all([makeTenant(platform), makeTenant(platform, 'Other')]);
});
afterAll(() => platform.drop());

const join = (name: string) => tenant.callAs('operator', clusterJoin, { name });

describe('joining', () => {
  it('gives one command with a token that is stored only as a hash, and is audited without it', async () => {
    const { cluster, join: given } = await join('prod-eu');
    expect(cluster).toMatchObject({ name: 'prod-eu', state: 'waiting', mesh: null, version: 1 });
    expect(given.token).toMatch(/^ambitjoin_[\w-]{43}$/);
    expect(given.commands.kubectl).toContain(
      `"http://ambit.test/agent/v1/manifest?token=${given.token}"`,
    );
    const row = await platform.db.system.cluster.findUniqueOrThrow({ where: { id: cluster.id } });
    expect(row.joinTokenHash).toBe(hashSecret(given.token));
    expect(JSON.stringify(row)).not.toContain(given.token);
    const audit = await auditOf(platform, tenant, 'cluster.join');
    expect(audit[0]).toMatchObject({ target: cluster.id, outcome: 'done' });
    expect(JSON.stringify(audit)).not.toContain(given.token);
  });

  it('refuses a name that is taken in this organisation, not one of another', async () => {
    await join('twice');
    await expect(join('twice')).rejects.toMatchObject({ code: 'conflict' });
    await other.callAs('owner', clusterJoin, { name: 'twice' });
  });

  it('makes the tokens given before useless', async () => {
    const { cluster, join: first } = await join('renewed');
    const { join: second } = await tenant.callAs('operator', clusterRenewJoin, {
      clusterId: cluster.id,
    });
    expect(second.token).not.toBe(first.token);
    expect(
      await platform.db.system.cluster.count({ where: { joinTokenHash: hashSecret(first.token) } }),
    ).toBe(0);
  });
});

describe('every verb', () => {
  type Verb = OperationContract<z.ZodObject<{ clusterId: z.ZodString }>, z.ZodType>;
  const verbs: Verb[] = [
    clusterGet,
    clusterNamespaces,
    clusterRenewJoin,
    clusterRevoke,
    clusterLeave,
  ];

  it('answers 404 for a cluster of another organisation', async () => {
    const { cluster } = await join('not-yours');
    for (const verb of verbs) {
      await expect(other.callAs('owner', verb, { clusterId: cluster.id })).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    const { items } = await other.callAs('owner', clusterList, {});
    expect(items.map(({ id }) => id)).not.toContain(cluster.id);
  });

  it('refuses a viewer every change', async () => {
    const { cluster } = await join('read-only');
    for (const verb of [clusterRenewJoin, clusterRevoke, clusterLeave] as Verb[]) {
      await expect(tenant.callAs('viewer', verb, { clusterId: cluster.id })).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    await expect(tenant.callAs('viewer', clusterJoin, { name: 'x' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await tenant.callAs('viewer', clusterGet, { clusterId: cluster.id });
  });
});

describe('listing', () => {
  it('pages by name and finds one by its name', async () => {
    const own = await makeTenant(platform, 'Many');
    for (const name of ['c', 'a', 'b']) await own.callAs('owner', clusterJoin, { name });
    const first = await own.callAs('viewer', clusterList, { limit: 2 });
    expect(first.items.map(({ name }) => name)).toEqual(['a', 'b']);
    const second = await own.callAs('viewer', clusterList, { limit: 2, cursor: first.nextCursor! });
    expect([second.items.map(({ name }) => name), second.nextCursor]).toEqual([['c'], null]);
    const found = await own.callAs('viewer', clusterList, { name: 'b' });
    expect(found.items.map(({ name }) => name)).toEqual(['b']);
  });
});

describe('leaving', () => {
  it('is refused while the cluster is in a mesh, and says which', async () => {
    const { cluster } = await join('busy');
    await platform.db.system.mesh.create({
      data: {
        id: newId('mesh'),
        organisationId: tenant.organisationId,
        projectId: tenant.projectId,
        name: 'shop',
        profile: 'sidecar',
        release: '1.30.2',
        options: {},
        clusters: { create: { clusterId: cluster.id, organisationId: tenant.organisationId } },
      },
    });
    await expect(
      tenant.callAs('operator', clusterLeave, { clusterId: cluster.id }),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('mesh "shop"') });
  });

  it('removes the cluster and says how to uninstall the agent', async () => {
    const { cluster } = await join('leaving');
    const left = await tenant.callAs('operator', clusterLeave, { clusterId: cluster.id });
    expect(left).toMatchObject({
      state: 'gone',
      uninstallCommand: expect.stringContaining('kubectl delete'),
    });
    await expect(
      tenant.callAs('viewer', clusterGet, { clusterId: cluster.id }),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('revoking', () => {
  it('ends credential and token, once', async () => {
    const { cluster } = await join('revoked');
    const first = await tenant.callAs('operator', clusterRevoke, { clusterId: cluster.id });
    const second = await tenant.callAs('operator', clusterRevoke, { clusterId: cluster.id });
    expect([first.state, second.version]).toEqual(['gone', first.version]);
    const row = await platform.db.system.cluster.findUniqueOrThrow({ where: { id: cluster.id } });
    expect(row).toMatchObject({ joinTokenHash: null, credentialEpoch: 1 });
  });
});
