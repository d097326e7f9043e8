import { hookName, isInjection, webhookOverlaps } from '../../istio/injection-webhooks.ts';
import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';

export const injectionWebhook = defineRule({
  id: 'IST0139/webhook',
  code: 'IST0139',
  severity: 'error',
  title: 'Injection webhooks overlap, or call a control plane that is gone',
  explanation:
    'A pod must be taken by one injection webhook at most. For the labels that matter (`istio-injection`, `sidecar.istio.io/inject`, `istio.io/rev`) all combinations are tried against the selectors of all webhooks. A webhook must also call a Service that exists.',
  howToFix:
    'Remove the configuration of a revision that is gone (`istioctl tag remove`, `helm uninstall`), or make the default tag belong to one revision.',
  cause: 'Selectors of several injection webhooks take the same pods, or the Service is missing.',
  consequence: 'Pods are injected twice, or not at all.',
  kinds: ['MutatingWebhookConfiguration'],
  reads: ['Service'],
  check: (subject, view, report) => {
    if (!isInjection(subject)) return;
    const overlaps = view.derive(webhookOverlaps, '');
    for (const [at, webhook] of (subject.spec.webhooks ?? []).entries()) {
      const name = hookName(subject, webhook);
      const path = ['webhooks', at];
      for (const others of overlaps.get(name) ?? []) {
        report({
          message: `Webhook ${webhook.name ?? ''} takes the same pods as ${others}`,
          istioText: `overlap ${others}`,
          path,
          key: others,
          cause: 'Selectors of several injection webhooks take the same pods.',
          consequence: 'Pods may be injected twice.',
        });
      }
      const { service } = webhook.clientConfig ?? {};
      if (!service) continue;
      const { namespace = '', name: serviceName = '' } = service;
      if (view.get('Service', namespace, serviceName)) continue;
      const missing = fullName({ namespace, name: serviceName });
      report({
        message: `Webhook ${webhook.name ?? ''} calls the Service ${missing}, which does not exist`,
        istioText: `service ${missing}`,
        path: [...path, 'clientConfig', 'service'],
        cause: 'The control plane that the webhook calls does not exist.',
        consequence: 'Pods are not injected, or are refused, as the failure policy says.',
      });
    }
  },
  examples: [
    {
      title: 'two webhooks for istio-injection=enabled, and a Service that is gone',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Service
metadata: {name: istiod, namespace: istio-system}
spec: {ports: [{port: 443, name: https}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector}
webhooks:
- name: namespace.sidecar-injector.istio.io
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
  clientConfig: {service: {name: istiod, namespace: istio-system}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-revision-tag-default, labels: {istio.io/rev: canary}}
webhooks:
- name: namespace.sidecar-injector.istio.io
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
  clientConfig: {service: {name: istiod-canary, namespace: istio-system}}
`,
      expect: [
        {
          resource: 'MutatingWebhookConfiguration istio-sidecar-injector',
          path: 'webhooks[0]',
          message: 'istio-revision-tag-default/namespace',
        },
        {
          resource: 'MutatingWebhookConfiguration istio-revision-tag-default',
          path: 'webhooks[0]',
        },
        {
          resource: 'MutatingWebhookConfiguration istio-revision-tag-default',
          path: 'webhooks[0].clientConfig.service',
          message: 'istio-system/istiod-canary',
        },
      ],
    },
    {
      title: 'a revision beside the default one, and webhooks of somebody else',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Service
metadata: {name: istiod, namespace: istio-system}
spec: {ports: [{port: 443, name: https}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector}
webhooks:
- name: namespace.sidecar-injector.istio.io
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
  clientConfig: {service: {name: istiod, namespace: istio-system}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector-canary}
webhooks:
- name: rev.namespace.sidecar-injector.istio.io
  namespaceSelector:
    matchExpressions:
    - {key: istio.io/rev, operator: In, values: [canary]}
    - {key: istio-injection, operator: DoesNotExist}
  clientConfig: {url: "https://istiod.example.com/inject"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: cert-manager}
webhooks: [{name: webhook.example.com, clientConfig: {service: {name: gone, namespace: gone}}}]
`,
      expect: [],
    },
  ],
});
