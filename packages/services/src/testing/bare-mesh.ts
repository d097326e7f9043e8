import { newId } from '@ambit/contracts/ids';
import type { Tenant, TestPlatform } from './tenant.ts';

/** The row of a sidecar mesh that nobody created: no operation, no cluster, nothing rendered. */
export async function bareMesh(
  { db }: Pick<TestPlatform, 'db'>,
  { organisationId, projectId }: Pick<Tenant, 'organisationId' | 'projectId'>,
  { name = 'shop', options = {} }: { name?: string; options?: object } = {},
): Promise<string> {
  const id = newId('mesh');
  await db.system.mesh.create({
    data: {
      id,
      organisationId,
      projectId,
      name,
      profile: 'sidecar',
      release: '1.30.2',
      options,
    },
  });
  return id;
}
