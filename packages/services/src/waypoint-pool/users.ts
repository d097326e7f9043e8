import { waypointClassPrefix } from '@ambit/contracts/agent/waypoint';
import type { Tx } from '@ambit/db/database';
import { conflict } from '../kernel/errors.ts';
import type { ClusterReport } from '../waypoint/reports.ts';

/** Waypoints of a pool, `namespace/name` in order: those that the mesh asks for, and those that agents told of. */
export async function usersOfPool(
  tx: Tx,
  meshId: string,
  pool: string,
  reports: readonly ClusterReport[],
): Promise<string[]> {
  const wanted = await tx.policy.findMany({
    where: {
      meshId,
      deletedAt: null,
      kind: 'Gateway',
      group: 'gateway.networking.k8s.io',
      object: { path: ['spec', 'gatewayClassName'], equals: waypointClassPrefix + pool },
    },
    select: { namespace: true, name: true },
  });
  const told = reports.flatMap(({ report }) =>
    (report?.waypoints ?? []).filter((one) => one.pool === pool),
  );
  const users = new Set([...wanted, ...told].map(({ namespace, name }) => `${namespace}/${name}`));
  return [...users].toSorted();
}

/** @throws AmbitError conflict that names the waypoints */
export function refusePoolInUse(pool: string, users: readonly string[]): void {
  if (users.length === 0) return;
  throw conflict(
    `waypoints are of the pool "${pool}": ${namesOf(users)}`,
    'move them to another pool, or delete them first',
  );
}

export const namesOf = (users: readonly string[]): string =>
  `${users.slice(0, 5).join(', ')}${users.length > 5 ? `, and ${users.length - 5} more` : ''}`;
