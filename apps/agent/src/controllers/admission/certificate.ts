// Asked for by the certificate library, before it is loaded.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** What the webhook serves with, and what API servers trust it by; all PEM. */
export interface Certificate {
  authority: string;
  certificate: string;
  key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const usages: webcrypto.KeyUsage[] = ['sign', 'verify'];
/** Clocks of API servers may be behind. */
const earlyMs = 10 * 60_000;

/**
 * An authority of its own and one certificate by it. The authority's key is forgotten at once, so nothing else will
 * ever be trusted by it.
 * @param host a DNS name, or an IP address
 */
export async function makeCertificate(
  host: string,
  nowMs: number,
  validMs: number,
): Promise<Certificate> {
  const generate = () => webcrypto.subtle.generateKey(algorithm, true, usages);
  const [root, leaf] = await Promise.all([generate(), generate()]);
  const during = { notBefore: new Date(nowMs - earlyMs), notAfter: new Date(nowMs + validMs) };
  const serial = () => `01${randomBytes(15).toString('hex')}`;
  const name = `CN=ambit-admission-${randomBytes(4).toString('hex')}`;
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      ...during,
      serialNumber: serial(),
      name,
      keys: root,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto,
  );
  const certificate = await X509CertificateGenerator.create(
    {
      ...during,
      serialNumber: serial(),
      issuer: authority.subject,
      subject: 'CN=ambit-admission',
      publicKey: leaf.publicKey,
      signingKey: root.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension([
          { type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns', value: host },
        ]),
      ],
    },
    webcrypto,
  );
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey));
  const lines = bytes.toString('base64').replace(/(.{64})/g, '$1\n');
  return {
    authority: `${authority.toString('pem')}\n`,
    certificate: `${certificate.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}
