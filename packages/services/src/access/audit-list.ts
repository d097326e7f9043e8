import { auditList } from '@ambit/contracts/operations/access';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { toAudit } from './rows.ts';

export const listAudit = implement(auditList, async ({ tx }, input) => {
  const { action, target, actor } = input;
  const { where, ...args } = pageArgs(input, 'id', 'desc');
  const rows = await tx.auditEntry.findMany({
    ...args,
    where: {
      AND: [where],
      ...(action ? { action } : {}),
      ...(target ? { target } : {}),
      ...(actor ? { actorId: actor } : {}),
    },
  });
  return toPage(input, rows, toAudit, 'id', 'desc');
});
