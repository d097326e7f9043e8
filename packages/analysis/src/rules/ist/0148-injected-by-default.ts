import {
  injectionKey,
  injectsByDefault,
  isAmbientNamespace,
  revisionKey,
} from '../../istio/injection.ts';
import { defineRule } from '../../rule.ts';

export const injectedByDefault = defineRule({
  id: 'IST0148/namespace',
  code: 'IST0148',
  severity: 'info',
  title: 'Namespace injected without asking for it',
  explanation:
    'Istio is installed with `enableNamespacesByDefault`, so that namespaces without a label get sidecars too. This one has no label.',
  howToFix:
    'Nothing, if that is meant; else label the namespace `istio-injection=disabled`. A label makes it plain in either case.',
  cause: 'The injector takes namespaces that have no label.',
  consequence: 'New pods of the namespace get a sidecar.',
  kinds: ['Namespace'],
  reads: ['ConfigMap'],
  check: (subject, view, report) => {
    const { name, labels } = subject;
    if (name === 'istio-system' || isAmbientNamespace(labels)) return;
    if (labels[injectionKey] || labels[revisionKey] !== undefined) return;
    if (!view.derive(injectsByDefault, '')) return;
    report({
      message: `Namespace ${name} has no label, and is injected because Istio is installed with enableNamespacesByDefault`,
      path: ['metadata', 'name'],
    });
  },
  examples: [
    {
      title: 'a namespace without a label, and an injector that takes such',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data:
  values: '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'
`,
      expect: [{ resource: 'Namespace shop', path: 'metadata.name' }],
    },
    {
      title: 'an injector that waits to be asked, and a namespace that asks',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: other, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data:
  values: '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": false}}'
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
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data:
  values: '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'
`,
      expect: [],
    },
  ],
});
