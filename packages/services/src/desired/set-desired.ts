import type { Tx } from '@ambit/db/database';

export interface WantedBundle {
  name: string;
  meshId: string;
  digest: string;
  /** Smaller is applied first: 10 control plane, 20 enrolment, 30 policies. */
  order: number;
  mode: 'present' | 'absent';
  drift: 'repair' | 'warn' | 'ignore';
}

/**
 * Sets what a cluster's agent is to have, bundle by bundle, and raises the generation only when something differs.
 * @returns the cluster's generation after it
 */
export async function setDesired(
  tx: Tx,
  organisationId: string,
  clusterId: string,
  bundles: WantedBundle[],
): Promise<number> {
  const before = await tx.desiredBundle.findMany({ where: { clusterId } });
  const byName = new Map(before.map((row) => [row.name, row]));
  let changed = false;
  for (const bundle of bundles) {
    const row = byName.get(bundle.name);
    if (
      row &&
      row.digest === bundle.digest &&
      row.mode === bundle.mode &&
      row.drift === bundle.drift
    )
      continue;
    changed = true;
    await tx.desiredBundle.upsert({
      where: { clusterId_name: { clusterId, name: bundle.name } },
      create: { clusterId, organisationId, ...bundle },
      update: bundle,
    });
  }
  return changed ? raiseGeneration(tx, clusterId) : currentGeneration(tx, clusterId);
}

/** Forgets bundles that the agent reported Removed. */
export async function forgetDesired(tx: Tx, clusterId: string, names: string[]): Promise<number> {
  const { count } = await tx.desiredBundle.deleteMany({
    where: { clusterId, name: { in: names } },
  });
  return count > 0 ? raiseGeneration(tx, clusterId) : currentGeneration(tx, clusterId);
}

/** One more generation: the waiting long poll of the cluster's agent answers at once (trigger on `cluster`). */
export async function raiseGeneration(tx: Tx, clusterId: string): Promise<number> {
  const row = await tx.cluster.update({
    where: { id: clusterId },
    data: { generation: { increment: 1 } },
    select: { generation: true },
  });
  return row.generation;
}

async function currentGeneration(tx: Tx, clusterId: string): Promise<number> {
  return (
    await tx.cluster.findUniqueOrThrow({ where: { id: clusterId }, select: { generation: true } })
  ).generation;
}
