import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';

const variable = 'BLOCKED_CIDRS_IN_JWKS_URIS';
const shown = 5;

export const jwksFetchUnrestricted = defineRule({
  id: 'IST0175/istiod',
  code: 'IST0175',
  severity: 'warning',
  title: 'istiod may fetch JWKS from any address',
  explanation:
    'istiod itself fetches the keys that a RequestAuthentication names by `jwksUri`. Whoever may write one can make istiod send requests to addresses inside the cluster. The environment variable `BLOCKED_CIDRS_IN_JWKS_URIS` of istiod names ranges that it must not ask.',
  howToFix:
    'Set `BLOCKED_CIDRS_IN_JWKS_URIS` on istiod (Helm: `pilot.env.BLOCKED_CIDRS_IN_JWKS_URIS`), for example to `169.254.0.0/16,127.0.0.0/8`.',
  cause: 'RequestAuthentications exist, and istiod has no BLOCKED_CIDRS_IN_JWKS_URIS.',
  consequence: 'A tenant can make istiod send requests to internal addresses.',
  kinds: ['Deployment'],
  reads: ['RequestAuthentication'],
  check: (subject, view, report) => {
    if (subject.labels['app'] !== 'istiod') return;
    const { containers = [] } = subject.spec.template?.spec ?? {};
    const isSet = containers.some(({ env }) =>
      env?.some(({ name, value }) => name === variable && Boolean(value)),
    );
    if (isSet) return;
    const policies = view.list('RequestAuthentication');
    if (policies.length === 0) return;
    const names = policies.slice(0, shown).map(fullName).join(', ');
    const more = policies.length > shown ? ` and ${policies.length - shown} more` : '';
    report({
      message: `${fullName(subject)} has no ${variable}, and there are ${policies.length} RequestAuthentications: ${names}${more}`,
      path: ['spec', 'template', 'spec', 'containers'],
    });
  },
  examples: [
    {
      title: 'an istiod without blocked ranges, and a RequestAuthentication',
      aspect: 'positive',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  template:
    spec:
      containers:
      - {name: discovery, env: [{name: BLOCKED_CIDRS_IN_JWKS_URIS, value: ""}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: jwt, namespace: shop}
spec: {jwtRules: [{issuer: a, jwksUri: "https://a.example.com/keys"}]}
`,
      expect: [
        {
          resource: 'Deployment istio-system/istiod',
          path: 'spec.template.spec.containers',
          message: 'shop/jwt',
        },
      ],
    },
    {
      title: 'an istiod with blocked ranges',
      aspect: 'negative',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  template:
    spec:
      containers:
      - {name: discovery, env: [{name: BLOCKED_CIDRS_IN_JWKS_URIS, value: 10.0.0.0/8}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: jwt, namespace: shop}
spec: {jwtRules: [{issuer: a, jwksUri: "https://a.example.com/keys"}]}
`,
      expect: [],
    },
    {
      title: 'no RequestAuthentication',
      aspect: 'negative',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec: {template: {spec: {containers: [{name: discovery}]}}}
`,
      expect: [],
    },
  ],
});
