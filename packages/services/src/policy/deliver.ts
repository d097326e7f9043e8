import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject } from '@ambit/contracts/common';
import { inTenant, type Database, type Tx } from '@ambit/db/database';
import { delivered, policiesBundle } from '@ambit/istio/policies';
import { conflictsOf, staysAsItIs, type Conflict } from '../cluster-object/conflicts.ts';
import { sealOf } from '../mesh-api/seal.ts';
import { setDesired } from '../desired/set-desired.ts';
import { storeBundle } from '../lifecycle/bundles.ts';
import { packBundle, type PackedBundle } from '../release/renderer.ts';
import { deliverReferences } from './deliver-references.ts';

/**
 * Hands the policies of a mesh to each of its clusters as one bundle, without those of which a cluster has one of its
 * own that stays; what they name (Secrets, ConfigMaps) goes as another, sealed where it is stored. Repeating it changes nothing. A mesh that was
 * never Ready gets them when it is; one that is being deleted gets none.
 */
export async function deliverPolicies(
  { db }: { db: Database },
  organisationId: string,
  meshId: string,
): Promise<void> {
  const seal = await sealOf(db);
  await inTenant(db, organisationId, async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${`deliver/${meshId}`}))) AS lock`;
    if (!(await takesPolicies(tx, meshId))) return;
    // One snapshot for what is handed over and for what is marked as handed over.
    const rows = await tx.$queryRaw<DeliveredRow[]>`
      SELECT id, version, CASE WHEN deleted_at IS NULL AND NOT auxiliary THEN object END AS object,
        CASE WHEN auxiliary OR kube IS NULL THEN version
          ELSE coalesce((kube::jsonb->'metadata'->>'generation')::int, version) END AS generation
      FROM policy WHERE mesh_id = ${meshId} AND (deleted_at IS NULL OR delivered_version <> version)`;
    const conflicts = await conflictsOf(tx, meshId);
    const clusters = await tx.cluster.findMany({
      where: { mesh: { meshId } },
      orderBy: { id: 'asc' },
      select: { id: true, desired: { where: { name: 'policies' }, select: { name: true } } },
    });
    const packed = new Map<string, Promise<PackedBundle>>();
    for (const { id, desired } of clusters) {
      const here = conflicts.filter(({ clusterId }) => clusterId === id);
      const left = new Set(here.filter(staysAsItIs).map(({ policyId }) => policyId));
      const takeOver = here.filter((one) => !staysAsItIs(one)).map(takenOver);
      const policies = rows.filter((row) => row.object !== null && !left.has(row.id));
      if (policies.length === 0 && desired.length === 0) continue;
      // Clusters without conflicts have the same bundle: it is packed once.
      const key = JSON.stringify([[...left], takeOver]);
      const bundle = packed.get(key) ?? pack(tx, organisationId, meshId, policies, takeOver);
      packed.set(key, bundle);
      await setDesired(tx, organisationId, id, [
        {
          name: 'policies',
          meshId,
          digest: (await bundle).digest,
          order: 30,
          mode: 'present',
          drift: 'repair',
        },
      ]);
    }
    await deliverReferences(tx, seal, organisationId, meshId, {
      policies: rows.flatMap(({ object }) => object ?? []),
      clusterIds: clusters.map(({ id }) => id),
    });
    await tx.$executeRaw`
      UPDATE policy SET delivered_version = seen.version
      FROM unnest(${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.version)}::int[]) AS seen (id, version)
      WHERE policy.id = seen.id AND delivered_version <> seen.version`;
  });
}

interface DeliveredRow {
  id: string;
  version: number;
  generation: number;
  /** null: it was deleted. */
  object: KubeObject | null;
}

async function pack(
  tx: Tx,
  organisationId: string,
  meshId: string,
  policies: DeliveredRow[],
  takeOver: NonNullable<Bundle['takeOver']>,
): Promise<PackedBundle> {
  const objects = policies.flatMap(({ object, generation }) =>
    object ? [delivered(object, generation)] : [],
  );
  const packed = await packBundle(policiesBundle(meshId, objects, takeOver));
  await storeBundle(tx, organisationId, packed);
  return packed;
}

/** An adopted object is taken as it was seen; one that the mesh's replaces, as it is. */
const takenOver = ({ group, kind, namespace, name, uid, generation, choice }: Conflict) => ({
  group,
  kind,
  namespace,
  name,
  uid,
  generation: choice === 'adopt' ? generation : null,
});

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
