import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectsReport, ReportedObject } from '@ambit/contracts/agent/objects';
import type { KubeObject } from '@ambit/contracts/common';
import { newId } from '@ambit/contracts/ids';
import { inTenant } from '@ambit/db/database';
import { policyApply, policyHistory, policyList } from '@ambit/contracts/operations/policy';
import { generationAnnotation } from '@ambit/istio/labels';
import { objectsIndex, takeObjects } from '../agent-link/objects.ts';
import { loadSnapshot } from '../snapshot/load-snapshot.ts';
import { renderedMesh } from '../testing/rendered-mesh.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { reflectStatuses } from './reflect.ts';

let platform: TestPlatform;
let tenant: Tenant;
beforeAll(async () => {
  platform = await testPlatform();
  tenant = await makeTenant(platform);
});
afterAll(() => platform.drop());

async function newMesh() {
  const meshId = await renderedMesh(platform, tenant);
  const { clusterId } = await platform.db.system.meshCluster.findFirstOrThrow({
    where: { meshId },
  });
  const { organisationId } = tenant;
  const agent = { clusterId, clusterName: 'c', organisationId, generation: 0 };
  const take = (base: number, more: Partial<ObjectsReport>) =>
    takeObjects(platform, agent, {
      base,
      upserts: [],
      removals: [],
      omitted: {},
      complete: true,
      ...more,
    });
  const snapshot = () =>
    inTenant(platform.db, organisationId, (tx) => loadSnapshot(tx, meshId, platform.now()));
  return { meshId, agent, take, snapshot };
}

const told = (object: KubeObject, more: Partial<ReportedObject> = {}): ReportedObject => ({
  digest: JSON.stringify(object).length.toString().padStart(8, '0'),
  origin: 'direct',
  writer: { tool: 'argocd', application: 'shop', managers: ['argocd-controller'] },
  object,
  ...more,
});

const virtualService = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, generation: 1 },
  spec: { hosts: [name], http: [{ route: [{ destination: { host: name } }] }] },
  ...more,
});
const yamlOf = (object: KubeObject) => {
  const { name, namespace } = object.metadata;
  return JSON.stringify({ ...object, metadata: { name, namespace } });
};
const key = (name: string) => `networking.istio.io/VirtualService/shop/${name}`;

