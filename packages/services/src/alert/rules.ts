import {
  alertRuleCreate,
  alertRuleDelete,
  alertRuleList,
  alertRuleUpdate,
} from '@ambit/contracts/operations/alert';
import type { AlertSource } from '@ambit/contracts/alerts';
import { newId } from '@ambit/contracts/ids';
import type { Context } from '../kernel/context.ts';
import { Prisma } from '@ambit/db/generated/client';
import { conflict, invalid, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { requireMesh, requireVersion } from '../mesh/lock.ts';
import { evaluateSoon } from './evaluate.ts';
import { openAlerts, toAlertRule } from './rows.ts';

export const listAlertRules = implement(alertRuleList, async ({ tx }, input) => {
  const page = pageArgs(input, 'id');
  const counts = await openAlerts(tx, 'ruleId');
  const rows = await tx.alertRule.findMany(page);
  const looks = await tx.alertLook.findMany({
    where: { ruleId: { in: rows.map(({ id }) => id) } },
    omit: { memory: true },
  });
  return toPage(input, rows, (row) => toAlertRule(row, counts.get(row.id) ?? 0, looks), 'id');
});

async function requireFree(context: Context, name: string, id?: string): Promise<void> {
  const taken = await context.tx.alertRule.findFirst({
    where: { name, ...(id ? { id: { not: id } } : {}) },
  });
  if (taken) throw conflict(`there is an alert rule "${name}" already`, 'take another name');
}

/** A rule on signals says of which, and no other does. */
function requireSignal({ source, signal }: { source: AlertSource; signal: unknown }): void {
  if ((source === 'signal') === (signal !== null)) return;
  throw invalid(
    source === 'signal'
      ? 'a rule on signals says what it looks at'
      : `a rule on ${source}s has no signal`,
    [{ path: 'signal', message: 'give a signal exactly with the source "signal"' }],
  );
}

async function find({ tx }: Context, id: string) {
  await tx.$queryRaw`SELECT id FROM alert_rule WHERE id = ${id} FOR UPDATE`;
  const row = await tx.alertRule.findUnique({ where: { id } });
  if (!row) throw notFound('alert rule', id);
  return row;
}

const jsonOf = (value: object | null) => value ?? Prisma.DbNull;

async function told(context: Context, id: string, change: 'created' | 'updated' | 'deleted') {
  await context.changed('alert', id, change);
  await evaluateSoon(context.tx, context.organisationId, context.now, context.enqueue);
}

export const createAlertRule = implement(alertRuleCreate, async (context, input) => {
  const { tx, organisationId, now } = context;
  requireSignal(input);
  await requireFree(context, input.name);
  if (input.meshId !== null) await requireMesh(tx, input.meshId);
  const id = newId('alertRule', now.getTime());
  const row = await tx.alertRule.create({
    data: { id, organisationId, createdAt: now, ...input, signal: jsonOf(input.signal) },
  });
  await told(context, id, 'created');
  return toAlertRule(row, 0);
});

export const updateAlertRule = implement(alertRuleUpdate, async (context, input) => {
  const { alertRuleId: id, version, ...data } = input;
  const before = await find(context, id);
  requireVersion(`the alert rule "${before.name}"`, before, version);
  requireSignal(data);
  await requireFree(context, data.name, id);
  if (data.meshId !== null) await requireMesh(context.tx, data.meshId);
  const row = await context.tx.alertRule.update({
    where: { id },
    data: { ...data, signal: jsonOf(data.signal), version: { increment: 1 } },
  });
  await told(context, id, 'updated');
  const counts = await openAlerts(context.tx, 'ruleId');
  return toAlertRule(row, counts.get(id) ?? 0);
});

export const deleteAlertRule = implement(alertRuleDelete, async (context, { alertRuleId: id }) => {
  const before = await find(context, id);
  await context.tx.alertRule.delete({ where: { id } });
  await told(context, id, 'deleted');
  return toAlertRule(before, 0);
});
