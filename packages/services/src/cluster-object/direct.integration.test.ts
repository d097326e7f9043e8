import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { ReportedObject } from '@ambit/contracts/agent/objects';
import { waypointsManager } from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import {
  directAdopt,
  directDecide,
  directGet,
  directLeave,
  directList,
  directListInCluster,
} from '@ambit/contracts/operations/direct';
import { policyApply, policyHistory, policyList } from '@ambit/contracts/operations/policy';
import { inTenant } from '@ambit/db/database';
import { takeObjects } from '../agent-link/objects.ts';
import { readBundle } from '../lifecycle/bundles.ts';
import { deliverPolicies } from '../policy/deliver.ts';
import { renderedMesh } from '../testing/rendered-mesh.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';

let platform: TestPlatform;
let tenant: Tenant;
beforeAll(async () => {
  platform = await testPlatform();
  tenant = await makeTenant(platform);
});
afterAll(() => platform.drop());

const virtualService = (name: string, host = name, more: object = {}): KubeObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name, namespace: 'shop', ...more },
  spec: { hosts: [host], http: [{ route: [{ destination: { host } }] }] },
});

const direct = (name: string, host = name, more: object = {}): ReportedObject => ({
  digest: `digest-${name}-${host}`,
  origin: 'direct',
  writer: { tool: 'argocd', application: 'shop', managers: ['argocd-controller'] },
  object: virtualService(name, host, {
    uid: `uid-${name}`,
    generation: 3,
    creationTimestamp: '2026-11-02T10:15:00Z',
    annotations: { 'argocd.argoproj.io/tracking-id': 'shop:x', note: 'kept' },
    ...more,
  }),
});

async function newMesh() {
  const meshId = await renderedMesh(platform, tenant);
  const { organisationId } = tenant;
  const { clusterId } = await platform.db.system.meshCluster.findFirstOrThrow({
    where: { meshId },
  });
  const agent = { clusterId, clusterName: 'c', organisationId, generation: 0 };
  let seq = 0;
  const tell = async (upserts: ReportedObject[], removals: string[] = []) => {
    const reply = await takeObjects(platform, agent, {
      base: seq,
      upserts,
      removals,
      omitted: {},
      complete: true,
    });
    expect(reply.accepted).toBe(true);
    seq = reply.seq;
  };
  const list = async (more = {}) =>
    (await tenant.callAs('viewer', directList, { meshId, ...more })).items;
  const delivered = async (): Promise<Bundle> => {
    await deliverPolicies(platform, organisationId, meshId);
    const { digest } = await platform.db.system.desiredBundle.findUniqueOrThrow({
      where: { clusterId_name: { clusterId, name: 'policies' } },
    });
    return (await inTenant(platform.db, organisationId, (tx) =>
      readBundle(tx, organisationId, digest),
    ))!;
  };
  const names = async () =>
    (await delivered()).phases[0]!.objects.map(({ metadata }) => metadata.name);
  const apply = (object: KubeObject) =>
    tenant.callAs('operator', policyApply, { meshId, yaml: JSON.stringify(object) });
  const applied = async (name: string) => {
    const { items } = await tenant.callAs('viewer', policyList, { meshId });
    return items
      .find((policy) => policy.name === name)
      ?.conditions.find(({ type }) => type === 'Applied');
  };
  return { meshId, clusterId, tell, list, delivered, names, apply, applied };
}

