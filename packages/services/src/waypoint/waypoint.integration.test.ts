import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  poolSpecSchema,
  signedWaypointsSchema,
  type WaypointsReport,
} from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import { enrolmentUndo } from '@ambit/contracts/operations/enrolment';
import { policyApply, policyList } from '@ambit/contracts/operations/policy';
import {
  waypointCreate,
  waypointDelete,
  waypointGet,
  waypointList,
  waypointPreview,
  waypointRelease,
  waypointUpdate,
} from '@ambit/contracts/operations/waypoint';
import {
  waypointPoolCreate,
  waypointPoolDelete,
  waypointPoolGet,
  waypointPoolList,
  waypointPoolPreview,
  waypointPoolTemplates,
  waypointPoolUpdate,
} from '@ambit/contracts/operations/waypoint-pool';
import { decodeJwt } from 'jose';
import { desiredState } from '../agent-link/desired.ts';
import { dropWaypointPools } from '../agent-link/waypoints.ts';
import { putFact as putFactOf } from '../testing/put-fact.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';
import { agentOf, ambientMesh, shop, tellWaypoints, waypointsReport } from './testing.ts';
import { inTenant } from '@ambit/db/database';

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;
let clusterId: string;

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.drop());
beforeEach(async () => {
  tenant = await makeTenant(platform);
  ({ meshId, clusterId } = await ambientMesh(platform, tenant));
});

const agent = () => agentOf(platform, tenant, clusterId);
const settings = async () => {
  const desired = await desiredState(platform, await agent(), -1);
  return desired?.waypoints === undefined
    ? null
    : signedWaypointsSchema.parse(decodeJwt(desired.waypoints)).waypoints;
};

const spec = { kind: 'shared' as const, pricePerHour: 0.05, currency: 'EUR' };
const makePool = (name = 'fast') =>
  tenant.callAs('operator', waypointPoolCreate, { meshId, name, spec });

const report = (seq: number, more: Partial<WaypointsReport> = {}): WaypointsReport =>
  waypointsReport(
    seq,
    {
      gatewayClass: 'ambit-waypoint-fast',
      pool: 'fast',
      message: '2 of 2 replicas ready',
      replicas: { desired: 2, ready: 2, updated: 2, total: 2 },
      scaling: { by: 'agent', min: 1, max: 5, message: '', lastAt: null },
      figures: { requestsPerSecond: 40, activeRequests: 2, p50Ms: 3, p99Ms: 9, at: 1_000 },
      lastActiveAt: 1_000,
    },
    {
      pools: [{ name: 'fast', ready: true, scaler: 'agent', message: '', prePulled: null }],
      ...more,
    },
  );
const tell = (seq: number, more: Partial<WaypointsReport> = {}) =>
  tellWaypoints(platform, tenant, clusterId, report(seq, more));

const putFact = (object: KubeObject) =>
  putFactOf(platform, { organisationId: tenant.organisationId, clusterId }, object);
