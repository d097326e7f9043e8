import type { PoolSpec } from '@ambit/contracts/agent/waypoint';
import { waypointPoolPreview } from '@ambit/contracts/operations/waypoint-pool';
import { AmbitError } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { loadReports } from '../waypoint/reports.ts';
import { changeConsequences } from './change-words.ts';
import { findPool, toPool } from './rows.ts';
import { namesOf, refusePoolInUse, usersOfPool } from './users.ts';

export const previewPool = implement(
  waypointPoolPreview,
  async ({ tx }, { meshId, poolId, act, spec }) => {
    const row = await findPool(tx, meshId, poolId);
    const reports = await loadReports(tx, meshId);
    const users = await usersOfPool(tx, meshId, row.name, reports);
    const { replicas, spec: before, clusters } = toPool(row, reports);
    if (act === 'update') {
      return {
        allowed: true,
        refusals: [],
        consequences: changeConsequences(before as PoolSpec, spec ?? (before as PoolSpec), {
          waypoints: namesOf(users),
          replicas,
        }),
        steps: [],
      };
    }
    return {
      ...refusalOf(row.name, users),
      consequences: [
        clusters.length === 0
          ? 'No cluster has its GatewayClass yet.'
          : `Its GatewayClass and defaults go from ${clusters.map(({ clusterName }) => clusterName).join(', ')}.`,
      ],
      steps: [],
    };
  },
);

function refusalOf(pool: string, users: readonly string[]) {
  try {
    refusePoolInUse(pool, users);
    return { allowed: true, refusals: [] };
  } catch (error) {
    if (!(error instanceof AmbitError)) throw error;
    return { allowed: false, refusals: [{ message: error.message, fix: error.fix ?? '' }] };
  }
}
