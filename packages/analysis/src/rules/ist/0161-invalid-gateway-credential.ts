import { dayOf } from '../../certificate-days.ts';
import { readCertificate, secretCertificate } from '../../istio/certificates.ts';
import { credentials, secretOf } from '../../istio/gateway-credentials.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';

const gateway = (credential: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
spec:
  selector: {istio: ingress}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [shop.example.com]
    tls:
      mode: SIMPLE
      credentialName: ${credential}
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress}}
`;

/** A certificate for shop.example.com, valid from November 2026 for ten years, made for this test alone. */
const certificate = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJpekNDQVRHZ0F3SUJBZ0lVS3ppWnp4TlhjNUFUSGVRUXYz',
  'NjFRaUtVVzdNd0NnWUlLb1pJemowRUF3SXcKR3pFWk1CY0dBMVVFQXd3UWMyaHZjQzVsZUdGdGNHeGxMbU52YlRB',
  'ZUZ3MHlOakV4TWpVd016QXhOVGRhRncwegpOakV4TWpJd016QXhOVGRhTUJzeEdUQVhCZ05WQkFNTUVITm9iM0F1',
  'WlhoaGJYQnNaUzVqYjIwd1dUQVRCZ2NxCmhrak9QUUlCQmdncWhrak9QUU1CQndOQ0FBUmtEQnc0UUFuTWVVZ3M0',
  'ZnBxR1o2ajZhNEkwSkFCVkM2bURkbG8KekhaOGZURlI4TDJ4UzlLVjR3UE9XYWhjU1A4Njl6TENxTFBaT0w2bUZu',
  'MFZ3KzVjbzFNd1VUQWRCZ05WSFE0RQpGZ1FVYzc5c09sZVNhbU5SaE5HRVdHYTRYQllEcHdrd0h3WURWUjBqQkJn',
  'd0ZvQVVjNzlzT2xlU2FtTlJoTkdFCldHYTRYQllEcHdrd0R3WURWUjBUQVFIL0JBVXdBd0VCL3pBS0JnZ3Foa2pP',
  'UFFRREFnTklBREJGQWlBQzd3T04KYWY2WkF2M0NGZ3UrMnU0emtvaEF5NnZlTEZ2RGY1S0lacHc5UUFJaEFQRlJK',
  'VWd1RE1EL1dDbC85VDR3U2ZtNApmRGRucUozWnBzNk84Q3JMc2R4MQotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0t',
  'Cg==',
].join('');

const withSecret = (data: string): string => `${gateway('shop')}---
apiVersion: v1
kind: Secret
metadata: {name: shop, namespace: edge}
data: ${data}
`;

export const invalidGatewayCredential = defineRule({
  id: 'IST0161/gateway-credential',
  code: 'IST0161',
  severity: 'error',
  title: 'Certificate of a Gateway cannot be used',
  explanation:
    'The Secret of a Gateway’s `credentialName` has no certificate and key (`tls.crt` and `tls.key`, or `cert` and `key`), or the certificate cannot be read, has expired or is not valid yet.',
  howToFix: 'Put a valid certificate with its key into the Secret.',
  cause: 'The Secret holds no certificate that is valid now.',
  consequence: 'TLS handshakes with these hosts fail, or clients refuse the certificate.',
  kinds: ['Gateway'],
  reads: ['Pod', 'Secret'],
  check: (subject, view, report) => {
    for (const credential of credentials(subject, view)) {
      const secret = secretOf(view, credential);
      if (!secret) continue;
      const pem = secretCertificate(secret, view.parity);
      const found = pem === undefined ? undefined : readCertificate(pem);
      const now = view.now();
      if (found && now <= found.notAfter && now >= found.notBefore) continue;
      const why =
        pem === undefined
          ? secret.cluster === ''
            ? 'has no certificate with a key'
            : 'has no certificate that can be read'
          : !found
            ? 'has a certificate that cannot be read'
            : now > found.notAfter
              ? `has a certificate that expired on ${dayOf(found.notAfter)}`
              : `has a certificate that is not valid before ${dayOf(found.notBefore)}`;
      report({
        message: `Secret ${fullName(secret)} ${why}`,
        istioText: '',
        path: credential.path,
        istioPath: credential.path,
      });
    }
  },
  examples: [
    {
      title: 'a Secret without a key',
      aspect: 'positive',
      yaml: withSecret(`{tls.crt: ${certificate}}`),
      expect: [{ resource: 'Gateway shop/main', message: 'has no certificate with a key' }],
    },
    {
      title: 'a cluster, which tells no keys',
      aspect: 'negative',
      now: '2027-01-01T00:00:00Z',
      yaml: '',
      yamlOfClusters: { west: withSecret(`{tls.crt: ${certificate}}`) },
      expect: [],
    },
    {
      title: 'text that is no certificate',
      aspect: 'positive',
      yaml: withSecret(`{tls.crt: aGVsbG8=, tls.key: aGVsbG8=}`),
      expect: [{ resource: 'Gateway shop/main', message: 'cannot be read' }],
    },
    {
      title: 'a certificate after its time',
      aspect: 'positive',
      now: '2040-01-01T00:00:00Z',
      yaml: withSecret(`{tls.crt: ${certificate}, tls.key: aGVsbG8=}`),
      expect: [{ resource: 'Gateway shop/main', message: 'expired on' }],
    },
    {
      title: 'a certificate in its time',
      aspect: 'negative',
      now: '2027-01-01T00:00:00Z',
      yaml: withSecret(`{tls.crt: ${certificate}, tls.key: aGVsbG8=}`),
      expect: [],
    },
  ],
});
