import type { KubeObject } from '@ambit/contracts/common';
import { newId } from '@ambit/contracts/ids';
import type { TestPlatform } from './tenant.ts';

/** An object of a cluster that is not of the mesh, as its agent's report would have left it. */
export async function putFact(
  { db }: Pick<TestPlatform, 'db'>,
  { organisationId, clusterId }: { organisationId: string; clusterId: string },
  object: KubeObject,
): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  await db.system.clusterObject.create({
    data: {
      id: newId('object'),
      organisationId,
      clusterId,
      apiVersion,
      group: '',
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      origin: 'fact',
      digest: 'x',
      object: object as object,
      seq: 1,
    },
  });
}
