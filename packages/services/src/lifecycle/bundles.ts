import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { Tx } from '@ambit/db/database';
import type { PackedBundle } from '../release/renderer.ts';

/** Stores a bundle by its digest; the same content is stored once. */
export async function storeBundle(
  tx: Tx,
  organisationId: string,
  { digest, size, gzip }: PackedBundle,
): Promise<void> {
  await tx.blob.createMany({
    data: [{ organisationId, digest, size, gzip }],
    skipDuplicates: true,
  });
}

/** A stored bundle; undefined when there is none of that digest. */
export async function readBundle(
  tx: Tx,
  organisationId: string,
  digest: string,
): Promise<Bundle | undefined> {
  const row = await tx.blob.findUnique({
    where: { organisationId_digest: { organisationId, digest } },
    select: { gzip: true },
  });
  if (!row) return undefined;
  return JSON.parse((await promisify(gunzip)(row.gzip)).toString()) as Bundle;
}

/** True when a bundle brings the CRDs of Gateway API itself. */
export const bringsGatewayApi = (bundle: Bundle): boolean =>
  bundle.phases.some((phase) =>
    phase.objects.some(
      (object) =>
        object.kind === 'CustomResourceDefinition' &&
        object.metadata.name.endsWith('.gateway.networking.k8s.io'),
    ),
  );
