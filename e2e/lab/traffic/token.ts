import { createSign, generateKeyPairSync } from 'node:crypto';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An issuer of tokens with a key of its own: its key set as RequestAuthentication takes it, and signed tokens. */
export function tokenIssuer(issuer: string) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'lab', use: 'sig', alg: 'RS256' };
  return {
    issuer,
    jwks: JSON.stringify({ keys: [key] }),
    token: (subject: string): string => {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, sub: subject, iat: now - 60, exp: now + 3600 };
      const text = `${encode({ alg: 'RS256', kid: 'lab', typ: 'JWT' })}.${encode(claims)}`;
      return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
    },
  };
}
