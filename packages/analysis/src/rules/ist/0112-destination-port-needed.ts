import { allDestinations } from '../../istio/destinations.ts';
import { findHost } from '../../istio/service-hosts.ts';
import { defineRule } from '../../rule.ts';

export const destinationPortNeeded = defineRule({
  id: 'IST0112/destination-port',
  code: 'IST0112',
  severity: 'error',
  title: 'Destination does not say which port',
  explanation:
    'A destination names no port, and its Service or ServiceEntry has several. Istio does not choose one.',
  howToFix: 'Set `destination.port.number` to one of the ports of the Service.',
  cause: 'The host has several ports and the destination names none.',
  consequence: 'The route is not built as meant: requests fail or go to another port.',
  kinds: ['VirtualService'],
  reads: ['Service', 'ServiceEntry'],
  check: (subject, view, report) => {
    const { spec, namespace } = subject;
    for (const { destination, path, istioPath } of allDestinations(spec)) {
      if (destination.port !== undefined) continue;
      const host = destination.host ?? '';
      const target = findHost(view, namespace, spec.exportTo, host);
      if (!target || target.ports.length < 2) continue;
      report({
        message: `"${host}" has the ports ${target.ports.join(', ')}; the destination must name one`,
        istioText: `${host} ${target.ports.join(' ')}`,
        path,
        istioPath,
      });
    }
  },
  examples: [
    {
      title: 'a Service with two ports',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, name: http}, {port: 9090, name: http-metrics}]}
`,
      expect: [
        { resource: 'VirtualService shop/web', path: 'spec.http[0].route[0].destination', line: 8 },
      ],
    },
    {
      title: 'one port, or a port that is named',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web, port: {number: 80}}}]
    mirror: {host: one}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, name: http}, {port: 9090, name: http-metrics}]}
---
apiVersion: v1
kind: Service
metadata: {name: one, namespace: shop}
spec: {ports: [{port: 80, name: http}]}
`,
      expect: [],
    },
  ],
});
