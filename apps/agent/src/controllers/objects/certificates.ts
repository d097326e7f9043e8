import { X509Certificate } from 'node:crypto';

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+?-----END CERTIFICATE-----/g;
const mostCertificates = 10;

/**
 * The certificates of a PEM text, written anew from what was parsed: nothing else of the text stays, so a key or a
 * password that stands beside them goes nowhere.
 */
export const publicCertificates = (text: string): string => certificatesOf(text).join('');

/** The same, each certificate by itself. */
export function certificatesOf(text: string): string[] {
  const found = (text.match(block) ?? []).slice(0, mostCertificates);
  return found.flatMap((pem) => {
    try {
      return [new X509Certificate(pem).toString()];
    } catch {
      return [];
    }
  });
}

const inBase64 = (text: string): string => Buffer.from(text).toString('base64');

/** Of the data of a Secret the certificate that a gateway would present, by the name it has there; nothing else. */
export function certificateData(data: Readonly<Record<string, string>>): Record<string, string> {
  // Istio takes the first pair that is whole.
  const pairs = ['cert', 'key', 'tls.crt', 'tls.key'] as const;
  const [cert, key, tlsCert] = pairs.map((name) => data[name]);
  const name =
    cert !== undefined && (key !== undefined || tlsCert === undefined) ? 'cert' : 'tls.crt';
  const pem = publicCertificates(Buffer.from(data[name] ?? '', 'base64').toString('latin1'));
  return pem === '' ? {} : { [name]: inBase64(pem) };
}
