import { operationCancel } from '@ambit/contracts/operations/lifecycle';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { findOperation } from './get.ts';
import { cancelDisabledReason, toOperation } from './to-operation.ts';

export const cancelOperation = implement(operationCancel, async (context, { operationId }) => {
  const { tx, organisationId } = context;
  // The same row lock as a look at it: what is read here is still true when it is written.
  const locked = await tx.$queryRaw<
    { id: string }[]
  >`SELECT id FROM operation WHERE id = ${operationId} FOR NO KEY UPDATE`;
  if (locked.length === 0) throw notFound('operation', operationId);
  const reason = cancelDisabledReason(await findOperation(tx, operationId));
  if (reason) throw conflict(`the operation cannot be cancelled: ${reason}`);
  await tx.operation.update({
    where: { id: operationId },
    data: { state: 'cancelling', nextLookAt: context.now },
  });
  const row = await findOperation(tx, operationId);
  await context.enqueue('operation.advance', { organisationId, operationId });
  await context.changed('operation', operationId, 'updated', row.targetId);
  return toOperation(row);
});
