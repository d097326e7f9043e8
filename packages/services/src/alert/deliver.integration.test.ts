import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { alertList } from '@ambit/contracts/operations/alert';
import {
  alertDeliveryList,
  alertDeliveryRetry,
  alertRouteCreate,
  alertRouteDelete,
  alertRouteList,
  alertRouteTest,
  alertRouteUpdate,
} from '@ambit/contracts/operations/alert-route';
import { httpReceiver, smtpReceiver } from '../testing/receivers.ts';
import { auditOf, makeTenant, testPlatform } from '../testing/tenant.ts';
import { deliverAlert } from './deliver.ts';
import { addressGuard } from './send/addresses.ts';
import {
  clock,
  deliverDue,
  engine,
  evaluate,
  meshId,
  pass,
  platform,
  putFinding,
  rule,
  tenant,
  webhook,
  useAlerts,
} from './testing/alerts.ts';

useAlerts();

describe('a webhook', () => {
  it('is told once of a finding, signed, and once of its end', async () => {
    const receiver = await httpReceiver();
    await rule();
    const { secret } = await webhook(`${receiver.url}/hook?key=1`);
    await putFinding('reviews');
    await putFinding('quiet', 'warning');
    await evaluate();
    await evaluate();
    expect(await deliverDue()).toBe(1);
    expect(await deliverDue()).toBe(0);
    const [first] = receiver.received;
    expect(first?.path).toBe('/hook?key=1');
    const body = JSON.parse(first!.body);
    expect(body.data).toMatchObject({
      status: 'firing',
      firingCount: 1,
      firing: [{ labels: { mesh: 'shop', code: 'IST0101', alertname: 'errors' } }],
    });
    expect(body.data.firing[0].link).toMatch(/^https:\/\/ambit\.test\/meshes\/msh_/);
    const { items } = await tenant.callAs('viewer', alertList, {});
    const graph = new URL(items[0]!.graphLink, 'https://ambit.test');
    expect(graph.pathname).toBe(`/meshes/${meshId}/topology`);
    expect(graph.searchParams.get('where')).toBe('namespace = "shop"');
    expect(graph.searchParams.get('at')).toBe(items[0]!.firedAt);
    const { headers } = first!;
    const key = Buffer.from(secret!.replace('whsec_', ''), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${first!.body}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
    await putFinding('reviews', 'error', new Date(clock.nowMs));
    pass(30);
    await evaluate();
    await deliverDue();
    expect(receiver.received.map(({ body: text }) => JSON.parse(text).data.status)).toEqual([
      'firing',
      'resolved',
    ]);
    const log = await tenant.callAs('viewer', alertDeliveryList, {});
    expect(log.items).toHaveLength(2);
    expect(log.items[0]).toMatchObject({
      state: 'delivered',
      attempts: [{ number: 1, outcome: 'delivered', status: 200, answer: 'ok' }],
    });
    await receiver.close();
  });

  it('that fails is told again with growing pauses, loses nothing of what came meanwhile, and is not stormed', async () => {
    let up = false;
    const receiver = await httpReceiver((response) => {
      response.statusCode = up ? 200 : 500;
      response.end(up ? 'ok' : 'broken\0 inside');
    });
    await rule();
    await webhook(receiver.url);
    await putFinding('a');
    await evaluate();
    await deliverDue();
    await putFinding('b');
    for (let i = 0; i < 20; i++) {
      pass(11);
      await evaluate();
      await deliverDue();
    }
    // 220 s of an outage: one waiting delivery, tried after about 5, 15, 45 and 135 s.
    expect(receiver.received.length).toBeLessThanOrEqual(6);
    const log = await tenant.callAs('viewer', alertDeliveryList, {});
    expect(log.items).toHaveLength(1);
    expect(log.items[0]?.attempts[0]).toMatchObject({ outcome: 'failed', status: 500 });
    await putFinding('a', 'error', new Date(clock.nowMs));
    pass(11);
    await evaluate();
    up = true;
    pass(1_000);
    await evaluate();
    await deliverDue();
    const { data } = JSON.parse(receiver.received.at(-1)!.body);
    expect(data.firing.map((each: { labels: { name: string } }) => each.labels.name)).toEqual([
      'b',
    ]);
    expect(data.resolved.map((each: { labels: { name: string } }) => each.labels.name)).toEqual([
      'a',
    ]);
    await receiver.close();
  });

  it('that never answers is given up within the time, and holds up no other route', async () => {
    const slow = await httpReceiver(() => {});
    const fast = await httpReceiver();
    await rule();
    await webhook(slow.url, { name: 'slow' });
    await webhook(fast.url, { name: 'fast' });
    await putFinding('a');
    await evaluate();
    // So long that the other one can answer on a busy machine too.
    await deliverDue({ timeoutMs: 2_000 });
    expect(fast.received).toHaveLength(1);
    const { items } = await tenant.callAs('viewer', alertRouteList, {});
    expect(items.find(({ name }) => name === 'slow')?.health).toMatchObject({
      state: 'failing',
      waiting: 1,
      message: expect.stringContaining('no answer within 2 s'),
    });
    await slow.close();
    await fast.close();
  });

  it.each([
    ['answers 500', '500', (response: ServerResponse) => void response.writeHead(500).end('no')],
    ['never answers', 'no answer within', () => {}],
    ['cuts the connection', '', (response: ServerResponse) => void response.socket?.destroy()],
    ['is not there', 'ECONNREFUSED', null],
  ])('that %s is told once it works, and its log has every try', async (_, answer, broken) => {
    let isUp = false;
    const receiver = await httpReceiver((response) =>
      isUp || !broken ? response.end('ok') : broken(response),
    );
    await rule();
    // Nobody listens on the first port of a machine.
    const { alertRoute } = await webhook(broken ? receiver.url : 'http://127.0.0.1:1');
    await putFinding('a');
    await evaluate();
    const log = async () => {
      const { items } = await tenant.callAs('viewer', alertDeliveryList, {});
      expect(items).toHaveLength(1);
      return items[0]!;
    };
    const health = async () => (await tenant.callAs('viewer', alertRouteList, {})).items[0]!.health;
    for (const tries of [1, 2, 3]) {
      await deliverDue(answer.startsWith('no answer') ? { timeoutMs: 200 } : {});
      const { state, nextAttemptAt, attempts } = await log();
      expect([state, attempts.length]).toEqual(['pending', tries]);
      expect(attempts[0]).toMatchObject({
        number: tries,
        outcome: 'failed',
        status: answer === '500' ? 500 : null,
        answer: expect.stringContaining(answer === '500' ? 'no' : answer),
      });
      expect(attempts[0]!.answer).not.toBe('');
      expect(await health()).toMatchObject({ state: 'failing', waiting: 1 });
      clock.nowMs = Date.parse(nextAttemptAt!);
    }
    isUp = true;
    if (!broken) {
      const { id: alertRouteId, version, name } = alertRoute;
      const target = { kind: 'webhook' as const, url: receiver.url };
      await tenant.callAs('admin', alertRouteUpdate, { alertRouteId, version, name, target });
    }
    await evaluate();
    await deliverDue();
    await deliverDue();
    const { state, nextAttemptAt, attempts } = await log();
    expect([state, nextAttemptAt]).toEqual(['delivered', null]);
    expect(attempts.map(({ number, outcome }) => `${number} ${outcome}`)).toEqual([
      '4 delivered',
      '3 failed',
      '2 failed',
      '1 failed',
    ]);
    expect(await health()).toMatchObject({ state: 'ok', waiting: 0 });
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await receiver.close();
  });

  it.each(['answers', 'never answers'])(
    'whose route is deleted while it is told, and that %s, is told no more',
    async (how) => {
      let remove: () => unknown = () => undefined;
      const receiver = await httpReceiver(async (response) => {
        await remove();
        if (how === 'answers') response.end('ok');
      });
      await rule();
      const { alertRoute } = await webhook(receiver.url);
      remove = () => tenant.callAs('admin', alertRouteDelete, { alertRouteId: alertRoute.id });
      await putFinding('a');
      await evaluate();
      expect(await deliverDue({ timeoutMs: 5_000 })).toBe(1);
      expect(receiver.received).toHaveLength(1);
      expect((await tenant.callAs('viewer', alertDeliveryList, {})).items).toEqual([]);
      pass(3_600);
      await evaluate();
      expect(await deliverDue()).toBe(0);
      await receiver.close();
    },
  );

  it('is sent again when the process that sent it died before it could note the answer', async () => {
    const receiver = await httpReceiver();
    await rule();
    await webhook(receiver.url);
    await putFinding('a');
    await evaluate();
    const { id } = (await platform.db.system.alertDelivery.findFirst({
      where: { organisationId: tenant.organisationId },
    }))!;
    // As a killed process leaves it: claimed, and nothing after that.
    await platform.db.system.alertDelivery.update({
      where: { id },
      data: { attempt: 1, leaseUntil: new Date(clock.nowMs + 45_000) },
    });
    await deliverAlert(engine(), tenant.organisationId, id);
    expect(receiver.received).toHaveLength(0);
    pass(46);
    await deliverDue();
    expect(receiver.received).toHaveLength(1);
    const log = await tenant.callAs('viewer', alertDeliveryList, {});
    expect(log.items[0]?.attempts.map(({ outcome }) => outcome)).toEqual([
      'delivered',
      'interrupted',
    ]);
    await receiver.close();
  });

  it('follows no redirect', async () => {
    const inner = await httpReceiver();
    const receiver = await httpReceiver((response) => {
      response.writeHead(302, { location: inner.url });
      response.end();
    });
    await rule();
    await webhook(receiver.url);
    await putFinding('a');
    await evaluate();
    await deliverDue();
    expect(inner.received).toHaveLength(0);
    const log = await tenant.callAs('viewer', alertDeliveryList, {});
    expect(log.items[0]?.attempts[0]).toMatchObject({ outcome: 'refused', status: 302 });
    await receiver.close();
    await inner.close();
  });

  it('gets at most its limit an hour, errors first, and the rest later', async () => {
    const receiver = await httpReceiver();
    await rule({ matchers: [] });
    await webhook(receiver.url, { groupBy: ['name'], maxPerHour: 3 });
    for (const name of ['w1', 'w2', 'w3']) await putFinding(name, 'warning');
    for (const name of ['e1', 'e2']) await putFinding(name, 'error');
    await evaluate();
    await deliverDue();
    for (let i = 0; i < 3; i++) {
      pass(60);
      await evaluate();
      await deliverDue();
    }
    const names = () =>
      receiver.received.map(({ body }) => JSON.parse(body).data.firing[0].labels.name as string);
    expect(names()).toHaveLength(3);
    expect(names().slice(0, 2).sort()).toEqual(['e1', 'e2']);
    pass(3_600);
    await evaluate();
    await deliverDue();
    expect([...new Set(names())].sort()).toEqual(['e1', 'e2', 'w1', 'w2', 'w3']);
    await receiver.close();
  });
});

describe('an address inside', () => {
  it('is refused when the route is made, with what to do', async () => {
    const strict = await testPlatform();
    const other = await makeTenant(strict);
    for (const url of ['http://169.254.169.254/latest', 'http://localhost:6379', 'http://[::1]/']) {
      await expect(
        other.callAs('admin', alertRouteCreate, { name: 'x', target: { kind: 'webhook', url } }),
      ).rejects.toMatchObject({ code: 'unprocessable', fix: expect.stringContaining('ALLOW') });
    }
    await expect(
      other.callAs('admin', alertRouteCreate, {
        name: 'x',
        target: { kind: 'email', host: '127.0.0.1', from: 'a@b.example', to: ['c@d.example'] },
      }),
    ).rejects.toMatchObject({ code: 'unprocessable' });
    await strict.drop();
  });

  it('is not called by a delivery either, whatever the name meant when the route was made', async () => {
    const receiver = await httpReceiver();
    await rule();
    await webhook(receiver.url);
    await putFinding('a');
    await evaluate();
    await deliverDue({ guard: addressGuard() });
    expect(receiver.received).toHaveLength(0);
    const log = await tenant.callAs('viewer', alertDeliveryList, {});
    expect(log.items[0]?.attempts[0]).toMatchObject({
      outcome: 'refused',
      answer: expect.stringContaining('this machine'),
    });
    await receiver.close();
  });
});

describe('other receivers', () => {
  it('a Slack-compatible one gets a message, escaped, and its address is a secret', async () => {
    const receiver = await httpReceiver();
    await rule();
    const { alertRoute } = await tenant.callAs('admin', alertRouteCreate, {
      name: 'chat',
      groupWaitSeconds: 0,
      target: { kind: 'slack', webhookUrl: `${receiver.url}/services/T0/B0/hidden` },
    });
    expect(JSON.stringify(alertRoute)).not.toContain('hidden');
    const { target } = (await platform.db.system.alertRoute.findUnique({
      where: { id: alertRoute.id },
    }))!;
    expect(target).toMatch(/^aes256gcm:/);
    expect(JSON.stringify(await auditOf(platform, tenant, 'alertRoute.create'))).not.toContain(
      'hidden',
    );
    await putFinding('a<b>&c');
    await evaluate();
    await deliverDue();
    const body = JSON.parse(receiver.received[0]!.body);
    expect(body.text).toContain('a&lt;b&gt;&amp;c');
    expect(body.attachments[0]).toMatchObject({ color: '#c4314b' });
    await receiver.close();
  });

  it('a PagerDuty-compatible one gets one incident a group, resolved by the same key', async () => {
    const receiver = await httpReceiver((response) => {
      response.statusCode = 202;
      response.end('{"status":"success"}');
    });
    await rule();
    await tenant.callAs('admin', alertRouteCreate, {
      name: 'pager',
      groupWaitSeconds: 0,
      groupIntervalSeconds: 10,
      target: { kind: 'pagerduty', url: `${receiver.url}/v2/enqueue`, routingKey: 'R0UT1NGKEY' },
    });
    await putFinding('a');
    await evaluate();
    await deliverDue();
    await putFinding('a', 'error', new Date(clock.nowMs));
    pass(20);
    await evaluate();
    await deliverDue();
    const events = receiver.received.map(({ body }) => JSON.parse(body));
    expect(events).toMatchObject([
      {
        event_action: 'trigger',
        routing_key: 'R0UT1NGKEY',
        payload: { severity: 'error', source: 'shop', component: 'shop/a', class: 'IST0101' },
      },
      { event_action: 'resolve' },
    ]);
    expect(events[1].dedup_key).toBe(events[0].dedup_key);
    await receiver.close();
  });

  it('a mail server gets a plain mail, the same message when it is sent again', async () => {
    const server = await smtpReceiver();
    await rule();
    const target = {
      kind: 'email' as const,
      host: '127.0.0.1',
      port: server.port,
      tls: 'none' as const,
      from: 'ambit@mesh.example',
      to: ['ops@mesh.example', 'second@mesh.example'],
    };
    await tenant.callAs('admin', alertRouteCreate, { name: 'mail', groupWaitSeconds: 0, target });
    await putFinding('a');
    await evaluate();
    await deliverDue();
    expect(server.messages).toMatchObject([
      { from: 'ambit@mesh.example', to: ['ops@mesh.example', 'second@mesh.example'] },
    ]);
    expect(server.messages[0]!.text).toContain('[error] IST0101 VirtualService shop/a');
    expect(server.messages[0]!.text).toMatch(/Message-ID: <ald_\w+@mesh\.example>/i);
    await server.close();
  });

  it('a mail server that refuses is told of in the log', async () => {
    const server = await smtpReceiver({ code: 550, text: 'no such mailbox' });
    await rule();
    await tenant.callAs('admin', alertRouteCreate, {
      name: 'mail',
      groupWaitSeconds: 0,
      target: {
        kind: 'email',
        host: '127.0.0.1',
        port: server.port,
        tls: 'none',
        from: 'ambit@mesh.example',
        to: ['nobody@mesh.example'],
      },
    });
    await putFinding('a');
    await evaluate();
    await deliverDue();
    const log = await tenant.callAs('viewer', alertDeliveryList, {});
    expect(log.items[0]?.attempts[0]).toMatchObject({
      outcome: 'refused',
      status: 550,
      answer: expect.stringContaining('no such mailbox'),
    });
    await server.close();
  });
});

it('a test of a route tells what came of it, without any alert', async () => {
  const receiver = await httpReceiver();
  const { alertRoute } = await webhook(receiver.url);
  const { id } = await tenant.callAs('admin', alertRouteTest, { alertRouteId: alertRoute.id });
  await deliverDue();
  const log = await tenant.callAs('viewer', alertDeliveryList, { alertRouteId: alertRoute.id });
  expect(log.items).toMatchObject([{ id, test: true, state: 'delivered' }]);
  await expect(
    tenant.callAs('admin', alertDeliveryRetry, { alertDeliveryId: id }),
  ).rejects.toMatchObject({ code: 'conflict' });
  await receiver.close();
});
