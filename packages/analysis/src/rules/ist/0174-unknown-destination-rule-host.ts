import { isUnknown } from '../../facts/known.ts';
import { findHost } from '../../istio/service-hosts.ts';
import { defineRule } from '../../rule.ts';

export const unknownDestinationRuleHost = defineRule({
  id: 'IST0174/destination-rule',
  code: 'IST0174',
  severity: 'warning',
  title: 'DestinationRule for a host that does not exist',
  explanation:
    'The host of a DestinationRule is that of no Service and no ServiceEntry visible in its namespace.',
  howToFix:
    'Correct the host (short names are completed with the namespace of the DestinationRule), create what it names, or delete the DestinationRule.',
  cause: 'No Service and no ServiceEntry that this namespace sees has the host.',
  consequence: 'Its settings and subsets are not applied to anything.',
  kinds: ['DestinationRule'],
  reads: ['Service', 'ServiceEntry'],
  check: (subject, view, report) => {
    if (isUnknown(view, 'Service')) return;
    const { host = '', exportTo } = subject.spec;
    if (findHost(view, subject.namespace, exportTo, host)) return;
    report({
      message: `The host "${host}" is no Service or ServiceEntry that namespace "${subject.namespace}" sees`,
      path: ['spec', 'host'],
    });
  },
  examples: [
    {
      title: 'the short name of a service of another namespace',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: platform}
spec: {host: web}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
`,
      expect: [{ resource: 'DestinationRule platform/web', path: 'spec.host' }],
    },
    {
      title: 'the full name of it',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: platform}
spec: {host: web.shop.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
`,
      expect: [],
    },
  ],
});