const useLabel = { 'istio.io/use-waypoint': 'waypoint' };
const web = (labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', labels },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
});
/** What a cluster tells of a waypoint that is Programmed and has a ready pod. */
const serving: KubeObject[] = [
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: shop,
    status: { conditions: [{ type: 'Programmed', status: 'True' }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'shop',
      name: 'waypoint-1',
      labels: { 'gateway.networking.k8s.io/gateway-name': 'waypoint' },
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  },
];
const namespace = (labels: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels },
});
const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{kind: Service, group: "", name: web, port: 80}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
`;

describe('pools', () => {
  it('are made, changed by who saw the last version, and deleted; each leaves its audit row', async () => {
    const made = await makePool();
    expect(made).toMatchObject({ gatewayClass: 'ambit-waypoint-fast', waypoints: 0, version: 1 });
    const args = { meshId, poolId: made.id };
    const larger = { ...made.spec, size: 'large' as const };
    const updated = await tenant.callAs('operator', waypointPoolUpdate, {
      ...args,
      version: 1,
      spec: larger,
    });
    expect(updated).toMatchObject({ version: 2, spec: { size: 'large' } });
    await expect(
      tenant.callAs('operator', waypointPoolUpdate, { ...args, version: 1, spec: larger }),
    ).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await tenant.callAs('viewer', waypointPoolGet, args)).toMatchObject({ name: 'fast' });
    await tenant.callAs('operator', waypointPoolDelete, args);
    expect((await tenant.callAs('viewer', waypointPoolList, { meshId })).items).toEqual([]);
    for (const verb of ['create', 'update', 'delete']) {
      expect((await auditOf(platform, tenant, `waypointPool.${verb}`)).length).toBeGreaterThan(0);
    }
  });

  it('reach agents signed, with a new generation; those of a mesh that goes do not', async () => {
    const before = await agent();
    await makePool();
    expect((await agent()).generation).toBeGreaterThan(before.generation);
    expect(await settings()).toMatchObject({
      rootNamespace: 'istio-system',
      pools: [{ name: 'fast' }],
    });
    await inTenant(platform.db, tenant.organisationId, (tx) => dropWaypointPools(tx, meshId));
    expect(await settings()).toMatchObject({ pools: [] });
    await platform.db.system.mesh.update({ where: { id: meshId }, data: { profile: 'sidecar' } });
    expect(await settings()).toBeNull();
    await expect(makePool('other')).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it('are refused to viewers, to other tenants, twice by one name, and deleted while in use', async () => {
    await expect(
      tenant.callAs('viewer', waypointPoolCreate, { meshId, name: 'fast', spec }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const { id } = await makePool();
    const stranger = await makeTenant(platform);
    await expect(
      stranger.callAs('owner', waypointPoolGet, { meshId, poolId: id }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(makePool()).rejects.toMatchObject({
      code: 'conflict',
      details: [{ path: 'name' }],
    });
    const preview = (who: Tenant, input: object) =>
      who.callAs('viewer', waypointPoolPreview, { meshId, poolId: id, act: 'delete', ...input });
    expect(await preview(tenant, {})).toMatchObject({ allowed: true, refusals: [] });
    await expect(preview(stranger, {})).rejects.toMatchObject({ code: 'not_found' });
    await tenant.callAs('operator', waypointCreate, { meshId, ...shop, pool: 'fast' });
    await expect(
      tenant.callAs('operator', waypointPoolDelete, { meshId, poolId: id }),
    ).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('shop/waypoint'),
    });
    expect(await preview(tenant, {})).toMatchObject({
      allowed: false,
      refusals: [{ message: expect.stringContaining('shop/waypoint') }],
    });
    const larger = { act: 'update', spec: { ...spec, size: 'large' } };
    expect((await preview(tenant, larger)).consequences).toContain(
      'Each replica asks for 2 CPU and 2Gi.',
    );
  });

  it('begin from templates that are themselves valid, one for each kind', async () => {
    const { items } = await tenant.callAs('viewer', waypointPoolTemplates, {});
    expect(new Set(items.map(({ kind }) => kind))).toEqual(
      new Set(['shared', 'dedicated', 'virtual']),
    );
    for (const one of items) expect(poolSpecSchema.safeParse(one.spec).success).toBe(true);
  });
});

describe('waypoints', () => {
  it('are asked for as a Gateway among the policies of the mesh, moved, and deleted', async () => {
    await makePool();
    const made = await tenant.callAs('operator', waypointCreate, { meshId, ...shop });
    expect(made).toMatchObject({ state: 'Unknown', gatewayClass: 'istio-waypoint', pool: null });
    const gateways = async () =>
      (await tenant.callAs('viewer', policyList, { meshId })).items.filter(
        ({ kind }) => kind === 'Gateway',
      );
    expect(await gateways()).toMatchObject([
      { id: made.policyId, name: 'waypoint', namespace: 'shop' },
    ]);
    await expect(
      tenant.callAs('operator', waypointCreate, { meshId, ...shop }),
    ).rejects.toMatchObject({ code: 'conflict', details: [{ path: 'name' }] });
    await tenant.callAs('operator', waypointUpdate, {
      meshId,
      ...shop,
      pool: 'fast',
      from: ['billing'],
    });
    expect((await gateways())[0]!.object).toMatchObject({
      spec: {
        gatewayClassName: 'ambit-waypoint-fast',
        listeners: [{ allowedRoutes: { namespaces: { from: 'Selector' } } }],
      },
    });
    await expect(
      tenant.callAs('operator', waypointUpdate, { meshId, ...shop, pool: 'none' }),
    ).rejects.toMatchObject({ code: 'unprocessable', details: [{ path: 'pool' }] });
    await tenant.callAs('operator', waypointUpdate, { meshId, ...shop, takes: 'all' });
    expect(await tenant.callAs('viewer', waypointGet, { meshId, ...shop })).toMatchObject({
      gatewayClass: 'istio-waypoint',
      from: ['billing'],
    });
    await tenant.callAs('operator', waypointDelete, { meshId, ...shop });
    expect(await gateways()).toEqual([]);
    for (const verb of ['create', 'update', 'delete']) {
      expect((await auditOf(platform, tenant, `waypoint.${verb}`)).length).toBeGreaterThan(0);
    }
  });

  it('are the same when kubectl or an applied text brought them', async () => {
    const yaml = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec:
  gatewayClassName: istio-waypoint
  listeners: [{name: mesh, port: 15008, protocol: HBONE}]
`;
    await tenant.callAs('operator', policyApply, { meshId, yaml });
    const { items } = await tenant.callAs('viewer', waypointList, { meshId });
    expect(items).toMatchObject([{ ...shop, state: 'Unknown' }]);
  });

  it('show what the agent told, what uses them, and what it costs', async () => {
    await makePool();
    await tenant.callAs('operator', waypointCreate, { meshId, ...shop, pool: 'fast' });
    await putFact(namespace({}));
    await putFact(web(useLabel));
    expect(await tell(1)).toEqual({ acceptedSeq: 1 });
    const { items, sentence } = await tenant.callAs('viewer', waypointList, { meshId });
    expect(items).toMatchObject([
      {
        state: 'Ready',
        pool: 'fast',
        services: 1,
        l7: 0,
        costPerHour: 0.1,
        currency: 'EUR',
        reclaimable: true,
      },
    ]);
    expect(sentence).toBe('1 waypoint, all serve, 1 with nothing of L7 bound.');
    const silent = async () =>
      (await tenant.callAs('viewer', waypointList, { meshId })).silent.map(({ why }) => why);
    const seen = (at: Date) =>
      platform.db.system.cluster.update({
        where: { id: clusterId },
        data: { registeredAt: at, lastSeenAt: at },
      });
    await seen(new Date());
    expect(await silent()).toEqual([]);
    await seen(new Date('2020-01-01'));
    expect(await silent()).toEqual([expect.stringContaining('nothing is heard of its agent')]);
    await tenant.callAs('operator', policyApply, { meshId, yaml: route });
    const detail = await tenant.callAs('viewer', waypointGet, { meshId, ...shop });
    expect(detail).toMatchObject({
      l7: 1,
      reclaimable: false,
      attached: [{ kind: 'Service', name: 'web' }],
      bound: [{ kind: 'HTTPRoute', name: 'web', why: 'parentRef Service shop/web' }],
      deletion: { blocked: true },
      reclaim: { possible: false },
    });
  });

  it('are previewed before they change: how replicas roll, and who could not use it any more', async () => {
    await makePool();
    await tenant.callAs('operator', waypointCreate, {
      meshId,
      ...shop,
      pool: 'fast',
      from: ['billing'],
    });
    await putFact(namespace({}));
    await putFact(web(useLabel));
    for (const object of serving) await putFact(object);
    await tell(1);
    const preview = (change: object) =>
      tenant.callAs('viewer', waypointPreview, {
        meshId,
        ...shop,
        act: 'update' as const,
        change,
      });
    expect(await preview({ pool: 'fast' })).toEqual({
      allowed: true,
      refusals: [],
      consequences: ['Nothing changes.'],
      steps: [],
    });
    expect((await preview({ pool: null })).consequences).toContain(
      '2 replicas roll: a new one is ready before an old one drains.',
    );
    expect((await preview({ pool: 'fast', takes: 'workload' })).consequences).toEqual([
      expect.stringMatching(/^Service shop\/web could not use it any more: .*Traffic to them/),
    ]);
    expect(await preview({ pool: 'none' })).toMatchObject({
      allowed: false,
      refusals: [{ message: 'the mesh has no pool "none"' }],
    });
  });

  it('of an older report are not taken, and a newer life of the agent wins', async () => {
    await tell(5);
    expect(await tell(4)).toEqual({ acceptedSeq: 5 });
    expect(await tell(0, { bootId: 'older', startedAt: 500 })).toEqual({ acceptedSeq: -1 });
    expect(await tell(0, { bootId: 'newer', startedAt: 2_000, waypoints: [] })).toEqual({
      acceptedSeq: 0,
    });
    expect((await tenant.callAs('viewer', waypointList, { meshId })).items).toEqual([]);
  });

  it('in use are not deleted: the message names what would go past its policies', async () => {
    await tenant.callAs('operator', waypointCreate, { meshId, ...shop });
    await putFact(web(useLabel));
    await tell(1);
    await expect(
      tenant.callAs('operator', waypointDelete, { meshId, ...shop }),
    ).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Service shop/web'),
    });
  });

  it('applied in the cluster by others are shown, and changed there', async () => {
    await tell(1);
    expect(await tenant.callAs('viewer', waypointGet, { meshId, ...shop })).toMatchObject({
      policyId: null,
    });
    await expect(
      tenant.callAs('operator', waypointDelete, { meshId, ...shop }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });

  it('are refused to viewers and to other tenants', async () => {
    await expect(
      tenant.callAs('viewer', waypointCreate, { meshId, ...shop }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const stranger = await makeTenant(platform);
    for (const verb of [waypointGet, waypointRelease, waypointDelete, waypointCreate]) {
      await expect(
        stranger.callAs('owner', verb as typeof waypointGet, { meshId, ...shop }),
      ).rejects.toMatchObject({ code: 'not_found' });
    }
    await expect(
      stranger.callAs('owner', waypointPreview, { meshId, ...shop, act: 'delete' }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(stranger.callAs('owner', waypointList, { meshId })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('release', () => {
  const enrol = () =>
    platform.db.system.enrolment.create({
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
  const release = () => tenant.callAs('operator', waypointRelease, { meshId, ...shop });
  beforeEach(async () => {
    await platform.db.system.mesh.update({
      where: { id: meshId },
      data: { activeRelease: '1.30.2' },
    });
    await tenant.callAs('operator', waypointCreate, { meshId, ...shop });
    await putFact(namespace({ ...useLabel, 'istio.io/dataplane-mode': 'ambient' }));
    await putFact(web());
    await tell(1);
  });

  it('is a change of enrolment to L4, which takes the waypoint away at its end', async () => {
    await enrol();
    const { operation } = await release();
    expect(operation).toMatchObject({ type: 'enrolment.change' });
    const row = await platform.db.system.operation.findUniqueOrThrow({
      where: { id: operation.id },
    });
    expect(row.input).toMatchObject({
      change: {
        releases: [shop],
        rows: { namespaces: [{ namespace: 'shop', mode: 'L4', waypoint: '' }] },
      },
    });
    await expect(
      tenant.callAs('operator', enrolmentUndo, { meshId, operationId: operation.id }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is previewed before it is asked for: its steps, or why it would be refused', async () => {
    const preview = (act: 'release' | 'delete') =>
      tenant.callAs('viewer', waypointPreview, { meshId, ...shop, act });
    expect(await preview('release')).toMatchObject({
      allowed: false,
      refusals: [{ message: expect.stringContaining('Ambit did not set') }],
    });
    await enrol();
    const shown = await preview('release');
    expect(shown).toMatchObject({ allowed: true, refusals: [] });
    expect(shown.steps.length).toBeGreaterThan(0);
    expect(await preview('delete')).toMatchObject({
      allowed: false,
      refusals: [{ message: expect.stringContaining('is in use in') }],
    });
    expect(await platform.db.system.operation.count({ where: { targetId: meshId } })).toBe(0);
    await tenant.callAs('operator', waypointRelease, { meshId, ...shop });
    expect(await preview('release')).toMatchObject({
      allowed: false,
      refusals: [{ message: expect.stringContaining('is still under way') }],
    });
  });

  it('is refused while L7 needs it', async () => {
    await enrol();
    await tenant.callAs('operator', policyApply, { meshId, yaml: route });
    await expect(release()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('HTTPRoute shop/web'),
    });
  });

  it('is refused where somebody else set the label', async () => {
    await expect(release()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Ambit did not set'),
    });
  });
});
