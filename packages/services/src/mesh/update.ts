import { meshUpdate } from '@ambit/contracts/operations/mesh';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { beginUpdate } from './begin.ts';
import { lockMesh, requireVersion } from './lock.ts';
import { readMesh } from './to-mesh.ts';

export const updateMesh = implement(meshUpdate, async (context, { meshId, version, options }) => {
  const mesh = await lockMesh(context.tx, meshId);
  requireVersion(mesh.name, mesh, version);
  const operation = await beginUpdate(context, mesh, { options });
  return { mesh: await readMesh(context, meshId), operation: toOperation(operation) };
});
