import { allDestinations } from '../../istio/destinations.ts';
import { serviceOfHost } from '../../istio/hosts.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';

const key = (namespace: string, host: string): string => {
  const service = serviceOfHost(namespace, host);
  return `${service.namespace}/${service.name}`;
};

/** DestinationRules by the service of their host. */
export const destinationRulesByService = defineIndex({
  name: 'destination rules by service',
  kinds: ['DestinationRule'],
  keys: ({ spec, namespace }) => [key(namespace, spec.host ?? '')],
});

export const virtualServiceSubset = defineRule({
  id: 'IST0101/virtual-service-subset',
  code: 'IST0101',
  severity: 'error',
  title: 'Destination subset does not exist',
  explanation:
    'A destination of a VirtualService names a subset that no DestinationRule of its host defines. The host of both is completed with the namespace of the resource it stands in.',
  howToFix: 'Add the subset to the DestinationRule of the host, or correct the name.',
  cause: 'No DestinationRule of the host has a subset of this name.',
  consequence: 'Requests that take this route fail with 503.',
  kinds: ['VirtualService'],
  reads: ['DestinationRule'],
  check: (subject, view, report) => {
    for (const { destination, isMirror, path, istioPath } of allDestinations(subject.spec)) {
      const { host = '', subset } = destination;
      if (subset === undefined) continue;
      const rules = view.lookup(destinationRulesByService, key(subject.namespace, host));
      if (rules.some(({ spec }) => spec.subsets?.some(({ name }) => name === subset))) continue;
      report({
        message: `No DestinationRule of "${host}" has the subset "${subset}"`,
        istioText: `${isMirror ? 'mirror' : 'host'}+subset ${host}+${subset}`,
        path: [...path, 'subset'],
        istioPath,
      });
    }
  },
  examples: [
    {
      title: 'a subset that is spelled in another way',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web, subset: V1}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec: {host: web, subsets: [{name: v1, labels: {version: v1}}]}
`,
      expect: [
        { resource: 'VirtualService shop/web', path: 'spec.http[0].route[0].destination.subset' },
      ],
    },
    {
      title: 'a subset that a DestinationRule in another namespace defines for the full name',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web, subset: v1}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: platform}
spec: {host: web.shop.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}]}
`,
      expect: [],
    },
  ],
});
