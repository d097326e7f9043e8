import type { Bundle } from '@ambit/contracts/agent/bundle';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { KubeObject } from '@ambit/contracts/common';
import type { Tx } from '@ambit/db/database';
import { compareObjects } from '@ambit/istio/bundle/order';
import { meshLabel, withLabels } from '@ambit/istio/labels';
import { isDelivered, referencesBundle, referencesOf } from '@ambit/istio/references';
import { setDesired } from '../desired/set-desired.ts';
import { storeBundle } from '../lifecycle/bundles.ts';
import { sealBlob } from '../lifecycle/sealed-blob.ts';
import { placeOf } from '../mesh-api/read-log.ts';
import type { Seal } from '../mesh-api/seal.ts';
import { wishOf } from '../mesh-api/wish.ts';
import { packBundle } from '../release/renderer.ts';

interface Row {
  resource: string | null;
  kind: string;
  namespace: string;
  name: string;
  kube: string | null;
  object: KubeObject;
}

/**
 * Hands over the Secrets, ConfigMaps and other objects of the mesh's Kubernetes API that its policies name, or that are
 * labelled for it, as a bundle of their own. It is sealed where it is stored, and its digest is salted.
 */
export async function deliverReferences(
  tx: Tx,
  seal: Seal,
  organisationId: string,
  meshId: string,
  { policies, clusterIds }: { policies: KubeObject[]; clusterIds: string[] },
): Promise<void> {
  const references = referencesOf(policies);
  const rows = await tx.$queryRaw<Row[]>`
    SELECT resource, kind, namespace, name, kube, object FROM policy
    WHERE mesh_id = ${meshId} AND deleted_at IS NULL AND auxiliary AND kind <> 'Namespace'`;
  const objects = rows
    .filter(({ object }) => isDelivered(object, references))
    .map((row) => wishOfRow(row, meshId, seal));
  const wanting = await tx.desiredBundle.findMany({
    where: { meshId, name: referencesBundle },
    select: { clusterId: true },
  });
  const had = new Set(wanting.map(({ clusterId }) => clusterId));
  const targets = clusterIds.filter((id) => objects.length > 0 || had.has(id));
  if (targets.length === 0) return;
  const bundle = bundleOf(meshId, objects);
  const salted = { ...bundle, salt: seal.mark(`${meshId} ${canonicalJson(bundle)}`) };
  const packed = sealBlob(seal, organisationId, await packBundle(salted));
  await storeBundle(tx, organisationId, packed);
  for (const clusterId of targets) {
    await setDesired(tx, organisationId, clusterId, [
      {
        name: referencesBundle,
        meshId,
        digest: packed.digest,
        // Beside the policies: a cluster that refuses Secrets still gets those.
        order: 30,
        mode: 'present',
        drift: 'repair',
      },
    ]);
  }
}

/** Of a Secret the row has no content; the sealed object has. */
function wishOfRow(row: Row, meshId: string, seal: Seal): KubeObject {
  const { resource, kind, namespace, name, kube, object } = row;
  if (kind !== 'Secret' || kube === null || resource === null) return object;
  const opened = seal.open(kube, placeOf(meshId, resource, namespace, name));
  return wishOf(JSON.parse(opened) as Parameters<typeof wishOf>[0]) as unknown as KubeObject;
}

function bundleOf(meshId: string, objects: KubeObject[]): Bundle {
  const sorted = objects
    .map((object) => withLabels(object, { [meshLabel]: meshId }))
    .sort(compareObjects);
  const isDefinition = ({ kind }: KubeObject) => kind === 'CustomResourceDefinition';
  const definitions = sorted.filter(isDefinition);
  return {
    format: 1,
    name: referencesBundle,
    ownership: 'full',
    phases: [
      ...(definitions.length > 0
        ? [{ name: 'crds' as const, objects: definitions, wait: 'established' as const }]
        : []),
      {
        name: 'policies',
        objects: sorted.filter((object) => !isDefinition(object)),
        wait: 'none',
      },
    ],
    ignore: [],
  };
}
