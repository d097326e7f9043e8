import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exampleCertificate } from '@ambit/analysis/rules/shared/certificate';
import { newId } from '@ambit/contracts/ids';
import { certificateList } from '@ambit/contracts/operations/certificate';
import {
  diagnosisGet,
  diagnosisReport,
  diagnosisRun,
  diagnosisUpdate,
  findingGet,
  findingList,
  findingSummary,
  findingSuppress,
  findingSuppressions,
  findingUnsuppress,
  ruleGet,
  ruleList,
  ruleSettingList,
  ruleSettingUpdate,
} from '@ambit/contracts/operations/finding';
import { operationGet } from '@ambit/contracts/operations/lifecycle';
import { policyApply, policyDelete, policyUpdate } from '@ambit/contracts/operations/policy';
import { advance } from '../lifecycle/advance.ts';
import { standInRenderer } from '../testing/stand-in-renderer.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { createDiagnoser, diagnoserOf } from './diagnoser.ts';
import { diagnoseMesh } from './run.ts';

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;
let nowMs = Date.now();
const complaints: unknown[] = [];

beforeAll(async () => {
  platform = await testPlatform({
    now: () => new Date(nowMs),
    complain: (text, error) => complaints.push([text, error]),
  });
});
afterAll(() => platform.drop());

beforeEach(async () => {
  complaints.length = 0;
  tenant = await makeTenant(platform);
  meshId = newId('mesh');
  await platform.db.system.mesh.create({
    data: {
      id: meshId,
      organisationId: tenant.organisationId,
      projectId: tenant.projectId,
      name: 'shop',
      profile: 'sidecar',
      release: '1.30.2',
      options: {},
    },
  });
});

const diagnose = () =>
  diagnoseMesh({ db: platform.db, now: () => new Date(nowMs) }, tenant.organisationId, meshId);

const service = (
  name: string,
  host: string,
  gateway = 'main',
) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [${host}]
  gateways: [${gateway}]
  http:
    - route: [{destination: {host: ${host}}}]
`;
const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]
`;
const apply = (yaml: string, dryRun = false) =>
  tenant.callAs('operator', policyApply, { meshId, yaml, dryRun });
const set = (code: string, mode: 'deny' | 'warn' | 'off' | 'default') =>
  tenant.callAs('operator', ruleSettingUpdate, { meshId, code, mode });
const list = async (more: object = {}) =>
  (await tenant.callAs('viewer', findingList, { meshId, ...more })).items;

/** A cluster of the mesh whose agent has told these objects, as its report would have left them. */
async function putFacts(
  objects: { kind: string; apiVersion: string; object: object }[],
  seq = 1,
  objectsTold: string[] = [],
) {
  const { system } = platform.db;
  let cluster = await system.cluster.findFirst({ where: { mesh: { meshId } } });
  cluster ??= await system.cluster.create({
    data: {
      id: newId('cluster'),
      organisationId: tenant.organisationId,
      name: 'c',
      mesh: { create: { meshId, organisationId: tenant.organisationId } },
    },
  });
  await system.clusterObject.deleteMany({ where: { clusterId: cluster.id } });
  for (const { kind, apiVersion, object } of objects) {
    const { metadata } = object as { metadata: { name: string; namespace?: string } };
    await system.clusterObject.create({
      data: {
        id: newId('object'),
        organisationId: tenant.organisationId,
        clusterId: cluster.id,
        apiVersion,
        group: apiVersion.split('/').at(-2) ?? '',
        kind,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        origin: 'fact',
        digest: JSON.stringify(object).slice(0, 40) + seq,
        object: { apiVersion, kind, ...object },
        seq,
      },
    });
  }
  await system.cluster.update({
    where: { id: cluster.id },
    data: { objectsSeq: seq, objectsAt: new Date(nowMs), objectsComplete: true, objectsTold },
  });
  return cluster.id;
}
const namespace = (name: string) => ({
  kind: 'Namespace',
  apiVersion: 'v1',
  object: { metadata: { name, labels: { 'istio-injection': 'enabled' } } },
});
const kubeService = (name: string) => ({
  kind: 'Service',
  apiVersion: 'v1',
  object: {
    metadata: { name, namespace: 'shop' },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }] },
  },
});

