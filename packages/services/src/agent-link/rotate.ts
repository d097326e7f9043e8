import { agentLimits, publicKeySchema } from '@ambit/contracts/agent/protocol';
import { inTenant } from '@ambit/db/database';
import type { Platform } from '../kernel/context.ts';
import { AmbitError } from '../kernel/errors.ts';
import { authenticateAgent, issueCredential } from './credential.ts';
import { readProof, takeProof } from './proof.ts';
import type { AgentCredential } from './register.ts';

/**
 * A new credential for an agent that proves its own key. Its old credential may have expired up to 30 days ago
 * (an agent that was offline), and must not be revoked.
 * @throws AmbitError unauthenticated
 */
export async function rotateCredential(
  platform: Platform,
  authorization: string | undefined,
  proof: string,
): Promise<AgentCredential> {
  const now = platform.now();
  const agent = await authenticateAgent(platform, authorization, agentLimits.renewWithinMs);
  const row = await platform.db.system.cluster.findUniqueOrThrow({
    where: { id: agent.clusterId },
    select: { id: true, name: true, organisationId: true, credentialEpoch: true, publicKey: true },
  });
  const key = publicKeySchema.safeParse(row.publicKey);
  if (!key.success) throw new AmbitError('unauthenticated', 'this cluster has no agent key');
  const { jti } = await readProof(proof, key.data, agent.clusterId, now);
  await inTenant(platform.db, agent.organisationId, (tx) => takeProof(tx, agent, jti, now));
  return {
    clusterId: row.id,
    clusterName: row.name,
    ...(await issueCredential(platform, row)),
    platformKeys: [platform.keys.publicJwk],
  };
}
