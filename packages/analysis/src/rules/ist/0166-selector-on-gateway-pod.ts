import { defineRule } from '../../rule.ts';
import { selects } from '../../selector.ts';
import { defineIndex } from '../../view.ts';

const gatewayName = 'gateway.networking.k8s.io/gateway-name';

const gatewayPods = defineIndex({
  name: 'gateway pods by namespace',
  kinds: ['Pod'],
  keys: ({ labels, namespace }) => (labels[gatewayName] === undefined ? [] : [namespace]),
});

const pod = (labels: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: main-istio-1, namespace: edge, labels: ${labels}}
---`;

const policy = (spec: string): string => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: only-us, namespace: edge}
spec: ${spec}
---`;

const named = '{gateway.networking.k8s.io/gateway-name: main, app: main}';

export const selectorOnGatewayPod = defineRule({
  id: 'IST0166/policy',
  code: 'IST0166',
  severity: 'warning',
  title: 'Policy selects a Gateway API gateway by labels',
  explanation:
    'A policy selects, by labels, pods that Istio deployed for a Gateway of Gateway API. Such gateways (and waypoints) take policies by `targetRefs`; what is selected by labels depends on labels that Istio may change.',
  howToFix: 'Name the Gateway in `targetRefs` and drop the selector.',
  cause: 'The selector matches pods of a Gateway API Gateway.',
  consequence: 'The policy may not be enforced at the gateway.',
  kinds: ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry', 'WasmPlugin'],
  reads: ['Pod'],
  check: ({ spec, namespace }, view, report) => {
    if (spec.targetRef || !spec.selector) return;
    const told = new Set<string>();
    for (const { labels } of view.lookup(gatewayPods, namespace)) {
      const gateway = labels[gatewayName] ?? '';
      if (told.has(gateway) || !selects(spec.selector.matchLabels, labels)) continue;
      told.add(gateway);
      report({
        message: `The selector matches pods of Gateway ${namespace}/${gateway}; name it in targetRefs`,
        istioText: gateway,
        path: ['spec', 'selector'],
        key: gateway,
      });
    }
  },
  examples: [
    {
      title: 'an AuthorizationPolicy by label',
      aspect: 'positive',
      yaml: pod(named) + policy('{selector: {matchLabels: {app: main}}, action: DENY}'),
      expect: [{ resource: 'AuthorizationPolicy edge/only-us', path: 'spec.selector' }],
    },
    {
      title: 'by targetRefs, and other pods',
      aspect: 'negative',
      yaml:
        pod('{app: web}') +
        policy('{targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: main}]}'),
      expect: [],
    },
  ],
});
