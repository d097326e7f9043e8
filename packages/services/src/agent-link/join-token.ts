import type { Platform } from '../kernel/context.ts';
import { AmbitError } from '../kernel/errors.ts';
import { hashSecret } from '../kernel/keys.ts';

const fields = {
  id: true,
  name: true,
  organisationId: true,
  clusterUid: true,
  publicKey: true,
  credentialEpoch: true,
  registeredAt: true,
  joinTokenHash: true,
  joinTokenExpiresAt: true,
  mesh: { select: { mesh: { select: { name: true } } } },
} as const;

const fix = 'make a new join command for the cluster in Ambit (Clusters, Join again) and run that';

/**
 * The cluster a join token was given for.
 * @throws AmbitError unauthenticated when no cluster has it
 */
export async function findByJoinToken(platform: Platform, token: string) {
  const cluster = await platform.db.system.cluster.findUnique({
    where: { joinTokenHash: hashSecret(token) },
    select: fields,
  });
  if (cluster) return cluster;
  throw new AmbitError(
    'unauthenticated',
    'this join token is not known: it was never given, or a newer one took its place',
    { fix },
  );
}

export type JoiningCluster = Awaited<ReturnType<typeof findByJoinToken>>;

export const usedToken = (): AmbitError =>
  new AmbitError('unauthenticated', 'this join token was used before; it works once', { fix });

/** @throws AmbitError unauthenticated when the token was used, or its hour is over */
export function assertUsable(cluster: JoiningCluster, now: Date): void {
  if (!cluster.joinTokenExpiresAt) throw usedToken();
  if (cluster.joinTokenExpiresAt > now) return;
  throw new AmbitError(
    'unauthenticated',
    `this join token expired at ${cluster.joinTokenExpiresAt.toISOString()}; it works for an hour`,
    { fix },
  );
}
