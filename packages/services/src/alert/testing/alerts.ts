import { afterAll, beforeAll, beforeEach } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import { alertRuleCreate } from '@ambit/contracts/operations/alert';
import { alertRouteCreate } from '@ambit/contracts/operations/alert-route';
import { bareMesh } from '../../testing/bare-mesh.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../../testing/tenant.ts';
import { deliverAlert } from '../deliver.ts';
import type { AlertEngine } from '../engine.ts';
import { evaluateAlerts } from '../evaluate.ts';
import { addressGuard } from '../send/addresses.ts';

export let platform: TestPlatform;
export let tenant: Tenant;
export let meshId: string;
/** What the platform takes for now; a test sets it on. */
export const clock = { nowMs: Date.now() };

/** A platform of its own for the tests of a file, and before each of them a tenant with a mesh. */
export function useAlerts(): void {
  beforeAll(async () => {
    platform = await testPlatform({
      alertAllow: ['127.0.0.0/8'],
      now: () => new Date(clock.nowMs),
    });
  });
  afterAll(() => platform.drop());

  beforeEach(async () => {
    tenant = await makeTenant(platform);
    meshId = await bareMesh(platform, tenant);
  });
}

export const engine = (more: Partial<AlertEngine> = {}): AlertEngine => ({
  db: platform.db,
  now: () => new Date(clock.nowMs),
  publicUrl: 'https://ambit.test',
  guard: addressGuard(['127.0.0.0/8']),
  ...more,
});
export const pass = (seconds: number) => (clock.nowMs += seconds * 1000);
export const evaluate = () => evaluateAlerts(engine(), tenant.organisationId);

export async function putFinding(name: string, severity = 'error', resolvedAt: Date | null = null) {
  const found = await platform.db.system.finding.findFirst({ where: { meshId, name } });
  const id = found?.id ?? newId('finding');
  const at = new Date(clock.nowMs);
  await platform.db.system.finding.upsert({
    where: { id },
    create: {
      id,
      organisationId: tenant.organisationId,
      meshId,
      key: id,
      code: 'IST0101',
      severity,
      kind: 'VirtualService',
      namespace: 'shop',
      name,
      resource: `VirtualService shop/${name}`,
      path: '',
      message: 'the host is not known',
      cause: 'no service has it',
      consequence: 'requests get 503',
      link: '',
      firstSeen: at,
      lastSeen: at,
      resolvedAt,
    },
    update: { resolvedAt, severity },
  });
  return id;
}

export const rule = (more: object = {}) =>
  tenant.callAs('operator', alertRuleCreate, {
    name: 'errors',
    matchers: [{ label: 'severity', value: 'error' }],
    keepFiringSeconds: 0,
    ...more,
  });
export const webhook = (url: string, more: object = {}) =>
  tenant.callAs('admin', alertRouteCreate, {
    name: 'hook',
    groupWaitSeconds: 0,
    groupIntervalSeconds: 10,
    target: { kind: 'webhook', url },
    ...more,
  });

/** Does what the queue and the sweep would bring: every delivery that is due. */
export async function deliverDue(more: Partial<AlertEngine> = {}) {
  const due = await platform.db.system.alertDelivery.findMany({
    where: {
      organisationId: tenant.organisationId,
      state: 'pending',
      nextAttemptAt: { lte: new Date(clock.nowMs) },
      OR: [{ leaseUntil: null }, { leaseUntil: { lte: new Date(clock.nowMs) } }],
    },
    orderBy: { id: 'asc' },
  });
  for (const { id } of due) await deliverAlert(engine(more), tenant.organisationId, id);
  return due.length;
}
