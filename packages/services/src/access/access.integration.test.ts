import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import type { OperationContract } from '@ambit/contracts/operation';
import * as access from '@ambit/contracts/operations/access';
import * as organisation from '@ambit/contracts/operations/organisation';
import { hashSecret } from '../kernel/keys.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';

let platform: TestPlatform;
let us: Tenant;
let them: Tenant;
beforeAll(async () => {
  platform = await testPlatform();
  us = await makeTenant(platform, 'Us');
  them = await makeTenant(platform, 'Them');
});
afterAll(() => platform.drop());

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('me', () => {
  it('tells who, where and what one may do', async () => {
    const me = await us.callAs('operator', organisation.meGet, {});
    expect(me).toMatchObject({ role: 'operator', organisation: { name: 'Us' } });
    expect(me.permissions).toContain('mesh.write');
    expect(me.permissions).not.toContain('member.write');
    expect(me.organisations).toEqual([{ id: us.organisationId, name: 'Us', role: 'operator' }]);
  });
});

it('many more callers at once than there are connections are all answered', async () => {
  const calls = Array.from({ length: 60 }, (_, i) =>
    i % 2 === 0
      ? us.callAs('viewer', organisation.meGet, {})
      : us.callAs('viewer', access.memberList, {}),
  );
  expect(await Promise.all(calls)).toHaveLength(60);
});

describe('organisation', () => {
  it('is renamed by an owner, with an audit row', async () => {
    const fresh = await makeTenant(platform, 'Before');
    const row = await fresh.callAs('owner', organisation.organisationUpdate, { name: 'After' });
    expect(row.name).toBe('After');
    expect(await auditOf(platform, fresh, 'organisation.update')).toMatchObject([
      { outcome: 'done', target: fresh.organisationId, actorName: 'The owner' },
    ]);
    const others = await platform.db.system.organisation.findUnique({
      where: { id: them.organisationId },
    });
    expect(others?.name).toBe('Them');
  });
});

describe('projects', () => {
  it('are created, listed by name and deleted', async () => {
    const project = await us.callAs('admin', organisation.projectCreate, { name: 'alpha' });
    const list = await us.callAs('viewer', organisation.projectList, {});
    expect(list.items.map((item) => item.name)).toEqual(['alpha', 'default']);
    await us.callAs('admin', organisation.projectDelete, { projectId: project.id });
    expect((await us.callAs('viewer', organisation.projectList, {})).items).toHaveLength(1);
    expect(await auditOf(platform, us, 'project.delete')).toMatchObject([{ target: project.id }]);
  });

  it('of one name exist once, also when two are made at the same moment', async () => {
    const make = () => us.callAs('admin', organisation.projectCreate, { name: 'twice' });
    const results = await Promise.allSettled([make(), make(), make()]);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(2);
    for (const { reason } of refused) expect(reason).toEqual(code('conflict'));
  });

  it('with a mesh are not deleted', async () => {
    const { system } = platform.db;
    const { id } = await us.callAs('admin', organisation.projectCreate, { name: 'used' });
    const mesh = {
      id: newId('mesh'),
      organisationId: us.organisationId,
      projectId: id,
      name: 'shop',
      profile: 'sidecar',
      release: '1.30.2',
      options: {},
    };
    await system.mesh.create({ data: mesh });
    await expect(us.callAs('admin', organisation.projectDelete, { projectId: id })).rejects.toThrow(
      'has a mesh (shop)',
    );
    expect(await auditOf(platform, us, 'project.delete')).toMatchObject([
      { outcome: 'refused', target: id },
      {},
    ]);
  });
});

