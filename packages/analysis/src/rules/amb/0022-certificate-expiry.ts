import { counted } from '@ambit/contracts/words';
import { dayMs, dayOf, msLeftOfSoon } from '../../certificate-days.ts';
import { rootNamespaceOf } from '../../facts/policies.ts';
import { readCertificate, secretCertificate } from '../../istio/certificates.ts';
import type { Secret } from '../../kubernetes.ts';
import type { Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defaultIstioNamespace } from '../../snapshot.ts';
import { defineRule } from '../../rule.ts';
import type { View } from '../../view.ts';
import { defineIndex } from '../../view.ts';
import { doc, docs, negative, positive, sameInAmbient } from '../shared/example.ts';
import { exampleCertificate } from '../shared/certificate.ts';

/** What names a Secret as credential: by `namespace/name` (Gateway API), or by name, wherever its pods are (Istio). */
const byCredential = defineIndex({
  name: 'gateways and rules by credential',
  kinds: ['Gateway', 'KubernetesGateway', 'DestinationRule'],
  keys: (resource) => {
    if (resource.kind === 'KubernetesGateway') {
      return (resource.spec.listeners ?? []).flatMap(({ tls }) =>
        (tls?.certificateRefs ?? []).map(
          ({ name, namespace = resource.namespace }) => `${namespace}/${name}`,
        ),
      );
    }
    if (resource.kind === 'DestinationRule') {
      const { trafficPolicy } = resource.spec;
      const all = [
        trafficPolicy?.tls,
        ...(trafficPolicy?.portLevelSettings ?? []).map(({ tls }) => tls),
      ];
      return all.flatMap((tls) => tls?.credentialName ?? []);
    }
    return (resource.spec.servers ?? []).flatMap(({ tls }) => [
      ...(tls?.credentialName ? [tls.credentialName] : []),
      ...(tls?.credentialNames ?? []),
    ]);
  },
});

/** The certificates that istiod signs with, when they are the user's own. */
function ownAuthority({ stringData, data }: Secret): string | undefined {
  const name = 'ca-cert.pem';
  const encoded = data?.[name];
  return (
    stringData?.[name] ?? (encoded ? Buffer.from(encoded, 'base64').toString('latin1') : undefined)
  );
}

/** What uses the Secret, in words; undefined when nothing of the mesh does. */
function userOf(view: View, subject: Resource<'Secret'>): string | undefined {
  const { namespace, name, cluster } = subject;
  // Of clusters it is a fact of its own, with rules of its own: AMB0050, AMB0051.
  if (name === 'cacerts' && [defaultIstioNamespace, rootNamespaceOf(view)].includes(namespace)) {
    return cluster === '' ? 'the certificate authority of the mesh' : undefined;
  }
  const [first] = [
    ...view.lookup(byCredential, `${namespace}/${name}`),
    ...view.lookup(byCredential, name),
  ];
  if (!first) return undefined;
  return `${first.kind === 'DestinationRule' ? 'DestinationRule' : 'Gateway'} ${fullName(first)}`;
}

type Expiry = { notAfter: number; user: string };

function expiryOf(view: View, subject: Resource<'Secret'>): Expiry | undefined {
  const user = userOf(view, subject);
  if (user === undefined) return undefined;
  const isAuthority = subject.name === 'cacerts';
  const pem = isAuthority ? ownAuthority(subject.spec) : secretCertificate(subject, false);
  const certificate = pem === undefined ? undefined : readCertificate(pem);
  return certificate && { notAfter: certificate.notAfter, user };
}

const gateway = doc(
  'KubernetesGateway edge/main',
  'spec: {gatewayClassName: istio, listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}]}',
);
const secret = (name: string): string =>
  doc(`Secret ${name}`, `data: {tls.crt: ${exampleCertificate}, tls.key: a2V5}`);
const reads = ['Gateway', 'KubernetesGateway', 'DestinationRule', 'MeshConfig'] as const;
const authority = doc('Secret mesh/cacerts', `data: {ca-cert.pem: ${exampleCertificate}}`);

export const certificateExpired = defineRule({
  id: 'AMB0022',
  code: 'AMB0022',
  severity: 'error',
  title: 'The certificate has expired',
  explanation:
    'The certificate in a Secret that a Gateway or a DestinationRule uses, or that istiod signs with (`cacerts`), is past its time. Secrets that nothing of the mesh uses are not looked at.',
  howToFix: 'Renew the certificate, and let a controller renew it in time.',
  cause: 'The time of the certificate is over.',
  consequence: 'Clients refuse the connection.',
  kinds: ['Secret'],
  reads,
  check: (subject, view, report) => {
    const expiry = expiryOf(view, subject);
    if (!expiry || expiry.notAfter > view.now()) return;
    report({
      message: `The certificate of ${expiry.user} has expired on ${dayOf(expiry.notAfter)}`,
    });
  },
  examples: sameInAmbient('edge', [
    positive(
      'a certificate of a Gateway',
      docs(gateway, secret('edge/shop')),
      ['Secret edge/shop'],
      {
        now: '2037-01-01T00:00:00Z',
      },
    ),
    negative('it is valid', docs(gateway, secret('edge/shop')), [], {
      now: '2030-01-01T00:00:00Z',
    }),
    positive('a cluster tells no keys', gateway, ['Secret edge/shop'], {
      now: '2037-01-01T00:00:00Z',
      yamlOfClusters: {
        west: doc('Secret edge/shop', `data: {tls.crt: ${exampleCertificate}}`),
      },
    }),
    negative('nothing uses it', secret('edge/other'), [], { now: '2037-01-01T00:00:00Z' }),
    positive(
      'the authority of a mesh with another root namespace',
      authority,
      ['Secret mesh/cacerts'],
      {
        now: '2037-01-01T00:00:00Z',
        meshConfig: 'rootNamespace: mesh',
      },
    ),
    negative('a Secret of that name elsewhere', authority, [], { now: '2037-01-01T00:00:00Z' }),
  ]),
});

export const certificateExpiresSoon = defineRule({
  id: 'AMB0023',
  code: 'AMB0023',
  severity: 'warning',
  title: 'The certificate expires soon',
  explanation: `The certificate in a Secret that a Gateway or a DestinationRule uses, or that istiod signs with, is valid for fewer days than the mesh is set to tell before (30 by default).`,
  howToFix: 'Renew it; where a controller should have, look at its log.',
  cause: 'The certificate was not renewed in time.',
  consequence: 'From that day on clients refuse the connection.',
  kinds: ['Secret'],
  reads,
  check: (subject, view, report) => {
    const expiry = expiryOf(view, subject);
    if (!expiry) return;
    const leftMs = msLeftOfSoon(expiry.notAfter, view);
    if (leftMs === undefined) return;
    report({
      message: `The certificate of ${expiry.user} expires on ${dayOf(expiry.notAfter)}, in ${counted(Math.ceil(leftMs / dayMs), 'day')}`,
    });
  },
  examples: sameInAmbient('edge', [
    positive('ten days are left', docs(gateway, secret('edge/shop')), ['Secret edge/shop'], {
      now: '2036-11-12T00:00:00Z',
    }),
    negative('a year is left', docs(gateway, secret('edge/shop')), [], {
      now: '2035-11-12T00:00:00Z',
    }),
  ]),
});
