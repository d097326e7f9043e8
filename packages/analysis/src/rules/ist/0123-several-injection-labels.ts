import { defineRule } from '../../rule.ts';
import { injectionLabels } from '../../istio/injection.ts';

export const severalInjectionLabels = defineRule({
  id: 'IST0123/namespace',
  code: 'IST0123',
  severity: 'warning',
  title: 'Namespace with several labels that put it into the mesh',
  explanation:
    'A namespace joins the mesh by one of three labels: `istio-injection`, `istio.io/rev` (sidecars) or `istio.io/dataplane-mode` (ambient). With two of them it depends on webhooks and their order which one counts; `istio-injection` wins over `istio.io/rev`.',
  howToFix: 'Keep the one label that you mean, and remove the others.',
  cause: 'The namespace has more than one of the labels that put it into the mesh.',
  consequence: 'Pods may get no sidecar, or one of another revision than meant.',
  kinds: ['Namespace'],
  reads: [],
  check: (subject, _view, report) => {
    if (subject.name === 'istio-system') return;
    const labels = injectionLabels(subject.labels);
    if (labels.length < 2) return;
    report({
      message: `Namespace ${subject.name} has ${labels.map((key) => `${key}=${subject.labels[key]}`).join(' and ')}`,
      path: ['metadata', 'labels'],
    });
  },
  examples: [
    {
      title: 'a revision beside istio-injection, and ambient beside a revision',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {istio-injection: enabled, istio.io/rev: canary}
---
apiVersion: v1
kind: Namespace
metadata: {name: other, labels: {istio.io/rev: canary, istio.io/dataplane-mode: ambient}}
`,
      expect: [
        { resource: 'Namespace shop', path: 'metadata.labels', line: 6 },
        { resource: 'Namespace other' },
      ],
    },
    {
      title: 'one label, or injection that is switched off',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: legacy, labels: {istio-injection: disabled, istio.io/rev: canary}}
`,
      expect: [],
    },
    {
      title: 'ambient alone, or with injection switched off',
      aspect: 'ambient',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: v1
kind: Namespace
metadata: {name: other, labels: {istio.io/dataplane-mode: ambient, istio-injection: disabled}}
`,
      expect: [],
    },
  ],
});
