import { defineRule } from '../../rule.ts';

const removedKinds = new Set([
  'ClusterRbacConfig',
  'RbacConfig',
  'ServiceRole',
  'ServiceRoleBinding',
]);

type Definition = { group?: unknown; names?: { kind?: unknown } };

export const deprecatedField = defineRule({
  id: 'IST0002/fields',
  code: 'IST0002',
  severity: 'warning',
  title: 'Deprecated field or kind',
  explanation:
    "Istio ignores or will stop reading the field: a delay's `percent` (there is `percentage`), the `egressProxy` of a Sidecar; or the kind was removed: those of rbac.istio.io, which AuthorizationPolicy replaced.",
  howToFix: 'Use what replaced it, as the message says.',
  cause: 'The field is deprecated.',
  consequence: 'The setting is ignored, now or with a later release.',
  kinds: ['VirtualService', 'Sidecar', 'CustomResourceDefinition'],
  reads: [],
  check: (subject, view, report) => {
    if (subject.kind === 'VirtualService') {
      for (const [at, { fault }] of (subject.spec.http ?? []).entries()) {
        const percent = fault?.delay?.percent ?? 0;
        if (percent <= 0) continue;
        const place = `/spec/http/${at}/fault/delay`;
        report({
          message: 'The percent of a delay is deprecated; percentage replaced it',
          istioText: 'fault.delay.percent',
          path: ['spec', 'http', at, 'fault', 'delay', 'percent'],
          fix:
            fault?.delay?.percentage === undefined
              ? {
                  title: `Write percentage: {value: ${percent}}`,
                  patch: [
                    { op: 'remove', path: `${place}/percent` },
                    { op: 'add', path: `${place}/percentage`, value: { value: percent } },
                  ],
                }
              : {
                  title: 'Remove percent: percentage counts',
                  patch: [{ op: 'remove', path: `${place}/percent` }],
                },
        });
      }
    } else if (subject.kind === 'Sidecar') {
      if (!subject.spec.outboundTrafficPolicy?.egressProxy) return;
      report({
        message: 'The egressProxy of a Sidecar is ignored',
        path: ['spec', 'outboundTrafficPolicy', 'egressProxy'],
        cause: 'Istio does not read egressProxy.',
        consequence: 'Traffic to unknown hosts does not go through the egress proxy.',
        fix: {
          title: 'Remove egressProxy; route through an egress gateway with a VirtualService',
          patch: [{ op: 'remove', path: '/spec/outboundTrafficPolicy/egressProxy' }],
        },
      });
    } else {
      // Istio's analysis never sees the group of a definition that it reads from a file.
      if (view.parity) return;
      const { group, names } = subject.spec as Definition;
      if (group !== 'rbac.istio.io' || !removedKinds.has(String(names?.kind))) return;
      report({
        message: `Istio has no kind ${String(names?.kind)} any more; AuthorizationPolicy replaced it`,
        path: ['spec', 'names', 'kind'],
        cause: 'The kind was removed from Istio.',
        consequence: 'Resources of this kind have no effect: what they forbid is allowed.',
      });
    }
  },
  examples: [
    {
      title: 'a percent, an egress proxy and a kind that was removed',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - fault:
      delay:
        percent: 10
        fixedDelay: 1s
    route: [{destination: {host: web}}]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: egress}}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: serviceroles.rbac.istio.io}
spec: {group: rbac.istio.io, names: {kind: ServiceRole}}
`,
      expect: [
        { resource: 'VirtualService shop/web', path: 'spec.http[0].fault.delay.percent', line: 10 },
        { resource: 'Sidecar shop/default' },
        { resource: 'CustomResourceDefinition serviceroles.rbac.istio.io' },
      ],
    },
    {
      title: 'what replaced them',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - fault: {delay: {percentage: {value: 10}, fixedDelay: 1s}}
    route: [{destination: {host: web}}]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {outboundTrafficPolicy: {mode: ALLOW_ANY}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: authorizationpolicies.security.istio.io}
spec: {group: security.istio.io, names: {kind: AuthorizationPolicy}}
`,
      expect: [],
    },
  ],
});
