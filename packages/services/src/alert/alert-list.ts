import { alertList } from '@ambit/contracts/operations/alert';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { toAlert } from './rows.ts';

export const listAlerts = implement(alertList, async ({ tx }, input) => {
  const page = pageArgs(input, 'id', 'desc');
  const rows = await tx.alert.findMany({
    ...page,
    where: {
      ...page.where,
      state: input.state === 'active' ? { not: 'resolved' } : input.state,
      ...(input.severity ? { severity: input.severity } : {}),
      ...(input.meshId ? { meshId: input.meshId } : {}),
      ...(input.ruleId ? { ruleId: input.ruleId } : {}),
    },
  });
  return toPage(input, rows, toAlert, 'id', 'desc');
});
