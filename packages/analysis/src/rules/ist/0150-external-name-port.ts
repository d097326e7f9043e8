import { isControlPlane, isMadeForGateway } from '../../istio/ownership.ts';
import { hasKnownProtocol } from '../../istio/port-protocol.ts';
import { defineRule } from '../../rule.ts';

export const externalNamePort = defineRule({
  id: 'IST0150/service',
  code: 'IST0150',
  severity: 'warning',
  title: 'Port of an ExternalName Service that captures all its traffic',
  explanation:
    'An ExternalName Service has no address. A port of it that is named `tcp`, or that does not say its protocol, makes a listener on all addresses for that port number.',
  howToFix:
    'Name the port by what it carries: `https`, `tls-api`, `http`. For plain TCP use a ServiceEntry with addresses.',
  cause: 'The port is named "tcp", or its name does not begin with a protocol.',
  consequence: 'TCP traffic of the port to any other address is taken for that of this Service.',
  kinds: ['Service'],
  reads: [],
  check: (subject, _view, report) => {
    const { labels, spec } = subject;
    if (isControlPlane(labels) || isMadeForGateway(labels) || spec.type !== 'ExternalName') return;
    for (const [at, port] of (spec.ports ?? []).entries()) {
      if (hasKnownProtocol(port) && port.name !== 'tcp') continue;
      report({
        message: `Port ${port.port ?? 0} of Service ${subject.name}, of type ExternalName, is named "${port.name ?? ''}"`,
        istioText: '',
        path: ['spec', 'ports', at],
        istioPath: ['spec', 'ports', at, 'port'],
      });
    }
  },
  examples: [
    {
      title: 'an external database as tcp, and a port that says nothing',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  type: ExternalName
  externalName: db.example.com
  ports:
  - {name: tcp, port: 5432}
  - {name: admin, port: 8080}
`,
      expect: [
        { resource: 'Service shop/db', path: 'spec.ports[0]', line: 9 },
        { resource: 'Service shop/db', path: 'spec.ports[1]', line: 10 },
      ],
    },
    {
      title: 'protocols that tell hosts apart, and tcp of a Service with an address',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {type: ExternalName, externalName: api.example.com, ports: [{name: https, port: 443}, {name: tcp-db, port: 5432}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: [{name: tcp, port: 5432}]}
`,
      expect: [],
    },
  ],
});
