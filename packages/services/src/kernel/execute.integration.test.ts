import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { newId } from '@ambit/contracts/ids';
import { defineOperation } from '@ambit/contracts/operation';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';
import type { Caller } from './context.ts';
import { conflict } from './errors.ts';
import { execute } from './execute.ts';
import { implement, implementOutside, type Implementation } from './implement.ts';

let platform: TestPlatform;
let tenant: Tenant;
beforeAll(async () => {
  platform = await testPlatform();
  tenant = await makeTenant(platform);
});
afterAll(() => platform.drop());

const contract = defineOperation({
  id: 'project.try',
  kind: 'command',
  permission: 'project.write',
  rest: { method: 'POST', path: '/v1/try' },
  summary: 'A verb for tests',
  input: z.object({ name: z.string().min(1), secret: z.string().optional() }),
  output: z.object({ id: z.string(), secret: z.string().optional() }),
});

/** Writes a project, an event and a job, then does what the test wants. */
const writing = (then: () => void) =>
  implement(contract, async ({ tx, organisationId, enqueue, changed }, { name, secret }) => {
    const id = newId('project');
    await tx.project.create({ data: { id, organisationId, name } });
    await changed('project', id, 'created');
    await enqueue('mesh.observe', { organisationId, meshId: newId('mesh') });
    then();
    return { id, ...(secret ? { secret } : {}) };
  });

const run = (verb: unknown, input: object, more: Partial<Caller> = {}) =>
  execute(
    platform,
    verb as Implementation,
    { ...tenant.callers.admin, requestId: newId('request'), ...more },
    input,
  );

const left = async (name: string) => {
  const { system } = platform.db;
  const where = { organisationId: tenant.organisationId };
  const project = await system.project.findFirst({ where: { ...where, name } });
  const events = await system.changeEvent.count({
    where: { ...where, resourceId: project?.id ?? '' },
  });
  const jobs = await system.outboxEntry.count({ where });
  return { project, events, jobs };
};

describe('a command', () => {
  it('leaves its rows, its event, its job and its audit row together', async () => {
    const before = await left('good');
    await run(
      writing(() => {}),
      { name: 'good' },
    );
    const after = await left('good');
    expect(after.project).not.toBeNull();
    expect(after.events).toBe(1);
    expect(after.jobs).toBe(before.jobs + 1);
    expect(await auditOf(platform, tenant, 'project.try')).toMatchObject([
      { outcome: 'done', target: after.project?.id, detail: { name: 'good' } },
    ]);
  });

  it('that refuses leaves nothing but the audit row of its refusal', async () => {
    const before = await left('refused');
    const refusing = writing(() => {
      throw conflict('not today');
    });
    await expect(run(refusing, { name: 'refused' })).rejects.toThrow('not today');
    const after = await left('refused');
    expect(after).toMatchObject({ project: null, jobs: before.jobs });
    expect((await auditOf(platform, tenant, 'project.try'))[0]).toMatchObject({
      outcome: 'refused',
      detail: { name: 'refused', error: 'not today' },
    });
  });

  it('that fails unexpectedly leaves nothing', async () => {
    const failing = writing(() => {
      throw new Error('a bug');
    });
    await expect(run(failing, { name: 'failed' })).rejects.toThrow('a bug');
    expect(await left('failed')).toMatchObject({ project: null });
  });

  it('that answers what its contract does not allow leaves nothing', async () => {
    const wrong = implement(contract, async ({ tx, organisationId }, { name }) => {
      await tx.project.create({ data: { id: newId('project'), organisationId, name } });
      return { id: 7 } as never;
    });
    await expect(run(wrong, { name: 'wrong' })).rejects.toThrow();
    expect(await left('wrong')).toMatchObject({ project: null });
  });

  it('with an invalid input names each wrong field and does not run', async () => {
    let ran = false;
    const verb = implement(contract, async () => {
      ran = true;
      return { id: 'x' };
    });
    await expect(run(verb, { name: '' })).rejects.toMatchObject({
      code: 'invalid_input',
      details: [{ path: 'name' }],
    });
    expect(ran).toBe(false);
  });

  it('that loses a race for a name is a conflict, not an internal error', async () => {
    await run(
      writing(() => {}),
      { name: 'taken' },
    );
    await expect(
      run(
        writing(() => {}),
        { name: 'taken' },
      ),
    ).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('keeps secrets out of the audit log and of what repeated requests are answered', async () => {
    const key = { idempotencyKey: 'secret-key' };
    const input = { name: 'hidden', secret: 'very secret' };
    const first = await run(
      writing(() => {}),
      input,
      key,
    );
    expect(first).toMatchObject({ secret: 'very secret' });
    const second = await run(
      writing(() => {}),
      input,
      key,
    );
    expect(second).toMatchObject({ id: (first as { id: string }).id, secret: '(shown once)' });
    const kept = [
      await auditOf(platform, tenant, 'project.try'),
      await platform.db.system.idempotencyKey.findMany(),
    ];
    expect(JSON.stringify(kept)).not.toContain('very secret');
  });

  it('with a key of another person runs for itself', async () => {
    const key = { idempotencyKey: 'shared' };
    await run(
      writing(() => {}),
      { name: 'of-admin' },
      key,
    );
    await run(
      writing(() => {}),
      { name: 'of-owner' },
      { ...tenant.callers.owner, ...key },
    );
    expect((await left('of-owner')).project).not.toBeNull();
  });
});

it('a refused command does not use up its idempotency key', async () => {
  const key = { idempotencyKey: 'second-try' };
  const refusing = writing(() => {
    throw conflict('not yet');
  });
  await expect(run(refusing, { name: 'retry' }, key)).rejects.toThrow('not yet');
  await run(
    writing(() => {}),
    { name: 'retry' },
    key,
  );
  expect((await left('retry')).project).not.toBeNull();
});

it('a verb that goes on outside its transaction is audited, and consoles are told of it', async () => {
  const { system } = platform.db;
  const where = { organisationId: tenant.organisationId, topic: 'audit', resourceId: contract.id };
  const before = await system.changeEvent.count({ where });
  const outside = implementOutside(
    contract,
    async () => 'seen',
    async (_outside, _input, found) => ({ id: found }),
  );
  expect(await run(outside, { name: 'outside' })).toEqual({ id: 'seen' });
  expect(await system.changeEvent.count({ where })).toBe(before + 1);
  const [newest] = await auditOf(platform, tenant, contract.id);
  expect(newest).toMatchObject({ outcome: 'done', detail: { name: 'outside' } });
});

it('two commands that block each other are both done in the end', async () => {
  const { system } = platform.db;
  const ids = [newId('project'), newId('project')];
  for (const id of ids) {
    await system.project.create({
      data: { id, organisationId: tenant.organisationId, name: `lock-${id.slice(-8)}` },
    });
  }
  let arrived = 0;
  let bothHere = () => {};
  const both = new Promise<void>((resolve) => {
    bothHere = resolve;
  });
  let runs = 0;
  const verb = (order: string[]) =>
    implement(contract, async ({ tx }) => {
      runs++;
      for (const [i, id] of order.entries()) {
        await tx.project.update({ where: { id }, data: { description: 'locked' } });
        if (i > 0) continue;
        if (++arrived === 2) bothHere();
        await both;
      }
      return { id: 'x' };
    });
  await Promise.all([run(verb(ids), { name: 'a' }), run(verb(ids.toReversed()), { name: 'b' })]);
  expect(runs).toBe(3);
});
