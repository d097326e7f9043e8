import { isUnknown } from '../../facts/known.ts';
import { defineRule } from '../../rule.ts';
import { defineDerivation } from '../../view.ts';

function matches(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return pattern.toLowerCase() === name.toLowerCase();
}

const namespaceExists = defineDerivation({
  name: 'namespace of a pattern exists',
  compute: (view, pattern) =>
    view.namespace(pattern) !== undefined ||
    view.list('Namespace').some(({ name }) => matches(pattern, name)),
});

/** Every cluster has them, and Istio's analysis leaves their documents out. */
const always = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

export const authorizationNamespace = defineRule({
  id: 'IST0101/authorization-namespace',
  code: 'IST0101',
  severity: 'error',
  title: 'AuthorizationPolicy names a namespace that does not exist',
  explanation:
    'A rule allows or refuses callers by namespace, but no namespace has that name or fits the pattern (`*` may stand first or last).',
  howToFix: 'Correct the name in `from.source.namespaces`, or create the namespace.',
  cause: 'No namespace has the name or fits the pattern.',
  consequence: 'The rule never fits callers of that namespace.',
  kinds: ['AuthorizationPolicy'],
  reads: ['Namespace'],
  check: (subject, view, report) => {
    if (isUnknown(view, 'Namespace')) return;
    for (const [at, { from }] of (subject.spec.rules ?? []).entries()) {
      for (const [index, { source }] of (from ?? []).entries()) {
        for (const field of ['namespaces', 'notNamespaces'] as const) {
          for (const [nth, name] of (source?.[field] ?? []).entries()) {
            if (view.derive(namespaceExists, name)) continue;
            if (!view.parity && always.has(name)) continue;
            const place = ['spec', 'rules', at, 'from', index, 'source'];
            report({
              message: `There is no namespace "${name}"`,
              path: [...place, field, nth],
              // Istio looks for excluded ones among the others.
              istioPath: [...place, 'namespaces', nth],
            });
          }
        }
      }
    }
  },
  examples: [
    {
      title: 'a namespace and a pattern that fit none',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec:
  rules:
  - from:
    - source:
        namespaces: [shop, shp]
    - source: {notNamespaces: [team-*]}
`,
      expect: [
        {
          resource: 'AuthorizationPolicy shop/api',
          path: 'spec.rules[0].from[0].source.namespaces[1]',
          line: 13,
        },
        {
          resource: 'AuthorizationPolicy shop/api',
          path: 'spec.rules[0].from[1].source.notNamespaces[0]',
          line: 14,
        },
      ],
    },
    {
      title: 'names, patterns and everything',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec: {rules: [{from: [{source: {namespaces: [shop, sh*, "*op", "*", kube-system]}}]}]}
`,
      expect: [],
    },
  ],
});
