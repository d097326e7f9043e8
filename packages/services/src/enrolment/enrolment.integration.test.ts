import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import type { KubeObject } from '@ambit/contracts/common';
import {
  enrolmentChange,
  enrolmentGet,
  enrolmentList,
  enrolmentPair,
  enrolmentPreviewChange,
  enrolmentRepair,
  enrolmentUndo,
  guardGet,
  guardUpdate,
  pathGet,
} from '@ambit/contracts/operations/enrolment';
import {
  ambientConfigure,
  ambientNamespaces,
  ambientNodes,
} from '@ambit/contracts/operations/ambient';
import { findingList, ruleSettingList } from '@ambit/contracts/operations/finding';
import { policyApply, policyDelete } from '@ambit/contracts/operations/policy';
import { waypointDelete } from '@ambit/contracts/operations/waypoint';
import { splitApiVersion } from '@ambit/istio/kinds';
import {
  cni,
  namespace,
  node,
  pod,
  service,
  waypoint,
  ztunnel,
} from '@ambit/istio/enrolment/testing';
import { diagnoseMesh } from '../diagnosis/run.ts';
import { advance } from '../lifecycle/advance.ts';
import { standInRenderer } from '../testing/stand-in-renderer.ts';
import { takeTelemetry } from '../telemetry-store/take.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';
import { keepGuards } from './keep-guards.ts';

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;
let clusterId: string;
const clock = new Date('2026-11-02T00:00:00Z');

beforeAll(async () => {
  platform = await testPlatform({ now: () => clock });
});
afterAll(() => platform.drop());

const ambient = { 'istio.io/dataplane-mode': 'ambient' };
const l7 = { ...ambient, 'istio.io/use-waypoint': 'waypoint' };
const shop = (labels: Record<string, string>, redirected: boolean): KubeObject[] => [
  namespace('shop', labels),
  service('shop/web'),
  pod('shop/web', { redirected }),
  pod('shop/client', { redirected }),
  cni('one'),
  ztunnel('one'),
  ...waypoint('shop/waypoint'),
];

beforeEach(async () => {
  tenant = await makeTenant(platform);
  const { organisationId, projectId } = tenant;
  meshId = newId('mesh');
  clusterId = newId('cluster');
  const { system } = platform.db;
  await system.mesh.create({
    data: {
      id: meshId,
      organisationId,
      projectId,
      name: 'shop',
      profile: 'ambient',
      release: '1.30.2',
      activeRelease: '1.30.2',
      options: {},
    },
  });
  await system.cluster.create({
    data: {
      id: clusterId,
      organisationId,
      name: 'c',
      clusterUid: crypto.randomUUID(),
      registeredAt: clock,
      lastSeenAt: clock,
      objectsAt: clock,
      objectsComplete: true,
      mesh: { create: { meshId, organisationId } },
    },
  });
});

/** What the agent has told, as its reports would have left it. */
async function told(objects: KubeObject[]): Promise<void> {
  const { system } = platform.db;
  await system.clusterObject.deleteMany({ where: { clusterId } });
  await system.clusterObject.createMany({
    data: objects.map((object, index) => ({
      id: newId('object'),
      organisationId: tenant.organisationId,
      clusterId,
      apiVersion: object.apiVersion,
      group: splitApiVersion(object.apiVersion).group,
      kind: object.kind,
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
      origin: object.kind === 'Gateway' ? 'direct' : 'fact',
      digest: `digest-${index}`,
      object: object as object,
      seq: 1,
    })),
  });
}

const change = (more: object) => ({
  meshId,
  subjects: [{ clusterId, namespace: 'shop' }],
  mode: 'L4+L7' as const,
  ...more,
});
const subject = { level: 'service' as const, namespace: 'shop', name: 'web' };

