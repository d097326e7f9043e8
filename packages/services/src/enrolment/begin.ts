import { startOperation, type Starter } from '../lifecycle/start.ts';
import type { OperationWithSteps } from '../lifecycle/to-operation.ts';
import type { OperationInput } from '../lifecycle/view.ts';
import type { LockedMesh } from '../mesh/lock.ts';

/**
 * Begins a planned change; a retry goes the same way with the same plan. The mesh's row is locked.
 * @throws AmbitError conflict while an operation on the mesh is under way
 */
export async function beginEnrolmentChange(
  context: Starter,
  mesh: LockedMesh,
  input: OperationInput,
): Promise<OperationWithSteps> {
  return startOperation(context, 'enrolment.change', mesh, input);
}

export async function beginRepair(
  context: Starter,
  mesh: LockedMesh,
  input: OperationInput,
): Promise<OperationWithSteps> {
  return startOperation(context, 'enrolment.repair', mesh, input);
}
