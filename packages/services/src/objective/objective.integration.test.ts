import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import {
  alertList,
  alertRuleCreate,
  alertRuleList,
  alertRuleUpdate,
  meshChanges,
} from '@ambit/contracts/operations/alert';
import { alertRouteCreate } from '@ambit/contracts/operations/alert-route';
import { integrationCreate } from '@ambit/contracts/operations/integration';
import {
  objectiveCreate,
  objectiveDelete,
  objectiveGet,
  objectiveList,
  objectivePreview,
  objectiveRules,
  objectiveStatus,
  objectiveUpdate,
} from '@ambit/contracts/operations/objective';
import { inTenant } from '@ambit/db/database';
import { callSeries, serveMesh } from '@ambit/telemetry/testing/mesh-prometheus';
import { windowsOf, sumOver } from '@ambit/topology/objectives/objective';
import { deliverAlert } from '../alert/deliver.ts';
import { evaluateAlerts } from '../alert/evaluate.ts';
import { addressGuard } from '../alert/send/addresses.ts';
import { bareMesh } from '../testing/bare-mesh.ts';
import { httpReceiver } from '../testing/receivers.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';
import { endResidents } from '../topology/residents.ts';
import { lookAtSignals } from './look.ts';
import { addStretches, rollStretches, sumWindows } from './stretches.ts';

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;
let offsetMs = 0;
let errorShare = 0;
let isAway = false;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  platform = await testPlatform({
    alertAllow: ['127.0.0.0/8'],
    topology: { everyMs: 200, renewEveryMs: 200, tellEveryMs: 50, budgetMs: 1_000 },
    now: () => new Date(Date.now() + offsetMs),
  });
});
afterAll(() => platform.drop());
beforeEach(async () => {
  [offsetMs, errorShare, isAway] = [0, 0, false];
  tenant = await makeTenant(platform);
  meshId = await bareMesh(platform, tenant, { options: { telemetry: 'none' } });
  const { organisationId } = tenant;
  const clusterId = newId('cluster');
  await platform.db.system.cluster.create({ data: { id: clusterId, organisationId, name: 'c1' } });
  await platform.db.system.meshCluster.create({ data: { clusterId, meshId, organisationId } });
});
afterEach(async () => {
  await endResidents(platform.db);
  for (const close of closers.splice(0)) await close();
});

/** A real server of PromQL answers whose errors and outages the test sets. */
async function connect() {
  const server = await serveMesh(
    () => callSeries({ from: 'web', to: 'cart', rate: 10, errorShare, ms: 100 }),
    (_, response) => {
      if (!isAway) return false;
      response.statusCode = 503;
      response.end('away');
      return true;
    },
  );
  closers.push(server.close);
  await tenant.callAs('admin', integrationCreate, {
    kind: 'prometheus',
    name: 'prometheus',
    address: server.url,
    timeoutMs: 10_000,
  });
}

const waitFor = <T>(check: () => Promise<T>) =>
  vi.waitFor(check, { timeout: 60_000, interval: 100 });
const engine = () => ({
  db: platform.db,
  now: platform.now,
  publicUrl: 'https://ambit.test',
  guard: addressGuard(['127.0.0.0/8']),
});

/** What the worker does every ten seconds: the clock goes on by as much. */
async function turn() {
  offsetMs += 11_000;
  await lookAtSignals(platform, tenant.organisationId, meshId);
  await evaluateAlerts(engine(), tenant.organisationId);
  const due = await platform.db.system.alertDelivery.findMany({
    where: { organisationId: tenant.organisationId, state: 'pending' },
  });
  for (const { id } of due)
    await deliverAlert({ ...engine(), timeoutMs: 5_000 }, tenant.organisationId, id);
}

const alerts = async () => (await tenant.callAs('viewer', alertList, { state: 'active' })).items;
const route = (url: string) =>
  tenant.callAs('admin', alertRouteCreate, {
    name: 'hook',
    groupWaitSeconds: 0,
    groupIntervalSeconds: 10,
    target: { kind: 'webhook', url },
  });
