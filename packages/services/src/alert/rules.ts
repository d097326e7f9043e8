import {
  alertRuleCreate,
  alertRuleDelete,
  alertRuleList,
  alertRuleUpdate,
} from '@ambit/contracts/operations/alert';
import { newId } from '@ambit/contracts/ids';
import type { Context } from '../kernel/context.ts';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { requireVersion } from '../mesh/lock.ts';
import { evaluateSoon } from './evaluate.ts';
import { openAlerts, toAlertRule } from './rows.ts';

export const listAlertRules = implement(alertRuleList, async ({ tx }, input) => {
  const page = pageArgs(input, 'id');
  const counts = await openAlerts(tx, 'ruleId');
  const rows = await tx.alertRule.findMany(page);
  return toPage(input, rows, (row) => toAlertRule(row, counts.get(row.id) ?? 0), 'id');
});

async function requireFree(context: Context, name: string, id?: string): Promise<void> {
  const taken = await context.tx.alertRule.findFirst({
    where: { name, ...(id ? { id: { not: id } } : {}) },
  });
  if (taken) throw conflict(`there is an alert rule "${name}" already`, 'take another name');
}

async function requireMesh({ tx }: Context, meshId: string | null): Promise<void> {
  if (meshId === null) return;
  const mesh = await tx.mesh.findUnique({ where: { id: meshId }, select: { id: true } });
  if (!mesh) throw notFound('mesh', meshId);
}

async function find({ tx }: Context, id: string) {
  await tx.$queryRaw`SELECT id FROM alert_rule WHERE id = ${id} FOR UPDATE`;
  const row = await tx.alertRule.findUnique({ where: { id } });
  if (!row) throw notFound('alert rule', id);
  return row;
}

async function told(context: Context, id: string, change: 'created' | 'updated' | 'deleted') {
  await context.changed('alert', id, change);
  await evaluateSoon(context.tx, context.organisationId, context.now, context.enqueue);
}

export const createAlertRule = implement(alertRuleCreate, async (context, input) => {
  const { tx, organisationId, now } = context;
  await requireFree(context, input.name);
  await requireMesh(context, input.meshId);
  const id = newId('alertRule', now.getTime());
  const row = await tx.alertRule.create({ data: { id, organisationId, createdAt: now, ...input } });
  await told(context, id, 'created');
  return toAlertRule(row, 0);
});

export const updateAlertRule = implement(alertRuleUpdate, async (context, input) => {
  const { alertRuleId: id, version, ...data } = input;
  const before = await find(context, id);
  requireVersion(`the alert rule "${before.name}"`, before, version);
  await requireFree(context, data.name, id);
  await requireMesh(context, data.meshId);
  const row = await context.tx.alertRule.update({
    where: { id },
    data: { ...data, version: { increment: 1 } },
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
