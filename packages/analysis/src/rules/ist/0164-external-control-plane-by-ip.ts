import { addressProblem, controlPlaneHooks } from '../../istio/control-plane-url.ts';
import { defineRule } from '../../rule.ts';

export const externalControlPlaneByIp = defineRule({
  id: 'IST0164/webhook',
  code: 'IST0164',
  severity: 'info',
  title: 'External control plane named by an IP address',
  explanation:
    "A remote cluster's webhook reaches the external control plane by an IP address. That serves for trying: no certificate of a public authority covers it, and the address changes with the gateway.",
  howToFix: 'Use a host name, with a certificate for it.',
  cause: "The webhook's URL has an IP address for a host.",
  consequence: 'Injection stops when the address of the gateway changes.',
  kinds: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
  reads: [],
  check: (subject, _view, report) => {
    for (const hook of controlPlaneHooks(subject)) {
      if (addressProblem(hook) !== 'ip') continue;
      const url = hook.client.url ?? '';
      report({
        message: `Webhook ${hook.hook} reaches the external control plane by an IP address: ${url}`,
        istioText: `${url} ${hook.hook}`,
        path: [...hook.path, 'url'],
      });
    }
  },
  examples: [
    {
      title: 'an IP address for a host',
      aspect: 'positive',
      yaml: `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: istiod-default-validator}
webhooks:
- name: validation.istio.io
  clientConfig:
    url: "https://192.0.2.7:15017/validate"
`,
      expect: [
        {
          resource: 'ValidatingWebhookConfiguration istiod-default-validator',
          path: 'webhooks[0].clientConfig.url',
          line: 8,
        },
      ],
    },
    {
      title: 'a host name',
      aspect: 'negative',
      yaml: `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: istiod-default-validator}
webhooks: [{name: validation.istio.io, clientConfig: {url: "https://istio.example.com:15017/validate"}}]
`,
      expect: [],
    },
  ],
});
