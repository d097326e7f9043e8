import { inTenant } from '@ambit/db/database';
import type { Platform } from '../kernel/context.ts';
import { openBlob } from '../lifecycle/sealed-blob.ts';
import { sealOf } from '../mesh-api/seal.ts';
import { notFound } from '../kernel/errors.ts';
import type { Agent } from './credential.ts';

/**
 * A bundle as it is stored: gzip of its canonical JSON. Only of the agent's own organisation.
 * @throws AmbitError not_found
 */
export async function readBlob(
  platform: Platform,
  agent: Agent,
  digest: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const blob = await inTenant(platform.db, agent.organisationId, (tx) =>
    tx.blob.findUnique({
      where: { organisationId_digest: { organisationId: agent.organisationId, digest } },
      select: { gzip: true },
    }),
  );
  if (!blob) throw notFound('bundle', digest);
  return openBlob(await sealOf(platform.db), agent.organisationId, digest, blob.gzip);
}
