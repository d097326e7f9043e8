import { meshDelete } from '@ambit/contracts/operations/mesh';
import { switchOffAdmission } from '../agent-link/admission.ts';
import { dropWaypointPools } from '../agent-link/waypoints.ts';
import { AmbitError } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { beginDelete } from './begin.ts';
import { checkDelete } from './delete-check.ts';
import { lockMesh } from './lock.ts';
import { readMesh } from './to-mesh.ts';

export const deleteMesh = implement(meshDelete, async (context, { meshId, confirm }) => {
  const mesh = await lockMesh(context.tx, meshId);
  const { confirmationNeeded, checks } = await checkDelete(context, meshId);
  const wrong = confirm !== undefined && confirm !== mesh.name;
  if (wrong || (confirmationNeeded && confirm === undefined)) {
    throw new AmbitError(
      'precondition_failed',
      wrong
        ? `the confirmation "${confirm}" is not the name of the mesh`
        : `something depends on ${mesh.name}`,
      {
        fix: `send confirm: "${mesh.name}"`,
        details: checks.map((check) => ({ path: check.name, message: check.message })),
      },
    );
  }
  await switchOffAdmission(context.tx, meshId);
  await dropWaypointPools(context.tx, meshId);
  const operation = await beginDelete(context, mesh, {});
  return { mesh: await readMesh(context, meshId), operation: toOperation(operation) };
});
