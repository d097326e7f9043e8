import { newId } from '@ambit/contracts/ids';
import { inTenant } from '@ambit/db/database';
import { controlPlaneBundle } from '@ambit/istio/bundle/split';
import { gatewayApiDefinitions, istioDefinitions } from '@ambit/sandbox/releases/definitions';
import { storeBundle } from '../lifecycle/bundles.ts';
import { packBundle } from '../release/renderer.ts';
import type { Tenant, TestPlatform } from './tenant.ts';

/** A mesh over one cluster, whose release is rendered, with the sandbox's definitions; nothing runs in it. */
export async function renderedMesh(
  { db }: Pick<TestPlatform, 'db'>,
  { organisationId, projectId }: Pick<Tenant, 'organisationId' | 'projectId'>,
  {
    rendered = true,
    definitions = istioDefinitions('1.30.2'),
    gatewayApi = gatewayApiDefinitions('1.30.2'),
  } = {},
): Promise<string> {
  const meshId = newId('mesh');
  const clusterId = newId('cluster');
  const name = `mesh-${meshId.slice(-8).toLowerCase()}`;
  await db.system.mesh.create({
    data: {
      id: meshId,
      organisationId,
      projectId,
      name,
      profile: 'sidecar',
      release: '1.30.2',
      activeRelease: rendered ? '1.30.2' : null,
      options: {},
    },
  });
  await db.system.cluster.create({ data: { id: clusterId, organisationId, name } });
  await db.system.meshCluster.create({ data: { clusterId, meshId, organisationId } });
  if (!rendered) return meshId;
  const packed = await packBundle(
    controlPlaneBundle({
      meshId,
      rendered: definitions,
      gatewayApi,
      extras: [],
    }),
  );
  await inTenant(db, organisationId, async (tx) => {
    await storeBundle(tx, organisationId, packed);
    const { digest } = packed;
    await tx.desiredBundle.create({
      data: { clusterId, name: 'control-plane', organisationId, meshId, digest, order: 10 },
    });
  });
  return meshId;
}
