import { describe, expect, it } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import {
  diagnosisGet,
  diagnosisReport,
  diagnosisRun,
  findingGet,
  findingList,
  findingSummary,
  findingSuppress,
  findingSuppressions,
  findingUnsuppress,
  ruleGet,
  ruleList,
} from '@ambit/contracts/operations/finding';
import { operationGet } from '@ambit/contracts/operations/lifecycle';
import { advance } from '../lifecycle/advance.ts';
import { standInRenderer } from '../testing/stand-in-renderer.ts';
import { makeTenant } from '../testing/tenant.ts';
import { createDiagnoser } from './diagnoser.ts';
import {
  apply,
  clock,
  diagnose,
  gateway,
  kubeService,
  list,
  meshId,
  namespace,
  platform,
  putFacts,
  service,
  tenant,
  useMesh,
} from './testing/mesh.ts';

useMesh();

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
    clock.nowMs += 120_000;
    await diagnose();
    const [again] = await list({ code: 'IST0101' });
    expect(again).toMatchObject({ id: first?.id, firstSeen });
    expect(Date.parse(again!.lastSeen)).toBe(clock.nowMs);
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
      expiresAt: new Date(clock.nowMs + 60_000).toISOString(),
    });
    await diagnose();
    expect(await list({ code: 'IST0101' })).toEqual([]);
    expect(await list({ state: 'suppressed' })).toMatchObject([
      { suppressed: { reason: 'the gateway comes next week', suppressionId: made.id } },
    ]);
    const { items } = await tenant.callAs('viewer', findingSuppressions, { meshId });
    expect(items).toMatchObject([{ id: made.id, findings: 1 }]);
    clock.nowMs += 61_000;
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
      const at = new Date(clock.nowMs);
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

it('the memory of a process is bounded, and what was dropped is made again', async () => {
  const small = createDiagnoser(1);
  const read = <T>(work: (tx: never) => Promise<T>) =>
    platform.db.system.$transaction(work as never) as Promise<T>;
  await apply(service('web', 'web.example.com'));
  const find = () =>
    small.use(
      read,
      meshId,
      new Date(clock.nowMs),
      ({ incremental }) => incremental.findings().length,
    );
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
  await small.use(read, other, new Date(clock.nowMs), () => {});
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
  clock.nowMs += 1_000;
  expect(await tenant.callAs('operator', diagnosisRun, { meshId })).toMatchObject({
    pending: true,
  });
});

it('a report waits for the diagnosis, then tells each part, and leaves the mesh as it is', async () => {
  await apply(service('web', 'web.example.com'));
  const before = await platform.db.system.mesh.findUniqueOrThrow({ where: { id: meshId } });
  clock.nowMs += 1_000;
  const { operation } = await tenant.callAs('operator', diagnosisReport, { meshId });
  const engine = {
    db: platform.db,
    releases: platform.releases,
    renderer: standInRenderer(),
    now: () => new Date(clock.nowMs),
  };
  expect(await advance(engine, tenant.organisationId, operation.id)).toBe('running');
  clock.nowMs += 1_000;
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
