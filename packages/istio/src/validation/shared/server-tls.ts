import type { ServerTLSSettings } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { some } from './json.ts';

const cipherSuites = new Set([
  ...['ECDHE-ECDSA', 'ECDHE-RSA'].flatMap((exchange) => [
    `${exchange}-AES128-GCM-SHA256`,
    `${exchange}-AES256-GCM-SHA384`,
    `${exchange}-CHACHA20-POLY1305`,
    `${exchange}-AES128-SHA`,
    `${exchange}-AES256-SHA`,
  ]),
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
]);

/** Names Envoy knows, and expressions like "-SHA" that start with no letter or digit. */
function isCipherSuite(name: string): boolean {
  return name === '' || name === 'ALL' || !startsWithWordByte(name) || cipherSuites.has(name);
}

// Istio looks at the first byte alone, as if it were a Latin-1 character.
function startsWithWordByte(name: string): boolean {
  const code = name.codePointAt(0) ?? 0;
  const first = code < 0x80 ? code : (new TextEncoder().encode(name)[0] ?? 0);
  return /[\p{L}\p{N}]/u.test(String.fromCharCode(first));
}

function checkCiphers(report: Report, path: string, tls: ServerTLSSettings): void {
  const suites = tls.cipherSuites ?? [];
  const isOld = tls.minProtocolVersion === 'TLSV1_0' || tls.minProtocolVersion === 'TLSV1_1';
  if (isOld && suites.length === 0) {
    report.warn(
      `${path}.minProtocolVersion`,
      'below TLS 1.2 the default ciphers do not work; list cipherSuites that do',
    );
  }
  const unknown = new Set(suites.filter((name) => !isCipherSuite(name)));
  const usable = suites.filter(isCipherSuite);
  const once = new Set<string>();
  const twice = new Set(usable.filter((name) => once.size === once.add(name).size));
  if (unknown.size > 0) {
    report.warn(`${path}.cipherSuites`, `unknown, so ignored: ${[...unknown].join(', ')}`);
  }
  if (twice.size > 0) {
    report.warn(`${path}.cipherSuites`, `listed twice: ${[...twice].join(', ')}`);
  }
}

const certificateFields = [
  'serverCertificate',
  'privateKey',
  'caCertificates',
  'tlsCertificates',
  'credentialName',
  'credentialNames',
] as const;

function usedCertificateFields(tls: ServerTLSSettings): (typeof certificateFields)[number][] {
  return certificateFields.filter((field) => some(tls[field]));
}

function certificateSources(tls: ServerTLSSettings): number {
  const sources = [
    tls.serverCertificate && tls.privateKey,
    tls.credentialName,
    some(tls.credentialNames),
    some(tls.tlsCertificates),
  ];
  return sources.filter(Boolean).length;
}

function checkServerCertificates(report: Report, path: string, tls: ServerTLSSettings): void {
  if ((tls.tlsCertificates?.length ?? 0) > 2) {
    report.warn(`${path}.tlsCertificates`, 'a server can use no more than 2 certificates');
  }
  const certificates = some(tls.tlsCertificates)
    ? (tls.tlsCertificates ?? []).map((pair, index) => ({
        ...pair,
        at: `${path}.tlsCertificates[${index}]`,
      }))
    : [{ ...tls, at: path }];
  for (const { at, serverCertificate, privateKey } of certificates) {
    if (!serverCertificate)
      report.error(at, 'this mode needs a serverCertificate or a credentialName');
    if (!privateKey) report.error(at, 'this mode needs a privateKey or a credentialName');
  }
}

/** TLS of a Gateway server or a Sidecar's ingress. */
export function checkServerTls(
  report: Report,
  path: string,
  tls: ServerTLSSettings | undefined,
): void {
  if (!tls) return;
  checkCiphers(report, path, tls);
  const mode = tls.mode ?? 'PASSTHROUGH';
  const used = usedCertificateFields(tls);
  if (mode === 'ISTIO_MUTUAL') {
    for (const field of used) {
      report.error(
        `${path}.${field}`,
        "ISTIO_MUTUAL uses the mesh's own certificates; leave this out",
      );
    }
    return;
  }
  const isPassthrough = mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH';
  if (isPassthrough && (used.length > 0 || tls.caCrl)) {
    report.warn(path, `${mode} uses no certificates, so they are ignored`);
  }
  if (certificateSources(tls) > 1) {
    report.error(
      path,
      'set only one source of certificates: credentialName, credentialNames, tlsCertificates, or serverCertificate with privateKey',
    );
  }
  const isMutual = mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
  const terminates = isMutual || mode === 'SIMPLE';
  if (terminates && (tls.credentialName || some(tls.credentialNames))) return;
  if (isMutual && !tls.caCertificates) {
    report.error(path, `${mode} needs caCertificates to verify clients with`);
  }
  if (terminates) checkServerCertificates(report, path, tls);
  if (tls.caCrl && tls.credentialName) {
    report.error(
      `${path}.caCrl`,
      'with a credentialName the revocation list belongs into the credential',
    );
  }
  if (tls.caCrl && mode === 'SIMPLE') {
    report.error(`${path}.caCrl`, 'a revocation list has no use in SIMPLE mode');
  }
}
