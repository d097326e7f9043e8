import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import {
  meshCreate,
  meshDelete,
  meshGet,
  meshUpdate,
  meshUpgrade,
} from '@ambit/contracts/operations/mesh';
import { enrolmentChange } from '@ambit/contracts/operations/enrolment';
import {
  operationCancel,
  operationGet,
  operationLogs,
  operationRetry,
} from '@ambit/contracts/operations/lifecycle';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { drive, readOperation } from '../testing/drive.ts';
import { standInAgent, type StandInAgent, type StandInOptions } from '../testing/stand-in-agent.ts';
import { standInRenderer } from '../testing/stand-in-renderer.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { advance } from './advance.ts';
import type { Engine } from './engine.ts';

const migrationsUrl = new URL('../../../../prisma/migrations/', import.meta.url).href;

let platform: TestPlatform;
let clock: Date;

beforeAll(async () => {
  clock = new Date();
  platform = await testPlatform({ now: () => clock });
});
afterAll(() => platform.drop());

const later = (ms: number) => {
  clock = new Date(clock.getTime() + ms);
};

interface World {
  tenant: Tenant;
  engine: Engine;
  agents: StandInAgent[];
}

async function world(count = 1, options: StandInOptions = {}): Promise<World> {
  const tenant = await makeTenant(platform);
  const agents: StandInAgent[] = [];
  for (let i = 0; i < count; i++) {
    const agent = await standInAgent(platform, tenant, `c${i}`, options);
    await agent.pass();
    agents.push(agent);
  }
  const engine: Engine = {
    db: platform.db,
    releases: platform.releases,
    renderer: standInRenderer(),
    now: () => clock,
  };
  return { tenant, engine, agents };
}

const create = ({ tenant, agents }: World, more: object = {}) =>
  tenant.callAs('operator', meshCreate, {
    name: 'mesh',
    release: '1.29.1',
    clusterIds: agents.map((a) => a.clusterId),
    ...more,
  });

async function created(w: World) {
  const { mesh, operation } = await create(w);
  const done = await drive(platform, w.tenant, w.engine, w.agents, operation.id);
  expect(done.message).toContain('is Ready');
  return w.tenant.callAs('viewer', meshGet, { meshId: mesh.id });
}

const run = (w: World, operationId: string) =>
  drive(platform, w.tenant, w.engine, w.agents, operationId);

