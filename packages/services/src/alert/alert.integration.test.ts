import { describe, expect, it } from 'vitest';
import {
  alertAcknowledge,
  alertList,
  alertRelease,
  alertRuleCreate,
  alertRuleDelete,
  alertRuleList,
  alertRuleUpdate,
  silenceCreate,
  silenceExpire,
  silenceList,
} from '@ambit/contracts/operations/alert';
import {
  alertRouteCreate,
  alertRouteDelete,
  alertRouteUpdate,
} from '@ambit/contracts/operations/alert-route';
import { auditOf, makeTenant } from '../testing/tenant.ts';
import {
  clock,
  evaluate,
  meshId,
  pass,
  platform,
  putFinding,
  rule,
  tenant,
  useAlerts,
} from './testing/alerts.ts';

useAlerts();

it('an alert says since when it does not hold any more, until it resolves', async () => {
  await rule({ keepFiringSeconds: 60 });
  await putFinding('reviews');
  await evaluate();
  const look = async () => {
    const open = await tenant.callAs('viewer', alertList, {});
    const over = await tenant.callAs('viewer', alertList, { state: 'resolved' });
    return [...open.items, ...over.items][0]!;
  };
  expect(await look()).toMatchObject({ state: 'firing', goneSince: null });
  await putFinding('reviews', 'error', new Date(clock.nowMs));
  const gone = new Date(clock.nowMs).toISOString();
  await evaluate();
  expect(await look()).toMatchObject({ state: 'firing', goneSince: gone });
  pass(61);
  await evaluate();
  expect(await look()).toMatchObject({ state: 'resolved', goneSince: null });
});

describe('states', () => {
  const states = async () => {
    const { items } = await tenant.callAs('viewer', alertList, {});
    return items.map(({ state }) => state);
  };

  it('pending, firing, acknowledged, released, silenced and resolved follow each other', async () => {
    await rule({ forSeconds: 60 });
    const finding = await putFinding('a');
    await evaluate();
    expect(await states()).toEqual(['pending']);
    pass(60);
    await evaluate();
    expect(await states()).toEqual(['firing']);
    const { items } = await tenant.callAs('viewer', alertList, {});
    const alertId = items[0]!.id;
    expect(items[0]).toMatchObject({ subject: finding, meshId, episode: 1 });
    const taken = await tenant.callAs('operator', alertAcknowledge, { alertId, note: 'on it' });
    expect(taken).toMatchObject({ state: 'acknowledged', acknowledgement: { note: 'on it' } });
    await evaluate();
    expect(await states()).toEqual(['acknowledged']);
    await tenant.callAs('operator', alertRelease, { alertId });
    expect(await states()).toEqual(['firing']);
    const silence = await tenant.callAs('operator', silenceCreate, {
      matchers: [{ label: 'namespace', value: 'shop' }],
      reason: 'moving house',
      endsAt: new Date(clock.nowMs + 100_000).toISOString(),
    });
    await evaluate();
    expect(await states()).toEqual(['silenced']);
    const listed = await tenant.callAs('viewer', silenceList, {});
    expect(listed.items[0]).toMatchObject({ state: 'active', alerts: 1, reason: 'moving house' });
    await tenant.callAs('operator', silenceExpire, { silenceId: silence.id });
    await evaluate();
    expect(await states()).toEqual(['firing']);
    await putFinding('a', 'error', new Date(clock.nowMs));
    await evaluate();
    expect(await states()).toEqual([]);
    await expect(tenant.callAs('operator', alertAcknowledge, { alertId })).rejects.toMatchObject({
      code: 'conflict',
    });
    await putFinding('a');
    pass(10);
    await evaluate();
    const again = await tenant.callAs('viewer', alertList, {});
    expect(again.items).toMatchObject([{ id: alertId, state: 'pending', episode: 2 }]);
  });

  it('a silence that ends by itself is noticed by the clock', async () => {
    await rule();
    await putFinding('a');
    await tenant.callAs('operator', silenceCreate, {
      matchers: [{ label: 'name', op: '~', value: 'a*' }],
      reason: 'r',
      endsAt: new Date(clock.nowMs + 50_000).toISOString(),
    });
    await evaluate();
    expect(await states()).toEqual(['silenced']);
    const { nextLookAt } = await platform.db.system.alertClock.findUniqueOrThrow({
      where: { organisationId: tenant.organisationId },
    });
    expect(nextLookAt.getTime()).toBe(clock.nowMs + 50_000);
  });
});

it('verbs keep to roles, organisations, versions and names', async () => {
  const made = await rule();
  await expect(rule()).rejects.toMatchObject({ code: 'conflict' });
  await expect(tenant.callAs('viewer', alertRuleCreate, { name: 'no' })).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(
    tenant.callAs('operator', alertRouteCreate, {
      name: 'no',
      target: { kind: 'webhook', url: 'https://hooks.example.com' },
    }),
  ).rejects.toMatchObject({ code: 'forbidden' });
  const other = await makeTenant(platform);
  await expect(
    other.callAs('owner', alertRuleDelete, { alertRuleId: made.id }),
  ).rejects.toMatchObject({ code: 'not_found' });
  await expect(
    other.callAs('owner', alertRuleCreate, { name: 'theirs', meshId }),
  ).rejects.toMatchObject({ code: 'not_found' });
  const { id, alerts: _a, createdAt: _c, version, ...fields } = made;
  const changed = await tenant.callAs('operator', alertRuleUpdate, {
    alertRuleId: id,
    version,
    ...fields,
    forSeconds: 5,
  });
  expect(changed).toMatchObject({ forSeconds: 5, version: 2 });
  await expect(
    tenant.callAs('operator', alertRuleUpdate, { alertRuleId: id, version, ...fields }),
  ).rejects.toMatchObject({ code: 'precondition_failed' });
  expect(await auditOf(platform, tenant, 'alertRule.update')).toMatchObject([
    { outcome: 'refused' },
    { outcome: 'done', target: id },
  ]);
  await tenant.callAs('operator', alertRuleDelete, { alertRuleId: id });
  expect((await tenant.callAs('viewer', alertRuleList, {})).items).toEqual([]);
});

it('a route keeps its secret when it is changed, but not for another server', async () => {
  const { alertRoute } = await tenant.callAs('admin', alertRouteCreate, {
    name: 'mail',
    target: {
      kind: 'email',
      host: 'smtp.example.com',
      username: 'ambit',
      password: 'hidden',
      from: 'a@b.example',
      to: ['c@d.example'],
    },
  });
  const target = {
    kind: 'email' as const,
    host: 'smtp.example.com',
    username: 'ambit',
    from: 'a@b.example',
    to: ['e@f.example'],
  };
  const { id: alertRouteId } = alertRoute;
  const changed = await tenant.callAs('admin', alertRouteUpdate, {
    alertRouteId,
    version: 1,
    name: 'mail',
    target,
  });
  expect(changed.target).toMatchObject({ to: ['e@f.example'], username: 'ambit' });
  expect(JSON.stringify(changed)).not.toContain('hidden');
  await expect(
    tenant.callAs('admin', alertRouteUpdate, {
      alertRouteId,
      version: 2,
      name: 'mail',
      target: { ...target, host: 'smtp.elsewhere.example' },
    }),
  ).rejects.toMatchObject({ code: 'invalid_input', details: [{ path: 'target.password' }] });
  await tenant.callAs('admin', alertRouteDelete, { alertRouteId });
  expect(await platform.db.system.alertRoute.count({ where: { id: alertRouteId } })).toBe(0);
});