describe('findings', () => {
  it('appear with a policy, keep their id and first sight, and resolve with its correction', async () => {
    await apply(service('web', 'web.example.com'));
    await diagnose();
    const [first] = await list({ code: 'IST0101' });
    expect(first).toMatchObject({
      resource: 'VirtualService shop/web',
      namespace: 'shop',
      firstVersion: 1,
      clusterId: null,
    });
    expect(first?.policyId).toMatch(/^pol_/);
    const opened = await tenant.callAs('viewer', findingGet, { findingId: first!.id });
    const lines = service('web', 'web.example.com').split('\n');
    expect(lines[opened.line! - 1]).toContain('gateways: [main]');
    expect(opened.objectId).toBeNull();
    const firstSeen = first?.firstSeen;
    nowMs += 120_000;
    await diagnose();
    const [again] = await list({ code: 'IST0101' });
    expect(again).toMatchObject({ id: first?.id, firstSeen });
    expect(Date.parse(again!.lastSeen)).toBe(nowMs);
    await apply(gateway);
    await diagnose();
    expect(await list({ code: 'IST0101', resource: 'VirtualService shop/*' })).toEqual([]);
    const resolved = await list({ state: 'resolved' });
    expect(resolved.map(({ id }) => id)).toContain(first?.id);
    const summary = await tenant.callAs('viewer', findingSummary, { meshId, hours: 1 });
    expect(summary.trend).toHaveLength(48);
    expect(summary.trend.at(-1)!.error).toBe(summary.error);
    expect(Math.max(...summary.trend.map(({ error }) => error))).toBeGreaterThan(summary.error);
  });

  it('of workloads are told only when every cluster has told all of its objects', async () => {
    await apply(service('web', 'nowhere.shop.svc.cluster.local', 'mesh'));
    await diagnose();
    expect(await list({ code: 'IST0101' })).toEqual([]);
    const before = await tenant.callAs('viewer', diagnosisGet, { meshId });
    expect(before.limits.join()).toContain('no cluster');
    await putFacts([namespace('shop'), kubeService('web')]);
    await diagnose();
    const found = await list({ code: 'IST0101' });
    expect(found.map(({ message }) => message).join()).toContain('nowhere');
    await putFacts([namespace('shop'), kubeService('web'), kubeService('nowhere')], 2);
    await diagnose();
    expect(await list({ code: 'IST0101' })).toEqual([]);
  });

  it('of certificates are told in time, and of accounts, only when the cluster tells those kinds', async () => {
    const credential = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: tls, namespace: shop}
spec:
  selector: {istio: ingress}
  servers:
    - port: {number: 443, name: https, protocol: HTTPS}
      hosts: ['*']
      tls: {mode: SIMPLE, credentialName: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: callers, namespace: shop}
spec: {rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/cart]}}]}]}
`;
    const facts = [
      namespace('shop'),
      {
        kind: 'Secret',
        apiVersion: 'v1',
        object: {
          metadata: { name: 'shop', namespace: 'edge' },
          type: 'kubernetes.io/tls',
          data: { 'tls.crt': exampleCertificate },
        },
      },
      {
        kind: 'ServiceAccount',
        apiVersion: 'v1',
        object: { metadata: { name: 'web', namespace: 'shop' } },
      },
      {
        kind: 'Pod',
        apiVersion: 'v1',
        object: { metadata: { name: 'in', namespace: 'edge', labels: { istio: 'ingress' } } },
      },
    ];
    const before = nowMs;
    const codes = ['AMB0022', 'AMB0023', 'IST0101', 'IST0161', 'KIA0106'];
    const found = async () =>
      (await list()).map(({ code }) => code).filter((code) => codes.includes(code));
    nowMs = Date.parse('2036-11-12T00:00:00Z');
    try {
      await apply(credential);
      await putFacts(facts);
      await diagnose();
      expect(await found()).toEqual([]);
      const { limits } = await tenant.callAs('viewer', diagnosisGet, { meshId });
      expect(limits.join()).toContain('c tells nothing of certificates');

      await putFacts(facts, 2, ['Secret', 'ServiceAccount', 'PodDisruptionBudget']);
      await diagnose();
      expect((await found()).sort()).toEqual(['AMB0023', 'KIA0106']);
      expect((await list({ code: 'AMB0023' }))[0]).toMatchObject({
        resource: 'Secret edge/shop',
        message: 'The certificate of Gateway shop/tls expires on 2036-11-22, in 11 days',
      });
      nowMs = Date.parse('2036-12-01T00:00:00Z');
      await diagnose();
      expect((await found()).sort()).toEqual(['AMB0022', 'IST0161', 'KIA0106']);

      await putFacts(
        facts.filter(({ kind }) => kind !== 'Secret'),
        3,
        ['ServiceAccount'],
      );
      await diagnose();
      expect(await found()).toEqual(['KIA0106']);
    } finally {
      nowMs = before;
    }
  });

  it('of the mesh’s own CA are told before it ends, as many days as are set, and stand in the list and the report', async () => {
    const end = '2036-11-22T00:00:00.000Z';
    const certificate = {
      role: 'signing',
      subject: 'O=cluster.local',
      issuer: 'O=cluster.local',
      notBefore: '2026-11-25T00:00:00.000Z',
      notAfter: end,
      fingerprint: 'AB:CD',
    };
    const authority = {
      kind: 'CertificateAuthority',
      apiVersion: 'ambit.dev/v1',
      object: {
        metadata: { name: 'istio-ca-secret', namespace: 'istio-system' },
        spec: { source: 'istio-ca-secret', isSelfSigned: true, certificates: [certificate] },
      },
    };
    const server = {
      kind: 'Secret',
      apiVersion: 'v1',
      object: {
        metadata: { name: 'shop', namespace: 'shop' },
        type: 'kubernetes.io/tls',
        data: { 'tls.crt': exampleCertificate },
      },
    };
    const unused = { ...server, object: { ...server.object, metadata: { name: 'unused' } } };
    const told = ['Secret', 'ServiceAccount', 'PodDisruptionBudget', 'CertificateAuthority'];
    const tls = gateway.replace(
      '{number: 80, name: http, protocol: HTTP}',
      '{number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: shop}',
    );
    const found = async () =>
      (await list()).filter(({ code }) => ['AMB0050', 'AMB0051'].includes(code));
    const certificates = async (more: object = {}) =>
      (await tenant.callAs('viewer', certificateList, { meshId, ...more })).items;
    const before = nowMs;
    try {
      nowMs = Date.parse('2036-09-22T00:00:00Z');
      await apply(tls);
      await putFacts([namespace('shop'), authority, server, unused], 1, told);
      await diagnose();
      expect(await found()).toEqual([]);
      expect(await certificates()).toMatchObject([
        {
          use: 'authority',
          source: 'Secret istio-system/istio-ca-secret',
          role: 'signing',
          isSelfSigned: true,
          notAfter: end,
          state: 'valid',
        },
        { use: 'gateway', source: 'Secret shop/shop', usedBy: ['Gateway shop/main'] },
      ]);
      expect(await certificates({ state: 'soon' })).toEqual([]);
      nowMs += 1_000;
      const days = { meshId, certificateDays: 90 };
      expect(await tenant.callAs('operator', diagnosisUpdate, days)).toMatchObject({
        certificateDays: 90,
        pending: true,
      });
      await diagnose();
      expect(await found()).toMatchObject([
        {
          code: 'AMB0051',
          resource: 'CertificateAuthority istio-system/istio-ca-secret',
          message:
            "The signing certificate of the mesh's CA (Secret istio-system/istio-ca-secret) expires on 2036-11-22, in 61 days",
        },
      ]);
      expect(await certificates({ state: 'soon' })).toHaveLength(2);
      nowMs = Date.parse('2036-12-22T00:00:00Z');
      await diagnose();
      expect(await found()).toMatchObject([{ code: 'AMB0050', severity: 'error' }]);

      const { operation } = await tenant.callAs('operator', diagnosisReport, { meshId });
      nowMs += 1_000;
      await diagnose();
      const engine = {
        db: platform.db,
        releases: platform.releases,
        renderer: standInRenderer(),
        now: () => new Date(nowMs),
      };
      expect(await advance(engine, tenant.organisationId, operation.id)).toBe('succeeded');
      const done = await tenant.callAs('viewer', operationGet, { operationId: operation.id });
      const { parts } = done.result as {
        parts: { part: string; verdict: string; details: string[] }[];
      };
      const part = parts.find((each) => each.part === 'certificates');
      expect(part?.verdict).toBe('error');
      expect(part?.details.join('\n')).toContain(
        'the signing certificate of the CA, self-signed by istiod in Secret istio-system/istio-ca-secret ended on 2036-11-22',
      );
    } finally {
      nowMs = before;
    }
  });

  it('of workloads stay as they are while a cluster tells its objects anew', async () => {
    await apply(service('web', 'nowhere.shop.svc.cluster.local', 'mesh'));
    const clusterId = await putFacts([namespace('shop'), kubeService('web')]);
    await diagnose();
    const [found] = await list({ code: 'IST0101' });
    const told = (objectsComplete: boolean) =>
      platform.db.system.cluster.update({
        where: { id: clusterId },
        data: { objectsComplete, objectsSeq: { increment: 1 } },
      });
    await told(false);
    await diagnose();
    expect(await list({ code: 'IST0101' })).toMatchObject([{ id: found!.id, resolvedAt: null }]);
    await told(true);
    await putFacts([namespace('shop'), kubeService('web'), kubeService('nowhere')], 9);
    await diagnose();
    expect(await list({ code: 'IST0101' })).toEqual([]);
  });

  it('can be hidden with a reason until a time, and shown again', async () => {
    await apply(service('web', 'web.example.com'));
    await diagnose();
    await expect(
      tenant.callAs('operator', findingSuppress, { meshId, reason: 'all' }),
    ).rejects.toMatchObject({ code: 'invalid_input' });
    const made = await tenant.callAs('operator', findingSuppress, {
      meshId,
      code: 'IST0101',
      resource: 'VirtualService shop/*',
      reason: 'the gateway comes next week',
      expiresAt: new Date(nowMs + 60_000).toISOString(),
    });
    await diagnose();
    expect(await list({ code: 'IST0101' })).toEqual([]);
    expect(await list({ state: 'suppressed' })).toMatchObject([
      { suppressed: { reason: 'the gateway comes next week', suppressionId: made.id } },
    ]);
    const { items } = await tenant.callAs('viewer', findingSuppressions, { meshId });
    expect(items).toMatchObject([{ id: made.id, findings: 1 }]);
    nowMs += 61_000;
    await diagnose();
    expect(await list({ code: 'IST0101' })).toHaveLength(1);
    await tenant.callAs('operator', findingUnsuppress, { meshId, suppressionId: made.id });
    await expect(
      tenant.callAs('viewer', findingSuppress, { meshId, code: 'IST0101', reason: 'no' }),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('are hidden by an annotation of the object', async () => {
    await apply(
      service('web', 'web.example.com').replace(
        'namespace: shop}',
        "namespace: shop, annotations: {galley.istio.io/analyze-suppress: 'IST0101'}}",
      ),
    );
    await diagnose();
    expect(await list({ code: 'IST0101' })).toEqual([]);
    expect(await list({ state: 'suppressed' })).toMatchObject([
      { suppressed: { by: 'annotation' } },
    ]);
  });

  it('of others are not seen', async () => {
    await apply(service('web', 'web.example.com'));
    await diagnose();
    const [finding] = await list();
    const other = await makeTenant(platform);
    await expect(
      other.callAs('owner', findingGet, { findingId: finding!.id }),
    ).rejects.toMatchObject({ code: 'not_found' });
    expect((await other.callAs('owner', findingList, {})).items).toEqual([]);
    const limited = { limits: [{ meshId, namespaces: ['elsewhere'] }] };
    expect((await tenant.callAs('viewer', findingList, { meshId }, limited)).items).toEqual([]);
    const allowed = { limits: [{ meshId, namespaces: ['shop'] }] };
    expect((await tenant.callAs('viewer', findingList, { meshId }, allowed)).items).not.toEqual([]);
  });

  it('are the same from an engine that followed every change and from a new one', async () => {
    await putFacts([namespace('shop'), kubeService('a')]);
    const steps = [
      () => apply(service('a', 'a')),
      () => apply(service('b', 'b.example.com')),
      () => apply(gateway),
      () => putFacts([namespace('shop')], 2),
      () => apply(service('a', 'a.example.com')),
      () => putFacts([namespace('shop'), namespace('other'), kubeService('b')], 3),
    ];
    const read = <T>(work: (tx: never) => Promise<T>) =>
      platform.db.system.$transaction(work as never) as Promise<T>;
    const followed = createDiagnoser();
    for (const step of steps) {
      await step();
      const at = new Date(nowMs);
      const warm = await followed.use(read, meshId, at, ({ incremental }) =>
        incremental.findings(),
      );
      const fresh = await createDiagnoser().use(read, meshId, at, ({ incremental }) =>
        incremental.findings(),
      );
      expect(warm).toEqual(fresh);
    }
  });
});

describe('admission', () => {
  const wrong = service('web', 'web.example.com');

  it('warns of what a write introduces, and not of what is there already', async () => {
    const first = await apply(wrong);
    expect(first.warnings.map(({ message }) => message).join()).toContain('IST0101');
    const second = await apply(wrong.replace('route: [', 'timeout: 3s\n      route: ['));
    expect(second.items[0]?.change).toBe('updated');
    expect(second.warnings.map(({ message }) => message).join()).not.toContain('IST0101');
  });

  it('denies with code, cause and fix, stores nothing, and lets corrections through', async () => {
    await set('IST0101', 'deny');
    await expect(apply(wrong)).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringMatching(/the mesh denies this: IST0101 VirtualService shop\/web/),
      details: [{ path: 'spec.gateways[0]', message: expect.stringContaining('IST0101') }],
    });
    await expect(apply(`${wrong}---\n${gateway}`)).resolves.toMatchObject({
      items: [{ change: 'created' }, { change: 'created' }],
    });
    const [main] = await platform.db.system.policy.findMany({ where: { meshId, name: 'main' } });
    await expect(
      tenant.callAs('operator', policyDelete, { meshId, policyId: main!.id }),
    ).rejects.toMatchObject({ code: 'unprocessable' });
    const [web] = await platform.db.system.policy.findMany({ where: { meshId, name: 'web' } });
    await expect(
      tenant.callAs('operator', policyUpdate, {
        meshId,
        policyId: web!.id,
        version: web!.version,
        yaml: service('web', 'web.example.com', 'other'),
      }),
    ).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it('a dry run tells everything about the text, and what would be denied', async () => {
    await set('IST0101', 'deny');
    const { findings } = await apply(wrong, true);
    expect(findings.find(({ code }) => code === 'IST0101')).toMatchObject({
      introduced: true,
      denied: true,
      path: 'spec.gateways[0]',
    });
    await set('IST0101', 'default');
    await apply(wrong);
    const again = await apply(wrong.replace('[web.example', '[ web.example'), true);
    expect(again.findings.find(({ code }) => code === 'IST0101')).toMatchObject({
      introduced: false,
      denied: false,
    });
  });

  it('says nothing when a rule is off, or when all are', async () => {
    await set('IST0101', 'off');
    expect((await apply(wrong)).warnings.join()).not.toContain('IST0101');
    await set('*', 'off');
    expect((await apply(wrong.replace('web,', 'web2,'))).warnings).toEqual([]);
    const { items } = await tenant.callAs('viewer', ruleSettingList, { meshId });
    expect(items.every(({ mode }) => mode === 'off')).toBe(true);
  });

  it('whose engine fails lets the write through, and complains', async () => {
    const diagnoser = diagnoserOf(platform.db);
    const { use } = diagnoser;
    diagnoser.use = () => Promise.reject(new Error('a fault of ours'));
    try {
      await expect(apply(wrong)).resolves.toMatchObject({ items: [{ change: 'created' }] });
    } finally {
      diagnoser.use = use;
    }
    expect(JSON.stringify(complaints)).toContain('let through');
  });
});

it('the memory of a process is bounded, and what was dropped is made again', async () => {
  const small = createDiagnoser(1);
  const read = <T>(work: (tx: never) => Promise<T>) =>
    platform.db.system.$transaction(work as never) as Promise<T>;
  await apply(service('web', 'web.example.com'));
  const find = () =>
    small.use(read, meshId, new Date(nowMs), ({ incremental }) => incremental.findings().length);
  const before = await find();
  const other = newId('mesh');
  await platform.db.system.mesh.create({
    data: {
      id: other,
      organisationId: tenant.organisationId,
      projectId: tenant.projectId,
      name: 'other',
      profile: 'sidecar',
      release: '1.30.2',
      options: {},
    },
  });
  await small.use(read, other, new Date(nowMs), () => {});
  expect(small.size()).toBeLessThan(4);
  expect(await find()).toBe(before);
});

it('rules are told with their examples, and running is asked for with the right role', async () => {
  const { items } = await tenant.callAs('viewer', ruleList, {});
  expect(items.length).toBeGreaterThan(50);
  expect(new Set(items.map(({ source }) => source))).toEqual(new Set(['istio', 'kiali', 'ambit']));
  const { rules } = await tenant.callAs('viewer', ruleGet, { code: 'IST0101' });
  expect(rules[0]?.examples.length).toBeGreaterThan(1);
  await expect(tenant.callAs('viewer', ruleGet, { code: 'IST9999' })).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(tenant.callAs('viewer', diagnosisRun, { meshId })).rejects.toMatchObject({
    code: 'forbidden',
  });
  await diagnose();
  const asked = await tenant.callAs('operator', diagnosisRun, { meshId });
  expect(asked.pending).toBe(false);
  nowMs += 1_000;
  expect(await tenant.callAs('operator', diagnosisRun, { meshId })).toMatchObject({
    pending: true,
  });
});

it('a report waits for the diagnosis, then tells each part, and leaves the mesh as it is', async () => {
  await apply(service('web', 'web.example.com'));
  const before = await platform.db.system.mesh.findUniqueOrThrow({ where: { id: meshId } });
  nowMs += 1_000;
  const { operation } = await tenant.callAs('operator', diagnosisReport, { meshId });
  const engine = {
    db: platform.db,
    releases: platform.releases,
    renderer: standInRenderer(),
    now: () => new Date(nowMs),
  };
  expect(await advance(engine, tenant.organisationId, operation.id)).toBe('running');
  nowMs += 1_000;
  await diagnose();
  expect(await advance(engine, tenant.organisationId, operation.id)).toBe('succeeded');
  const done = await tenant.callAs('viewer', operationGet, { operationId: operation.id });
  const { parts } = done.result as { parts: { part: string; verdict: string }[] };
  expect(parts.map(({ part }) => part)).toEqual([
    'versions',
    'certificates',
    'proxies',
    'configuration',
    'enrolment',
    'capacity',
  ]);
  expect(parts.find(({ part }) => part === 'configuration')).toMatchObject({ verdict: 'error' });
  expect(done.steps.map(({ state }) => state)).toEqual(done.steps.map(() => 'succeeded'));
  const after = await platform.db.system.mesh.findUniqueOrThrow({ where: { id: meshId } });
  expect(after.version).toBe(before.version);
});