const failing = {
  name: 'failing',
  source: 'signal',
  keepFiringSeconds: 20,
  signal: { of: 'service', signal: 'errorShare', op: 'above', threshold: 0.05 },
} as const;
const promise = {
  name: 'cart is there',
  subject: { kind: 'service', namespace: 'shop', name: 'cart' },
  kind: 'availability',
  target: 0.99,
  periodDays: 7,
} as const;
const create = (more: object = {}) =>
  tenant.callAs('operator', objectiveCreate, { meshId, ...promise, ...more });

describe('a rule on signals', () => {
  it('fires with a link to the graph, is unknown while nobody tells, and resolves; a receiver that is down, then broken, hears the truth', async () => {
    await connect();
    let broken = true;
    const receiver = await httpReceiver((response) => {
      response.statusCode = broken ? 500 : 200;
      response.end();
    });
    closers.push(receiver.close);
    await route(receiver.url);
    await tenant.callAs('operator', alertRuleCreate, failing);
    await waitFor(async () => {
      await turn();
      const { items } = await tenant.callAs('viewer', alertRuleList, {});
      expect(items[0]?.looks).toMatchObject([{ meshId, state: 'ok', holds: 0 }]);
    });
    expect(await alerts()).toEqual([]);

    errorShare = 0.2;
    const alert = await waitFor(async () => {
      await turn();
      const [first] = await alerts();
      expect(first).toMatchObject({ state: 'firing', severity: 'error' });
      return first!;
    });
    expect(alert.summary).toBe('Service shop/cart: share of failed requests is 20%, above 5%');
    expect(alert.labels).toMatchObject({ namespace: 'shop', name: 'cart', alertname: 'failing' });
    const link = new URL(alert.graphLink, 'https://ambit.test');
    expect(link.pathname).toBe(`/meshes/${meshId}/topology`);
    expect(link.searchParams.get('focus')).toBe('service:c1/shop/cart');
    expect(link.searchParams.get('at')).toBe(alert.firedAt);
    expect(link.searchParams.get('sel')).toBe('worst');

    isAway = true;
    await waitFor(async () => {
      await turn();
      expect((await alerts())[0]?.unknownReason).toContain('prometheus');
    });
    errorShare = 0;
    offsetMs += 600_000;
    await turn();
    expect(await alerts()).toMatchObject([{ state: 'firing', episode: 1 }]);

    isAway = false;
    await waitFor(async () => {
      await turn();
      expect(await alerts()).toEqual([]);
    });
    broken = false;
    await waitFor(async () => {
      offsetMs += 60_000;
      await turn();
      expect(receiver.received.length).toBeGreaterThan(1);
      const { data } = JSON.parse(receiver.received.at(-1)!.body);
      expect(data.firing).toEqual([]);
      expect(data.resolved).toMatchObject([{ labels: { name: 'cart' } }]);
    });
  }, 300_000);

  it('says what it looks at, and is looked at anew when that changes', async () => {
    await expect(
      tenant.callAs('operator', alertRuleCreate, { ...failing, signal: null }),
    ).rejects.toMatchObject({ code: 'invalid_input' });
    const rule = await tenant.callAs('operator', alertRuleCreate, failing);
    await turn();
    const { items } = await tenant.callAs('viewer', alertRuleList, {});
    expect(items[0]?.looks).toMatchObject([
      { state: 'unknown', message: 'Nobody tells of traffic in this mesh.' },
    ]);
    const { id, version } = rule;
    const changed = await tenant.callAs('operator', alertRuleUpdate, {
      ...failing,
      alertRuleId: id,
      version,
      signal: { ...failing.signal, threshold: 0.5 },
    });
    expect(changed.signal?.threshold).toBe(0.5);
  });
});

