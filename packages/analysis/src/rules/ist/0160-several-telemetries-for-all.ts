import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';

const forAll = defineIndex({
  name: 'telemetries without a selector by namespace',
  kinds: ['Telemetry'],
  keys: ({ namespace, spec }) => (spec.selector === undefined ? [namespace] : []),
});

export const severalTelemetriesForAll = defineRule({
  id: 'IST0160/telemetry',
  code: 'IST0160',
  severity: 'error',
  title: 'Several Telemetries for a whole namespace',
  explanation:
    'Of the Telemetries without a selector Istio takes one for a namespace: the oldest. In the root namespace it is the one for the mesh.',
  howToFix: 'Put their settings into one Telemetry.',
  cause: 'The namespace has more than one Telemetry without a selector.',
  consequence: 'The settings of all but the oldest are ignored.',
  kinds: ['Telemetry'],
  reads: [],
  check: (subject, view, report) => {
    const { namespace, spec } = subject;
    if (spec.selector !== undefined) return;
    const all = view.lookup(forAll, namespace);
    if (all.length < 2) return;
    const isAttached = (spec.targetRefs?.length ?? 0) > 0 || spec.targetRef !== undefined;
    if (isAttached && !view.parity) return;
    const rivals = all.filter(
      (other) =>
        view.parity || ((other.spec.targetRefs?.length ?? 0) === 0 && !other.spec.targetRef),
    );
    if (rivals.length < 2) return;
    report({
      message: `Telemetries ${rivals.map(({ name }) => name).join(', ')} of namespace "${namespace}" have no selector`,
      path: ['metadata', 'name'],
    });
  },
  examples: [
    {
      title: 'two Telemetries without a selector',
      aspect: 'positive',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: logs, namespace: shop}
spec: {accessLogging: [{providers: [{name: envoy}]}]}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: traces, namespace: shop}
spec: {tracing: [{randomSamplingPercentage: 5}]}
`,
      expect: [
        { resource: 'Telemetry shop/logs', path: 'metadata.name', message: 'logs, traces' },
        { resource: 'Telemetry shop/traces' },
      ],
    },
    {
      title: 'one for all, one for some, and one of another namespace',
      aspect: 'negative',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: all, namespace: shop}
spec: {}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: some, namespace: shop}
spec: {selector: {matchLabels: {app: web}}}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: all, namespace: other}
spec: {}
`,
      expect: [],
    },
    {
      title: 'one for all, and one for a waypoint',
      aspect: 'ambient',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: all, namespace: shop}
spec: {}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: waypoint, namespace: shop}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}]}
`,
      expect: [],
    },
  ],
});
