import { isUnknown } from '../../facts/known.ts';
import { allDestinations } from '../../istio/destinations.ts';
import { findHost } from '../../istio/service-hosts.ts';
import { defineRule } from '../../rule.ts';

export const virtualServiceHost = defineRule({
  id: 'IST0101/virtual-service-host',
  code: 'IST0101',
  severity: 'error',
  title: 'Destination host does not exist',
  explanation:
    'A destination of a VirtualService names a host that no Service and no ServiceEntry visible in its namespace has. Short names are completed with the namespace of the VirtualService, not with that of the caller.',
  howToFix:
    'Correct the host (`reviews.bookinfo.svc.cluster.local` is never ambiguous), create the Service or ServiceEntry, or export it to this namespace (`exportTo`).',
  cause: 'No Service and no ServiceEntry that this namespace sees has the host.',
  consequence: 'Requests that take this route fail with 503.',
  kinds: ['VirtualService'],
  reads: ['Service', 'ServiceEntry'],
  check: (subject, view, report) => {
    if (isUnknown(view, 'Service')) return;
    const { spec, namespace } = subject;
    for (const { destination, isMirror, path, istioPath } of allDestinations(spec)) {
      const host = destination.host ?? '';
      if (findHost(view, namespace, spec.exportTo, host)) continue;
      const what = isMirror ? 'mirror host' : 'host';
      report({
        message: `The ${what} "${host}" is no Service or ServiceEntry that namespace "${namespace}" sees`,
        istioText: `${what} ${host}`,
        path: [...path, 'host'],
        istioPath,
        ...(isMirror ? { consequence: 'Nothing is mirrored.' } : {}),
      });
    }
  },
  examples: [
    {
      title: 'hosts of a route and of a mirror that are nowhere',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route:
    - destination:
        host: wbe
    mirror: {host: shadow.other.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, name: http}]}
`,
      expect: [
        {
          resource: 'VirtualService shop/web',
          path: 'spec.http[0].route[0].destination.host',
          line: 10,
        },
        { resource: 'VirtualService shop/web', path: 'spec.http[0].mirror.host' },
      ],
    },
    {
      title: 'a Service that is exported to other namespaces only',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  tcp: [{route: [{destination: {host: db.data.svc.cluster.local}}]}]
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: data, annotations: {networking.istio.io/exportTo: "., reports"}}
spec: {ports: [{port: 5432, name: tcp}]}
`,
      expect: [{ resource: 'VirtualService shop/web' }],
    },
    {
      title: 'a short name, a full name, a ServiceEntry and a wildcard',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route:
    - {destination: {host: web}, weight: 40}
    - {destination: {host: web.shop.svc.cluster.local}, weight: 20}
    - {destination: {host: api.example.com}, weight: 20}
    - {destination: {host: a.example.net}, weight: 20}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: out, namespace: egress}
spec:
  hosts: [api.example.com, "*.example.net"]
  ports: [{number: 443, name: tls, protocol: TLS}]
`,
      expect: [],
    },
  ],
});
