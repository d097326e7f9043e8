import type { AuthorityCertificate } from '@ambit/contracts/agent/authority';
import { counted } from '@ambit/contracts/words';
import { dayMs, dayOf, msLeftOfSoon } from '../../certificate-days.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { doc, negative, positive, sameInAmbient } from '../shared/example.ts';

type Authority = Resource<'CertificateAuthority'>;
interface Ending {
  certificate: AuthorityCertificate;
  endMs: number;
}

/** The certificate of the chain that ends first; without it the others are worth nothing. */
function firstToEnd({ spec }: Authority): Ending | undefined {
  return (spec.certificates ?? [])
    .map((certificate) => ({ certificate, endMs: Date.parse(certificate.notAfter) }))
    .filter(({ endMs }) => !Number.isNaN(endMs))
    .sort((a, b) => a.endMs - b.endMs)[0];
}

const kept = ({ namespace, spec }: Authority): string =>
  `${spec.source === 'istio-ca-root-cert' ? 'ConfigMap' : 'Secret'} ${namespace}/${spec.source}`;

const whose = (subject: Authority, { certificate }: Ending): string =>
  `The ${certificate.role} certificate of the mesh's CA (${kept(subject)})`;

const remedy = (subject: Authority): string => {
  const where = `${subject.namespace}/cacerts`;
  if (typeof subject.spec.isSelfSigned !== 'boolean') {
    return `Renew the CA: in Secret ${where} where it is your own; a self-signed one istiod renews itself, so look at its log.`;
  }
  if (!subject.spec.isSelfSigned) {
    return `Put a renewed chain into Secret ${where}: first the new root beside the old one, then the new signing certificate. istiod reads it without a restart.`;
  }
  return `A CA of its own making is renewed by istiod in the last fifth of its life: look at its log for why it was not, and whether CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL turns that off. Or put a CA of your own into Secret ${where}.`;
};

const link = 'https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/';
const about =
  'istiod signs the certificates of all workloads with its CA: Secret `cacerts` where you gave it one, else `istio-ca-secret` of its own making. Every certificate of the chain counts. Looked at are the public parts that the agent of each cluster tells.';
const howToFix =
  'Your own CA: put the new root beside the old one, then the renewed signing certificate, into Secret `cacerts`. Self-signed by istiod, as is the default: it renews the root itself in the last fifth of its life; look at its log for why it did not.';

const authority = (source: string, notAfter: string, more = 'isSelfSigned: true'): string =>
  doc(
    `CertificateAuthority istio-system/${source}`,
    `spec: {source: ${source}, ${more}, certificates: [{role: signing, subject: O=cluster.local, issuer: O=cluster.local, notBefore: "2026-01-01T00:00:00.000Z", notAfter: "${notAfter}", fingerprint: "AB:CD"}]}`,
  );
const made = authority('istio-ca-secret', '2036-01-01T00:00:00.000Z');
const rootEndsFirst = doc(
  'CertificateAuthority istio-system/cacerts',
  'spec: {source: cacerts, isSelfSigned: false, certificates: [{role: signing, subject: CN=signing, issuer: CN=root, notBefore: "2026-01-01T00:00:00.000Z", notAfter: "2036-01-01T00:00:00.000Z", fingerprint: "AB"}, {role: root, subject: CN=root, issuer: CN=root, notBefore: "2026-01-01T00:00:00.000Z", notAfter: "2030-01-11T00:00:00.000Z", fingerprint: "CD"}]}',
);

export const authorityExpired = defineRule({
  id: 'AMB0050',
  code: 'AMB0050',
  severity: 'error',
  title: 'The CA of the mesh has expired',
  explanation: `${about} This one has a certificate that is past its time.`,
  howToFix,
  cause: 'The CA of the control plane was not renewed in time.',
  consequence:
    'No workload gets a certificate any more: new pods have none, and running ones lose mutual TLS when theirs end, within a day by default.',
  kinds: ['CertificateAuthority'],
  reads: [],
  link,
  check: (subject, view, report) => {
    const ending = firstToEnd(subject);
    if (!ending || ending.endMs > view.now()) return;
    report({
      message: `${whose(subject, ending)} has expired on ${dayOf(ending.endMs)}`,
      ...(ending.certificate.role === 'signing'
        ? {}
        : {
            consequence: `No proxy accepts a certificate of this CA any more: connections with mutual TLS fail as they are made anew.`,
          }),
      fix: { title: remedy(subject) },
    });
  },
  examples: sameInAmbient('istio-system', [
    positive('of its own making', made, ['CertificateAuthority istio-system/istio-ca-secret'], {
      now: '2036-01-02T00:00:00Z',
    }),
    positive('the root ends first', rootEndsFirst, ['CertificateAuthority istio-system/cacerts'], {
      now: '2031-01-01T00:00:00Z',
    }),
    negative('it is valid', made, [], { now: '2030-01-01T00:00:00Z' }),
  ]),
});

export const authorityExpiresSoon = defineRule({
  id: 'AMB0051',
  code: 'AMB0051',
  severity: 'warning',
  title: 'The CA of the mesh expires soon',
  explanation: `${about} This one ends in fewer days than the mesh is set to tell before (30 by default).`,
  howToFix,
  cause: 'The CA of the control plane was not renewed yet.',
  consequence:
    'No workload certificate lives longer than the CA: from that day on istiod issues none, and mutual TLS of the whole mesh ends.',
  kinds: ['CertificateAuthority'],
  reads: [],
  link,
  check: (subject, view, report) => {
    const ending = firstToEnd(subject);
    if (!ending) return;
    const leftMs = msLeftOfSoon(ending.endMs, view);
    if (leftMs === undefined) return;
    report({
      message: `${whose(subject, ending)} expires on ${dayOf(ending.endMs)}, in ${counted(Math.ceil(leftMs / dayMs), 'day')}`,
      fix: { title: remedy(subject) },
    });
  },
  examples: sameInAmbient('istio-system', [
    positive('ten days are left', made, ['CertificateAuthority istio-system/istio-ca-secret'], {
      now: '2035-12-22T00:00:00Z',
    }),
    positive('of the root alone', rootEndsFirst, ['CertificateAuthority istio-system/cacerts'], {
      now: '2030-01-01T00:00:00Z',
    }),
    positive(
      'nothing more is known than the root',
      authority('istio-ca-root-cert', '2030-01-11T00:00:00.000Z', 'isSelfSigned: null'),
      ['CertificateAuthority istio-system/istio-ca-root-cert'],
      { now: '2030-01-01T00:00:00Z' },
    ),
    negative('a year is left', made, [], { now: '2035-01-01T00:00:00Z' }),
  ]),
});
