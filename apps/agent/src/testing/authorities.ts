import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Authority {
  name: string;
  keys: webcrypto.CryptoKeyPair;
  pem: string;
}

/** A CA for tests: self-signed, or issued by another one. Valid from 2026 to the year that is given. */
export async function testAuthority(
  name: string,
  endYear: number,
  by?: Authority,
): Promise<Authority> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.create(
    {
      subject: `O=${name}`,
      issuer: `O=${by?.name ?? name}`,
      publicKey: keys.publicKey,
      signingKey: (by?.keys ?? keys).privateKey,
      signingAlgorithm: algorithm,
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date(`${endYear}-01-01T00:00:00Z`),
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto,
  );
  return { name, keys, pem: `${certificate.toString('pem')}\n` };
}
