import type { LifecycleType } from '@ambit/contracts/lifecycle';
import { operationRetry } from '@ambit/contracts/operations/lifecycle';
import type { Context } from '../kernel/context.ts';
import { conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { beginCreate, beginDelete, beginReport, beginUpdate, beginUpgrade } from '../mesh/begin.ts';
import { beginEnrolmentChange, beginRepair } from '../enrolment/begin.ts';
import { lockMesh, type LockedMesh } from '../mesh/lock.ts';
import { beginWake } from '../waypoint/begin-wake.ts';
import { findOperation } from './get.ts';
import { retryDisabledReason, toOperation, type OperationWithSteps } from './to-operation.ts';
import type { OperationInput } from './view.ts';

type Begin = (
  context: Context,
  mesh: LockedMesh,
  input: OperationInput,
) => Promise<OperationWithSteps>;

const begin: Record<LifecycleType, Begin> = {
  'mesh.create': beginCreate,
  'mesh.update': beginUpdate,
  'mesh.upgrade': beginUpgrade,
  'enrolment.change': beginEnrolmentChange,
  'enrolment.repair': beginRepair,
  'waypoint.wake': beginWake,
  'mesh.report': beginReport,
  'mesh.delete': beginDelete,
};

export const retryOperation = implement(operationRetry, async (context, { operationId }) => {
  const before = await findOperation(context.tx, operationId);
  const reason = retryDisabledReason(before);
  if (reason) throw conflict(`the operation cannot be tried again: ${reason}`);
  const mesh = await lockMesh(context.tx, before.targetId);
  return toOperation(
    await begin[before.type as LifecycleType](context, mesh, before.input as OperationInput),
  );
});
