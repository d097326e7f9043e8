import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  alertDeliveryList,
  alertRouteCreate,
  alertRouteTest,
} from '@ambit/contracts/operations/alert-route';
import { addressGuard } from '@ambit/services/alert/send/addresses';
import { httpReceiver } from '@ambit/services/testing/receivers';
import { standInRenderer } from '@ambit/services/testing/stand-in-renderer';
import { makeTenant, testPlatform, type TestPlatform } from '@ambit/services/testing/tenant';
import { openLog } from '../platform/log.ts';
import { openNotifications } from '../platform/notifications.ts';
import { runProgram } from '../testing/program.ts';
import { postgresBackend } from './backend.ts';
import { runWorker } from './run-worker.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform({ alertAllow: ['127.0.0.0/8'] });
});
afterAll(() => platform.drop());

const log = openLog('alerts-test', 'silent');
const waitFor = <T>(check: () => Promise<T> | T) =>
  vi.waitFor(check, { timeout: 110_000, interval: 50 });

test('a worker that is killed while it tells somebody is followed by one that tells it again', async () => {
  const receiver = await httpReceiver((response, count) => {
    if (count > 1) response.end('ok');
  });
  const tenant = await makeTenant(platform);
  const { alertRoute } = await tenant.callAs('owner', alertRouteCreate, {
    name: 'hook',
    target: { kind: 'webhook', url: receiver.url },
  });
  await tenant.callAs('owner', alertRouteTest, { alertRouteId: alertRoute.id });
  const first = runProgram('worker.ts', {
    AMBIT_DATABASE_URL: platform.db.url,
    AMBIT_ALERT_ALLOW: '127.0.0.0/8',
    AMBIT_LOG_LEVEL: 'error',
  });
  try {
    await waitFor(() => expect(receiver.received, first.output()).toHaveLength(1));
  } finally {
    first.kill('SIGKILL');
    await first.ended;
  }
  const notifications = openNotifications(platform.db.url, log);
  // Behind the lease of the dead one.
  const now = () => new Date(Date.now() + 60_000);
  const second = await runWorker({
    db: platform.db,
    engine: { db: platform.db, releases: platform.releases, renderer: standInRenderer(), now },
    alerts: {
      db: platform.db,
      now,
      publicUrl: 'http://ambit.test',
      guard: addressGuard(['127.0.0.0/8']),
    },
    backend: postgresBackend(platform.db.url),
    notifications,
    log,
  });
  try {
    const delivery = await waitFor(async () => {
      const { items } = await tenant.callAs('owner', alertDeliveryList, {});
      expect(items[0]?.state).toBe('delivered');
      return items[0]!;
    });
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[1]?.headers['webhook-id']).toBe(
      receiver.received[0]?.headers['webhook-id'],
    );
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['delivered', 'interrupted']);
  } finally {
    await second.stop();
    await notifications.close();
    await receiver.close();
  }
}, 300_000);
