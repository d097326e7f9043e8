import { canonicalJson } from '@ambit/contracts/canonical';
import { upgradeRefusal } from '@ambit/istio/releases/upgrade-path';
import type { Context } from '../kernel/context.ts';
import { AmbitError, conflict } from '../kernel/errors.ts';
import { refuseWhileBusy, startOperation } from '../lifecycle/start.ts';
import type { OperationWithSteps } from '../lifecycle/to-operation.ts';
import type { OperationInput } from '../lifecycle/view.ts';
import { diagnoseSoon } from '../diagnosis/run.ts';
import { checkClusters, refuseErrors } from './checks.ts';
import { clusterFactsOf } from './cluster-facts.ts';
import type { LockedMesh } from './lock.ts';
import { findRelease } from './releases.ts';

/** What each change writes before its operation begins; a retry goes the same way. The mesh's row is locked. */
type Begin = (
  context: Context,
  mesh: LockedMesh,
  input: OperationInput,
) => Promise<OperationWithSteps>;

export const beginCreate: Begin = async (context, mesh, input) => {
  if (mesh.activeRelease) throw conflict(`${mesh.name} is installed already`);
  return startOperation(context, 'mesh.create', mesh, input);
};

export const beginUpdate: Begin = async (context, mesh, input) => {
  await refuseWhileBusy(context, mesh);
  const options = input.options ?? mesh.options;
  if (canonicalJson(options) === canonicalJson(mesh.options)) {
    throw conflict(`${mesh.name} has these options already`);
  }
  await context.tx.mesh.update({
    where: { id: mesh.id },
    data: { options, version: { increment: 1 } },
  });
  return startOperation(context, 'mesh.update', mesh, input);
};

export const beginUpgrade: Begin = async (context, mesh, input) => {
  await refuseWhileBusy(context, mesh);
  const release = findRelease(context.platform.releases, input.release ?? '');
  if (!mesh.activeRelease) {
    throw conflict(
      `${mesh.name} has not been Ready yet`,
      'retry its creation first, or delete it and create it with the other release',
    );
  }
  const refusal = upgradeRefusal(mesh.activeRelease, release.version);
  if (refusal) throw new AmbitError('unprocessable', `no upgrade is possible: ${refusal}`);
  const clusters = await clusterFactsOf(context, { mesh: { meshId: mesh.id } });
  refuseErrors(checkClusters({ clusters, release, meshId: mesh.id }));
  await context.tx.mesh.update({
    where: { id: mesh.id },
    data: { release: release.version, version: { increment: 1 } },
  });
  return startOperation(context, 'mesh.upgrade', mesh, input);
};

export const beginDelete: Begin = async (context, mesh, input) =>
  startOperation(context, 'mesh.delete', mesh, input);

export const beginReport: Begin = async (context, mesh) => {
  await diagnoseSoon(context.tx, context.organisationId, mesh.id, context.now);
  return startOperation(context, 'mesh.report', mesh, {});
};
