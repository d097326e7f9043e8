import { meshUpgradeCheck } from '@ambit/contracts/operations/mesh';
import { upgradeRefusal } from '@ambit/istio/releases/upgrade-path';
import { implement } from '../kernel/implement.ts';
import { checkClusters, checkRelease, isAllowed, type Check } from './checks.ts';
import { clusterFactsOf } from './cluster-facts.ts';
import { findRelease } from './releases.ts';
import { readMesh } from './to-mesh.ts';

export const upgradeCheck = implement(meshUpgradeCheck, async (context, input) => {
  const mesh = await readMesh(context, input.meshId);
  const release = findRelease(context.platform.releases, input.release);
  const refusal = mesh.activeRelease
    ? upgradeRefusal(mesh.activeRelease, release.version)
    : 'the mesh has not been Ready yet';
  const clusters = await clusterFactsOf(context, { mesh: { meshId: mesh.id } });
  const skew: Check = refusal
    ? { name: 'Skew', severity: 'error', message: refusal }
    : {
        name: 'Skew',
        severity: 'ok',
        message: `${mesh.activeRelease} -> ${release.version} is a step Istio supports`,
      };
  const busy: Check[] = mesh.operation
    ? [
        {
          name: 'Busy',
          severity: 'error',
          message: `"${mesh.operation.title}" is still under way`,
          fix: 'wait until it is finished, or cancel it',
        },
      ]
    : [];
  const checks = [
    skew,
    ...busy,
    ...checkClusters({ clusters, release, meshId: mesh.id }),
    ...checkRelease({ ...mesh, release, options: mesh.options as never }, context.now),
    ...checkSidecars(mesh),
  ];
  return { checks, allowed: isAllowed(checks) };
});

function checkSidecars(mesh: { profile: string; workloads: { enrolled: number } }): Check[] {
  if (mesh.profile !== 'sidecar' || mesh.workloads.enrolled === 0) return [];
  return [
    {
      name: 'Sidecars',
      severity: 'info',
      message: `${mesh.workloads.enrolled} workloads keep their sidecars of before until their pods restart; one minor behind is supported`,
    },
  ];
}
