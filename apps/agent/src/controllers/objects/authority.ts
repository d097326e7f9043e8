import { X509Certificate } from 'node:crypto';
import {
  authorityKind,
  authoritySources,
  type AuthorityCertificate,
  type AuthoritySource,
  type AuthoritySpec,
} from '@ambit/contracts/agent/authority';
import type { KubeObject } from '@ambit/contracts/common';
import { certificatesOf } from './certificates.ts';

/** Data of the Secrets and the ConfigMap that hold a CA, as far as they were found; Secrets in base64. */
export type AuthorityData = Partial<Record<AuthoritySource, Readonly<Record<string, string>>>>;

/** Names in the data; keys (`ca-key.pem`, `tls.key`) are not among them. */
const formats = [
  { signing: 'ca-cert.pem', more: ['cert-chain.pem', 'root-cert.pem'] },
  { signing: 'tls.crt', more: ['ca.crt'] },
];
/** istiod marks what it made itself (pilot/pkg/bootstrap/istio_ca.go). */
const madeByIstiod = 'istio-generated';
const longestChain = 10;

/** What is kept of the data of such an object before it is looked at: public certificates, and istiod's mark. */
export function publicAuthorityData(
  data: Readonly<Record<string, string>>,
  isBase64: boolean,
): Record<string, string> {
  const names = formats.flatMap(({ signing, more }) => [signing, ...more]);
  const kept = names.flatMap((name) => {
    const text = data[name];
    if (text === undefined) return [];
    const pem = isBase64 ? Buffer.from(text, 'base64').toString('latin1') : text;
    return [[name, certificatesOf(pem).join('')]];
  });
  const mark = madeByIstiod in data ? { [madeByIstiod]: '' } : {};
  return { ...Object.fromEntries(kept), ...mark };
}

/**
 * The fact that tells of the CA by which istiod signs; null where there is none.
 * @param data of which only public parts are there
 */
export function authorityFact(namespace: string, data: AuthorityData): KubeObject | null {
  for (const source of authoritySources) {
    const found = data[source];
    const spec = found && specOf(source, found);
    if (!spec) continue;
    return { ...authorityKind, metadata: { namespace, name: source }, spec } as KubeObject;
  }
  return null;
}

function specOf(
  source: AuthoritySource,
  data: Readonly<Record<string, string>>,
): AuthoritySpec | null {
  const read = (name: string) => certificatesOf(data[name] ?? '').map(parsed);
  if (source === 'istio-ca-root-cert') {
    const root = lastToEnd(read('root-cert.pem'));
    return root ? { source, isSelfSigned: null, certificates: [told(root, 'root')] } : null;
  }
  const format = formats.find(({ signing }) => read(signing).length > 0);
  if (!format) return null;
  const [signing, ...others] = [format.signing, ...format.more].flatMap(read);
  return {
    source,
    isSelfSigned: source === 'istio-ca-secret' || madeByIstiod in data,
    certificates: chainOf(signing!, others),
  };
}

/**
 * From the signing certificate to its root. Others of the bundle say nothing: while a root is exchanged the old one
 * stands beside the new one until it ends.
 */
function chainOf(signing: X509Certificate, others: X509Certificate[]): AuthorityCertificate[] {
  const chain = [told(signing, 'signing')];
  for (let last = signing; !last.checkIssued(last) && chain.length < longestChain;) {
    const issuer = lastToEnd(others.filter((one) => last.checkIssued(one)));
    if (!issuer) break;
    chain.push(told(issuer, issuer.checkIssued(issuer) ? 'root' : 'intermediate'));
    last = issuer;
  }
  return chain;
}

const lastToEnd = (all: X509Certificate[]): X509Certificate | undefined =>
  all.toSorted((a, b) => b.validToDate.getTime() - a.validToDate.getTime())[0];

const parsed = (pem: string): X509Certificate => new X509Certificate(pem);

const nameOf = (name: string): string => name.split('\n').join(', ').slice(0, 500);

const told = (
  certificate: X509Certificate,
  role: AuthorityCertificate['role'],
): AuthorityCertificate => ({
  role,
  subject: nameOf(certificate.subject),
  issuer: nameOf(certificate.issuer),
  notBefore: certificate.validFromDate.toISOString(),
  notAfter: certificate.validToDate.toISOString(),
  fingerprint: certificate.fingerprint256,
});
