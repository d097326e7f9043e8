import { durationBounds } from '@ambit/contracts/agent/telemetry';
import type { WaypointTraffic } from '@ambit/contracts/agent/waypoint';
import { waypointGet, waypointSignals } from '@ambit/contracts/operations/waypoint';
import { inTenant } from '@ambit/db/database';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { ambientMesh, shop, tellWaypoints, waypointsReport } from './testing.ts';
import { pointOf, trafficBetween } from './traffic-rows.ts';

let platform: TestPlatform;
let tenant: Tenant;
let meshId: string;
let clusterId: string;
let nowMs: number;
let seq: number;

beforeAll(async () => {
  platform = await testPlatform({ now: () => new Date(nowMs) });
});
afterAll(() => platform.drop());
beforeEach(async () => {
  nowMs = Math.floor(Date.now() / 600_000) * 600_000 + 30_000;
  seq = 0;
  tenant = await makeTenant(platform);
  ({ meshId, clusterId } = await ambientMesh(platform, tenant));
});

const since = 1_000;

/** After so many half minutes of 10 requests a second: each took 4 ms, one of them in the waypoint, one in ten failed. */
const after = (halves: number, more: Partial<WaypointTraffic> = {}): WaypointTraffic => {
  const requests = halves * 300;
  return {
    since,
    at: since + halves * 30_000,
    observedMs: halves * 30_000,
    requests,
    errors: requests / 10,
    errorsOf: requests,
    tookMs: requests * 4,
    addedMs: requests,
    addedOf: requests,
    timed: requests,
    buckets: durationBounds.map((bound) => (bound >= 5 ? requests : 0)),
    ...more,
  };
};

async function tell(traffic: WaypointTraffic | null): Promise<void> {
  const seen = { requestsPerSecond: 10, activeRequests: 1, p50Ms: 3, p99Ms: 4 };
  const figures = { ...seen, addedMs: 1, errorShare: 0.1, at: nowMs };
  const report = waypointsReport(seq++, { figures, traffic, lastActiveAt: nowMs });
  await tellWaypoints(platform, tenant, clusterId, report);
}

const signals = (more: object = {}) =>
  tenant.callAs('viewer', waypointSignals, { meshId, ...shop, ...more });

it('shows a waypoint’s own requests over time, and gaps as gaps', async () => {
  for (const halves of [1, 2, 3]) {
    await tell(after(halves));
    nowMs += 30_000;
  }
  nowMs += 240_000;
  const told = await signals();
  const at = told.rate.flatMap((rate, step) => (rate === null ? [] : [step]));
  expect(told).toMatchObject({ clusterId, stepS: 60 });
  expect(at).toHaveLength(2);
  for (const step of at) {
    expect([told.rate[step], told.errorShare[step], told.addedMs[step]]).toEqual([10, 0.1, 1]);
    expect(told.p50Ms[step]).toBeGreaterThan(1);
  }
  expect(told.times).toHaveLength(told.rate.length);
  expect(await tenant.callAs('viewer', waypointGet, { meshId, ...shop })).toMatchObject({
    figures: { addedMs: 1, errorShare: 0.1 },
  });
});

it('counts nothing twice when reports are lost, repeated, or begin anew', async () => {
  await tell(after(1));
  await tell(after(1));
  nowMs += 60_000;
  await tell(after(3));
  await tell(null);
  await tell(after(3, { since: 2_000 }));
  const rows = await platform.db.system.waypointTraffic.findMany({ where: { clusterId } });
  const sum = (stepS: number) =>
    rows.filter((row) => row.stepS === stepS).reduce((all, row) => all + row.requests, 0);
  expect([sum(60), sum(600)]).toEqual([1_800, 1_800]);
});

it('keeps minutes for hours and ten minutes for days, and forgets what is older', async () => {
  await tell(after(1));
  nowMs += 7 * 3_600_000;
  await tell(after(2));
  const rows = await platform.db.system.waypointTraffic.findMany({ where: { clusterId } });
  expect(rows.filter(({ stepS }) => stepS === 60)).toHaveLength(1);
  expect(rows.filter(({ stepS }) => stepS === 600)).toHaveLength(2);
  nowMs += 1_200_000;
  const day = await signals({ stepS: 60, from: new Date(nowMs - 24 * 3_600_000).toISOString() });
  expect(day.stepS).toBe(600);
  expect(day.rate.filter((rate) => rate !== null)).toEqual([10, 10]);
});

it('is of the mesh’s own tenant, says so of a waypoint without any, and refuses an empty span', async () => {
  await tell(after(1));
  const other = await makeTenant(platform);
  await expect(other.callAs('owner', waypointSignals, { meshId, ...shop })).rejects.toMatchObject({
    code: 'not_found',
  });
  const seen = await inTenant(platform.db, other.organisationId, (tx) =>
    tx.waypointTraffic.count(),
  );
  expect(seen).toBe(0);
  expect(await signals({ name: 'elsewhere' })).toMatchObject({ clusterId: null });
  const to = new Date(nowMs).toISOString();
  await expect(signals({ from: to, to })).rejects.toMatchObject({ code: 'invalid_input' });
});

it('places nothing that it cannot: too long a time, or a counting that went back', () => {
  const first = after(1);
  expect(trafficBetween(first, after(3))).toMatchObject({ requests: 600, observedMs: 60_000 });
  expect(trafficBetween(null, after(30))).toBeNull();
  expect(trafficBetween(after(3), first)).toBeNull();
  expect(pointOf([])).toEqual({
    rate: null,
    errorShare: null,
    p50Ms: null,
    p99Ms: null,
    addedMs: null,
  });
});
