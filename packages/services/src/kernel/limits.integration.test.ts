import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Limit } from '@ambit/contracts/limits';
import * as access from '@ambit/contracts/operations/access';
import { meshKubeconfig, meshList, meshUpdate } from '@ambit/contracts/operations/mesh';
import { meGet } from '@ambit/contracts/operations/organisation';
import * as policy from '@ambit/contracts/operations/policy';
import type { OperationContract } from '@ambit/contracts/operation';
import type { z } from 'zod';
import { renderedMesh } from '../testing/rendered-mesh.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';

type AnyContract = OperationContract;

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;
beforeAll(async () => {
  platform = await testPlatform();
  tenant = await makeTenant(platform);
  meshId = await renderedMesh(platform, tenant);
});
afterAll(() => platform.drop());

const sidecar = (name: string, namespace: string) =>
  `apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {egress: [{hosts: ["./*"]}]}\n---\n`;

const limited = (...limits: Limit[]) => ({
  apply: (yaml: string) =>
    tenant.callAs('operator', policy.policyApply, { meshId, yaml }, { limits }),
  list: (namespace?: string) =>
    tenant.callAs(
      'operator',
      policy.policyList,
      { meshId, ...(namespace ? { namespace } : {}) },
      { limits },
    ),
  call: <I extends z.ZodObject, O extends z.ZodType>(
    contract: OperationContract<I, O>,
    input: z.input<I>,
  ) => tenant.callAs('operator', contract, input, { limits }),
});

describe('who is limited to a namespace', () => {
  test('reads, writes, restores and deletes the policies there, and sees no others', async () => {
    await tenant.callAs('operator', policy.policyApply, { meshId, yaml: sidecar('theirs', 'dev') });
    const us = limited({ meshId, namespaces: ['shop'] });
    const { items } = await us.apply(sidecar('ours', 'shop'));
    expect((await us.list()).items.map(({ name }) => name)).toEqual(['ours']);
    const targets = await us.call(policy.policyTargets, { meshId });
    expect(targets.items.map(({ name }) => name)).toEqual(['ours']);
    const id = { meshId, policyId: items[0]!.policy.id };
    for (const contract of [policy.policyGet, policy.policyHistory, policy.policyDelete]) {
      await expect(us.call(contract as AnyContract, id)).resolves.toBeDefined();
    }
    await expect(us.call(policy.policyRestore, { ...id, version: 1 })).resolves.toMatchObject({
      version: 3,
    });
  });

  test('is refused all other namespaces, whatever the verb, with what is missing; it is audited', async () => {
    const us = limited({ meshId, namespaces: ['shop'] });
    const both = sidecar('one', 'shop') + sidecar('two', 'dev');
    await expect(us.apply(both)).rejects.toMatchObject({
      code: 'forbidden',
      message: `you are limited to namespace shop of mesh ${meshId}; to create Sidecar two in namespace dev is beyond that`,
    });
    expect((await us.list()).items.map(({ name }) => name)).not.toContain('one');
    await expect(us.list('dev')).rejects.toMatchObject({ code: 'forbidden' });
    const { items } = await tenant.callAs('viewer', policy.policyList, {
      meshId,
      namespace: 'dev',
    });
    const id = { meshId, policyId: items[0]!.id };
    for (const [contract, more] of [
      [policy.policyGet, {}],
      [policy.policyHistory, {}],
      [policy.policyDelete, {}],
      [policy.policyUpdate, { version: 1, yaml: sidecar('theirs', 'dev').replace('---\n', '') }],
      [policy.policyRestore, { version: 1 }],
    ] as const) {
      await expect(
        us.call(contract as AnyContract, { ...id, ...more }),
        contract.id,
      ).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    const [row] = await auditOf(platform, tenant, 'policy.delete');
    expect(row).toMatchObject({ outcome: 'refused', door: 'rest' });
  });

  test('changes nothing but policies, and reads the rest', async () => {
    const us = limited({ namespaces: ['shop'] });
    await expect(us.call(meshList, {})).resolves.toMatchObject({ items: [{ id: meshId }] });
    await expect(
      us.call(meshUpdate, { meshId, version: 1, options: {} } as never),
    ).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('mesh.update') });
    await expect(us.call(meshKubeconfig, { meshId })).resolves.toMatchObject({ kind: 'Config' });
    const me = await us.call(meGet, {});
    expect(me.permissions.filter((each) => each.endsWith('.write'))).toEqual(['policy.write']);
    expect(me.limits).toEqual([{ namespaces: ['shop'] }]);
  });
});

test('who is limited to verbs or to another mesh does no more than that', async () => {
  const reads = limited({ verbs: ['get', 'list'] });
  expect((await reads.list()).items.length).toBeGreaterThan(0);
  await expect(reads.apply(sidecar('new', 'shop'))).rejects.toMatchObject({ code: 'forbidden' });
  const elsewhere = limited({ meshId: 'msh_elsewhere' });
  await expect(elsewhere.list()).rejects.toMatchObject({ code: 'forbidden' });
});

describe('limits', () => {
  test('are given to tokens and members of the lower roles', async () => {
    const limits = [{ meshId, namespaces: ['shop'], verbs: ['get' as const] }];
    const token = { name: 'ci', role: 'operator' as const, limits };
    const made = await tenant.callAs('admin', access.tokenCreate, token);
    expect(made.limits).toEqual(limits);
    const { items } = await tenant.callAs('admin', access.tokenList, {});
    expect(items[0]?.limits).toEqual(limits);
    await expect(
      tenant.callAs('owner', access.tokenCreate, { ...token, role: 'admin' }),
    ).rejects.toMatchObject({ code: 'unprocessable' });
    await expect(
      tenant.callAs('owner', access.tokenCreate, {
        ...token,
        limits: [{ meshId: 'msh_01hzzzzzzzzzzzzzzzzzzzzzzz' }],
      }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/not_found|invalid_input/) });
  });

  test('that a member gets end the tokens the member made without them; they stay until taken back', async () => {
    const them = await makeTenant(platform, 'Limits');
    const memberId = them.memberIds.admin;
    const { id } = await them.callAs('admin', access.tokenCreate, { name: 'old', role: 'viewer' });
    const limits = [{ namespaces: ['shop'] }];
    const change = (input: object) =>
      them.callAs('owner', access.memberUpdate, { memberId, role: 'operator', ...input });
    expect((await change({ limits })).limits).toEqual(limits);
    const { items } = await them.callAs('owner', access.tokenList, {});
    expect(items.find((token) => token.id === id)?.revokedAt).not.toBeNull();
    expect((await change({})).limits).toEqual(limits);
    expect((await change({ limits: null })).limits).toBeNull();
  });
});