describe('create', () => {
  test('goes through its steps to Ready on every cluster', async () => {
    const w = await world(2);
    const { mesh, operation } = await create(w);
    expect(operation.steps.map((s) => s.state)).toEqual(Array(6).fill('pending'));
    const done = await run(w, operation.id);
    expect(done).toMatchObject({ state: 'succeeded', reason: 'Succeeded' });
    expect(done.steps.map((s) => [s.name, s.state])).toEqual([
      ['precheck', 'succeeded'],
      ['render', 'succeeded'],
      ['deliver', 'succeeded'],
      ['apply', 'succeeded'],
      ['ready', 'succeeded'],
      ['undo', 'skipped'],
    ]);
    const after = await w.tenant.callAs('viewer', meshGet, { meshId: mesh.id });
    expect(after).toMatchObject({ status: 'Ready', activeRelease: '1.29.1', operation: null });
    expect(after.conditions.map((c) => [c.type, c.status])).toEqual([
      ['Ready', 'True'],
      ['Reconciled', 'True'],
      ['DependenciesHealthy', 'True'],
      ['Progressing', 'False'],
    ]);
    expect(after.upgradeTo).toEqual(['1.30.2']);
    const logs = await w.tenant.callAs('viewer', operationLogs, { operationId: operation.id });
    expect(logs.items.map((l) => l.step)).toContain('ready');
  });

  test('pauses while an agent is away and goes on when it is back', async () => {
    const w = await world();
    const { operation } = await create(w);
    await advance(w.engine, w.tenant.organisationId, operation.id);
    later(100_000);
    await advance(w.engine, w.tenant.organisationId, operation.id);
    const paused = await readOperation(platform, operation.id);
    expect(paused.steps.find((s) => s.state === 'running')?.message).toMatch(
      /^Paused: nothing heard/,
    );
    later(3_600_000);
    await w.agents[0]?.report();
    const done = await run(w, operation.id);
    expect(done.state).toBe('succeeded');
  });

  test('cancelled before Ready takes back what was applied, and can be retried', async () => {
    let stuck = true;
    const w = await world(1, {
      script: (b) =>
        stuck && b.mode === 'present'
          ? { state: 'Waiting', message: 'istiod 0/1 ready' }
          : undefined,
    });
    const { mesh, operation } = await create(w);
    for (let i = 0; i < 4; i++) {
      await advance(w.engine, w.tenant.organisationId, operation.id);
      await w.agents[0]?.pass();
    }
    const before = await w.tenant.callAs('viewer', operationGet, { operationId: operation.id });
    expect(before.steps.find((s) => s.state === 'running')?.message).toContain('istiod 0/1 ready');
    expect(before.cancelDisabledReason).toBeNull();
    await w.tenant.callAs('operator', operationCancel, { operationId: operation.id });
    const done = await run(w, operation.id);
    expect(done).toMatchObject({ state: 'cancelled', reason: 'Cancelled' });
    expect(done.steps.find((s) => s.name === 'undo')?.state).toBe('succeeded');
    expect(await platform.db.system.desiredBundle.count({ where: { meshId: mesh.id } })).toBe(0);
    stuck = false;
    const again = await w.tenant.callAs('operator', operationRetry, { operationId: operation.id });
    expect((await run(w, again.id)).state).toBe('succeeded');
  });

  test('fails with the first error when the agent goes on failing', async () => {
    const w = await world(1, {
      script: () => ({
        state: 'Failed',
        objects: { total: 4, applied: 1, ready: 0 },
        errors: [
          {
            object: {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              namespace: 'istio-system',
              name: 'istio',
            },
            reason: 'Conflict',
            message: 'owned by helm',
          },
        ],
      }),
    });
    const { mesh, operation } = await create(w);
    for (let i = 0; i < 5; i++) {
      await advance(w.engine, w.tenant.organisationId, operation.id);
      await w.agents[0]?.pass();
      later(12_000);
    }
    const done = await run(w, operation.id);
    expect(done).toMatchObject({ state: 'failed', reason: 'ApplyFailed' });
    expect(done.message).toContain('ConfigMap istio-system/istio: owned by helm');
    const after = await w.tenant.callAs('viewer', meshGet, { meshId: mesh.id });
    expect(after.status).toBe('Failed');
  });
});

describe('upgrade', () => {
  test('moves to the next minor and remembers it as the way back', async () => {
    const w = await world();
    const mesh = await created(w);
    const { operation } = await w.tenant.callAs('operator', meshUpgrade, {
      meshId: mesh.id,
      version: mesh.version,
      release: '1.30.2',
    });
    const done = await run(w, operation.id);
    expect(done).toMatchObject({ state: 'succeeded' });
    expect(done.result).toMatchObject({ release: '1.30.2', previousRelease: '1.29.1' });
    const after = await w.tenant.callAs('viewer', meshGet, { meshId: mesh.id });
    expect(after).toMatchObject({ activeRelease: '1.30.2', release: '1.30.2', status: 'Ready' });
  });

  test('rolls back by itself when the new release does not become Ready in its time', async () => {
    const w = await world(1, {
      script: (_b, version) =>
        version === '1.30.2' ? { state: 'Waiting', message: 'istiod 0/1 ready' } : undefined,
    });
    const mesh = await created(w);
    const digest = (
      await platform.db.system.desiredBundle.findFirst({ where: { meshId: mesh.id } })
    )?.digest;
    const { operation } = await w.tenant.callAs('operator', meshUpgrade, {
      meshId: mesh.id,
      version: mesh.version,
      release: '1.30.2',
      readyTimeoutSeconds: 20,
    });
    for (let i = 0; i < 4; i++) {
      await advance(w.engine, w.tenant.organisationId, operation.id);
      await w.agents[0]?.pass();
    }
    later(21_000);
    const done = await run(w, operation.id);
    expect(done).toMatchObject({ state: 'failed', reason: 'RolledBack' });
    expect(done.message).toContain('Not Ready within 20 s');
    expect(done.message).toContain('istiod 0/1 ready');
    expect(done.message).toContain('Returned to Istio 1.29.1');
    const after = await w.tenant.callAs('viewer', meshGet, { meshId: mesh.id });
    expect(after).toMatchObject({ activeRelease: '1.29.1', release: '1.29.1', status: 'Ready' });
    expect(
      (await platform.db.system.desiredBundle.findFirst({ where: { meshId: mesh.id } }))?.digest,
    ).toBe(digest);
  });

  test('cancelled goes back to the release of before', async () => {
    const w = await world(1, {
      script: (_b, version) => (version === '1.30.2' ? { state: 'Waiting' } : undefined),
    });
    const mesh = await created(w);
    const { operation } = await w.tenant.callAs('operator', meshUpgrade, {
      meshId: mesh.id,
      version: mesh.version,
      release: '1.30.2',
    });
    for (let i = 0; i < 3; i++) {
      await advance(w.engine, w.tenant.organisationId, operation.id);
      await w.agents[0]?.pass();
    }
    await w.tenant.callAs('operator', operationCancel, { operationId: operation.id });
    const done = await run(w, operation.id);
    expect(done.state).toBe('cancelled');
    const after = await w.tenant.callAs('viewer', meshGet, { meshId: mesh.id });
    expect(after).toMatchObject({ release: '1.29.1', activeRelease: '1.29.1' });
  });
});

