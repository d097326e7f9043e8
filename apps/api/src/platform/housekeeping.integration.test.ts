import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import { makeTenant, testPlatform, type TestPlatform } from '@ambit/services/testing/tenant';
import { cleanUp } from './housekeeping.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.drop());

it('what is over for long goes; what stands, what is still to be told and the newest count stay', async () => {
  const { system, pool } = platform.db;
  const { organisationId, projectId } = await makeTenant(platform);
  const now = Date.now();
  const old = new Date(now - 200 * 86_400_000);
  const meshId = newId('mesh');
  await system.mesh.create({
    data: {
      id: meshId,
      organisationId,
      projectId,
      name: 'm',
      profile: 'sidecar',
      release: '1.30.2',
      options: {},
    },
  });
  const alert = (fingerprint: string, resolvedAt: Date | null) => ({
    id: newId('alert'),
    organisationId,
    fingerprint,
    ruleName: 'r',
    source: 'finding',
    subject: 's',
    state: resolvedAt ? 'resolved' : 'firing',
    severity: 'error',
    summary: '',
    description: '',
    labels: {},
    link: '',
    startedAt: old,
    resolvedAt,
  });
  await system.alert.createMany({
    data: [alert('over', old), alert('told', old), alert('firing', null)],
  });
  const route = await system.alertRoute.create({
    data: {
      id: newId('alertRoute'),
      organisationId,
      name: 'r',
      kind: 'webhook',
      enabled: true,
      matchers: [],
      groupBy: [],
      groupWaitSeconds: 0,
      groupIntervalSeconds: 10,
      repeatIntervalSeconds: 0,
      sendResolved: true,
      maxPerHour: 1,
      target: '',
      groups: {
        create: {
          id: newId('alertGroup'),
          organisationId,
          key: 'k',
          labels: {},
          told: { told: 1 },
          firstAt: old,
        },
      },
    },
  });
  for (const state of ['pending', 'delivered']) {
    await system.alertDelivery.create({
      data: {
        id: newId('alertDelivery'),
        organisationId,
        routeId: route.id,
        state,
        title: '',
        notification: {},
        createdAt: old,
      },
    });
  }
  const count = (days: number) => ({
    meshId,
    organisationId,
    at: new Date(now - days * 86_400_000),
    error: days,
    warning: 0,
    info: 0,
  });
  await system.findingCount.createMany({ data: [count(300), count(200), count(1)] });
  await cleanUp(pool, now);
  const where = { organisationId };
  const alerts = await system.alert.findMany({ where });
  expect(alerts.map(({ fingerprint }) => fingerprint).sort()).toEqual(['firing', 'told']);
  const deliveries = await system.alertDelivery.findMany({ where });
  expect(deliveries.map(({ state }) => state)).toEqual(['pending']);
  const counts = await system.findingCount.findMany({ where, orderBy: { at: 'asc' } });
  expect(counts.map(({ error }) => error)).toEqual([200, 1]);
});
