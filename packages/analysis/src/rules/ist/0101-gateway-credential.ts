import { isUnknown } from '../../facts/known.ts';
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

export const gatewayCredential = defineRule({
  id: 'IST0101/gateway-credential',
  code: 'IST0101',
  severity: 'error',
  title: 'Certificate of a Gateway does not exist',
  explanation:
    'A server of a Gateway names a `credentialName` for which there is no Secret in the namespace of the gateway’s pods. The namespace of the Gateway object does not count.',
  howToFix: 'Create the Secret in the namespace of the gateway’s pods, or correct the name.',
  cause: 'There is no such Secret in the namespace of the gateway’s pods.',
  consequence: 'TLS handshakes with these hosts fail.',
  kinds: ['Gateway'],
  reads: ['Pod', 'Secret'],
  check: (subject, view, report) => {
    if (isUnknown(view, 'Secret')) return;
    for (const credential of credentials(subject, view)) {
      if (secretOf(view, credential)) continue;
      report({
        message: `There is no Secret ${fullName(credential.secret)}`,
        istioText: `credentialName ${credential.name}`,
        path: credential.path,
        istioPath: credential.path,
      });
    }
  },
  examples: [
    {
      title: 'a Secret beside the Gateway and not beside its pods',
      aspect: 'positive',
      yaml: `${gateway('shop')}---
apiVersion: v1
kind: Secret
metadata: {name: shop, namespace: shop}
`,
      expect: [
        {
          resource: 'Gateway shop/main',
          path: 'spec.servers[0].tls.credentialName',
          line: 12,
          message: 'edge/shop',
        },
      ],
    },
    {
      title: 'a Secret beside the pods',
      aspect: 'negative',
      yaml: `${gateway('shop')}---
apiVersion: v1
kind: Secret
metadata: {name: shop, namespace: edge}
`,
      expect: [],
    },
  ],
});
