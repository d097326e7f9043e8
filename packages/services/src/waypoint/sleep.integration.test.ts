import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { sleepAfterAnnotation } from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import {
  waypointCreate,
  waypointGet,
  waypointPreview,
  waypointUpdate,
} from '@ambit/contracts/operations/waypoint';
import { waypointWake } from '@ambit/contracts/operations/waypoint-sleep';
import { effectsOf } from '../kernel/effects.ts';
import { inTenant } from '@ambit/db/database';
import { decide } from '../lifecycle/decide/decide.ts';
import { loadView } from '../lifecycle/load-view.ts';
import { perform } from '../lifecycle/perform.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';
import { ambientMesh, shop, tellWaypoints, waypointsReport } from './testing.ts';

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;
let clusterId: string;
let seq = 0;

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.drop());
beforeEach(async () => {
  tenant = await makeTenant(platform);
  ({ meshId, clusterId } = await ambientMesh(platform, tenant));
});

/** What the agent tells of a waypoint: `sleep` missing, as agents of before. */
const tell = async (sleep?: object) => {
  const report = waypointsReport(seq++, {
    replicas: { desired: 0, ready: 0, updated: 0, total: 0 },
    figures: { requestsPerSecond: 0, activeRequests: 0, p50Ms: null, p99Ms: null, at: 1_000 },
    ...(sleep ? { reason: 'Sleeping', message: 'no request for 60 s', sleep } : {}),
  });
  await tellWaypoints(platform, tenant, clusterId, report);
};
const asleep = {
  phase: 'asleep',
  afterS: 60,
  since: 1_000,
  message: 'no request for 60 s',
  held: 0,
  carried: 0,
  failed: null,
};
const where = () => ({ meshId, ...shop });
const get = () => tenant.callAs('viewer', waypointGet, where());
const annotation = async (): Promise<string | undefined> => {
  const { object } = await platform.db.system.policy.findFirstOrThrow({
    where: { meshId, kind: 'Gateway', deletedAt: null },
  });
  return (object as unknown as KubeObject).metadata.annotations?.[sleepAfterAnnotation];
};

it('what is asked of its sleep stands on its Gateway, and stays until something else is asked', async () => {
  await tenant.callAs('operator', waypointCreate, { ...where(), sleep: 300 });
  expect(await annotation()).toBe('300');
  await tell();
  expect((await get()).wanted).toEqual({ pool: null, takes: 'service', sleep: 300 });
  await tenant.callAs('operator', waypointUpdate, { ...where(), takes: 'all' });
  expect(await annotation()).toBe('300');
  const change = { takes: 'all' as const, sleep: 'never' as const };
  const preview = await tenant.callAs('viewer', waypointPreview, {
    ...where(),
    act: 'update',
    change,
  });
  expect(preview.consequences.join(' ')).toContain('It does not sleep');
  await tenant.callAs('operator', waypointUpdate, { ...where(), ...change });
  expect(await annotation()).toBe('never');
  await tenant.callAs('operator', waypointUpdate, { ...where(), sleep: 'pool' });
  expect(await annotation()).toBeUndefined();
  await expect(
    tenant.callAs('operator', waypointUpdate, { ...where(), sleep: 5 }),
  ).rejects.toMatchObject({ code: 'invalid_input' });
});

it('tells that it sleeps, and what the next request meets', async () => {
  await tell(asleep);
  const waypoint = await get();
  expect(waypoint).toMatchObject({
    state: 'Ready',
    reason: 'Sleeping',
    sleep: { phase: 'asleep', afterS: 60, since: new Date(1_000).toISOString() },
  });
  expect(waypoint.sentence).toContain('Sleeps');
  expect(waypoint.sleep?.sentence).toContain('waits at the agent');
});

it('is woken by an operation that its agent carries out, and leaves an audit row', async () => {
  await tell(asleep);
  const { operation } = await tenant.callAs('operator', waypointWake, where());
  expect(operation).toMatchObject({
    type: 'waypoint.wake',
    title: 'Wake shop/waypoint',
    steps: [{ name: 'wake' }],
  });
  expect((await auditOf(platform, tenant, 'waypoint.wake')).length).toBeGreaterThan(0);
  const now = new Date();
  const actions = await inTenant(platform.db, tenant.organisationId, async (tx) => {
    const row = await tx.operation.findUniqueOrThrow({ where: { id: operation.id } });
    const decision = decide(await loadView(tx, row, [], now));
    const memory = structuredClone(decision.memory);
    const on = {
      ...effectsOf(tx, tenant.organisationId),
      tx,
      organisationId: tenant.organisationId,
      operationId: operation.id,
      meshId,
      now,
      memory,
    };
    for (const effect of decision.effects) await perform(on, effect);
    return tx.agentAction.findMany({ where: { operationId: operation.id } });
  });
  expect(actions).toMatchObject([{ kind: 'wake-waypoint', clusterId, payload: shop }]);
});

it('is refused to viewers and strangers, for what does not sleep, and for what is not there', async () => {
  await tell();
  const call = (role: 'viewer' | 'operator', of = tenant) => of.callAs(role, waypointWake, where());
  await expect(call('viewer')).rejects.toMatchObject({ code: 'forbidden' });
  await expect(call('operator')).rejects.toMatchObject({ code: 'conflict' });
  await tell({ ...asleep, phase: 'awake' });
  await expect(call('operator')).rejects.toMatchObject({ code: 'conflict' });
  await expect(
    tenant.callAs('operator', waypointWake, { ...where(), name: 'other' }),
  ).rejects.toMatchObject({ code: 'not_found' });
  const stranger = await makeTenant(platform);
  await expect(call('operator', stranger)).rejects.toMatchObject({ code: 'not_found' });
});