describe('an objective', () => {
  it('counts from what is told, burns, alerts, and leaves a gap where nobody told', async () => {
    await connect();
    const { id } = await create();
    expect((await tenant.callAs('viewer', alertRuleList, {})).items).toMatchObject([
      { name: 'objectives', source: 'objective' },
    ]);
    const status = async () =>
      (await tenant.callAs('viewer', objectiveGet, { objectiveId: id })).status;
    await waitFor(async () => {
      await turn();
      expect(await status()).toMatchObject({ state: 'met', budgetLeft: 1 });
    });
    errorShare = 0.5;
    await waitFor(async () => {
      await turn();
      expect((await status()).severity).toBe('page');
    });
    await turn();
    expect((await alerts()).map(({ source, severity }) => `${source} ${severity}`)).toContain(
      'objective error',
    );
    const burning = (await alerts()).find(({ source }) => source === 'objective')!;
    const link = new URL(burning.graphLink, 'https://ambit.test');
    expect(link.searchParams.get('focus')).toBe('service:c1/shop/cart');
    expect(link.searchParams.get('at')).toBe(burning.firedAt);
    isAway = true;
    await waitFor(async () => {
      await turn();
      const before = await status();
      await turn();
      expect((await status()).total).toBe(before.total);
    });
    const before = await status();
    offsetMs += 3_600_000;
    await turn();
    expect(await status()).toMatchObject({ state: 'unknown', severity: null, total: before.total });
    expect((await alerts())[0]).toMatchObject({ state: 'firing' });
    expect((await alerts())[0]?.unknownSince).not.toBeNull();

    isAway = false;
    errorShare = 0;
    await waitFor(async () => {
      await turn();
      expect((await status()).total).toBeGreaterThan(before.total);
    });
    const { history } = await tenant.callAs('viewer', objectiveStatus, { objectiveId: id });
    const sum = history.reduce((all, { total }) => all + total, 0);
    expect(sum).toBeCloseTo((await status()).total, 0);
    // An hour away was not counted, neither as good nor as bad.
    const coveredMs = (await status()).coverage * 7 * 86_400_000;
    expect(coveredMs).toBeLessThan(offsetMs - 3_000_000);
    await tenant.callAs('operator', objectiveDelete, { objectiveId: id });
    offsetMs += 300_000;
    await turn();
    offsetMs += 300_000;
    await turn();
    expect(await alerts()).toEqual([]);
  }, 300_000);

  it('is made, listed, changed and removed, with its audit; not by who may not, nor by others', async () => {
    const made = await create();
    expect(made.status.state).toBe('unknown');
    await expect(create()).rejects.toMatchObject({ code: 'conflict' });
    await expect(create({ name: 'b', kind: 'latency' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
    await expect(
      tenant.callAs('viewer', objectiveCreate, { meshId, ...promise, name: 'c' }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const other = await makeTenant(platform);
    const objectiveId = made.id;
    await expect(other.callAs('owner', objectiveGet, { objectiveId })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(
      other.callAs('owner', objectiveCreate, { meshId, ...promise }),
    ).rejects.toMatchObject({ code: 'not_found' });
    const list = await tenant.callAs('viewer', objectiveList, {
      meshId,
      namespace: 'shop',
      subject: 'cart',
    });
    expect(list.items).toHaveLength(1);
    expect((await tenant.callAs('viewer', objectiveList, { subject: 'web' })).items).toEqual([]);
    const changed = await tenant.callAs('operator', objectiveUpdate, {
      ...promise,
      objectiveId,
      version: made.version,
      kind: 'latency',
      thresholdMs: 250,
    });
    expect(changed).toMatchObject({ kind: 'latency', thresholdMs: 250, version: 2 });
    await expect(
      tenant.callAs('operator', objectiveUpdate, { ...promise, objectiveId, version: 1 }),
    ).rejects.toMatchObject({ code: 'precondition_failed' });
    const { yaml } = await tenant.callAs('viewer', objectiveRules, { objectiveId });
    expect(yaml).toContain('kind: PrometheusRule');
    expect(yaml).toContain('le=~"250');
    await tenant.callAs('operator', objectiveDelete, { objectiveId });
    for (const action of ['objective.create', 'objective.update', 'objective.delete']) {
      expect(await auditOf(platform, tenant, action)).not.toEqual([]);
    }
  });

  it('is tried on what sources remember before it is made', async () => {
    await connect();
    errorShare = 0.02;
    const { meshId: _, name: __, ...draft } = { meshId, ...promise };
    const found = await waitFor(async () => {
      const preview = await tenant.callAs('viewer', objectivePreview, {
        meshId,
        ...draft,
        days: 1,
      });
      expect(preview.status.total).toBeGreaterThan(0);
      return preview;
    });
    expect(found.status.reached).toBeCloseTo(0.98, 3);
    expect(found.status.state).toBe('exhausted');
    const latency = await tenant.callAs('viewer', objectivePreview, {
      meshId,
      ...draft,
      kind: 'latency',
      thresholdMs: 100,
      days: 1,
    });
    expect(latency.status.reached).toBe(1);
  });
});

it('counts stay the same when they are made coarser, in SQL as in the pure sum', async () => {
  const { id } = await create();
  const nowMs = Date.UTC(2026, 5, 1);
  const now = new Date(nowMs);
  const dayMs = 86_400_000;
  const stretches: { fromMs: number; toMs: number; good: number; total: number }[] = [];
  for (let at = nowMs - 6 * dayMs; at < nowMs; at += 7 * 60_000) {
    const total = 10 + ((at / 60_000) % 7);
    stretches.push({ fromMs: at, toMs: at + 60_000, total, good: total - 1 });
  }
  const windows = windowsOf({ periodDays: 7 });
  const sums = () =>
    inTenant(platform.db, tenant.organisationId, async (tx) => {
      const of = await sumWindows(tx, [{ objectiveId: id, windowsMs: windows }], now);
      return windows.map((ms) => of(id, ms));
    });
  const { organisationId } = tenant;
  await platform.db.system.objectiveStretch.createMany({
    data: stretches.slice(0, -10).map(({ fromMs, toMs, good, total }) => ({
      objectiveId: id,
      organisationId,
      fromAt: new Date(fromMs),
      toAt: new Date(toMs),
      coveredMs: toMs - fromMs,
      good,
      total,
    })),
  });
  await inTenant(platform.db, organisationId, async (tx) => {
    for (const each of stretches.slice(-10)) {
      await addStretches(tx, organisationId, [{ objectiveId: id, ...each }]);
    }
  });
  const fine = await sums();
  windows.forEach((ms, at) => {
    const pure = sumOver(stretches, nowMs - ms, nowMs);
    expect(fine[at]!.total).toBeCloseTo(pure.total, 4);
    expect(fine[at]!.good).toBeCloseTo(pure.good, 4);
    expect(fine[at]!.coveredMs).toBeCloseTo(pure.coveredMs, 0);
  });
  await inTenant(platform.db, tenant.organisationId, (tx) =>
    rollStretches(tx, [{ id, periodDays: 7 }], now),
  );
  const kept = await platform.db.system.objectiveStretch.count({ where: { objectiveId: id } });
  expect(kept).toBeLessThan(stretches.length * 0.8);
  const coarse = await sums();
  // Windows that begin in fine stretches are exact; the whole period is too.
  for (const at of [0, 1, 2, 3, 4, windows.length - 1]) {
    expect(coarse[at]!.total).toBeCloseTo(fine[at]!.total, 4);
    expect(coarse[at]!.coveredMs).toBeCloseTo(fine[at]!.coveredMs, 0);
  }
});

it('what changed before a moment is told newest first, of one namespace or all', async () => {
  const { organisationId } = tenant;
  const now = Date.now();
  const policyId = newId('policy');
  const object = { apiVersion: 'v1', kind: 'x', metadata: { name: 'reviews' } };
  await platform.db.system.policy.create({
    data: {
      id: policyId,
      organisationId,
      meshId,
      apiVersion: 'networking.istio.io/v1',
      group: 'networking.istio.io',
      kind: 'VirtualService',
      namespace: 'shop',
      name: 'reviews',
      object,
      yaml: '',
      author: 'ann@example.com',
      door: 'rest',
      history: {
        create: {
          version: 1,
          organisationId,
          yaml: '',
          object,
          change: 'created',
          author: 'ann@example.com',
          door: 'rest',
          at: new Date(now - 60_000),
        },
      },
    },
  });
  await platform.db.system.operation.create({
    data: {
      id: newId('operation'),
      organisationId,
      type: 'mesh.upgrade',
      targetKind: 'mesh',
      targetId: meshId,
      targetName: 'shop',
      actor: { name: 'Ann' },
      input: {},
      createdAt: new Date(now - 30_000),
    },
  });
  const titles = async (more: object = {}) =>
    (await tenant.callAs('viewer', meshChanges, { meshId, ...more })).items.map(
      ({ title }) => title,
    );
  expect(await titles()).toEqual([
    'Operation mesh.upgrade began; it is pending',
    'VirtualService shop/reviews was created (version 1)',
  ]);
  expect(await titles({ namespace: 'other' })).toHaveLength(1);
  expect(await titles({ before: new Date(now - 45_000).toISOString() })).toHaveLength(1);
});
