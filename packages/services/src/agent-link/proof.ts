import { compactVerify, importJWK } from 'jose';
import { z } from 'zod';
import { agentLimits, agentProofType, type publicKeySchema } from '@ambit/contracts/agent/protocol';
import type { Tx } from '@ambit/db/database';
import { AmbitError } from '../kernel/errors.ts';

const proofSchema = z.object({
  sub: z.string(),
  /** Seconds since the epoch by the agent's clock. */
  iat: z.number(),
  jti: z.string().min(16).max(64),
});

/**
 * Reads what an agent signed with its own key: over `subject`, at most ten minutes off, of any age of key.
 * @throws AmbitError unauthenticated
 */
export async function readProof(
  proof: string,
  publicKey: z.infer<typeof publicKeySchema>,
  subject: string,
  now: Date,
): Promise<{ jti: string }> {
  const claims = await verify(proof, publicKey);
  if (!claims || claims.sub !== subject) {
    throw new AmbitError('unauthenticated', 'the proof is not signed by the key of this agent');
  }
  const skewMs = Math.abs(now.getTime() - claims.iat * 1000);
  if (skewMs > agentLimits.clockSkewMs) {
    throw new AmbitError(
      'unauthenticated',
      `the proof was made ${Math.round(skewMs / 1000)} seconds away from the platform's time`,
      { fix: "set the clocks of the cluster's nodes (10 minutes off is the most that is taken)" },
    );
  }
  return claims;
}

async function verify(proof: string, publicKey: z.infer<typeof publicKeySchema>) {
  try {
    const key = await importJWK(publicKey, 'EdDSA');
    const { payload, protectedHeader } = await compactVerify(proof, key, { algorithms: ['EdDSA'] });
    if (protectedHeader.typ !== agentProofType) return undefined;
    return proofSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
  } catch {
    return undefined;
  }
}

/**
 * Takes a proof's id once within the window in which its time is accepted.
 * @throws AmbitError unauthenticated when it was used before
 */
export async function takeProof(
  tx: Tx,
  agent: { organisationId: string; clusterId: string },
  jti: string,
  now: Date,
): Promise<void> {
  const { organisationId, clusterId: actorId } = agent;
  const operation = 'agent.proof';
  await tx.idempotencyKey.deleteMany({
    where: {
      organisationId,
      actorId,
      operation,
      createdAt: { lt: new Date(now.getTime() - 3 * agentLimits.clockSkewMs) },
    },
  });
  const { count } = await tx.idempotencyKey.createMany({
    data: [
      {
        organisationId,
        actorId,
        key: `proof:${jti}`,
        operation,
        inputHash: '',
        output: {},
        createdAt: now,
      },
    ],
    skipDuplicates: true,
  });
  if (count === 0) throw new AmbitError('unauthenticated', 'this proof was used before');
}
