import type { Inventory } from '@ambit/contracts/agent/protocol';
import { inTenant } from '@ambit/db/database';
import type { Platform } from '../kernel/context.ts';
import { effectsOf } from '../kernel/effects.ts';
import { wakeOperations } from '../lifecycle/wake.ts';
import type { Agent } from './credential.ts';

/**
 * Takes what is true in a cluster. One with the digest that is stored is only a sign of life.
 * @returns whether it differed
 */
export async function takeInventory(
  platform: Platform,
  agent: Agent,
  inventory: Inventory,
): Promise<{ changed: boolean }> {
  const { organisationId, clusterId } = agent;
  const now = platform.now();
  return inTenant(platform.db, organisationId, async (tx) => {
    const [row] = await tx.$queryRaw<{ digest: string | null }[]>`
      SELECT "inventory"->>'digest' AS digest FROM "cluster" WHERE "id" = ${clusterId} FOR UPDATE`;
    if (row?.digest === inventory.digest) {
      await tx.cluster.update({ where: { id: clusterId }, data: { inventoryAt: now } });
      return { changed: false };
    }
    await tx.cluster.update({
      where: { id: clusterId },
      data: { inventory: inventory as object, inventoryAt: now },
    });
    const effects = effectsOf(tx, organisationId);
    const mesh = await tx.meshCluster.findUnique({ where: { clusterId } });
    await effects.changed('cluster', clusterId, 'updated', mesh?.meshId);
    if (mesh) {
      await wakeOperations({ tx, organisationId, ...effects }, mesh.meshId);
      await effects.enqueue('mesh.observe', { organisationId, meshId: mesh.meshId });
    }
    return { changed: true };
  });
}
