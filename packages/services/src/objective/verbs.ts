import { newId } from '@ambit/contracts/ids';
import {
  objectiveCreate,
  objectiveDelete,
  objectiveGet,
  objectiveList,
  objectiveRules,
  objectiveStatus,
  objectiveUpdate,
} from '@ambit/contracts/operations/objective';
import { Prisma } from '@ambit/db/generated/client';
import { prometheusRule } from '@ambit/topology/objectives/prometheus-rule';
import { stringify } from 'yaml';
import { evaluateSoon } from '../alert/evaluate.ts';
import type { Context } from '../kernel/context.ts';
import { conflict, invalid, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { requireMesh, requireVersion } from '../mesh/lock.ts';
import { toObjectiveMath, type Promised } from './facts.ts';
import { historyOf } from './history.ts';
import { toObjective, toPromised } from './rows.ts';

export const listObjectives = implement(objectiveList, async ({ tx }, input) => {
  const page = pageArgs(input, 'id');
  const { meshId, namespace, subject } = input;
  const rows = await tx.objective.findMany({
    ...page,
    where: {
      ...page.where,
      ...(meshId ? { meshId } : {}),
      AND: [
        ...(namespace ? [{ subject: { path: ['namespace'], equals: namespace } }] : []),
        ...(subject ? [{ subject: { path: ['name'], equals: subject } }] : []),
      ],
    },
  });
  return toPage(input, rows, toObjective, 'id');
});

async function find({ tx }: Pick<Context, 'tx'>, id: string) {
  const row = await tx.objective.findUnique({ where: { id } });
  if (!row) throw notFound('objective', id);
  return row;
}

export const getObjective = implement(objectiveGet, async (context, { objectiveId }) =>
  toObjective(await find(context, objectiveId)),
);

/** @throws AmbitError invalid_input */
export function requireThreshold({ kind, thresholdMs }: Pick<Promised, 'kind' | 'thresholdMs'>) {
  if ((kind === 'latency') === (thresholdMs !== null)) return;
  throw invalid(
    kind === 'latency'
      ? 'a promise of latency needs a threshold'
      : 'a promise of availability has no threshold',
    [{ path: 'thresholdMs', message: 'give it exactly with the kind "latency"' }],
  );
}

async function requireFree({ tx }: Context, meshId: string, name: string, id?: string) {
  const taken = await tx.objective.findFirst({
    where: { meshId, name, ...(id ? { id: { not: id } } : {}) },
    select: { id: true },
  });
  if (taken) throw conflict(`the mesh has an objective "${name}" already`, 'take another name');
}

async function told(
  { tx, organisationId, now, enqueue, changed }: Context,
  id: string,
  meshId: string,
  change: 'created' | 'updated' | 'deleted',
) {
  await changed('objective', id, change, meshId);
  await evaluateSoon(tx, organisationId, now, enqueue);
}

/** Objectives raise alerts only where a rule asks for them: the first one brings it. */
async function ensureRule({ tx, organisationId, now, changed }: Context): Promise<void> {
  const found = await tx.alertRule.findFirst({
    where: { OR: [{ source: 'objective' }, { name: 'objectives' }] },
    select: { id: true },
  });
  if (found) return;
  const id = newId('alertRule', now.getTime());
  await tx.alertRule.create({
    data: {
      id,
      organisationId,
      name: 'objectives',
      enabled: true,
      source: 'objective',
      meshId: null,
      matchers: [],
      forSeconds: 0,
      keepFiringSeconds: 120,
      labels: {},
      createdAt: now,
    },
  });
  await changed('alert', id, 'created');
}

export const createObjective = implement(objectiveCreate, async (context, input) => {
  const { tx, organisationId, now } = context;
  requireThreshold(input);
  await requireMesh(tx, input.meshId);
  await requireFree(context, input.meshId, input.name);
  const id = newId('objective', now.getTime());
  const row = await tx.objective.create({
    data: { id, organisationId, createdAt: now, ...input },
  });
  if (input.alerting) await ensureRule(context);
  await told(context, id, input.meshId, 'created');
  return toObjective(row);
});

export const updateObjective = implement(objectiveUpdate, async (context, input) => {
  const { objectiveId: id, version, ...data } = input;
  requireThreshold(data);
  await context.tx.$queryRaw`SELECT id FROM objective WHERE id = ${id} FOR UPDATE`;
  const before = await find(context, id);
  requireVersion(`the objective "${before.name}"`, before, version);
  await requireFree(context, before.meshId, data.name, id);
  const old = toPromised(before);
  const isAnother =
    old.kind !== data.kind ||
    old.thresholdMs !== data.thresholdMs ||
    old.subject.kind !== data.subject.kind ||
    old.subject.namespace !== data.subject.namespace ||
    old.subject.name !== data.subject.name;
  if (isAnother) await context.tx.objectiveStretch.deleteMany({ where: { objectiveId: id } });
  const row = await context.tx.objective.update({
    where: { id },
    data: {
      ...data,
      version: { increment: 1 },
      status: Prisma.DbNull,
      ...(isAnother ? { toldAt: context.now, sums: Prisma.DbNull } : {}),
    },
  });
  if (data.alerting) await ensureRule(context);
  await told(context, id, before.meshId, 'updated');
  return toObjective(row);
});

export const deleteObjective = implement(objectiveDelete, async (context, { objectiveId: id }) => {
  const before = await find(context, id);
  await context.tx.objective.delete({ where: { id } });
  await told(context, id, before.meshId, 'deleted');
  return toObjective(before);
});

export const getObjectiveStatus = implement(objectiveStatus, async (context, { objectiveId }) => {
  const row = await find(context, objectiveId);
  return {
    objective: toObjective(row),
    history: await historyOf(context.tx, row.id, row.periodDays, context.now),
  };
});

export const getObjectiveRules = implement(
  objectiveRules,
  async (context, { objectiveId, reporter }) => {
    const row = await find(context, objectiveId);
    const promised = toPromised(row);
    const { kind, namespace, name } = promised.subject;
    if (kind !== 'service') {
      throw invalid('rules are made for objectives of services', [
        { path: 'objectiveId', message: `this one is of the workload ${namespace}/${name}` },
      ]);
    }
    const rule = prometheusRule({
      id: row.id,
      objective: toObjectiveMath(promised),
      namespace,
      service: name,
      reporter,
      labels: { objective: row.name },
    });
    return { yaml: stringify(rule, { lineWidth: 0 }) };
  },
);