describe('members', () => {
  it('are listed only of the own organisation', async () => {
    const list = await us.callAs('viewer', access.memberList, {});
    expect(list.items.map((item) => item.id).sort()).toEqual(Object.values(us.memberIds).sort());
  });

  it('change role by an admin up to admin, not to owner', async () => {
    const tenant = await makeTenant(platform, 'Roles');
    const memberId = tenant.memberIds.viewer;
    const row = await tenant.callAs('admin', access.memberUpdate, { memberId, role: 'admin' });
    expect(row.role).toBe('admin');
    await expect(
      tenant.callAs('admin', access.memberUpdate, { memberId, role: 'owner' }),
    ).rejects.toEqual(code('forbidden'));
    await expect(
      tenant.callAs('admin', access.memberRemove, { memberId: tenant.memberIds.owner }),
    ).rejects.toEqual(code('forbidden'));
  });

  it('keep at least one owner, also when two owners remove each other at the same moment', async () => {
    const tenant = await makeTenant(platform, 'Owners');
    const alone = tenant.memberIds.owner;
    await expect(
      tenant.callAs('owner', access.memberUpdate, { memberId: alone, role: 'viewer' }),
    ).rejects.toEqual(code('conflict'));
    const second = tenant.memberIds.admin;
    await tenant.callAs('owner', access.memberUpdate, { memberId: second, role: 'owner' });
    const results = await Promise.allSettled([
      tenant.callAs('owner', access.memberRemove, { memberId: second }),
      tenant.callAs('owner', access.memberRemove, { memberId: alone }),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('who leave or are lowered lose their tokens, and the tokens made with them', async () => {
    const tenant = await makeTenant(platform, 'Leavers');
    const first = await tenant.callAs('admin', access.tokenCreate, { name: 'a', role: 'admin' });
    const small = await tenant.callAs('admin', access.tokenCreate, { name: 'b', role: 'viewer' });
    const actor = { kind: 'token' as const, id: first.id, name: 'a', email: null };
    const made = await tenant.callAs(
      'admin',
      access.tokenCreate,
      { name: 'c', role: 'operator' },
      { actor },
    );
    const memberId = tenant.memberIds.admin;
    await tenant.callAs('owner', access.memberUpdate, { memberId, role: 'viewer' });
    const left = async () => {
      const { items } = await tenant.callAs('owner', access.tokenList, {});
      return items.filter((item) => item.revokedAt === null).map((item) => item.id);
    };
    expect(await left()).toEqual([small.id]);
    expect(made.createdBy).toBe('a');
    await tenant.callAs('owner', access.memberRemove, { memberId });
    expect(await left()).toEqual([]);
  });
});

describe('invitations', () => {
  it('answer their link once, store only its hash, and replace an open one', async () => {
    const tenant = await makeTenant(platform, 'Inviting');
    const invite = (key?: string) =>
      tenant.callAs(
        'admin',
        access.invitationCreate,
        { email: 'New@Example.com', role: 'operator' },
        key ? { idempotencyKey: key } : {},
      );
    const first = await invite('k');
    const secret = first.link.split('/').at(-1)!;
    expect(first).toMatchObject({ state: 'open', email: 'new@example.com' });
    expect((await invite('k')).link).toBe('(shown once)');
    const stored = await platform.db.system.invitation.findUniqueOrThrow({
      where: { id: first.id },
    });
    expect(stored.tokenHash).toBe(hashSecret(secret));
    const second = await invite();
    const { items } = await tenant.callAs('viewer', access.invitationList, {});
    expect(items.map(({ id, state }) => [id, state])).toEqual([
      [second.id, 'open'],
      [first.id, 'revoked'],
    ]);
    const audits = JSON.stringify(await auditOf(platform, tenant, 'invitation.create'));
    expect(audits).not.toContain(secret);
  });

  it('are not for members, nor above the own role', async () => {
    const { email } = us.callers.viewer.actor;
    await expect(us.callAs('admin', access.invitationCreate, { email: email! })).rejects.toEqual(
      code('conflict'),
    );
    await expect(
      us.callAs('admin', access.invitationCreate, { email: 'x@example.com', role: 'owner' }),
    ).rejects.toEqual(code('forbidden'));
  });

  it('are revoked, and a second time changes nothing', async () => {
    const { id } = await us.callAs('admin', access.invitationCreate, { email: 'r@example.com' });
    const revoke = () => us.callAs('admin', access.invitationRevoke, { invitationId: id });
    expect((await revoke()).state).toBe('revoked');
    expect((await revoke()).state).toBe('revoked');
  });
});

describe('tokens', () => {
  it('answer their secret once and never hold more than their maker', async () => {
    const token = await us.callAs('admin', access.tokenCreate, { name: 'ci', role: 'admin' });
    expect(token.secret).toMatch(/^ambit_/);
    expect(token.secret.startsWith(token.hint)).toBe(true);
    const { items } = await us.callAs('operator', access.tokenList, {});
    expect(JSON.stringify(items)).not.toContain(token.secret);
    await expect(
      us.callAs('admin', access.tokenCreate, { name: 'more', role: 'owner' }),
    ).rejects.toEqual(code('forbidden'));
    const row = await us.callAs('admin', access.tokenRevoke, { tokenId: token.id });
    expect(row.revokedAt).not.toBeNull();
    expect(JSON.stringify(await auditOf(platform, us, 'token.create'))).not.toContain(token.secret);
  });
});

describe('audit', () => {
  it('lists what was done and refused, newest first, by action, target and actor', async () => {
    const tenant = await makeTenant(platform, 'Audited');
    await tenant.callAs('owner', organisation.organisationUpdate, { name: 'One' });
    await tenant.callAs('viewer', organisation.organisationUpdate, { name: 'Two' }).catch(() => {});
    const all = await tenant.callAs('owner', access.auditList, {});
    expect(all.items.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['organisation.update', 'refused'],
      ['organisation.update', 'done'],
    ]);
    const actor = tenant.callers.owner.actor.id;
    expect((await tenant.callAs('owner', access.auditList, { actor })).items).toHaveLength(1);
    expect((await tenant.callAs('owner', access.auditList, { action: 'x.y' })).items).toEqual([]);
  });
});

const commands: [OperationContract, () => Record<string, unknown>][] = [
  [organisation.organisationUpdate, () => ({ name: 'x' })],
  [organisation.projectCreate, () => ({ name: 'x' })],
  [organisation.projectDelete, () => ({ projectId: us.projectId })],
  [access.memberUpdate, () => ({ memberId: us.memberIds.operator, role: 'viewer' })],
  [access.memberRemove, () => ({ memberId: us.memberIds.operator })],
  [access.invitationCreate, () => ({ email: 'y@example.com' })],
  [access.invitationRevoke, () => ({ invitationId: newId('invitation') })],
  [access.tokenCreate, () => ({ name: 'x' })],
  [access.tokenRevoke, () => ({ tokenId: newId('token') })],
];

it.each(commands)(
  '$id is refused to a viewer, and the refusal is in the audit log',
  async (contract, input) => {
    const requestId = newId('request');
    await expect(us.callAs('viewer', contract, input(), { requestId })).rejects.toEqual(
      code('forbidden'),
    );
    const rows = await auditOf(platform, us, contract.id);
    expect(rows.find((row) => row.requestId === requestId)).toMatchObject({ outcome: 'refused' });
  },
);

it.each([
  [organisation.projectDelete, () => ({ projectId: them.projectId })],
  [access.memberUpdate, () => ({ memberId: them.memberIds.viewer, role: 'viewer' })],
  [access.memberRemove, () => ({ memberId: them.memberIds.viewer })],
  [access.invitationRevoke, async () => ({ invitationId: await theirInvitation() })],
  [access.tokenRevoke, async () => ({ tokenId: await theirToken() })],
] as [OperationContract, () => object | Promise<object>][])(
  "$id of another organisation's is not found",
  async (contract, input) => {
    await expect(us.callAs('owner', contract, (await input()) as never)).rejects.toEqual(
      code('not_found'),
    );
  },
);

const theirInvitation = async () =>
  (await them.callAs('owner', access.invitationCreate, { email: 'z@example.com' })).id;

const theirToken = async () => (await them.callAs('owner', access.tokenCreate, { name: 't' })).id;
