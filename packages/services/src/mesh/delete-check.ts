import { counted } from '@ambit/contracts/words';
import { meshDeleteCheck } from '@ambit/contracts/operations/mesh';
import type { Context } from '../kernel/context.ts';
import { implement } from '../kernel/implement.ts';
import type { Check } from './checks.ts';
import { workloadsOf, type MeshWorkload } from './dependents.ts';
import { readMesh } from './to-mesh.ts';

export interface DeleteCheck {
  checks: Check[];
  workloads: MeshWorkload[];
  policies: number;
  confirmationNeeded: boolean;
}

export const deleteCheck = implement(meshDeleteCheck, (context, { meshId }) =>
  checkDelete(context, meshId),
);

/** What would lose its proxy or its policies if the mesh were deleted now. */
export async function checkDelete(context: Context, meshId: string): Promise<DeleteCheck> {
  const mesh = await readMesh(context, meshId);
  const workloads = (await workloadsOf(context.tx, meshId)).filter((w) => w.enrolled > 0);
  const checks: Check[] = [];
  if (workloads.length > 0) {
    checks.push({
      name: 'Workloads',
      severity: 'warning',
      message: `${counted(workloads.length, 'workload')} would go without mutual TLS, telemetry and rules; those with sidecars are restarted`,
    });
  }
  if (mesh.policies > 0) {
    checks.push({
      name: 'Policies',
      severity: 'warning',
      message: `${counted(mesh.policies, 'policy goes', 'policies go')} with the mesh, history and all`,
    });
  }
  for (const cluster of mesh.clusters) {
    if (cluster.state === 'connected') continue;
    checks.push({
      name: 'Agent',
      severity: 'warning',
      message:
        cluster.state === 'gone'
          ? `${cluster.name}: its agent has no credential any more; what was applied there is left`
          : `${cluster.name}: its agent is not heard of; the removal waits until it is back`,
      ...(cluster.state === 'gone'
        ? {}
        : { fix: 'revoke its credential when the cluster does not exist any more' }),
    });
  }
  if (checks.length === 0) {
    checks.push({ name: 'Nothing', severity: 'ok', message: 'Nothing depends on this mesh' });
  }
  return {
    checks,
    workloads,
    policies: mesh.policies,
    confirmationNeeded: workloads.length > 0 || mesh.policies > 0,
  };
}
