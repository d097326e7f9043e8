import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { KubeObject } from '@ambit/contracts/common';
import { enrolmentUndo } from '@ambit/contracts/operations/enrolment';
import { policyApply } from '@ambit/contracts/operations/policy';
import {
  waypointCreate,
  waypointGet,
  waypointList,
  waypointRelease,
} from '@ambit/contracts/operations/waypoint';
import { waypointPoolCreate } from '@ambit/contracts/operations/waypoint-pool';
import {
  waypointReclaimGet,
  waypointReclaimSet,
  waypointTakeUp,
} from '@ambit/contracts/operations/waypoint-reclaim';
import { inTenant } from '@ambit/db/database';
import { effectsOf } from '../kernel/effects.ts';
import { perform } from '../lifecycle/perform.ts';
import type { OperationInput } from '../lifecycle/view.ts';
import { putFact as putFactOf } from '../testing/put-fact.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';
import { keepWaypoints } from './keep-waypoints.ts';
import { ambientMesh, shop, tellWaypoints, waypointsReport } from './testing.ts';

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;
let clusterId: string;

const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{kind: Service, group: "", name: web, port: 80}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
`;

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.drop());
beforeEach(async () => {
  tenant = await makeTenant(platform);
  ({ meshId, clusterId } = await ambientMesh(platform, tenant));
  const { system } = platform.db;
  await system.cluster.update({ where: { id: clusterId }, data: { objectsComplete: true } });
  await putFact({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: 'shop',
      labels: { 'istio.io/use-waypoint': 'waypoint', 'istio.io/dataplane-mode': 'ambient' },
    },
  });
  await putFact({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await tenant.callAs('operator', waypointPoolCreate, {
    meshId,
    name: 'fast',
    spec: { kind: 'shared' },
  });
  await tenant.callAs('operator', waypointCreate, { meshId, ...shop, pool: 'fast' });
  await system.enrolment.create({
    data: {
      meshId,
      clusterId,
      organisationId: tenant.organisationId,
      namespace: 'shop',
      mode: 'L4',
      waypoint: 'waypoint',
      waypointNamespace: '',
    },
  });
  await tellOfIt();
});

const putFact = (object: KubeObject) =>
  putFactOf(platform, { organisationId: tenant.organisationId, clusterId }, object);

async function tellOfIt(): Promise<void> {
  const report = waypointsReport(1, {
    gatewayClass: 'ambit-waypoint-fast',
    pool: 'fast',
    message: '',
    scaling: { by: 'fixed', min: 1, max: 1, message: '', lastAt: null },
  });
  await tellWaypoints(platform, tenant, clusterId, report);
}

const keep = (afterMs = 0) =>
  keepWaypoints(
    { db: platform.db, now: () => new Date(platform.now().getTime() + afterMs) },
    tenant.organisationId,
    meshId,
  );
const set = (mode: 'off' | 'ask' | 'automatic' | null, afterS = 60, where: object = {}) =>
  tenant.callAs('operator', waypointReclaimSet, { meshId, ...where, mode, afterS });
const operations = () =>
  platform.db.system.operation.findMany({
    where: { targetId: meshId },
    orderBy: { createdAt: 'asc' },
  });

/** What the operation does at its end, without the agents: the labels and the Gateway go. */
async function released(): Promise<string> {
  const [operation] = await operations();
  const { change } = operation!.input as OperationInput;
  const { organisationId } = tenant;
  await inTenant(platform.db, organisationId, async (tx) => {
    const on = {
      tx,
      organisationId,
      meshId,
      operationId: operation!.id,
      now: platform.now(),
      memory: {},
      ...effectsOf(tx, organisationId),
    };
    await perform(on, { do: 'setEnrolmentRows', rows: change!.rows });
    await perform(on, {
      do: 'writePolicies',
      put: [],
      remove: change!.releases!.map(({ object }) => object!),
    });
    await perform(on, {
      do: 'rememberReleased',
      released: change!.releases!,
      rows: change!.before,
    });
  });
  const { system } = platform.db;
  await system.operation.update({
    where: { id: operation!.id },
    data: { state: 'succeeded', finishedAt: platform.now() },
  });
  await system.clusterWaypoints.deleteMany({ where: { clusterId } });
  return operation!.id;
}

it('is set for the mesh, a namespace and a waypoint, and says what counts; with its audit row', async () => {
  expect(await tenant.callAs('viewer', waypointReclaimGet, { meshId })).toMatchObject({
    mode: 'ask',
    scopes: [],
    released: [],
  });
  await set('automatic', 86_400);
  await set('off', 60, { namespace: 'shop' });
  expect(await set('ask', 60, { ...shop })).toMatchObject({
    mode: 'automatic',
    scopes: [
      { namespace: 'shop', name: null, mode: 'off' },
      { namespace: 'shop', name: 'waypoint', mode: 'ask' },
    ],
    sentence: expect.stringContaining('for 1 day'),
  });
  const from = async () =>
    (await tenant.callAs('viewer', waypointGet, { meshId, ...shop })).reclaim.from;
  expect(await from()).toBe('waypoint');
  await set(null, 60, { ...shop });
  expect(await from()).toBe('namespace');
  expect(await auditOf(platform, tenant, 'waypointReclaim.set')).toHaveLength(4);
  await expect(set('off', 60, { name: 'waypoint' })).rejects.toMatchObject({
    code: 'unprocessable',
  });
  await expect(
    tenant.callAs('viewer', waypointReclaimSet, { meshId, mode: 'off' }),
  ).rejects.toMatchObject({ code: 'forbidden' });
  const stranger = await makeTenant(platform);
  await expect(stranger.callAs('owner', waypointReclaimGet, { meshId })).rejects.toMatchObject({
    code: 'not_found',
  });
});

it('releases by itself only after nothing of L7 was bound for its time, as an operation that everybody sees', async () => {
  expect(await keep()).toBeNull();
  await set('automatic', 60);
  expect(await keep()).toBeNull();
  const seen = await tenant.callAs('viewer', waypointGet, { meshId, ...shop });
  expect(seen.reclaim).toMatchObject({ mode: 'automatic', from: 'mesh', afterS: 60 });
  expect(Date.parse(seen.reclaim.dueAt!) - Date.parse(seen.reclaim.idleSince!)).toBe(60_000);
  expect(await keep(30_000)).toBeNull();
  expect(await keep(61_000)).toBe('release');
  const [operation] = await operations();
  expect(operation).toMatchObject({
    type: 'enrolment.change',
    actor: { kind: 'system', name: 'Ambit' },
    input: { words: expect.stringContaining('nothing of L7 is bound') },
  });
  expect(await keep(62_000)).toBeNull();
});

it('counts the idle time anew for one that was gone, and after a time in which it was not looked at', async () => {
  const since = async () =>
    (await tenant.callAs('viewer', waypointGet, { meshId, ...shop })).reclaim.idleSince;
  await set('automatic', 60);
  await keep();
  expect(await since()).not.toBeNull();
  await set('ask', 60);
  await keep(30_000);
  expect(await since()).toBeNull();
  await set('automatic', 60);
  expect(await keep(61_000)).toBeNull();
  const { system } = platform.db;
  const { report } = await system.clusterWaypoints.findUniqueOrThrow({ where: { clusterId } });
  await system.clusterWaypoints.delete({ where: { clusterId } });
  const gateway = { meshId, kind: 'Gateway' };
  await system.policy.updateMany({ where: gateway, data: { deletedAt: platform.now() } });
  expect(await keep(90_000)).toBeNull();
  await system.policy.updateMany({ where: gateway, data: { deletedAt: null } });
  await system.clusterWaypoints.create({
    data: {
      clusterId,
      organisationId: tenant.organisationId,
      bootId: 'two',
      startedAt: 2_000,
      seq: 1,
      report: report as object,
      at: platform.now(),
    },
  });
  expect(await keep(122_000)).toBeNull();
  expect(await keep(183_000)).toBe('release');
});

it('does not release while a route is bound, nor where only asking is allowed', async () => {
  await set('automatic', 0);
  await tenant.callAs('operator', policyApply, { meshId, yaml: route });
  expect(await keep(1_000)).toBeNull();
  await set('ask', 0);
  expect(await keep(2_000)).toBeNull();
  expect(await operations()).toEqual([]);
});

it('takes a released one up as it was once a route is bound where it was used, and not before', async () => {
  await set('automatic', 0);
  expect(await keep(1_000)).toBe('release');
  await released();
  const listed = await tenant.callAs('viewer', waypointList, { meshId });
  expect(listed.released).toMatchObject([
    { ...shop, gatewayClass: 'ambit-waypoint-fast', automatic: true, uses: ['shop'] },
  ]);
  expect(await keep(2_000)).toBeNull();
  await tenant.callAs('operator', policyApply, { meshId, yaml: route });
  expect(await keep(3_000)).toBe('takeUp');
  const [, operation] = await operations();
  expect(operation!.input).toMatchObject({
    words: expect.stringContaining('HTTPRoute shop/web needs it'),
    change: {
      rows: { namespaces: [{ namespace: 'shop', mode: 'L4', waypoint: 'waypoint' }] },
      waypoints: [{ ...shop, object: { spec: { gatewayClassName: 'ambit-waypoint-fast' } } }],
    },
  });
});

it('taken up by hand or by taking the release back, it is of its pool again and not of Istio’s class', async () => {
  await tenant.callAs('operator', waypointRelease, { meshId, ...shop });
  const operationId = await released();
  const undone = await tenant.callAs('operator', enrolmentUndo, { meshId, operationId });
  const inputOf = async (id: string) =>
    (await platform.db.system.operation.findUniqueOrThrow({ where: { id } })).input;
  const asBefore = {
    change: { waypoints: [{ object: { spec: { gatewayClassName: 'ambit-waypoint-fast' } } }] },
  };
  expect(await inputOf(undone.operation.id)).toMatchObject(asBefore);
  await platform.db.system.operation.update({
    where: { id: undone.operation.id },
    data: { state: 'cancelled', finishedAt: platform.now() },
  });
  const taken = await tenant.callAs('operator', waypointTakeUp, { meshId, ...shop });
  expect(await inputOf(taken.operation.id)).toMatchObject(asBefore);
  await expect(
    tenant.callAs('operator', waypointTakeUp, { meshId, namespace: 'shop', name: 'other' }),
  ).rejects.toMatchObject({ code: 'not_found' });
  await expect(tenant.callAs('viewer', waypointTakeUp, { meshId, ...shop })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

it('what has left the mesh meanwhile is not enrolled again with a waypoint that comes back', async () => {
  await tenant.callAs('operator', waypointRelease, { meshId, ...shop });
  await released();
  await platform.db.system.enrolment.deleteMany({ where: { meshId } });
  await expect(
    tenant.callAs('operator', waypointTakeUp, { meshId, ...shop }),
  ).rejects.toMatchObject({ code: 'conflict' });
});
