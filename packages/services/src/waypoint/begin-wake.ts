import { startOperation, type Starter } from '../lifecycle/start.ts';
import type { OperationWithSteps } from '../lifecycle/to-operation.ts';
import type { OperationInput } from '../lifecycle/view.ts';
import type { LockedMesh } from '../mesh/lock.ts';

/** @throws AmbitError conflict while an operation on the mesh is under way */
export async function beginWake(
  context: Starter,
  mesh: LockedMesh,
  input: OperationInput,
): Promise<OperationWithSteps> {
  return startOperation(context, 'waypoint.wake', mesh, input);
}
