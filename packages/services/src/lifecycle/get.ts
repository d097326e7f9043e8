import { operationGet } from '@ambit/contracts/operations/lifecycle';
import type { Tx } from '@ambit/db/database';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toOperation, withSteps, type OperationWithSteps } from './to-operation.ts';

export const getOperation = implement(operationGet, async ({ tx }, { operationId }) =>
  toOperation(await findOperation(tx, operationId)),
);

export async function findOperation(tx: Tx, id: string): Promise<OperationWithSteps> {
  const row = await tx.operation.findUnique({ where: { id }, include: withSteps });
  if (!row) throw notFound('operation', id);
  return row;
}
