import { isControlPlane, isMadeForGateway } from '../../istio/ownership.ts';
import { hasKnownProtocol } from '../../istio/port-protocol.ts';
import { defineRule } from '../../rule.ts';

export const portName = defineRule({
  id: 'IST0118/service',
  code: 'IST0118',
  severity: 'info',
  title: 'Service port that does not say its protocol',
  explanation:
    'Istio reads the protocol of a port from `appProtocol`, else from its name (`http`, `grpc-api`). This port says neither, so Istio looks at the first bytes of each connection, and takes for TCP what it does not recognise.',
  howToFix:
    'Set `appProtocol` (`http`, `http2`, `grpc`, `tcp`, `tls`, ...), or begin the name with the protocol: `http-web`.',
  cause: "Neither the port's name nor its appProtocol begins with a protocol that Istio knows.",
  consequence:
    'The protocol is guessed: protocols in which the server speaks first are delayed or fail.',
  kinds: ['Service'],
  reads: [],
  check: (subject, _view, report) => {
    const { labels, spec } = subject;
    if (isControlPlane(labels) || isMadeForGateway(labels) || spec.type === 'ExternalName') return;
    for (const [at, port] of (spec.ports ?? []).entries()) {
      if (hasKnownProtocol(port)) continue;
      const { name = '', port: number = 0, targetPort = 0 } = port;
      report({
        message: `Port ${number}${name === '' ? '' : ` ("${name}")`} of Service ${subject.name} does not say its protocol`,
        istioText: `${name} ${number} ${targetPort}`,
        path: ['spec', 'ports', at],
        istioPath: ['spec', 'ports', at, 'port'],
        fix: { title: `Set appProtocol of port ${number}, or begin its name with the protocol` },
      });
    }
  },
  examples: [
    {
      title: 'a port without a name, and one with a name that says nothing',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  ports:
  - port: 80
  - {name: web, port: 8080}
`,
      expect: [
        { resource: 'Service shop/web', path: 'spec.ports[0]', line: 7 },
        { resource: 'Service shop/web', path: 'spec.ports[1]', line: 8 },
      ],
    },
    {
      title: 'names, appProtocol, UDP, well-known ports, and Services of Istio itself',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  ports:
  - {name: http, port: 80}
  - {name: GRPC-Web-api, port: 81}
  - {name: web, port: 82, appProtocol: kubernetes.io/h2c}
  - {name: dns, port: 83, protocol: UDP}
  - {name: db, port: 3306}
---
apiVersion: v1
kind: Service
metadata: {name: istiod, namespace: istio-system, labels: {istio: pilot}}
spec: {ports: [{name: web, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: shop, labels: {gateway.istio.io/managed: istio.io-gateway-controller}}
spec: {ports: [{name: status-port, port: 15021}]}
`,
      expect: [],
    },
    {
      title: 'a waypoint, which istiod makes',
      aspect: 'ambient',
      yaml: `
apiVersion: v1
kind: Service
metadata: {name: waypoint, namespace: shop, labels: {gateway.istio.io/managed: istio.io-mesh-controller}}
spec: {ports: [{name: status-port, port: 15021}, {name: mesh, port: 15008}]}
`,
      expect: [],
    },
  ],
});
