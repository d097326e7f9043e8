import { randomBytes } from 'node:crypto';
import {
  alertRouteCreate,
  alertRouteDelete,
  alertRouteList,
  alertRouteTest,
  alertRouteUpdate,
  type RouteTarget,
} from '@ambit/contracts/operations/alert-route';
import { newId } from '@ambit/contracts/ids';
import type { Context } from '../kernel/context.ts';
import { AmbitError, conflict, invalid, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { sealOf } from '../mesh-api/seal.ts';
import { requireVersion } from '../mesh/lock.ts';
import { queueTest } from './deliver.ts';
import { targetPlace } from './engine.ts';
import { evaluateSoon } from './evaluate.ts';
import { readDeliveries, routeHealth, toAlertRoute, toDelivery } from './rows.ts';
import { addressGuard } from './send/addresses.ts';

async function opened(context: Context, row: { id: string; target: string }): Promise<RouteTarget> {
  const seal = await sealOf(context.platform.db);
  return JSON.parse(seal.open(row.target, targetPlace(row.id))) as RouteTarget;
}

async function sealed(context: Context, id: string, target: RouteTarget): Promise<string> {
  const seal = await sealOf(context.platform.db);
  return seal.close(JSON.stringify(target), targetPlace(id));
}

/**
 * Refuses at once what no delivery could reach. A name that is not known yet is let through: deliveries look anew each
 * time, and their log tells.
 */
async function requireCallable({ platform }: Context, target: RouteTarget): Promise<void> {
  const address =
    target.kind === 'email'
      ? target.host
      : new URL(target.kind === 'slack' ? target.webhookUrl : target.url).hostname;
  if (target.kind !== 'email') {
    const { username, password } = new URL(
      target.kind === 'slack' ? target.webhookUrl : target.url,
    );
    if (username || password) {
      throw invalid('the address holds a user or password', [
        { path: 'target.url', message: 'leave them out; a webhook is signed instead' },
      ]);
    }
  }
  try {
    await addressGuard(platform.alertAllow ?? []).resolve(address);
  } catch (error) {
    if (error instanceof AmbitError) throw error;
  }
  if (target.kind === 'email' && target.tls === 'none' && target.password) {
    throw invalid('a password is not sent over a connection without TLS', [
      { path: 'target.tls', message: 'use starttls or implicit, or leave the password out' },
    ]);
  }
}

async function requireFree({ tx }: Context, name: string, id?: string): Promise<void> {
  const taken = await tx.alertRoute.findFirst({
    where: { name, ...(id ? { id: { not: id } } : {}) },
  });
  if (taken) throw conflict(`there is an alert route "${name}" already`, 'take another name');
}

async function find({ tx }: Context, id: string) {
  await tx.$queryRaw`SELECT id FROM alert_route WHERE id = ${id} FOR UPDATE`;
  const row = await tx.alertRoute.findUnique({ where: { id } });
  if (!row) throw notFound('alert route', id);
  return row;
}

async function told(context: Context, id: string, change: 'created' | 'updated' | 'deleted') {
  await context.changed('alert-route', id, change);
  await evaluateSoon(context.tx, context.organisationId, context.now, context.enqueue);
}

/** A webhook without a key of its own gets one. */
function complete(target: RouteTarget): { target: RouteTarget; secret: string | null } {
  if (target.kind !== 'webhook' || target.secret) return { target, secret: null };
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  return { target: { ...target, secret }, secret };
}

export const listAlertRoutes = implement(alertRouteList, async (context, input) => {
  const { tx } = context;
  const health = await routeHealth(tx);
  const rows = await tx.alertRoute.findMany(pageArgs(input, 'id'));
  const targets = new Map<string, RouteTarget>();
  for (const row of rows) targets.set(row.id, await opened(context, row));
  return toPage(
    input,
    rows,
    (row) => toAlertRoute(row, targets.get(row.id)!, health.get(row.id)),
    'id',
  );
});

export const createAlertRoute = implement(
  alertRouteCreate,
  async (context, { target: asked, ...input }) => {
    const { tx, organisationId, now } = context;
    await requireFree(context, input.name);
    await requireCallable(context, asked);
    const { target, secret } = complete(asked);
    const id = newId('alertRoute', now.getTime());
    const row = await tx.alertRoute.create({
      data: {
        id,
        organisationId,
        ...input,
        kind: target.kind,
        target: await sealed(context, id, target),
        createdAt: now,
      },
    });
    await told(context, id, 'created');
    return { alertRoute: toAlertRoute(row, target, undefined), secret };
  },
  (_input, output) => output?.alertRoute.id ?? '',
);

export const updateAlertRoute = implement(alertRouteUpdate, async (context, input) => {
  const { alertRouteId: id, version, target: asked, ...data } = input;
  const before = await find(context, id);
  requireVersion(`the alert route "${before.name}"`, before, version);
  await requireFree(context, data.name, id);
  const old = await opened(context, before);
  if (asked && asked.kind !== before.kind) {
    throw conflict(`the route is of kind ${before.kind}`, 'make another route for another kind');
  }
  const target = asked ? withOldSecrets(asked, old) : old;
  if (asked) await requireCallable(context, target);
  const row = await context.tx.alertRoute.update({
    where: { id },
    data: {
      ...data,
      target: await sealed(context, id, target),
      version: { increment: 1 },
    },
  });
  await told(context, id, 'updated');
  return toAlertRoute(row, target, (await routeHealth(context.tx)).get(id));
});

/** A secret stays only while it goes to the same place: nobody gets it sent elsewhere by changing an address. */
function withOldSecrets(asked: RouteTarget, old: RouteTarget): RouteTarget {
  if (asked.kind === 'webhook' && old.kind === 'webhook') {
    return { ...asked, secret: asked.secret ?? old.secret };
  }
  if (asked.kind === 'email' && old.kind === 'email' && asked.password === undefined) {
    const isSame =
      asked.host === old.host && asked.username === old.username && asked.tls !== 'none';
    if (isSame && old.password !== undefined) return { ...asked, password: old.password };
    if (asked.username !== '') {
      throw invalid('the password is needed again', [
        { path: 'target.password', message: 'the server or the user is another one' },
      ]);
    }
  }
  return asked;
}

export const deleteAlertRoute = implement(
  alertRouteDelete,
  async (context, { alertRouteId: id }) => {
    const before = await find(context, id);
    const target = await opened(context, before);
    await context.tx.alertRoute.delete({ where: { id } });
    await told(context, id, 'deleted');
    return toAlertRoute(before, target, undefined);
  },
);

export const testAlertRoute = implement(alertRouteTest, async (context, { alertRouteId: id }) => {
  const { tx, organisationId, actor, now } = context;
  await find(context, id);
  const deliveryId = await queueTest(tx, organisationId, id, actor.name, now);
  await context.changed('alert-route', id, 'updated');
  const [row] = await readDeliveries(tx, { where: { id: deliveryId } });
  return toDelivery(row!);
});
