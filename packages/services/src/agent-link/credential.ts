import { compactVerify, errors, importJWK } from 'jose';
import { z } from 'zod';
import { agentLimits, credentialType } from '@ambit/contracts/agent/protocol';
import type { Platform } from '../kernel/context.ts';
import { AmbitError } from '../kernel/errors.ts';
import type { AgentKeys } from '../kernel/keys.ts';

const claimsSchema = z.object({
  sub: z.string(),
  org: z.string(),
  epoch: z.number().int(),
  iat: z.number(),
  exp: z.number(),
});
type Claims = z.infer<typeof claimsSchema>;

/** Who an agent is, proven by its credential against the cluster's row. */
export interface Agent {
  clusterId: string;
  clusterName: string;
  organisationId: string;
  /** Of the desired state, when the credential was looked at. */
  generation: number;
}

const rejoin = 'make a new join command for this cluster in Ambit and run it';

/** A credential of 24 h (JWT, EdDSA, platform key), bound to the cluster and its credential epoch. */
export async function issueCredential(
  platform: Platform,
  cluster: { id: string; organisationId: string; credentialEpoch: number },
): Promise<{ credential: string; expiresAt: string }> {
  const issuedAtMs = platform.now().getTime();
  const exp = Math.floor((issuedAtMs + agentLimits.credentialTtlMs) / 1000);
  const claims: Claims = {
    sub: cluster.id,
    org: cluster.organisationId,
    epoch: cluster.credentialEpoch,
    iat: Math.floor(issuedAtMs / 1000),
    exp,
  };
  return {
    credential: await platform.keys.sign(claims, credentialType),
    expiresAt: new Date(exp * 1000).toISOString(),
  };
}

/**
 * Proves a credential: signature, expiry, and the epoch of the cluster's row, so that revocation acts at once.
 * @param graceMs how long after its expiry it still counts (for renewal, which also needs the agent's key)
 * @throws AmbitError unauthenticated, saying what to do
 */
export async function authenticateAgent(
  platform: Platform,
  authorization: string | undefined,
  graceMs = 0,
): Promise<Agent> {
  const claims = await readClaims(platform.keys, bearer(authorization));
  const expiredForMs = platform.now().getTime() - claims.exp * 1000;
  if (expiredForMs >= graceMs) {
    throw new AmbitError('unauthenticated', 'the credential of this agent has expired', {
      fix: graceMs === 0 ? 'renew it with the key of the agent' : rejoin,
    });
  }
  const row = await platform.db.system.cluster.findUnique({
    where: { id: claims.sub },
    select: {
      name: true,
      organisationId: true,
      credentialEpoch: true,
      revokedAt: true,
      generation: true,
    },
  });
  if (!row || row.organisationId !== claims.org) {
    throw new AmbitError('unauthenticated', 'this cluster was removed from Ambit', {
      fix: 'uninstall the agent, or join the cluster again',
    });
  }
  if (row.revokedAt) {
    throw new AmbitError(
      'unauthenticated',
      `the credential of the cluster "${row.name}" was revoked`,
      { fix: rejoin },
    );
  }
  if (row.credentialEpoch !== claims.epoch) {
    throw new AmbitError(
      'unauthenticated',
      `another agent has joined as "${row.name}" since; this credential is no longer good`,
      { fix: rejoin },
    );
  }
  return {
    clusterId: claims.sub,
    clusterName: row.name,
    organisationId: claims.org,
    generation: row.generation,
  };
}

function bearer(authorization: string | undefined): string {
  const [, token] = /^Bearer (\S+)$/i.exec(authorization ?? '') ?? [];
  if (token) return token;
  throw new AmbitError('unauthenticated', 'no credential was sent', {
    fix: 'send the header Authorization: Bearer <credential>',
  });
}

async function readClaims(keys: AgentKeys, credential: string): Promise<Claims> {
  try {
    const { payload, protectedHeader } = await compactVerify(
      credential,
      await verificationKey(keys),
      { algorithms: ['EdDSA'] },
    );
    if (protectedHeader.typ === credentialType) {
      return claimsSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
    }
  } catch (error) {
    if (!(error instanceof errors.JOSEError || error instanceof z.ZodError)) throw error;
  }
  throw new AmbitError('unauthenticated', 'this is not a credential of this Ambit', {
    fix: rejoin,
  });
}

const imported = new WeakMap<AgentKeys, ReturnType<typeof importJWK>>();

function verificationKey(keys: AgentKeys): ReturnType<typeof importJWK> {
  let key = imported.get(keys);
  if (!key) imported.set(keys, (key = importJWK(keys.publicJwk, 'EdDSA')));
  return key;
}
