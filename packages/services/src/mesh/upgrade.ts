import { meshUpgrade } from '@ambit/contracts/operations/mesh';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { beginUpgrade } from './begin.ts';
import { lockMesh, requireVersion } from './lock.ts';
import { readMesh } from './to-mesh.ts';

export const upgradeMesh = implement(
  meshUpgrade,
  async (context, { meshId, version, release, readyTimeoutSeconds }) => {
    const mesh = await lockMesh(context.tx, meshId);
    requireVersion(mesh.name, mesh, version);
    const operation = await beginUpgrade(context, mesh, { release, readyTimeoutSeconds });
    return { mesh: await readMesh(context, meshId), operation: toOperation(operation) };
  },
);
