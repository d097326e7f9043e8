import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import { inTenant, type Database } from '@ambit/db/database';
import { windowsOf, type WindowSum } from '@ambit/topology/objectives/objective';
import { bareMesh } from '../testing/bare-mesh.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import type { Look } from './condition.ts';
import { takeIn } from './look.ts';
import { writeLooks } from './look-rules.ts';
import type { Seen } from './see.ts';
import { sumWindows } from './stretches.ts';

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.drop());
beforeEach(async () => {
  await platform.db.system.alertRule.deleteMany({});
  tenant = await makeTenant(platform);
  meshId = await bareMesh(platform, tenant, { options: { telemetry: 'none' } });
});

const quiet = { all: false, clusters: new Set<string>(), reason: '' };
const seen: Seen = {
  subjects: new Map(),
  codes: [],
  silence: { requests: quiet, latency: quiet },
};

/** As many objectives and rules as wanted, told of since a minute. */
async function promise(objectives: number, rules: number, nowMs: number) {
  const { organisationId } = tenant;
  const ids = Array.from({ length: objectives }, () => newId('objective'));
  await platform.db.system.objective.createMany({
    data: ids.map((id, at) => ({
      id,
      organisationId,
      meshId,
      name: `of ${at}`,
      description: '',
      alerting: true,
      subject: { kind: 'service', namespace: 'shop', name: `s${at}` },
      kind: 'availability',
      target: 0.99,
      periodDays: 7 + (at % 30),
      createdAt: new Date(nowMs - 60_000),
    })),
  });
  await platform.db.system.alertRule.createMany({
    data: Array.from({ length: rules }, (_, at) => ({
      id: newId('alertRule'),
      organisationId,
      name: `rule ${at}`,
      enabled: true,
      source: 'signal',
      meshId: null,
      matchers: [],
      forSeconds: 0,
      keepFiringSeconds: 0,
      labels: {},
      signal: {
        of: 'service',
        signal: 'errorShare',
        op: 'above',
        threshold: 0.05,
        minRate: 0,
        severity: 'error',
      },
    })),
  });
  return ids;
}

/** One look, and how many queries it took. */
async function look(now: Date): Promise<number> {
  let queries = 0;
  const system = platform.db.system.$extends({
    query: {
      $allOperations({ args, query }) {
        queries++;
        return query(args);
      },
    },
  });
  const db = { ...platform.db, system } as unknown as Database;
  await inTenant(db, tenant.organisationId, async (tx) => {
    queries = 0;
    await takeIn(tx, tenant.organisationId, meshId, seen, now);
  });
  return queries;
}

it('a look takes as many queries for 400 objectives and 30 rules as for one of each', async () => {
  const nowMs = Date.now();
  const [first] = await promise(1, 1, nowMs);
  const one = [await look(new Date(nowMs)), await look(new Date(nowMs + 10_000))];
  await platform.db.system.objective.deleteMany({ where: { meshId } });
  await platform.db.system.alertRule.deleteMany({ where: { meshId: null } });
  const ids = await promise(400, 30, nowMs);
  const many = [await look(new Date(nowMs)), await look(new Date(nowMs + 10_000))];
  expect(many).toEqual(one);
  expect(many[0]).toBeLessThanOrEqual(20);

  const rows = await platform.db.system.objective.findMany({ where: { meshId } });
  expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect(ids).not.toContain(first);
  for (const { status, toldAt } of rows) {
    expect(status).toMatchObject({ state: 'idle', evaluatedAt: toldAt!.toISOString() });
    expect(toldAt!.getTime()).toBe(nowMs + 10_000);
  }
  const kept = await platform.db.system.objectiveStretch.findMany({
    where: { objectiveId: { in: ids } },
    orderBy: { fromAt: 'asc' },
  });
  expect(kept.map(({ objectiveId }) => objectiveId).toSorted()).toEqual(
    [...ids, ...ids].toSorted(),
  );
  expect(kept.reduce((sum, { coveredMs }) => sum + coveredMs, 0)).toBe(400 * 70_000);
  expect(await platform.db.system.alertLook.count({ where: { meshId } })).toBe(30);
});

it('long windows are summed anew a hundred objectives a look, and say in between what a sum would', async () => {
  const nowMs = Date.now();
  const ids = await promise(120, 0, nowMs);
  const { organisationId } = tenant;
  await platform.db.system.$executeRaw`
    INSERT INTO objective_stretch (objective_id, from_at, to_at, organisation_id, covered_ms, good, total)
    SELECT id, begins, begins + interval '1 minute', organisation_id, 60000, 9, 10
    FROM (
      SELECT id, organisation_id, ${new Date(nowMs)}::timestamptz - at * interval '5 minutes' AS begins
      FROM objective, generate_series(1, 100) AS at WHERE mesh_id = ${meshId}
    ) AS of`;
  // As they stand after an upgrade from a version that kept no sums.
  await platform.db.system.objective.updateMany({
    where: { id: { in: ids } },
    data: { toldAt: new Date(nowMs - 60_000) },
  });
  const rows = () =>
    platform.db.system.objective.findMany({ where: { meshId }, orderBy: { id: 'asc' } });
  await look(new Date(nowMs));
  expect((await rows()).filter(({ sums }) => sums !== null)).toHaveLength(100);
  for (const afterMs of [10_000, 20_000]) {
    await look(new Date(nowMs + afterMs));
    const now = new Date(nowMs + afterMs);
    const all = await rows();
    // The last ones waited a look for their turn.
    for (const row of [...all.slice(0, 3), ...all.slice(-3)]) {
      expect(row.status).toMatchObject({ state: 'exhausted', total: 1_000, bad: 100 });
      const windowsMs = windowsOf(row);
      const sumOf = await inTenant(platform.db, organisationId, (tx) =>
        sumWindows(tx, [{ objectiveId: row.id, windowsMs }], now),
      );
      const kept = row.sums as unknown as Record<number, WindowSum>;
      for (const ms of windowsMs.filter((each) => each >= 86_400_000)) {
        expect(kept[ms]!.total).toBeCloseTo(sumOf(row.id, ms).total, 6);
        expect(kept[ms]!.coveredMs).toBeCloseTo(sumOf(row.id, ms).coveredMs, 3);
        expect(kept[ms]!.coveredMs).toBe(100 * 60_000 + 60_000 + afterMs);
      }
    }
  }
  expect((await rows()).every(({ sums }) => sums !== null)).toBe(true);
});

it('a rule that is deleted while it is looked at takes nothing from the others', async () => {
  await promise(0, 2, Date.now());
  const rules = await platform.db.system.alertRule.findMany({ orderBy: { id: 'asc' } });
  await platform.db.system.alertRule.delete({ where: { id: rules[0]!.id } });
  const nothing: Look = { state: 'ok', message: '', holds: [], unknown: null, memory: null };
  const looked = rules.map((rule) => ({ rule, look: nothing }));
  await inTenant(platform.db, tenant.organisationId, (tx) =>
    writeLooks(tx, tenant.organisationId, meshId, looked, new Date()),
  );
  const looks = await platform.db.system.alertLook.findMany({ where: { meshId } });
  expect(looks.map(({ ruleId }) => ruleId)).toEqual([rules[1]!.id]);
});
