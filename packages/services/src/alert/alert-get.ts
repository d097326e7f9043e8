import { alertGet } from '@ambit/contracts/operations/alert';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toAlert } from './rows.ts';

export const getAlert = implement(alertGet, async ({ tx }, { alertId }) => {
  const row = await tx.alert.findUnique({ where: { id: alertId } });
  if (!row) throw notFound('alert', alertId);
  return toAlert(row);
});
