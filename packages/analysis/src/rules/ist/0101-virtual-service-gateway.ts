import { gatewayOf } from '../../istio/gateway-names.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isInternalGateway } from './0165-internal-gateway.ts';

export const virtualServiceGateway = defineRule({
  id: 'IST0101/virtual-service-gateway',
  code: 'IST0101',
  severity: 'error',
  title: 'VirtualService is bound to a gateway that does not exist',
  explanation:
    'A name in `spec.gateways` is no Gateway. Without a slash it is one of the namespace of the VirtualService; `namespace/name` is one of another.',
  howToFix: 'Correct the name, prefix the namespace of the Gateway, or create the Gateway.',
  cause: 'There is no Gateway of this name in this namespace.',
  consequence: 'The routes are not applied at that gateway: requests to it get 404.',
  kinds: ['VirtualService'],
  reads: ['Gateway'],
  check: (subject, view, report) => {
    for (const [index, name] of (subject.spec.gateways ?? []).entries()) {
      if (name === 'mesh' || isInternalGateway(name)) continue;
      const gateway = gatewayOf(subject.namespace, name);
      if (view.get('Gateway', gateway.namespace, gateway.name)) continue;
      const path = ['spec', 'gateways', index];
      report({
        message: `There is no Gateway ${fullName(gateway)}`,
        istioText: `gateway ${name}`,
        path,
        istioPath: path,
      });
    }
  },
  examples: [
    {
      title: 'a Gateway of another namespace, named without it',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways:
  - main
  http: [{route: [{destination: {host: web}}]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: edge}
spec: {selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
`,
      expect: [
        {
          resource: 'VirtualService shop/web',
          path: 'spec.gateways[0]',
          line: 8,
          message: 'shop/main',
        },
      ],
    },
    {
      title: 'the mesh, and the Gateway by its full name',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [mesh, edge/main]
  http: [{route: [{destination: {host: web}}]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: edge}
spec: {selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
`,
      expect: [],
    },
  ],
});
