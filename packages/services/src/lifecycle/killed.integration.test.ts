import { afterAll, beforeAll, expect, test } from 'vitest';
import { isFinished, type OperationState } from '@ambit/contracts/lifecycle';
import { enrolmentChange } from '@ambit/contracts/operations/enrolment';
import { meshCreate, meshDelete, meshUpgrade } from '@ambit/contracts/operations/mesh';
import { readOperation, relayDeliveries } from '../testing/drive.ts';
import { standInAgent, type StandInAgent } from '../testing/stand-in-agent.ts';
import { standInRenderer } from '../testing/stand-in-renderer.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { advance } from './advance.ts';
import type { Engine } from './engine.ts';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.drop());

class Killed extends Error {}

interface World {
  /** The shared database under a clock of its own. */
  platform: TestPlatform;
  clock: { at: Date };
  tenant: Tenant;
  agent: StandInAgent;
  /** The release that never becomes Ready. */
  broken: { version: string };
}

/** Race points passed so far, and the one at which the worker dies. */
interface Fuse {
  passed: number;
  dieAt: number;
  died: boolean;
}

function engineWith({ platform: own, clock }: World, fuse: Fuse): Engine {
  return {
    db: own.db,
    releases: own.releases,
    renderer: standInRenderer(),
    now: () => clock.at,
    at: (point) => {
      // Within one transaction all points before its commit are one: nothing of it is left.
      if (point === 'locked' || point === 'decided') return;
      if (fuse.passed++ === fuse.dieAt) {
        fuse.died = true;
        throw new Killed();
      }
    },
  };
}

/** Drives an operation; a worker that dies is followed by a fresh one after its lease is over. */
async function driveThroughDeath(w: World, fuse: Fuse, operationId: string) {
  const { agent, tenant, clock } = w;
  const engine = engineWith(w, fuse);
  for (let pass = 0; pass < 60; pass++) {
    clock.at = new Date(clock.at.getTime() + 3_000);
    await advance(engine, tenant.organisationId, operationId).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    const { nextLookAt, finishedAt } = await platform.db.system.operation.findUniqueOrThrow({
      where: { id: operationId },
    });
    // The sweep must always find an unfinished operation again, soon.
    if (!finishedAt) expect(nextLookAt.getTime() - clock.at.getTime()).toBeLessThanOrEqual(20_000);
    const operation = await readOperation(platform, operationId);
    if (isFinished(operation.state as OperationState)) {
      await relayDeliveries(platform);
      await agent.pass();
      return operation;
    }
    await agent.pass();
  }
  throw new Error('not finished');
}

async function world(): Promise<World> {
  const clock = { at: new Date() };
  const own: TestPlatform = { ...platform, now: () => clock.at };
  const tenant = await makeTenant(own);
  const broken = { version: '' };
  const agent = await standInAgent(own, tenant, 'c', {
    script: (_bundle, version) =>
      version !== '' && version === broken.version
        ? { state: 'Waiting', message: 'istiod 0/1 ready' }
        : undefined,
  });
  await agent.pass();
  return { platform: own, clock, tenant, agent, broken };
}

async function wanted({ clusterId }: StandInAgent): Promise<string[]> {
  const rows = await platform.db.system.desiredBundle.findMany({
    where: { clusterId },
    orderBy: { order: 'asc' },
  });
  return rows.map(({ name, mode }) => `${name} ${mode}`);
}

/**
 * Create, enrol, a broken upgrade that rolls back, delete; the worker dies once, at point `dieAt`. It is looked at
 * until the end of the operation in which that happened.
 */
async function wholeLife(dieAt: number): Promise<Fuse> {
  const fuse: Fuse = { passed: 0, dieAt, died: false };
  const w = await world();
  const { tenant, agent } = w;
  const begun = await tenant.callAs('operator', meshCreate, {
    name: 'mesh',
    release: '1.29.1',
    clusterIds: [agent.clusterId],
  });
  const meshId = begun.mesh.id;
  expect((await driveThroughDeath(w, fuse, begun.operation.id)).state).toBe('succeeded');
  expect(await wanted(agent)).toEqual(['control-plane present']);
  if (fuse.died) return fuse;

  const enrolment = await tenant.callAs('operator', enrolmentChange, {
    meshId,
    subjects: [{ clusterId: agent.clusterId, namespace: 'shop' }],
    mode: 'sidecar',
  });
  expect((await driveThroughDeath(w, fuse, enrolment.operation.id)).state).toBe('succeeded');
  expect(
    await platform.db.system.agentAction.count({ where: { operationId: enrolment.operation.id } }),
  ).toBe(1);
  expect(await wanted(agent)).toEqual(['control-plane present', 'enrolment present']);
  if (fuse.died) return fuse;

  w.broken.version = '1.30.2';
  const upgrade = await tenant.callAs('operator', meshUpgrade, {
    meshId,
    version: begun.mesh.version,
    release: '1.30.2',
    readyTimeoutSeconds: 20,
  });
  const undone = await driveThroughDeath(w, fuse, upgrade.operation.id);
  expect([undone.state, undone.reason]).toEqual(['failed', 'RolledBack']);
  expect(undone.steps.filter((step) => step.state === 'running')).toEqual([]);
  expect(await wanted(agent)).toEqual(['control-plane present', 'enrolment present']);
  if (fuse.died) return fuse;

  const deletion = await tenant.callAs('admin', meshDelete, { meshId, confirm: 'mesh' });
  expect((await driveThroughDeath(w, fuse, deletion.operation.id)).state).toBe('succeeded');
  expect(await wanted(agent)).toEqual([]);
  expect(await platform.db.system.mesh.count({ where: { id: meshId } })).toBe(0);
  return fuse;
}

test('a worker killed at any race point of a whole life changes nothing about its outcome', async () => {
  const untouched = await wholeLife(-1);
  expect(untouched.passed).toBeGreaterThan(30);
  const points = Array.from({ length: untouched.passed }, (_, point) => point);
  const lanes = Array.from({ length: 4 }, async () => {
    for (let point = points.shift(); point !== undefined; point = points.shift()) {
      const fuse = await wholeLife(point);
      expect(fuse.died, `point ${point}`).toBe(true);
    }
  });
  await Promise.all(lanes);
}, 600_000);
