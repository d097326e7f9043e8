import { operationList } from '@ambit/contracts/operations/lifecycle';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { toOperation, withSteps } from './to-operation.ts';

export const listOperations = implement(operationList, async ({ tx }, input) => {
  const page = pageArgs(input, 'id', 'desc');
  const rows = await tx.operation.findMany({
    ...page,
    where: {
      ...page.where,
      ...(input.targetId ? { targetId: input.targetId } : {}),
      ...(input.state ? { state: input.state } : {}),
      ...(input.unfinished ? { finishedAt: null } : {}),
    },
    include: withSteps,
  });
  return toPage(input, rows, toOperation, 'id', 'desc');
});
