import { addressProblem, controlPlaneHooks } from '../../istio/control-plane-url.ts';
import { defineRule } from '../../rule.ts';

export const externalControlPlaneAddress = defineRule({
  id: 'IST0163/webhook',
  code: 'IST0163',
  severity: 'warning',
  title: 'Webhook of Istio without a usable address',
  explanation:
    "Istio's injection or validation webhook names neither a Service nor a URL, or a URL that is malformed. A remote cluster reaches its external control plane by that URL.",
  howToFix:
    'Set `clientConfig.url` to the address of the external control plane (Helm: `istiodRemote.injectionURL`), or `clientConfig.service` to istiod.',
  cause: 'The webhook has no address, or one that is no URL.',
  consequence: 'Pods are not injected, or configuration is not validated.',
  kinds: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
  reads: [],
  check: (subject, _view, report) => {
    for (const hook of controlPlaneHooks(subject)) {
      const problem = addressProblem(hook);
      if (problem !== 'blank' && problem !== 'malformed') continue;
      const url = hook.client.url ?? '';
      report({
        message:
          problem === 'blank'
            ? `Webhook ${hook.hook} names neither a Service nor a URL`
            : `Webhook ${hook.hook} has "${url}", which is no URL`,
        istioText: `${url} ${hook.hook}`,
        path: problem === 'blank' ? hook.path : [...hook.path, 'url'],
      });
    }
  },
  examples: [
    {
      title: 'no address, and a malformed one',
      aspect: 'positive',
      yaml: `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector-external}
webhooks:
- name: rev.namespace.sidecar-injector.istio.io
  clientConfig:
    url: "https://istio.example.com:bad/inject"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: istio-validator-external}
webhooks: [{name: rev.validation.istio.io, clientConfig: {}}]
`,
      expect: [
        {
          resource: 'MutatingWebhookConfiguration istio-sidecar-injector-external',
          path: 'webhooks[0].clientConfig.url',
          line: 8,
        },
        { resource: 'ValidatingWebhookConfiguration istio-validator-external' },
      ],
    },
    {
      title: 'a Service, a host name, and a webhook of somebody else',
      aspect: 'negative',
      yaml: `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector}
webhooks:
- {name: a.istio.io, clientConfig: {service: {name: istiod, namespace: istio-system}}}
- {name: b.istio.io, clientConfig: {url: "https://istio.example.com:15017/inject"}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: cert-manager}
webhooks: [{name: c.example.com, clientConfig: {}}]
`,
      expect: [],
    },
  ],
});