describe('objects of a member cluster', () => {
  it('are taken once: a report that does not build on what is stored changes nothing', async () => {
    const { take, agent, snapshot } = await newMesh();
    const first = { upserts: [told(virtualService('a')), told(virtualService('b'))] };
    expect(await take(0, first)).toEqual({ accepted: true, seq: 1 });
    expect(await take(0, first)).toEqual({ accepted: false, seq: 1 });
    expect(await objectsIndex(platform, agent)).toEqual({
      seq: 1,
      objects: { [key('a')]: told(virtualService('a')).digest, [key('b')]: expect.any(String) },
    });
    expect(await take(1, { removals: [key('b'), 'nonsense'], omitted: { Pod: 3 } })).toEqual({
      accepted: true,
      seq: 2,
    });
    const { clusters } = await snapshot();
    expect(clusters).toMatchObject([
      { seq: 2, complete: false, omitted: { Pod: 3 }, objects: [{ origin: 'direct' }] },
    ]);
    expect(clusters[0]!.objects.map(({ object }) => object.metadata.name)).toEqual(['a']);
  });

  it('keep their id while they change, and texts that Postgres cannot store do no harm', async () => {
    const { take, snapshot } = await newMesh();
    const odd = virtualService('a', { spec: { text: 'a\u0000b\ud800c\\u0000' } });
    await take(0, { upserts: [told(odd)] });
    const before = (await snapshot()).clusters[0]!.objects[0]!;
    expect(before.object['spec']).toEqual({ text: 'a\ufffdb\ufffdc\\u0000' });
    await take(1, { upserts: [told(virtualService('a'), { digest: 'another1' })] });
    const after = (await snapshot()).clusters[0]!.objects[0]!;
    expect([after.id, after.object['spec']]).toEqual([before.id, virtualService('a')['spec']]);
  });

  it('are seen by their own organisation alone', async () => {
    const { meshId, take } = await newMesh();
    await take(0, { upserts: [told(virtualService('a'))] });
    const other = await makeTenant(platform);
    await expect(
      inTenant(platform.db, other.organisationId, (tx) => loadSnapshot(tx, meshId, platform.now())),
    ).rejects.toMatchObject({ code: 'not_found' });
    await inTenant(platform.db, other.organisationId, async (tx) =>
      expect(await tx.clusterObject.count()).toBe(0),
    );
  });

  it('give their status to the mesh’s object: no version, nothing to deliver, generations translated', async () => {
    const { meshId, take } = await newMesh();
    await tenant.callAs('operator', policyApply, { meshId, yaml: yamlOf(virtualService('a')) });
    const status = {
      observedGeneration: '7',
      conditions: [{ type: 'Reconciled', status: 'True', reason: 'Synced', message: '' }],
    };
    const live: KubeObject = {
      ...virtualService('a'),
      metadata: {
        name: 'a',
        namespace: 'shop',
        generation: 7,
        annotations: { [generationAnnotation]: '1' },
      },
      status,
    };
    await take(0, { upserts: [told(live, { origin: 'mesh', writer: null })] });
    const queued = await platform.db.system.outboxEntry.findMany({
      where: { job: 'policies.reflect', data: { path: ['meshId'], equals: meshId } },
    });
    expect(queued).toHaveLength(1);
    const kube = async () => {
      const [row] = await platform.db.system.$queryRaw<{ kube: string; revision: bigint }[]>`
        SELECT kube, revision FROM policy WHERE mesh_id = ${meshId}`;
      return { object: JSON.parse(row!.kube) as KubeObject, revision: Number(row!.revision) };
    };
    const before = await kube();
    await reflectStatuses(platform, tenant.organisationId, meshId);
    await reflectStatuses(platform, tenant.organisationId, meshId);
    const after = await kube();
    expect(after.object['status']).toEqual({ ...status, observedGeneration: '1' });
    expect([after.revision, after.object.metadata['generation']]).toEqual([before.revision + 1, 1]);
    const { items } = await tenant.callAs('viewer', policyList, { meshId });
    expect(items).toMatchObject([{ version: 1 }]);
    const history = await tenant.callAs('viewer', policyHistory, {
      meshId,
      policyId: items[0]!.id,
    });
    expect(history.items).toHaveLength(1);
    await take(1, { removals: [key('a')] });
    await reflectStatuses(platform, tenant.organisationId, meshId);
    expect((await kube()).object['status']).toBeUndefined();
  });

  it('of several clusters are merged; one that keeps its own, or tells of nothing, is not waited for', async () => {
    const { meshId, take } = await newMesh();
    const { organisationId } = tenant;
    const gateway = (more: object = {}): KubeObject => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'front', namespace: 'shop', generation: 1, ...more },
    });
    await tenant.callAs('operator', policyApply, {
      meshId,
      yaml: JSON.stringify({
        ...gateway(),
        metadata: { name: 'front', namespace: 'shop' },
        spec: {
          gatewayClassName: 'istio',
          listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
        },
      }),
    });
    const join = async (name: string) => {
      const clusterId = newId('cluster');
      await platform.db.system.cluster.create({ data: { id: clusterId, organisationId, name } });
      await platform.db.system.meshCluster.create({ data: { clusterId, meshId, organisationId } });
      return (base: number, upserts: ReportedObject[]) =>
        takeObjects(
          platform,
          { clusterId, clusterName: name, organisationId, generation: 0 },
          { base, upserts, removals: [], omitted: {}, complete: true },
        );
    };
    const status = (value: string) => ({
      conditions: [
        { type: 'Programmed', status: value, reason: 'R', message: value, observedGeneration: 1 },
      ],
    });
    const programmed = async () => {
      await reflectStatuses(platform, organisationId, meshId);
      const [row] = await platform.db.system.$queryRaw<{ kube: string }[]>`
        SELECT kube FROM policy WHERE mesh_id = ${meshId}`;
      const object = JSON.parse(row!.kube) as { status: ReturnType<typeof status> };
      return object.status.conditions[0];
    };
    const own = (value: string): ReportedObject =>
      told({ ...gateway(), status: status(value) } as KubeObject, {
        origin: 'mesh',
        writer: null,
        digest: `digest-${value}`,
      });
    // Its agent is older than this road.
    await join('b-silent');
    const third = await join('c-third');
    await take(0, { upserts: [own('True')] });
    await third(0, []);
    expect(await programmed()).toMatchObject({
      status: 'Unknown',
      message: expect.stringContaining('c-third: nothing told yet'),
    });
    await third(0, [own('False')]);
    expect(await programmed()).toMatchObject({ status: 'False' });
    await third(1, [told(gateway({ uid: 'theirs' }), { digest: 'of-others' })]);
    expect(await programmed()).toMatchObject({ status: 'True', message: 'True' });
  });
});
