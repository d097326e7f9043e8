import type { KubeObject } from '@ambit/contracts/common';
import { inTenant, type Database, type Tx } from '@ambit/db/database';
import { policiesBundle } from '@ambit/istio/policies';
import { setDesired } from '../desired/set-desired.ts';
import { storeBundle } from '../lifecycle/bundles.ts';
import { packBundle } from '../release/renderer.ts';

/**
 * Hands the policies of a mesh to each of its clusters as one bundle. Repeating it changes nothing. A mesh that was
 * never Ready gets them when it is; one that is being deleted gets none.
 */
export async function deliverPolicies(
  { db }: { db: Database },
  organisationId: string,
  meshId: string,
): Promise<void> {
  await inTenant(db, organisationId, async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${`deliver/${meshId}`}))) AS lock`;
    if (!(await takesPolicies(tx, meshId))) return;
    // One snapshot for what is handed over and for what is marked as handed over.
    const rows = await tx.$queryRaw<{ id: string; version: number; object: KubeObject | null }[]>`
      SELECT id, version, CASE WHEN deleted_at IS NULL AND NOT auxiliary THEN object END AS object FROM policy
      WHERE mesh_id = ${meshId} AND (deleted_at IS NULL OR delivered_version <> version)`;
    const policies = rows.flatMap((row) => (row.object ? [row.object] : []));
    const clusters = await tx.cluster.findMany({
      where: { mesh: { meshId } },
      orderBy: { id: 'asc' },
      select: { id: true, desired: { where: { name: 'policies' }, select: { name: true } } },
    });
    const wanting = clusters.filter((c) => policies.length > 0 || c.desired.length > 0);
    if (wanting.length > 0) {
      const packed = await packBundle(policiesBundle(meshId, policies));
      await storeBundle(tx, organisationId, packed);
      for (const { id } of wanting) {
        await setDesired(tx, organisationId, id, [
          {
            name: 'policies',
            meshId,
            digest: packed.digest,
            order: 30,
            mode: 'present',
            drift: 'repair',
          },
        ]);
      }
    }
    await tx.$executeRaw`
      UPDATE policy SET delivered_version = seen.version
      FROM unnest(${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.version)}::int[]) AS seen (id, version)
      WHERE policy.id = seen.id AND delivered_version <> seen.version`;
  });
}

/** The same condition stands in the sweep's query (apps/api/src/jobs/sweep.ts). */
async function takesPolicies(tx: Tx, meshId: string): Promise<boolean> {
  const mesh = await tx.mesh.findUnique({
    where: { id: meshId },
    select: { activeRelease: true },
  });
  if (!mesh?.activeRelease) return false;
  const deletion = await tx.operation.findFirst({
    where: { targetId: meshId, type: 'mesh.delete', finishedAt: null },
    select: { id: true },
  });
  return deletion === null;
}