test('what is wanted and true is told from what agents told, to whoever may see the mesh', async () => {
  await told(shop(l7, true));
  const list = await tenant.callAs('viewer', enrolmentList, { meshId, level: 'service' });
  expect(list.items.map(({ name, wanted, truth, state }) => [name, wanted, truth, state])).toEqual([
    ['web', 'L4+L7', 'L4+L7', 'asWanted'],
  ]);
  const one = await tenant.callAs('viewer', enrolmentGet, { meshId, clusterId, ...subject });
  expect(one.pods[0]?.evidence.length).toBeGreaterThan(3);
  const ends = { meshId, clusterId, from: 'shop/client', to: 'shop/web' };
  expect((await tenant.callAs('viewer', enrolmentPair, ends)).l7Policy.level).toBe('yes');
  expect((await tenant.callAs('viewer', pathGet, ends)).hops).toHaveLength(5);
  await expect(
    tenant.callAs('viewer', pathGet, { ...ends, to: 'shop/nobody' }),
  ).rejects.toMatchObject({ code: 'not_found' });
  const stranger = await makeTenant(platform, 'Other');
  await expect(stranger.callAs('owner', enrolmentList, { meshId })).rejects.toMatchObject({
    code: 'not_found',
  });
  const wish = { meshId, mode: 'L4' as const, subjects: [{ clusterId, namespace: 'shop' }] };
  await expect(stranger.callAs('owner', enrolmentPreviewChange, wish)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('what agents told of a sidecar lately is evidence, and what they told long ago is not', async () => {
  const labels = { 'istio-injection': 'enabled' };
  await told([namespace('shop', labels), service('shop/web'), pod('shop/web', { sidecar: true })]);
  const proxies = JSON.stringify([
    {
      namespace: 'shop',
      pod: 'web-abc-1',
      workload: 'web',
      node: 'one',
      kind: 'sidecar',
      version: '1.30.2',
      ready: true,
      problem: '',
      scrapedAt: null,
      istiod: 'istiod-1',
      sync: { cds: 'synced' },
      syncError: '',
    },
  ]);
  await platform.db.system.$executeRaw`
    INSERT INTO telemetry_source (cluster_id, organisation_id, proxies, proxies_at)
    VALUES (${clusterId}, ${tenant.organisationId}, ${proxies}::jsonb, ${clock})`;
  const saysOfIstiod = async (): Promise<string | undefined> => {
    const { pods } = await tenant.callAs('viewer', enrolmentGet, { meshId, clusterId, ...subject });
    return pods[0]?.evidence.find(({ looked }) => looked === 'connection to istiod')?.says;
  };
  expect(await saysOfIstiod()).toBe('connected to istiod-1, in sync');
  await platform.db.system.$executeRaw`
    UPDATE telemetry_source SET proxies_at = ${new Date(+clock - 600_000)}
    WHERE cluster_id = ${clusterId}`;
  expect(await saysOfIstiod()).toContain('not known');
});

test('what ztunnel shows against a pod is a finding, until it shows it no more', async () => {
  await told(shop(ambient, true));
  await platform.db.system.cluster.update({ where: { id: clusterId }, data: { objectsSeq: 1 } });
  const agent = {
    clusterId,
    clusterName: 'c',
    organisationId: tenant.organisationId,
    generation: 0,
  };
  const web = 'spiffe://cluster.local/ns/shop/sa/web';
  let seq = 0;
  const tell = async (misses: string[], expiresAt: number) => {
    const admin = {
      readAt: +clock,
      problem: '',
      certificates: [{ identity: web, expiresAt }],
      carries: [],
      misses,
    };
    const report = {
      bootId: 'b',
      startedAt: +clock,
      seq: seq++,
      scrapes: false,
      at: +clock,
      windowS: 10,
      strings: [],
      labels: [],
      edges: [],
      columns: {},
      histograms: { rows: [], rates: [] },
      dropped: { edges: 0, reports: 0, samples: 0 },
      proxies: [
        {
          namespace: 'istio-system',
          pod: 'ztunnel-one',
          workload: 'ztunnel',
          node: 'one',
          kind: 'ztunnel' as const,
          version: '1.31.0',
          ready: true,
          problem: '',
          scrapedAt: null,
          istiod: 'istiod-1',
          sync: {},
          syncError: '',
          admin,
        },
      ],
    };
    expect((await takeTelemetry(platform, agent, report)).accepted).toBe(true);
  };
  const requests = async () =>
    (await platform.db.system.meshDiagnosis.findUnique({ where: { meshId } }))?.settings ?? 0;
  const found = async () => {
    await diagnoseMesh({ db: platform.db, now: () => clock }, tenant.organisationId, meshId);
    const { items } = await tenant.callAs('viewer', findingList, { meshId });
    return items
      .filter(({ code }) => code === 'AMB0043' || code === 'AMB0044')
      .map(({ code, resource, clusterId: of }) => `${code} ${resource} ${of}`)
      .sort();
  };
  const hour = 3_600_000;
  await tell([], +clock + hour);
  const quiet = await requests();
  expect(await found()).toEqual([]);
  await tell(['shop/web-abc-1'], +clock - hour);
  expect(await requests()).toBe(quiet + 1);
  expect(await found()).toEqual([
    `AMB0043 Pod shop/web-abc-1 ${clusterId}`,
    `AMB0044 Pod shop/web-abc-1 ${clusterId}`,
  ]);
  await tell(['shop/web-abc-1'], +clock - hour);
  expect(await requests()).toBe(quiet + 1);
  await tell([], +clock + hour);
  expect(await requests()).toBe(quiet + 2);
  expect(await found()).toEqual([]);
});

test('a change is previewed and refused with all that stands in its way, and begun by who may', async () => {
  await told(shop({ 'istio-injection': 'enabled' }, false));
  const preview = await tenant.callAs('viewer', enrolmentPreviewChange, change({}));
  expect(preview.allowed).toBe(false);
  await expect(tenant.callAs('operator', enrolmentChange, change({}))).rejects.toMatchObject({
    code: 'unprocessable',
  });
  await told(shop({}, false));
  await expect(tenant.callAs('viewer', enrolmentChange, change({}))).rejects.toMatchObject({
    code: 'forbidden',
  });
  const { operation } = await tenant.callAs('operator', enrolmentChange, change({}));
  expect(operation).toMatchObject({ type: 'enrolment.change', title: 'Enrol shop: L4+L7' });
  await expect(tenant.callAs('operator', enrolmentChange, change({}))).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(
    tenant.callAs('operator', enrolmentUndo, { meshId, operationId: operation.id }),
  ).rejects.toMatchObject({ code: 'conflict' });
  expect((await auditOf(platform, tenant, 'enrolment.change')).length).toBeGreaterThan(0);
});

test('the label is handed over once the waypoint serves, and a worker that dies in between changes nothing', async () => {
  await told(shop({}, false));
  const { operation } = await tenant.callAs('operator', enrolmentChange, change({}));
  let left = 0;
  const engine = (dieAt: number) => ({
    db: platform.db,
    releases: platform.releases,
    renderer: standInRenderer(),
    now: () => clock,
    at: (point: string) => {
      if (point === 'performed' && left++ === dieAt) throw new Error('killed');
    },
  });
  await expect(advance(engine(0), tenant.organisationId, operation.id)).rejects.toThrow('killed');
  const { system } = platform.db;
  expect(await system.enrolment.count({ where: { meshId } })).toBe(0);
  await advance(engine(-1), tenant.organisationId, operation.id);
  const rows = await system.enrolment.findMany({ where: { meshId } });
  expect(rows).toMatchObject([{ namespace: 'shop', mode: 'L4', waypoint: 'waypoint' }]);
  const desired = await system.desiredBundle.findMany({ where: { clusterId } });
  expect(desired.map(({ name, mode }) => [name, mode])).toEqual([['enrolment', 'present']]);
});

test('only what the evidence names is repaired', async () => {
  await told(shop(ambient, true));
  const repair = { meshId, clusterId, namespace: 'shop', pod: 'web-abc-1' };
  await expect(tenant.callAs('operator', enrolmentRepair, repair)).rejects.toMatchObject({
    code: 'conflict',
  });
  await told(shop(ambient, false));
  await expect(tenant.callAs('viewer', enrolmentRepair, repair)).rejects.toMatchObject({
    code: 'forbidden',
  });
  const { operation } = await tenant.callAs('operator', enrolmentRepair, repair);
  expect(operation.steps.map(({ name }) => name)).toEqual(['examine', 'repair', 'probe']);
  await advance(
    {
      db: platform.db,
      releases: platform.releases,
      renderer: standInRenderer(),
      now: () => clock,
    },
    tenant.organisationId,
    operation.id,
  );
  expect(await platform.db.system.agentAction.findMany({ where: { clusterId } })).toMatchObject([
    { kind: 'restart-pod', payload: { namespace: 'shop', pod: 'web-abc-1' } },
  ]);
});

test('where guards are kept they are written, and what opens a hole is denied', async () => {
  await told(shop(l7, true));
  await tenant.callAs('operator', policyApply, {
    meshId,
    yaml: `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: get-only, namespace: shop}
spec:
  targetRefs: [{kind: Service, group: "", name: web}]
  rules: [{to: [{operation: {methods: [GET]}}]}]
`,
  });
  const before = await tenant.callAs('viewer', guardGet, { meshId });
  expect(before).toMatchObject({ mode: 'suggest', proofs: [{ hole: true }] });
  await tenant.callAs('operator', guardUpdate, { meshId, mode: 'keep' });
  const engine = { db: platform.db, now: () => clock };
  expect(await keepGuards(engine, tenant.organisationId, meshId)).toBe(1);
  expect(await keepGuards(engine, tenant.organisationId, meshId)).toBe(0);
  const after = await tenant.callAs('viewer', guardGet, { meshId });
  expect(after.proofs).toMatchObject([{ hole: false, guard: { state: 'present' } }]);
  const modes = async () =>
    (await tenant.callAs('viewer', ruleSettingList, { meshId, limit: 500 })).items
      .filter(({ code, mode }) => code.startsWith('AMB') && mode === 'deny')
      .map(({ code }) => code);
  expect(await modes()).toEqual(['AMB0001', 'AMB0003', 'AMB0032', 'AMB0041']);
  await expect(
    tenant.callAs('operator', enrolmentChange, change({ mode: 'L4' })),
  ).rejects.toMatchObject({ code: 'unprocessable' });
  await tenant.callAs('operator', guardUpdate, { meshId, mode: 'off' });
  expect(await modes()).toEqual([]);
});

test('a waypoint that an L7 policy hangs on is not deleted by any verb while guards are kept', async () => {
  await told(shop(l7, true).filter(({ kind }) => kind !== 'Gateway'));
  const apply = (yaml: string) => tenant.callAs('operator', policyApply, { meshId, yaml });
  await apply(`apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: get-only, namespace: shop}
spec:
  targetRefs: [{kind: Service, group: "", name: web}]
  rules: [{to: [{operation: {methods: [GET]}}]}]
`);
  await tenant.callAs('operator', guardUpdate, { meshId, mode: 'keep' });
  const gateway = await platform.db.system.policy.findFirstOrThrow({
    where: { meshId, kind: 'Gateway' },
  });
  const denied = { code: 'unprocessable', message: expect.stringContaining('AMB0001') as string };
  const { id: policyId, version } = gateway;
  await expect(tenant.callAs('operator', policyDelete, { meshId, policyId })).rejects.toMatchObject(
    denied,
  );
  await expect(
    apply(`apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: none}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
`),
  ).rejects.toMatchObject(denied);
  const where = { meshId, clusterId, namespace: 'shop', name: 'waypoint' };
  await expect(tenant.callAs('operator', waypointDelete, where)).rejects.toMatchObject({
    code: 'conflict',
  });
  const kept = await platform.db.system.policy.findUniqueOrThrow({ where: { id: policyId } });
  expect(kept).toMatchObject({ deletedAt: null, version });
  // Nor may the policy hang on what is not there; on the waypoint it holds as well.
  const hungOn = (target: string) => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: get-only, namespace: shop}
spec:
  targetRefs: [{${target}}]
  rules: [{to: [{operation: {methods: [GET]}}]}]
`;
  await expect(apply(hungOn('kind: Service, group: "", name: gone'))).rejects.toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('would hang on nothing') as string,
  });
  await apply(hungOn('kind: Gateway, group: gateway.networking.k8s.io, name: waypoint'));
  await expect(tenant.callAs('operator', policyDelete, { meshId, policyId })).rejects.toMatchObject(
    denied,
  );
});

test('the health of each node is told, and istio-cni that is not ready is repaired', async () => {
  await told([...shop(ambient, true), node('one'), node('two'), cni('two', false), ztunnel('two')]);
  const { sentence, items } = await tenant.callAs('viewer', ambientNodes, { meshId });
  expect(items.map(({ node: name, state }) => [name, state])).toEqual([
    ['one', 'ok'],
    ['two', 'notReady'],
  ]);
  const stranger = await makeTenant(platform, 'Other');
  await expect(stranger.callAs('owner', ambientNodes, { meshId })).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(sentence).toContain('1 of 2 nodes');
  const input = { meshId, clusterId, namespace: 'istio-system', pod: 'istio-cni-node-two' };
  await expect(
    tenant.callAs('operator', enrolmentRepair, { ...input, pod: 'istio-cni-node-one' }),
  ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('is ready') });
  await expect(tenant.callAs('viewer', enrolmentRepair, input)).rejects.toMatchObject({
    code: 'forbidden',
  });
  const { operation } = await tenant.callAs('operator', enrolmentRepair, input);
  await advance(
    {
      db: platform.db,
      releases: platform.releases,
      renderer: standInRenderer(),
      now: () => clock,
    },
    tenant.organisationId,
    operation.id,
  );
  expect(await platform.db.system.agentAction.findMany({ where: { clusterId } })).toMatchObject([
    {
      kind: 'restart-pod',
      payload: { namespace: 'istio-system', pod: 'istio-cni-node-two' },
    },
  ]);
});

test('L4 of a namespace is set as policies, and not where others set it', async () => {
  await told(shop(ambient, true));
  const settings = { mtls: 'STRICT', accessLog: 'inherit', tcpMetrics: 'off' } as const;
  const input = { meshId, namespace: 'shop', ...settings };
  await expect(tenant.callAs('viewer', ambientConfigure, input)).rejects.toMatchObject({
    code: 'forbidden',
  });
  const set = await tenant.callAs('operator', ambientConfigure, input);
  expect(set).toMatchObject({ ...settings, effective: { mtls: 'STRICT' }, measured: false });
  const written = await platform.db.system.policy.findMany({ where: { meshId, deletedAt: null } });
  expect(written.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
    'PeerAuthentication ambit-l4',
    'Telemetry ambit-l4',
  ]);
  expect(await auditOf(platform, tenant, 'ambient.configure')).toMatchObject([
    { target: 'shop', outcome: 'done' },
    { outcome: 'refused' },
  ]);
  const inherit = { mtls: 'inherit', accessLog: 'inherit', tcpMetrics: 'inherit' } as const;
  await tenant.callAs('operator', ambientConfigure, { ...input, ...inherit });
  const { items } = await tenant.callAs('viewer', ambientNamespaces, { meshId });
  expect(items).toMatchObject([{ namespace: 'shop', ...inherit }]);
  await tenant.callAs('operator', policyApply, {
    meshId,
    yaml: 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: own, namespace: shop}\nspec: {mtls: {mode: PERMISSIVE}}',
  });
  await expect(tenant.callAs('operator', ambientConfigure, input)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('PeerAuthentication shop/own'),
  });
  await expect(
    tenant.callAs('operator', ambientConfigure, { ...input, namespace: 'istio-system' }),
  ).rejects.toMatchObject({ code: 'unprocessable' });
});
