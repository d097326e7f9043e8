import { createHash, randomBytes } from 'node:crypto';
import {
  CompactSign,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import type { Database } from '@ambit/db/database';

/** The platform's Ed25519 signing key; its public half travels to agents at registration. */
export interface AgentKeys {
  kid: string;
  publicJwk: { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string };
  sign(payload: object, type: string): Promise<string>;
}

/** Loads the signing key, or makes it on the first start; two processes that race agree on one. */
export async function loadAgentKeys(db: Database): Promise<AgentKeys> {
  const made = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const fresh = await exportJWK(made.privateKey);
  await db.system.platformSecret.createMany({
    data: [{ name: 'agent-signing-key', value: fresh as object }],
    skipDuplicates: true,
  });
  const row = await db.system.platformSecret.findUniqueOrThrow({
    where: { name: 'agent-signing-key' },
  });
  const jwk = row.value as JWK;
  const key = await importJWK(jwk, 'EdDSA');
  const kid = await calculateJwkThumbprint(jwk);
  return {
    kid,
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x: String(jwk.x), kid },
    sign: (payload, type) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: type })
        .sign(key),
  };
}

/** A new secret: a recognisable prefix and 256 random bits, base64url. */
export const newSecret = (prefix: string): string =>
  `${prefix}_${randomBytes(32).toString('base64url')}`;

/** How secrets are stored: sha256 hex (they hold 256 random bits, so no salt is needed). */
export const hashSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex');

/** The secret that signs sessions: made on the first start; two processes that race agree on one. */
export async function loadSessionSecret(db: Database): Promise<string> {
  const name = 'session-secret';
  const value = { secret: randomBytes(32).toString('base64url') };
  await db.system.platformSecret.createMany({ data: [{ name, value }], skipDuplicates: true });
  const row = await db.system.platformSecret.findUniqueOrThrow({ where: { name } });
  return (row.value as typeof value).secret;
}
