import {
  dataplaneKey,
  injectionKey,
  injectsByDefault,
  isAmbientNamespace,
  revisionKey,
} from '../../istio/injection.ts';
import { defineRule } from '../../rule.ts';

export const namespaceNotInjected = defineRule({
  id: 'IST0102/namespace',
  code: 'IST0102',
  severity: 'info',
  title: 'Namespace outside the mesh',
  explanation:
    'The namespace has no label that puts it into the mesh, and none that says it is left out on purpose.',
  howToFix:
    'Label the namespace: `istio.io/dataplane-mode=ambient` or `istio-injection=enabled` to put it into the mesh, `istio-injection=disabled` to leave it out.',
  cause: 'No label of the namespace says whether it is in the mesh.',
  consequence: 'Its workloads have no mTLS, no policies and no telemetry of the mesh.',
  kinds: ['Namespace'],
  reads: ['ConfigMap'],
  check: (subject, view, report) => {
    const { name, labels } = subject;
    if (name === 'istio-system' || isAmbientNamespace(labels)) return;
    if (labels[injectionKey] || labels[revisionKey] !== undefined) return;
    if (view.derive(injectsByDefault, '')) return;
    // Istio's analysis takes "none" for no label; it is a person's decision.
    if (!view.parity && labels[dataplaneKey] === 'none') return;
    const path = ['metadata', 'name'];
    report({
      message: `Namespace ${name} is not in the mesh, and no label says that it is left out on purpose`,
      path,
      istioPath: path,
      fix: {
        title:
          'Label it istio.io/dataplane-mode=ambient, istio-injection=enabled or istio-injection=disabled',
      },
    });
  },
  examples: [
    {
      title: 'a namespace without a label',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
`,
      expect: [{ resource: 'Namespace shop', path: 'metadata.name', line: 5 }],
    },
    {
      title: 'namespaces that are in, or are left out on purpose',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: canary, labels: {istio.io/rev: canary}}
---
apiVersion: v1
kind: Namespace
metadata: {name: legacy, labels: {istio-injection: disabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
`,
      expect: [],
    },
    {
      title: 'a namespace in ambient',
      aspect: 'ambient',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
`,
      expect: [],
    },
  ],
});
