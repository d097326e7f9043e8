import { allDestinations } from '../../istio/destinations.ts';
import { findHost } from '../../istio/service-hosts.ts';
import { defineRule } from '../../rule.ts';

export const virtualServicePort = defineRule({
  id: 'IST0101/virtual-service-port',
  code: 'IST0101',
  severity: 'error',
  title: 'Destination port does not exist',
  explanation:
    'A destination of a VirtualService names a port that its Service or ServiceEntry does not have. The number is that of the Service (`port`), not that of the container (`targetPort`).',
  howToFix: 'Name one of the ports of the Service, or add the port to it.',
  cause: 'The Service or ServiceEntry of the host has no port of this number.',
  consequence: 'Requests that take this route fail with 503.',
  kinds: ['VirtualService'],
  reads: ['Service', 'ServiceEntry'],
  check: (subject, view, report) => {
    const { spec, namespace } = subject;
    for (const { destination, path, istioPath } of allDestinations(spec)) {
      if (destination.port === undefined) continue;
      const host = destination.host ?? '';
      const number = destination.port.number ?? 0;
      const target = findHost(view, namespace, spec.exportTo, host);
      if (!target || target.ports.includes(number)) continue;
      const known = target.ports.join(', ') || 'none';
      report({
        message: `"${host}" has no port ${number}; its ports: ${known}`,
        istioText: `host:port ${host}:${number}`,
        path: [...path, 'port', 'number'],
        istioPath,
      });
    }
  },
  examples: [
    {
      title: 'the port of the container in place of that of the Service',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web, port: {number: 8080}}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, targetPort: 8080, name: http}]}
`,
      expect: [
        {
          resource: 'VirtualService shop/web',
          path: 'spec.http[0].route[0].destination.port.number',
          message: 'its ports: 80',
        },
      ],
    },
    {
      title: 'a port that is there, and a host that is not',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web, port: {number: 80}}}]
    mirror: {host: nowhere, port: {number: 1}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, targetPort: 8080, name: http}]}
`,
      expect: [],
    },
  ],
});
