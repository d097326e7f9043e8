import { fqdnOf } from '../../istio/hosts.ts';
import { fullName } from '../../resource.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import type { Rule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';

type VirtualService = Resource<'VirtualService'>;

/** Hosts that a VirtualService is for and routes to by subset, as written. */
function subsetHosts({ spec }: VirtualService): string[] {
  const hosts = new Set(spec.hosts);
  return (spec.http ?? []).flatMap(({ route }) =>
    (route ?? []).flatMap(({ destination }) =>
      destination?.subset !== undefined && hosts.has(destination.host ?? '')
        ? [destination.host ?? '']
        : [],
    ),
  );
}

const byWrittenHost = defineIndex({
  name: 'virtual services by subset host as written',
  kinds: ['VirtualService'],
  keys: subsetHosts,
});

const byFqdn = defineIndex({
  name: 'virtual services by subset host',
  kinds: ['VirtualService'],
  keys: (resource) => subsetHosts(resource).map((host) => fqdnOf(resource.namespace, host)),
});

const check: Rule<'VirtualService'>['check'] = (subject, view, report) => {
  const { spec, namespace } = subject;
  if ((spec.gateways ?? []).length === 0) return;
  for (const [index, http] of (spec.http ?? []).entries()) {
    for (const [at, { destination = {} }] of (http.route ?? []).entries()) {
      if (destination.subset !== undefined) continue;
      const host = destination.host ?? '';
      const others = view.parity
        ? view.lookup(byWrittenHost, host)
        : view.lookup(byFqdn, fqdnOf(namespace, host)).filter(({ id }) => id !== subject.id);
      for (const other of others) {
        report({
          message: `The subsets that VirtualService ${fullName(other)} routes "${host}" to do not apply to requests through the gateways of ${fullName(subject)}`,
          istioText: fullName(other),
          path: ['spec', 'http', index, 'route', at, 'destination'],
          // Istio puts the name of the route where "http" belongs, so it hardly ever finds the line.
          istioPath: ['spec', http.name ?? '', index, 'route', at, 'destination', 'host'],
          key: fullName(other),
        });
      }
    }
  }
};

export const subsetNotOnGateway = defineRule({
  id: 'IST0140/ingress',
  code: 'IST0140',
  severity: 'warning',
  title: 'Subset routing is passed by at the gateway',
  explanation:
    'A VirtualService on a gateway routes to a host without naming a subset, and another VirtualService routes that same host by subsets inside the mesh. Only one VirtualService is applied to a request: at the gateway it is the one that is bound there. istioctl compares the hosts as they are written, so that short names of different namespaces count as one host; here they are completed first (not with `--parity istioctl`).',
  howToFix:
    'Name the subset in the VirtualService of the gateway too, or bind the one with the subsets to the gateway as well.',
  cause: 'The route at the gateway names no subset, and the routes that do are for the mesh only.',
  consequence: 'Requests from outside are spread over all versions.',
  kinds: ['VirtualService'],
  reads: [],
  check,
  examples: [
    {
      title: 'a canary that holds inside the mesh only',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [main]
  http:
  - route: [{destination: {host: web}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: canary, namespace: shop}
spec:
  hosts: [web]
  http:
  - route:
    - {destination: {host: web, subset: v1}, weight: 90}
    - {destination: {host: web, subset: v2}, weight: 10}
`,
      expect: [
        {
          resource: 'VirtualService shop/edge',
          path: 'spec.http[0].route[0].destination',
          message: 'shop/canary',
        },
      ],
    },
    {
      title: 'another namespace with a service of the same short name',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [main]
  http:
  - route: [{destination: {host: web}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: canary, namespace: blog}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web, subset: v1}}]
`,
      expect: [],
    },
    {
      title: 'the same, as istioctl tells it',
      aspect: 'positive',
      parity: true,
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [main]
  http:
  - route: [{destination: {host: web}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: canary, namespace: blog}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web, subset: v1}}]
`,
      expect: [{ resource: 'VirtualService shop/edge', line: 2 }],
    },
  ],
});
