import type { ClientTLSSettings } from '@ambit/istio/validation/generated/types';
import type { Fix } from '../../finding.ts';
import { fullName } from '../../resource.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';

/** Whether TLS is begun without anything to check the server's certificate by. */
export function verifiesNothing(
  tls: ClientTLSSettings | undefined,
  { spec }: Resource<'DestinationRule'>,
): tls is ClientTLSSettings {
  if (tls?.mode !== 'SIMPLE' && tls?.mode !== 'MUTUAL') return false;
  if (tls.caCertificates !== undefined) return false;
  return tls.credentialName === undefined || spec.workloadSelector === undefined;
}

/**
 * What to do about it: `caCertificates` may not stand beside a credentialName, which brings its own, nor where
 * verification is off.
 */
function remedy({ credentialName, insecureSkipVerify }: ClientTLSSettings, path: string): Fix {
  if (credentialName !== undefined) {
    return { title: 'Select the workloads that use the credential (workloadSelector)' };
  }
  if (insecureSkipVerify === true) {
    return { title: 'Remove insecureSkipVerify, and name the CAs to trust (caCertificates)' };
  }
  return {
    title: 'Trust the CAs of the operating system',
    patch: [{ op: 'add', path: `${path}/caCertificates`, value: 'system' }],
  };
}

const common = {
  severity: 'warning',
  explanation:
    'A DestinationRule begins TLS (SIMPLE or MUTUAL) and names no CA certificates. Unless the mesh verifies by default (`VERIFY_CERTIFICATE_AT_CLIENT`), any certificate is then accepted.',
  howToFix:
    'Set `tls.caCertificates` to the file of CAs to trust in the proxy (`system` for those of the operating system), or `tls.credentialName` together with `workloadSelector`.',
  cause: 'tls names neither caCertificates nor, for selected workloads, a credentialName.',
  consequence: 'Whoever can take the server’s place on the way is not noticed.',
} as const;

export const noServerVerification = defineRule({
  ...common,
  id: 'IST0128/destination-rule',
  code: 'IST0128',
  title: 'TLS without verification of the server',
  kinds: ['DestinationRule'],
  reads: [],
  check: (subject, _view, report) => {
    const tls = subject.spec.trafficPolicy?.tls;
    if (!verifiesNothing(tls, subject)) return;
    const path = ['spec', 'trafficPolicy', 'tls'];
    report({
      message: `DestinationRule ${fullName(subject)} begins TLS (${tls.mode}) to ${subject.spec.host ?? ''} and does not say whose certificates to trust`,
      istioText: '',
      path,
      istioPath: [...path, 'caCertificates'],
      fix: remedy(tls, '/spec/trafficPolicy/tls'),
    });
  },
  examples: [
    {
      title: 'SIMPLE with nothing more',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: db, namespace: data}
spec: {host: db.example.com, trafficPolicy: {tls: {mode: SIMPLE, sni: db.example.com}}}
`,
      expect: [{ resource: 'DestinationRule data/db', path: 'spec.trafficPolicy.tls' }],
    },
    {
      title: 'CA certificates, a credential for selected workloads, and mTLS of the mesh',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: db, namespace: data}
spec: {host: db.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: system}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: data}
spec: {host: api.example.com, workloadSelector: {matchLabels: {app: client}}, trafficPolicy: {tls: {mode: MUTUAL, credentialName: api}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: own, namespace: data}
spec: {host: own, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
`,
      expect: [],
    },
  ],
});

export const noServerVerificationOnPort = defineRule({
  ...common,
  id: 'IST0129/destination-rule-port',
  code: 'IST0129',
  title: 'TLS without verification of the server on a port',
  kinds: ['DestinationRule'],
  reads: [],
  check: (subject, _view, report) => {
    const settings = subject.spec.trafficPolicy?.portLevelSettings ?? [];
    for (const [index, { tls, port }] of settings.entries()) {
      if (!verifiesNothing(tls, subject)) continue;
      const path = ['spec', 'trafficPolicy', 'portLevelSettings', index, 'tls'];
      const number = port?.number ?? 0;
      report({
        message: `DestinationRule ${fullName(subject)} begins TLS (${tls.mode}) to port ${number} of ${subject.spec.host ?? ''} and does not say whose certificates to trust`,
        istioText: `${tls.mode} ${number}`,
        path,
        istioPath: [...path, 'caCertificates'],
        fix: remedy(tls, `/spec/trafficPolicy/portLevelSettings/${index}/tls`),
      });
    }
  },
  examples: [
    {
      title: 'one of two ports',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: db, namespace: data}
spec:
  host: db.example.com
  trafficPolicy:
    portLevelSettings:
    - {port: {number: 443}, tls: {mode: SIMPLE, caCertificates: system}}
    - {port: {number: 8443}, tls: {mode: MUTUAL, clientCertificate: /c, privateKey: /k}}
`,
      expect: [
        {
          resource: 'DestinationRule data/db',
          path: 'spec.trafficPolicy.portLevelSettings[1].tls',
          message: '8443',
        },
      ],
    },
    {
      title: 'TLS of the whole host only',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: db, namespace: data}
spec: {host: db.example.com, trafficPolicy: {tls: {mode: SIMPLE}}}
`,
      expect: [],
    },
  ],
});
