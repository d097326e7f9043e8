import { mayHavePod, workloadKinds } from '../../facts/workloads.ts';
import { isEmptySelector, selectorPairs, selectorText } from '../../selector.ts';
import { defineRule } from '../../rule.ts';

export const telemetrySelector = defineRule({
  id: 'IST0101/telemetry-selector',
  code: 'IST0101',
  severity: 'error',
  title: 'Telemetry selects no pod',
  explanation: 'No pod in the namespace of the Telemetry has the labels that it selects.',
  howToFix: 'Compare `spec.selector.matchLabels` with the labels of the pods.',
  cause: 'No pod of the namespace has the labels.',
  consequence: 'The settings apply to nothing.',
  kinds: ['Telemetry'],
  reads: workloadKinds,
  check: (subject, view, report) => {
    const labels = subject.spec.selector?.matchLabels;
    if (isEmptySelector(labels) || mayHavePod(view, labels, subject.namespace)) return;
    const [first] = selectorPairs(labels);
    report({
      message: `No pod in namespace "${subject.namespace}" has the labels ${selectorText(labels)}`,
      path: ['spec', 'selector', 'matchLabels'],
      istioPath: ['spec', 'selector', 'matchLabels', first?.[0] ?? ''],
    });
  },
  examples: [
    {
      title: 'labels that only a pod of another namespace has',
      aspect: 'positive',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: web, namespace: shop}
spec:
  selector:
    matchLabels: {app: web}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: other, labels: {app: web}}
`,
      expect: [{ resource: 'Telemetry shop/web', path: 'spec.selector.matchLabels', line: 7 }],
    },
    {
      title: 'a pod with the labels, and a Telemetry for all',
      aspect: 'negative',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: all, namespace: empty}
spec: {}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web, version: v1}}
`,
      expect: [],
    },
  ],
});
