import { servicesWithSeveralPorts } from '../../istio/services-of-deployment.ts';
import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';

export const servicesWithDifferentProtocols = defineRule({
  id: 'IST0116/deployment',
  code: 'IST0116',
  severity: 'warning',
  title: 'Services give one port of a Deployment different protocols',
  explanation:
    "Several Services select the pods of this Deployment and expose the same port number, one as TCP and one as UDP or SCTP. Istio's listener for the port can follow one of them only.",
  howToFix:
    'Let the Services use different ports, or the same protocol for a port, or select different pods.',
  cause: 'Several Services select the same pods with one port and different protocols.',
  consequence: 'Which protocol the port has is undefined.',
  kinds: ['Deployment'],
  reads: ['Service', 'Namespace'],
  check: (subject, view, report) => {
    const services = servicesWithSeveralPorts(subject, view);
    if (services.length === 0) return;
    const byPort = new Map<number, Map<string, string[]>>();
    for (const service of services) {
      for (const { port = 0, protocol } of service.spec.ports ?? []) {
        const protocols = byPort.get(port) ?? new Map<string, string[]>();
        byPort.set(port, protocols);
        const key = protocol || 'TCP';
        protocols.set(key, [...(protocols.get(key) ?? []), fullName(service)]);
      }
    }
    for (const [port, protocols] of byPort) {
      if (protocols.size < 2) continue;
      const names = [...protocols].map(([key, list]) => `${key} of ${list.join(', ')}`).join('; ');
      report({
        message: `Port ${port} of Deployment ${fullName(subject)} has different protocols: ${names}`,
        istioText: String(port),
        key: String(port),
        istioPath: ['metadata', 'name'],
      });
    }
  },
  examples: [
    {
      title: 'one port as TCP and as UDP',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: dns, namespace: shop}
spec: {template: {metadata: {labels: {app: dns}}}}
---
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: shop}
spec: {selector: {app: dns}, ports: [{port: 53, name: dns, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {name: dns-tcp, namespace: shop}
spec: {selector: {app: dns}, ports: [{port: 53, name: tcp}]}
`,
      expect: [{ resource: 'Deployment shop/dns', message: 'Port 53' }],
    },
    {
      title: 'Services of another namespace, of other pods, and of one protocol',
      aspect: 'negative',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: dns, namespace: shop}
spec: {template: {metadata: {labels: {app: dns, sidecar.istio.io/inject: "true"}}}}
---
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: shop}
spec: {selector: {app: dns}, ports: [{port: 53, name: dns, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {name: dns-tcp, namespace: other}
spec: {selector: {app: dns}, ports: [{port: 53, name: tcp}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 53, name: tcp}]}
---
apiVersion: v1
kind: Service
metadata: {name: no-selector, namespace: shop}
spec: {ports: [{port: 53, name: tcp}]}
`,
      expect: [],
    },
    {
      title: 'a Deployment without a sidecar',
      aspect: 'ambient',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: dns, namespace: shop}
spec: {template: {metadata: {labels: {app: dns}}}}
---
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: shop}
spec: {selector: {app: dns}, ports: [{port: 53, name: dns, protocol: UDP}, {port: 53, name: tcp}]}
`,
      expect: [],
    },
  ],
});
