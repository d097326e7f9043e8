import { newId } from '@ambit/contracts/ids';
import type { OperationContract } from '@ambit/contracts/operation';
import { roles, type Role } from '@ambit/contracts/permissions';
import type { Release } from '@ambit/contracts/release';
import { testDatabase } from '@ambit/db/testing/test-database';
import type { z } from 'zod';
import type { Caller, Platform } from '../kernel/context.ts';
import { execute } from '../kernel/execute.ts';
import { loadAgentKeys } from '../kernel/keys.ts';
import { registry } from '../registry.ts';

export type TestPlatform = Platform & { drop(): Promise<void> };

/** Two releases for tests; their renderers do not exist. */
export const testReleases: Release[] = ['1.29.1', '1.30.2'].map((version) => ({
  version,
  channel: 'stable',
  kubernetes: { min: '1.31', max: '1.36' },
  endOfLife: '2099-12-31',
  source: { istioctl: '/nowhere/istioctl' },
  values: {},
  patches: [],
}));

/** A platform over a migrated database of its own; `drop` closes and removes it. */
export async function testPlatform(more: Partial<Platform> = {}): Promise<TestPlatform> {
  const db = await testDatabase();
  return {
    db,
    releases: testReleases,
    keys: await loadAgentKeys(db),
    publicUrl: 'http://ambit.test',
    agentUrl: 'http://ambit.test',
    agentImage: 'ambit/agent:test',
    now: () => new Date(),
    ...more,
    drop: db.drop,
  };
}

export interface Tenant {
  organisationId: string;
  projectId: string;
  /** One caller a role, each a user and member of the organisation. */
  callers: Record<Role, Caller>;
  memberIds: Record<Role, string>;
  /**
   * Runs a verb as a member with this role, through everything a door runs it through.
   * @throws AmbitError
   */
  callAs<I extends z.ZodObject, O extends z.ZodType>(
    role: Role,
    contract: OperationContract<I, O>,
    input: z.input<I>,
    more?: Partial<Caller>,
  ): Promise<z.output<O>>;
}

/** A new organisation with the project "default" and a member of every role. */
export async function makeTenant(platform: Platform, name = 'Test'): Promise<Tenant> {
  const { system } = platform.db;
  const organisationId = newId('organisation');
  const projectId = newId('project');
  await system.organisation.create({
    data: { id: organisationId, name, projects: { create: { id: projectId, name: 'default' } } },
  });
  const callers = {} as Record<Role, Caller>;
  const memberIds = {} as Record<Role, string>;
  for (const role of roles) {
    const userId = crypto.randomUUID();
    const email = `${role}-${userId.slice(0, 8)}@example.com`;
    memberIds[role] = newId('member');
    await system.user.create({
      data: {
        id: userId,
        name: `The ${role}`,
        email,
        members: { create: { id: memberIds[role], organisationId, role } },
      },
    });
    callers[role] = {
      actor: { kind: 'user', id: userId, name: `The ${role}`, email },
      role,
      organisationId,
      door: 'rest',
      requestId: newId('request'),
    };
  }
  return {
    organisationId,
    projectId,
    callers,
    memberIds,
    callAs: async <I extends z.ZodObject, O extends z.ZodType>(
      role: Role,
      contract: OperationContract<I, O>,
      input: z.input<I>,
      more: Partial<Caller> = {},
    ) => {
      const implementation = registry.get(contract.id);
      if (!implementation) throw new Error(`nothing implements ${contract.id}`);
      const caller = { ...callers[role], requestId: newId('request'), ...more };
      return (await execute(platform, implementation, caller, input)) as z.output<O>;
    },
  };
}

/** Audit rows of an organisation for one action, newest first. */
export async function auditOf(platform: Platform, tenant: Tenant, action: string) {
  return platform.db.system.auditEntry.findMany({
    where: { organisationId: tenant.organisationId, action },
    orderBy: { id: 'desc' },
  });
}
