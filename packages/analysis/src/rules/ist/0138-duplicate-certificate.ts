import type { ServerTLSSettings } from '@ambit/istio/validation/generated/types';
import { isSubset } from '../../istio/gateway-workloads.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';

/** What a server's certificate is known by; undefined when it names none that could be compared. */
function certificateKey(tls: ServerTLSSettings | undefined): string | undefined {
  if (!tls) return undefined;
  if (tls.credentialName) return `credential ${tls.credentialName}`;
  const { serverCertificate, privateKey } = tls;
  return serverCertificate && privateKey ? `files ${serverCertificate} ${privateKey}` : undefined;
}

const byCertificate = defineIndex({
  name: 'gateways by certificate',
  kinds: ['Gateway'],
  keys: ({ spec }) => (spec.servers ?? []).flatMap(({ tls }) => certificateKey(tls) ?? []),
});

export const duplicateCertificate = defineRule({
  id: 'IST0138/gateway',
  code: 'IST0138',
  severity: 'warning',
  title: 'Gateways on one workload share a certificate',
  explanation:
    'Several Gateways on the same pods use one certificate. A browser that has an HTTP/2 connection for one host reuses it for another that the certificate covers, and the request then arrives at a listener that has no routes for it.',
  howToFix:
    'Put all hosts of the certificate into one Gateway (one server with several hosts), or use a certificate for each.',
  cause: 'Another Gateway on the same workload uses the same certificate.',
  consequence: 'Clients that reuse connections get 404 now and then.',
  kinds: ['Gateway'],
  reads: [],
  check: (subject, view, report) => {
    const told = new Set<string>();
    for (const [index, { tls }] of (subject.spec.servers ?? []).entries()) {
      const key = certificateKey(tls);
      if (key === undefined) continue;
      for (const other of view.lookup(byCertificate, key)) {
        const name = fullName(other);
        if (other.id === subject.id || told.has(name)) continue;
        if (!isSubset(subject.spec.selector, other.spec.selector)) continue;
        told.add(name);
        report({
          message: `Gateway ${name} uses the same certificate (${key}) on the same workload`,
          istioText: name,
          path: ['spec', 'servers', index, 'tls'],
          istioPath: ['metadata', 'name'],
          key: name,
        });
      }
    }
  },
  examples: [
    {
      title: 'two Gateways with one credential',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: edge}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.example.com], tls: {mode: SIMPLE, credentialName: wild}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: b, namespace: edge}
spec:
  selector: {istio: ingress, app: gateway}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [b.example.com], tls: {mode: SIMPLE, credentialName: wild}}]
`,
      expect: [{ resource: 'Gateway edge/a', path: 'spec.servers[0].tls', message: 'edge/b' }],
    },
    {
      title: 'one credential name on different workloads',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: edge}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.example.com], tls: {mode: SIMPLE, credentialName: wild}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: b, namespace: edge}
spec:
  selector: {istio: internal}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [b.example.com], tls: {mode: SIMPLE, credentialName: wild}}]
`,
      expect: [],
    },
  ],
});
