import type { Implementation } from '../kernel/implement.ts';
import { createMesh } from './create.ts';
import { deleteCheck } from './delete-check.ts';
import { deleteMesh } from './delete.ts';
import { getMesh } from './get.ts';
import { meshKubeconfig } from './kubeconfig.ts';
import { listMeshes } from './list.ts';
import { listObjects } from './objects.ts';
import { precheckMesh } from './precheck.ts';
import { updateMesh } from './update.ts';
import { upgradeCheck } from './upgrade-check.ts';
import { upgradeMesh } from './upgrade.ts';
import { listWorkloads } from './workloads.ts';

export const meshImplementations: Implementation[] = [
  listMeshes,
  getMesh,
  precheckMesh,
  createMesh,
  updateMesh,
  upgradeCheck,
  upgradeMesh,
  deleteCheck,
  deleteMesh,
  listWorkloads,
  listObjects,
  meshKubeconfig,
];
