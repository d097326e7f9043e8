import { hasImageAuto, isTakenByInjector } from '../../istio/image-auto.ts';
import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';

export const imageAutoDeployment = defineRule({
  id: 'IST0146/deployment',
  code: 'IST0146',
  severity: 'warning',
  title: 'Deployment with the image "auto" that no injector takes',
  explanation:
    'The container istio-proxy has the image `auto`, for the injector to replace. But no injection webhook of Istio takes the pods of this Deployment, by its selectors for namespaces and for objects.',
  howToFix:
    'Label the pod template `sidecar.istio.io/inject: "true"` (and `istio.io/rev` with revisions), or the namespace.',
  cause: 'No injection webhook selects the pods.',
  consequence: 'The pods never start: the image cannot be pulled.',
  kinds: ['Deployment'],
  reads: ['Namespace', 'MutatingWebhookConfiguration'],
  check: (subject, view, report) => {
    const { metadata, spec } = subject.spec.template ?? {};
    if (!hasImageAuto(spec ?? {})) return;
    const labels = view.namespace(subject.namespace || 'default')?.labels ?? {};
    if (isTakenByInjector(view, labels, metadata?.labels ?? {})) return;
    report({
      message: `Deployment ${fullName(subject)} has the image "auto", and no injection webhook takes its pods`,
    });
  },
  examples: [
    {
      title: 'a gateway in a namespace that is not injected',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: edge}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: edge}
spec: {template: {metadata: {labels: {app: gateway}}, spec: {containers: [{name: istio-proxy, image: auto}]}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector}
webhooks:
- name: namespace.sidecar-injector.istio.io
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
`,
      expect: [{ resource: 'Deployment edge/gateway' }],
    },
    {
      title: 'a namespace that the webhook takes',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: edge}
spec: {template: {spec: {containers: [{name: istio-proxy, image: auto}]}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector}
webhooks:
- name: namespace.sidecar-injector.istio.io
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
  objectSelector: {matchExpressions: [{key: sidecar.istio.io/inject, operator: NotIn, values: ["false"]}]}
`,
      expect: [],
    },
    {
      title: 'a gateway in an ambient namespace that asks for injection itself',
      aspect: 'ambient',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: edge}
spec: {template: {metadata: {labels: {sidecar.istio.io/inject: "true"}}, spec: {containers: [{name: istio-proxy, image: auto}]}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector}
webhooks:
- name: object.sidecar-injector.istio.io
  objectSelector: {matchLabels: {sidecar.istio.io/inject: "true"}}
`,
      expect: [],
    },
  ],
});