describe('objects applied directly in a cluster', () => {
  it('are listed with who wrote them, but for those that Istio makes itself, and the agent for waypoints', async () => {
    const { clusterId, tell, list } = await newMesh();
    await tell([
      direct('web'),
      {
        ...direct('istio'),
        writer: { tool: 'istio', application: '', managers: ['pilot-discovery'] },
      },
      {
        ...direct('door'),
        writer: { tool: 'other', application: '', managers: [waypointsManager] },
      },
    ]);
    expect(await list()).toMatchObject([
      {
        name: 'web',
        namespace: 'shop',
        state: 'open',
        clusterId,
        writer: { tool: 'argocd', application: 'shop' },
        policyId: null,
      },
    ]);
    expect(await list({ state: 'left' })).toEqual([]);
    expect(await list({ kind: 'Gateway' })).toEqual([]);
    const { items } = await tenant.callAs('viewer', directListInCluster, { clusterId });
    expect(items.map(({ name }) => name)).toEqual(['web']);
  });

  it('are adopted as they stand, without the marks of their tool; the history says from where', async () => {
    const { meshId, tell, list, delivered } = await newMesh();
    await tell([direct('web')]);
    const objectId = (await list())[0]!.id;
    const { policy, handOver } = await tenant.callAs('operator', directAdopt, { meshId, objectId });
    expect(policy.object).toEqual(virtualService('web', 'web', { annotations: { note: 'kept' } }));
    expect(handOver).toEqual([expect.stringContaining('Argo CD application shop')]);
    const history = await tenant.callAs('viewer', policyHistory, { meshId, policyId: policy.id });
    expect(history.items).toMatchObject([
      { change: 'adopted', manager: expect.stringMatching(/: Argo CD \(shop\)$/) },
    ]);
    const { phases, takeOver } = await delivered();
    expect(phases[0]!.objects).toMatchObject([{ metadata: { name: 'web' } }]);
    expect(takeOver).toEqual([
      {
        group: 'networking.istio.io',
        kind: 'VirtualService',
        namespace: 'shop',
        name: 'web',
        uid: 'uid-web',
        generation: 3,
      },
    ]);
    expect(await list()).toMatchObject([{ state: 'changing', policyId: policy.id }]);
    expect(await auditOf(platform, tenant, 'direct.adopt')).toMatchObject([
      { outcome: 'done', target: objectId },
    ]);

    // The agent handed it over: it is the mesh's now, and nothing is left to take.
    await tell([{ ...direct('web'), origin: 'mesh', writer: null, digest: 'of-the-mesh' }]);
    expect(await list()).toEqual([]);
    expect((await delivered()).takeOver).toBeUndefined();
  });

  it('are a conflict when the mesh has their name: not delivered there until a person decides', async () => {
    const { meshId, tell, list, names, apply, applied, delivered } = await newMesh();
    await apply(virtualService('web', 'of-the-mesh'));
    await apply(virtualService('other'));
    await tell([direct('web', 'of-the-cluster')]);
    expect(await names()).toEqual(['other']);
    expect(await applied('web')).toMatchObject({
      status: 'False',
      reason: 'Conflict',
      message: expect.stringContaining('Argo CD (shop)'),
    });
    const objectId = (await list({ state: 'conflict' }))[0]!.id;
    const told = await tenant.callAs('viewer', directGet, { meshId, objectId });
    expect(told.yaml).toContain('of-the-cluster');
    expect(told.policy?.yaml).toContain('of-the-mesh');
    expect(told.explanation.join(' ')).toMatch(/cluster's own runs.*Keep.*Take.*Adopt/);

    await tenant.callAs('operator', directDecide, { meshId, objectId, choice: 'keep' });
    expect(await names()).toEqual(['other']);
    expect(await applied('web')).toMatchObject({ status: 'True', reason: 'KeptByCluster' });

    await tenant.callAs('operator', directDecide, { meshId, objectId, choice: 'take' });
    expect(await delivered()).toMatchObject({ takeOver: [{ name: 'web', generation: null }] });

    const { policy } = await tenant.callAs('operator', directAdopt, { meshId, objectId });
    expect(policy).toMatchObject({ version: 2, yaml: expect.stringContaining('of-the-cluster') });
    expect(await delivered()).toMatchObject({ takeOver: [{ name: 'web', generation: 3 }] });
    // It changed in the cluster after the decision: nothing is taken, and it is asked again.
    await tell([direct('web', 'again', { generation: 4 })]);
    expect(await names()).toEqual(['other']);
    expect(await list()).toMatchObject([{ state: 'conflict' }]);
    // It is deleted there: the mesh's takes the free place.
    await tell([], ['networking.istio.io/VirtualService/shop/web']);
    expect(await names()).toEqual(['other', 'web']);
    expect((await delivered()).takeOver).toBeUndefined();
  });

  it('are left when a person says so, until another object of that name comes', async () => {
    const { meshId, tell, list } = await newMesh();
    await tell([direct('web')]);
    const objectId = (await list())[0]!.id;
    const left = await tenant.callAs('operator', directLeave, { meshId, objectId });
    expect(left).toMatchObject({ state: 'left', decidedBy: expect.stringContaining('operator') });
    await tell([direct('web', 'changed')]);
    expect(await list()).toMatchObject([{ state: 'left' }]);
    await tell([direct('web', 'changed', { uid: 'another' })]);
    expect(await list()).toMatchObject([{ state: 'open', decidedBy: null }]);
  });

  it('refuses what cannot be: adopting the work of a controller, what is too large, what is not valid', async () => {
    const { meshId, tell, list } = await newMesh();
    await tell([
      direct('owned', 'owned', {
        ownerReferences: [{ kind: 'Rollout', name: 'web', controller: true }],
      }),
      { ...direct('large'), truncated: true },
      { ...direct('wrong'), object: { ...direct('wrong').object, spec: { hosts: [] } } },
    ]);
    const ids = new Map((await list()).map(({ name, id }) => [name, id]));
    const adopt = (name: string) =>
      tenant.callAs('operator', directAdopt, { meshId, objectId: ids.get(name)! });
    await expect(adopt('owned')).rejects.toMatchObject({ code: 'conflict' });
    await expect(adopt('large')).rejects.toMatchObject({ code: 'unprocessable' });
    await expect(adopt('wrong')).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(
      tenant.callAs('operator', directDecide, {
        meshId,
        objectId: ids.get('owned')!,
        choice: 'take',
      }),
    ).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('nothing to decide'),
    });
  });

  it('are for those who may: a viewer decides nothing, another organisation sees nothing', async () => {
    const { meshId, tell, list } = await newMesh();
    await tell([direct('web')]);
    const objectId = (await list())[0]!.id;
    await expect(tenant.callAs('viewer', directAdopt, { meshId, objectId })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(tenant.callAs('viewer', directLeave, { meshId, objectId })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const other = await makeTenant(platform);
    await expect(other.callAs('owner', directGet, { meshId, objectId })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(other.callAs('owner', directList, { meshId })).rejects.toMatchObject({
      code: 'not_found',
    });
    const limits = [{ namespaces: ['elsewhere'] }];
    await expect(
      tenant.callAs('operator', directAdopt, { meshId, objectId }, { limits }),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });
});
