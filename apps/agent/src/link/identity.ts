import { randomUUID } from 'node:crypto';
import { CompactSign, compactVerify, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { agentProofType, type publicKeySchema } from '@ambit/contracts/agent/protocol';
import type { z } from 'zod';

type PublicKey = z.infer<typeof publicKeySchema>;

/** The agent's own Ed25519 key: made in the cluster, never leaves it. */
export interface AgentKey {
  jwk: JWK;
  publicKey: PublicKey;
}

export async function makeKey(): Promise<AgentKey> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return keyOfJwk(await exportJWK(privateKey));
}

export const keyOfJwk = (jwk: JWK): AgentKey => ({
  jwk,
  publicKey: { kty: 'OKP', crv: 'Ed25519', x: String(jwk.x) },
});

/** A proof of the key over a subject, good for once and for ten minutes. */
export async function prove(key: AgentKey, subject: string, nowMs: number): Promise<string> {
  const claims = { sub: subject, iat: Math.floor(nowMs / 1000), jti: randomUUID() };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', typ: agentProofType })
    .sign(await importJWK(key.jwk, 'EdDSA'));
}

/**
 * The payload of what the platform signed, when one of its known keys did and it is of this type; else null.
 * @param keys the platform's public keys, with their ids
 */
export async function verifyPlatform(
  jws: string,
  keys: (PublicKey & { kid: string })[],
  type: string,
): Promise<unknown> {
  for (const key of keys) {
    try {
      const { payload, protectedHeader } = await compactVerify(jws, await importJWK(key, 'EdDSA'), {
        algorithms: ['EdDSA'],
      });
      if (protectedHeader.typ !== type) return null;
      return JSON.parse(new TextDecoder().decode(payload));
    } catch {
      // Not this key; maybe the next one.
    }
  }
  return null;
}