describe('update', () => {
  test('applies new options and tells the difference', async () => {
    const w = await world();
    const mesh = await created(w);
    const { operation } = await w.tenant.callAs('operator', meshUpdate, {
      meshId: mesh.id,
      version: mesh.version,
      options: meshOptionsSchema.parse({ mtls: 'STRICT' }),
    });
    const done = await run(w, operation.id);
    expect(done.result).toMatchObject({ changes: ['mtls: PERMISSIVE -> STRICT'] });
  });
});

const change = (w: World, meshId: string, mode: 'sidecar' | 'none', namespace = 'shop') =>
  w.tenant.callAs('operator', enrolmentChange, {
    meshId,
    subjects: [{ clusterId: w.agents[0]!.clusterId, namespace }],
    mode,
  });

describe('a change of enrolment', () => {
  test('labels, restarts and proves it from the pods; out again leaves nothing', async () => {
    const w = await world();
    const mesh = await created(w);
    const enrol = async (mode: 'sidecar' | 'none') =>
      run(w, (await change(w, mesh.id, mode)).operation.id);
    const done = await enrol('sidecar');
    expect(done.state).toBe('succeeded');
    const steps = done.steps.filter(({ state }) => state !== 'skipped');
    expect(steps.map(({ name, state }) => [name, state])).toEqual(
      ['precheck', 'label', 'restart', 'probe'].map((name) => [name, 'succeeded']),
    );
    expect(steps.at(-1)?.message).toBe('1 pod as wanted');
    expect((await enrol('none')).state).toBe('succeeded');
    expect(
      await platform.db.system.desiredBundle.count({
        where: { meshId: mesh.id, name: 'enrolment' },
      }),
    ).toBe(0);
  });

  test('cancelled while it waits for pods gives the label back and restarts them again', async () => {
    const w = await world();
    const mesh = await created(w);
    const { operation } = await change(w, mesh.id, 'sidecar');
    w.agents[0]!.options.blind = true;
    for (let i = 0; i < 6; i++) {
      await advance(w.engine, w.tenant.organisationId, operation.id);
      await w.agents[0]?.pass();
    }
    const waiting = await w.tenant.callAs('viewer', operationGet, { operationId: operation.id });
    expect(waiting.steps.find((s) => s.state === 'running')?.name).toBe('probe');
    await w.tenant.callAs('operator', operationCancel, { operationId: operation.id });
    const done = await run(w, operation.id);
    expect(done).toMatchObject({ state: 'cancelled' });
    expect(done.steps.at(-1)).toMatchObject({ name: 'undo', state: 'succeeded' });
    expect(await platform.db.system.enrolment.count({ where: { meshId: mesh.id } })).toBe(0);
    expect(
      await platform.db.system.agentAction.count({ where: { operationId: operation.id } }),
    ).toBe(2);
  });

  test('of the older verb stays readable after the update, and is not begun without a plan', async () => {
    const { tenant } = await world(0);
    const { organisationId } = tenant;
    const begun = async (state: string, mode: string) => {
      const isOver = state === 'failed';
      const { id } = await platform.db.system.operation.create({
        data: {
          id: newId('operation'),
          organisationId,
          type: 'mesh.enrol',
          state,
          targetKind: 'mesh',
          targetId: newId('mesh'),
          targetName: 'mesh',
          actor: { kind: 'user', id: 'usr_1', name: 'Eve' },
          input: { namespace: 'shop', mode },
          message: 'c0 has no namespace shop',
          finishedAt: isOver ? clock : null,
          steps: { create: { organisationId, position: 0, name: 'precheck', state } },
        },
      });
      return () => tenant.callAs('viewer', operationGet, { operationId: id });
    };
    const failed = await begun('failed', 'none');
    const running = await begun('running', 'L4');
    const place = new URL(`${migrationsUrl}20261128060100_enrolments_of_before/migration.sql`);
    for (const statement of (await readFile(place, 'utf8')).split(/;\n/).filter(Boolean)) {
      await platform.db.system.$executeRawUnsafe(statement);
    }
    expect(await failed()).toMatchObject({
      title: 'Take shop out of the mesh',
      state: 'failed',
      message: 'c0 has no namespace shop',
      finishedAt: clock.toISOString(),
    });
    const left = await running();
    expect(left).toMatchObject({
      title: 'Enrol shop',
      state: 'cancelled',
      message: expect.stringContaining('Begin it anew'),
      steps: [{ name: 'precheck', state: 'cancelled' }],
      retryDisabledReason: expect.stringContaining('begin it anew'),
    });
    await expect(
      tenant.callAs('operator', operationRetry, { operationId: left.id }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });

  test('of a namespace that is not there, or of the cluster itself, is refused', async () => {
    const w = await world();
    const mesh = await created(w);
    for (const namespace of ['nowhere', 'kube-system']) {
      await expect(change(w, mesh.id, 'sidecar', namespace)).rejects.toMatchObject({
        code: 'unprocessable',
      });
    }
    const where = { targetId: mesh.id, type: 'enrolment.change' };
    expect(await platform.db.system.operation.count({ where })).toBe(0);
  });
});

describe('delete', () => {
  test('takes everything away in order, frees the cluster and closes the mesh', async () => {
    const order: string[] = [];
    const w = await world(1, {
      script: (b) => {
        if (b.mode === 'absent') order.push(b.name);
        return undefined;
      },
    });
    const mesh = await created(w);
    const clusterId = w.agents[0]!.clusterId;
    await run(w, (await change(w, mesh.id, 'sidecar')).operation.id);
    await expect(w.tenant.callAs('admin', meshDelete, { meshId: mesh.id })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    const { operation } = await w.tenant.callAs('admin', meshDelete, {
      meshId: mesh.id,
      confirm: 'mesh',
    });
    const done = await run(w, operation.id);
    expect(done).toMatchObject({ state: 'succeeded' });
    expect([...new Set(order)]).toEqual(['enrolment', 'control-plane']);
    await expect(w.tenant.callAs('viewer', meshGet, { meshId: mesh.id })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await platform.db.system.meshCluster.count({ where: { clusterId } })).toBe(0);
    expect(await platform.db.system.desiredBundle.count({ where: { clusterId } })).toBe(0);
  });

  test('does not wait for a cluster whose credential was revoked', async () => {
    const w = await world();
    const mesh = await created(w);
    await platform.db.system.cluster.update({
      where: { id: w.agents[0]!.clusterId },
      data: { revokedAt: clock },
    });
    const { operation } = await w.tenant.callAs('admin', meshDelete, { meshId: mesh.id });
    expect((await run(w, operation.id)).state).toBe('succeeded');
  });
});
