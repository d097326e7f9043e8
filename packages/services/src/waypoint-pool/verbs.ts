import {
  waypointPoolCreate,
  waypointPoolDelete,
  waypointPoolGet,
  waypointPoolList,
  waypointPoolTemplates,
  waypointPoolUpdate,
} from '@ambit/contracts/operations/waypoint-pool';
import { waypointLimits } from '@ambit/contracts/agent/waypoint';
import { newId } from '@ambit/contracts/ids';
import { tellWaypointPools } from '../agent-link/waypoints.ts';
import { AmbitError } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageOfArray } from '../kernel/page.ts';
import { lockMesh, requireMesh, requireVersion } from '../mesh/lock.ts';
import { requireAmbient } from '../waypoint/require-ambient.ts';
import { loadReports } from '../waypoint/reports.ts';
import { refusePoolInUse, usersOfPool } from './users.ts';
import { findPool, toPool, toPools } from './rows.ts';
import { poolTemplates } from './templates.ts';

export const listPools = implement(waypointPoolList, async ({ tx }, input) => {
  const { meshId } = input;
  await requireMesh(tx, meshId);
  const rows = await tx.waypointPool.findMany({ where: { meshId }, orderBy: { name: 'asc' } });
  return pageOfArray(input, await toPools(tx, meshId, rows), ({ name }) => name);
});

export const getPool = implement(
  waypointPoolGet,
  async ({ tx }, { meshId, poolId }) =>
    toPool(await findPool(tx, meshId, poolId), await loadReports(tx, meshId)),
  ({ poolId }) => poolId,
);

export const listPoolTemplates = implement(waypointPoolTemplates, async () => ({
  items: [...poolTemplates],
}));

export const createPool = implement(
  waypointPoolCreate,
  async (context, { meshId, name, spec }) => {
    const { tx, organisationId, now } = context;
    const mesh = await lockMesh(tx, meshId);
    requireAmbient(mesh);
    const all = await tx.waypointPool.findMany({ where: { meshId }, select: { name: true } });
    if (all.some((one) => one.name === name)) {
      const message = `${mesh.name} has a pool "${name}" already`;
      throw new AmbitError('conflict', message, {
        fix: 'take another name',
        details: [{ path: 'name', message }],
      });
    }
    if (all.length >= waypointLimits.pools) {
      throw new AmbitError('unprocessable', `a mesh has ${waypointLimits.pools} pools at most`, {
        fix: 'delete one that no waypoint is of',
      });
    }
    const id = newId('waypointPool', now.getTime());
    const row = await tx.waypointPool.create({
      data: { id, organisationId, meshId, name, spec, createdAt: now },
    });
    await tellWaypointPools(tx, meshId);
    await context.changed('waypoint', id, 'created', meshId);
    return toPool(row, await loadReports(tx, meshId));
  },
  ({ meshId }, output) => output?.id ?? meshId,
);

export const updatePool = implement(
  waypointPoolUpdate,
  async (context, { meshId, poolId, version, spec }) => {
    const { tx } = context;
    await lockMesh(tx, meshId);
    const before = await findPool(tx, meshId, poolId);
    requireVersion(`the pool "${before.name}"`, before, version);
    const row = await tx.waypointPool.update({
      where: { id: poolId },
      data: { spec, version: { increment: 1 } },
    });
    await tellWaypointPools(tx, meshId);
    await context.changed('waypoint', poolId, 'updated', meshId);
    return toPool(row, await loadReports(tx, meshId));
  },
  ({ poolId }) => poolId,
);

export const deletePool = implement(
  waypointPoolDelete,
  async (context, { meshId, poolId }) => {
    const { tx } = context;
    await lockMesh(tx, meshId);
    const before = await findPool(tx, meshId, poolId);
    const reports = await loadReports(tx, meshId);
    refusePoolInUse(before.name, await usersOfPool(tx, meshId, before.name, reports));
    await tx.waypointPool.delete({ where: { id: poolId } });
    await tellWaypointPools(tx, meshId);
    await context.changed('waypoint', poolId, 'deleted', meshId);
    return toPool(before, reports);
  },
  ({ poolId }) => poolId,
);
