import { gatewayOf } from '../../istio/gateway-names.ts';
import { fullName } from '../../resource.ts';
import type { Path, Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { selects } from '../../selector.ts';
import type { View } from '../../view.ts';

const claimPrefix = '@request.auth.claims';

function isClaim(header: string): boolean {
  if (!header.toLowerCase().startsWith(claimPrefix)) return false;
  const name = header.slice(claimPrefix.length);
  return name.startsWith('.')
    ? name.length > 1
    : name.startsWith('[') && name.endsWith(']') && name.length > 2;
}

/** The first match on a JWT claim. */
function claimMatch({
  spec,
}: Resource<'VirtualService'>): { claim: string; path: Path } | undefined {
  for (const [index, { match }] of (spec.http ?? []).entries()) {
    for (const [at, { headers, withoutHeaders }] of (match ?? []).entries()) {
      for (const [field, names] of [
        ['headers', headers],
        ['withoutHeaders', withoutHeaders],
      ] as const) {
        const claim = [...(names?.keys() ?? [])].sort().find(isClaim);
        if (claim !== undefined) {
          return { claim, path: ['spec', 'http', index, 'match', at, field, claim] };
        }
      }
    }
  }
  return undefined;
}

function isAuthenticated(view: View, pod: Resource<'Pod'>): boolean {
  return ['istio-system', pod.namespace].some((namespace) =>
    view
      .inNamespace('RequestAuthentication', namespace)
      .some(({ spec }) => selects(spec.selector?.matchLabels, pod.labels)),
  );
}

export const jwtClaimRoute = defineRule({
  id: 'IST0149/virtual-service',
  code: 'IST0149',
  severity: 'error',
  title: 'Route by JWT claim without JWT validation',
  explanation:
    'A VirtualService matches on a claim of the request’s JWT (`@request.auth.claims…`), and no RequestAuthentication applies to a pod of its gateway. Only a validated token gives claims to match on.',
  howToFix:
    'Create a RequestAuthentication that selects the pods of the gateway, in their namespace or in the root namespace.',
  cause: 'No RequestAuthentication applies to the pods of the gateway.',
  consequence: 'The match never holds: requests take another route or get 404.',
  kinds: ['VirtualService'],
  reads: ['Gateway', 'Pod', 'RequestAuthentication'],
  check: (subject, view, report) => {
    const match = claimMatch(subject);
    if (!match) return;
    for (const name of subject.spec.gateways ?? []) {
      if (name === 'mesh') continue;
      const wanted = gatewayOf(subject.namespace, name);
      const gateway = view.get('Gateway', wanted.namespace, wanted.name);
      if (!gateway) continue;
      for (const pod of view.pods(gateway.spec.selector)) {
        if (isAuthenticated(view, pod)) continue;
        report({
          message: `Routes on ${match.claim}, but no RequestAuthentication applies to pod ${fullName(pod)} of Gateway ${fullName(gateway)}`,
          istioText: `${fullName(wanted)} ${pod.name}`,
          path: match.path,
          key: `${fullName(gateway)} ${fullName(pod)}`,
        });
      }
    }
  },
  examples: [
    {
      title: 'a gateway pod that no RequestAuthentication selects',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [main]
  http:
  - match: [{headers: {"@request.auth.claims.group": {exact: admin}}}]
    route: [{destination: {host: web}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
spec: {selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress}}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: other, namespace: edge}
spec: {selector: {matchLabels: {app: other}}}
`,
      expect: [{ resource: 'VirtualService shop/web', message: 'edge/ingress-1' }],
    },
    {
      title: 'one in the root namespace for everything',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [main]
  http:
  - match: [{headers: {"@request.auth.claims.group": {exact: admin}}}]
    route: [{destination: {host: web}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
spec: {selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress}}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: all, namespace: istio-system}
spec: {jwtRules: [{issuer: https://example.com}]}
`,
      expect: [],
    },
  ],
});
