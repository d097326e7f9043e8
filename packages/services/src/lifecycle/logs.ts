import { operationLogs } from '@ambit/contracts/operations/lifecycle';
import type { LogLine } from '@ambit/contracts/lifecycle';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { findOperation } from './get.ts';

export const operationLogLines = implement(operationLogs, async ({ tx }, input) => {
  await findOperation(tx, input.operationId);
  const { where, orderBy, take } = pageArgs(input, 'id');
  const rows = await tx.operationLog.findMany({
    orderBy,
    take,
    where: {
      ...(where as { id?: { gt?: number } }),
      operationId: input.operationId,
      ...(input.step ? { step: input.step } : {}),
    },
  });
  return toPage(
    input,
    rows,
    (row): LogLine => ({
      id: Number(row.id),
      at: row.at.toISOString(),
      step: row.step,
      level: row.level as LogLine['level'],
      cluster: row.cluster,
      text: row.text,
    }),
    'id',
  );
});
