import type { z } from 'zod';
import {
  agentLimits,
  type credentialSchema,
  type registerRequestSchema,
} from '@ambit/contracts/agent/protocol';
import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import { inTenant, type Tx } from '@ambit/db/database';
import { Prisma } from '@ambit/db/generated/client';
import type { Platform } from '../kernel/context.ts';
import { effectsOf } from '../kernel/effects.ts';
import { conflict } from '../kernel/errors.ts';
import { issueCredential } from './credential.ts';
import { assertUsable, findByJoinToken, usedToken, type JoiningCluster } from './join-token.ts';
import { readProof, takeProof } from './proof.ts';

type Request = z.infer<typeof registerRequestSchema>;
export type AgentCredential = z.infer<typeof credentialSchema>;

/**
 * Takes a one-time join token and gives the agent its credential. The token is consumed by compare-and-set; only the
 * agent that used it (same key, same cluster, proven, within ten minutes) may ask again, when the answer was lost.
 * @throws AmbitError unauthenticated for a token that is unknown, expired or used; conflict for a cloned cluster
 */
export async function registerAgent(
  platform: Platform,
  request: Request,
  requestId: string,
): Promise<AgentCredential> {
  const now = platform.now();
  const cluster = await findByJoinToken(platform, request.token);
  const { jti } = await readProof(request.proof, request.publicKey, request.clusterUid, now);
  const again = isRepeated(cluster, request, now);
  if (!again) {
    assertUsable(cluster, now);
    await assertSameCluster(platform, cluster, request.clusterUid);
  }
  const credentialEpoch = await inTenant(platform.db, cluster.organisationId, async (tx) => {
    const agent = { organisationId: cluster.organisationId, clusterId: cluster.id };
    await takeProof(tx, agent, jti, now);
    if (again) return cluster.credentialEpoch;
    await consume(tx, cluster, request, now);
    await tx.auditEntry.create({ data: auditRow(cluster, request, requestId) });
    await effectsOf(tx, cluster.organisationId).changed('cluster', cluster.id, 'updated');
    return cluster.credentialEpoch + 1;
  });
  return {
    clusterId: cluster.id,
    clusterName: cluster.name,
    ...(await issueCredential(platform, { ...cluster, credentialEpoch })),
    platformKeys: [platform.keys.publicJwk],
  };
}

async function consume(tx: Tx, cluster: JoiningCluster, request: Request, now: Date) {
  const another = cluster.clusterUid !== null && cluster.clusterUid !== request.clusterUid;
  const taken = await tx.cluster
    .updateMany({
      where: {
        id: cluster.id,
        joinTokenHash: cluster.joinTokenHash,
        joinTokenExpiresAt: { gt: now },
      },
      data: {
        clusterUid: request.clusterUid,
        publicKey: request.publicKey,
        joinTokenExpiresAt: null,
        credentialEpoch: { increment: 1 },
        registeredAt: now,
        revokedAt: null,
        lastSeenAt: now,
        reportBootId: null,
        reportStartedAt: null,
        reportSeq: -1,
        version: { increment: 1 },
        ...(another ? { report: Prisma.DbNull, inventory: Prisma.DbNull, inventoryAt: null } : {}),
      },
    })
    .catch((error: unknown) => {
      // Two registrations of one Kubernetes cluster raced; the unique index decided.
      if ((error as { code?: string }).code === 'P2002') throw cloned(null);
      throw error;
    });
  if (taken.count === 0) throw usedToken();
}

function isRepeated(cluster: JoiningCluster, request: Request, now: Date): boolean {
  return (
    cluster.joinTokenExpiresAt === null &&
    cluster.registeredAt !== null &&
    now.getTime() - cluster.registeredAt.getTime() < agentLimits.clockSkewMs &&
    cluster.clusterUid === request.clusterUid &&
    canonicalJson(cluster.publicKey) === canonicalJson(request.publicKey)
  );
}

async function assertSameCluster(platform: Platform, cluster: JoiningCluster, clusterUid: string) {
  const other = await platform.db.system.cluster.findUnique({
    where: { clusterUid },
    select: { id: true, name: true, organisationId: true },
  });
  if (other && other.id !== cluster.id) {
    throw cloned(other.organisationId === cluster.organisationId ? other.name : null);
  }
  if (cluster.mesh && cluster.clusterUid !== null && cluster.clusterUid !== clusterUid) {
    throw conflict(
      `"${cluster.name}" was another Kubernetes cluster before, and is part of the mesh "${cluster.mesh.mesh.name}"`,
      'take it out of that mesh first, or join this cluster under a name of its own',
    );
  }
}

const cloned = (name: string | null) =>
  conflict(
    `this Kubernetes cluster has joined Ambit already${name ? `, as "${name}"` : ' under another name'}`,
    'remove that cluster in Ambit first; a copy of a cluster needs a kube-system namespace of its own',
  );

function auditRow(cluster: JoiningCluster, request: Request, requestId: string) {
  return {
    id: newId('audit'),
    organisationId: cluster.organisationId,
    actorKind: 'system',
    actorId: cluster.id,
    actorName: `agent of ${cluster.name}`,
    door: 'agent',
    action: 'cluster.register',
    target: cluster.id,
    outcome: 'done',
    detail: {
      clusterUid: request.clusterUid,
      kubernetesVersion: request.kubernetesVersion,
      agentVersion: request.agentVersion,
    },
    requestId,
  };
}
