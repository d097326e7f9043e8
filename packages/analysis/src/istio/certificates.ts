import type { Resource } from '../resource.ts';

const block = /-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]*?)-----END \1-----/;

/** The bytes of the first PEM block. */
function firstBlock(text: string): Buffer | undefined {
  const found = block.exec(text);
  return found ? Buffer.from(found[2] ?? '', 'base64') : undefined;
}

export type Certificate = { notBefore: number; notAfter: number; subject: string; issuer: string };

/** Loaded when a certificate is to be read: it takes longer to load than most files to analyze. */
const crypto = () => process.getBuiltinModule('node:crypto');

/** The first certificate of a PEM text, with its times in milliseconds since 1970; undefined when there is none. */
export function readCertificate(pem: string): Certificate | undefined {
  const der = firstBlock(pem);
  if (!der) return undefined;
  try {
    const { validFrom, validTo, subject, issuer } = new (crypto().X509Certificate)(der);
    return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo), subject, issuer };
  } catch {
    return undefined;
  }
}

const decoded = (text: string | undefined): string =>
  text === undefined ? '' : Buffer.from(text, 'base64').toString('latin1');

/**
 * The certificate that a Secret for a gateway holds (`cert`, `key` or `tls.crt`, `tls.key`), as PEM.
 * Istio's analysis does not see `stringData`, which the Kubernetes API turns into data. Clusters tell certificates and
 * never keys, so of their Secrets a key that is not there is unknown.
 */
export function secretCertificate(
  { spec, cluster }: Resource<'Secret'>,
  isParity: boolean,
): string | undefined {
  const read = (key: string): string =>
    (isParity ? undefined : spec.stringData?.[key]) ?? decoded(spec.data?.[key]);
  const isKeyUnknown = cluster !== '' && !isParity;
  for (const [cert, key] of [
    ['cert', 'key'],
    ['tls.crt', 'tls.key'],
  ] as const) {
    if (read(cert) !== '' && (isKeyUnknown || read(key) !== '')) return read(cert);
  }
  return undefined;
}
