import type { z } from 'zod';
import type { objectiveSchema } from '@ambit/contracts/operations/objective';
import type { Tx } from '@ambit/db/database';
import type { ObjectiveStatus, Promised } from './facts.ts';

export type ObjectiveRow = Awaited<ReturnType<Tx['objective']['findMany']>>[number];

export const toPromised = (row: ObjectiveRow): Promised => ({
  subject: row.subject as Promised['subject'],
  kind: row.kind as Promised['kind'],
  thresholdMs: row.thresholdMs,
  target: row.target,
  periodDays: row.periodDays,
});

const notYet: ObjectiveStatus = {
  state: 'unknown',
  message: 'It is looked at for the first time within seconds.',
  total: 0,
  bad: 0,
  reached: null,
  budgetLeft: null,
  coverage: 0,
  severity: null,
  burns: [],
  toldAt: null,
  evaluatedAt: null,
};

export const toObjective = (row: ObjectiveRow): z.input<typeof objectiveSchema> => ({
  id: row.id,
  meshId: row.meshId,
  name: row.name,
  description: row.description,
  alerting: row.alerting,
  ...toPromised(row),
  status: (row.status as ObjectiveStatus | null) ?? notYet,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
});
