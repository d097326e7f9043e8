import { directDecide, directLeave } from '@ambit/contracts/operations/direct';
import type { Context } from '../kernel/context.ts';
import { conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { lockMesh } from '../mesh-api/record.ts';
import { deliverLater } from '../policy/store.ts';
import { toDirect } from './direct-rows.ts';
import { findDirect, writeDecision } from './find-direct.ts';

export const leaveDirect = implement(
  directLeave,
  async (context, { meshId, objectId }) => {
    await lockMesh(context.tx, meshId);
    const row = await findDirect(context, meshId, objectId, 'update');
    if (row.policyId) {
      throw conflict(
        `the mesh has a ${row.kind} of the name ${row.name} too`,
        "decide the conflict: keep the cluster's, take the mesh's, or adopt",
      );
    }
    await writeDecision(context, row, 'leave');
    return decided(context, meshId, objectId);
  },
  ({ objectId }) => objectId,
);

export const decideDirect = implement(
  directDecide,
  async (context, { meshId, objectId, choice }) => {
    await lockMesh(context.tx, meshId);
    const row = await findDirect(context, meshId, objectId, 'update');
    if (!row.policyId) {
      throw conflict(
        `the mesh has no ${row.kind} of the name ${row.name}: there is nothing to decide`,
        'adopt it, or leave it',
      );
    }
    await writeDecision(context, row, choice);
    await deliverLater(context, meshId);
    const { organisationId } = context;
    await context.enqueue('policies.reflect', { organisationId, meshId });
    return decided(context, meshId, objectId);
  },
  ({ objectId }) => objectId,
);

async function decided(context: Context, meshId: string, objectId: string) {
  const row = await findDirect(context, meshId, objectId, 'get');
  await context.changed('object', row.clusterId, 'updated', meshId);
  return toDirect(row);
}
