import { hasImageAuto } from '../../istio/image-auto.ts';
import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';

export const imageAutoPod = defineRule({
  id: 'IST0147/pod',
  code: 'IST0147',
  severity: 'error',
  title: 'Pod with the image "auto"',
  explanation:
    'The container istio-proxy has the image `auto`, which stands for the image that the injector puts in. The injector did not see this pod: there is no image of that name.',
  howToFix:
    'Put the pod into reach of the injector (`sidecar.istio.io/inject: "true"` on the pod, or a label of the namespace), then make it anew.',
  cause: 'The injector did not replace the image "auto".',
  consequence: 'The pod never starts: the image cannot be pulled.',
  kinds: ['Pod'],
  reads: [],
  check: (subject, _view, report) => {
    if (!hasImageAuto(subject.spec)) return;
    report({
      message: `Pod ${fullName(subject)} still has the image "auto": the injector did not see it`,
    });
  },
  examples: [
    {
      title: 'a gateway pod that was not injected',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Pod
metadata: {name: gateway, namespace: edge}
spec: {containers: [{name: istio-proxy, image: auto}]}
`,
      expect: [{ resource: 'Pod edge/gateway' }],
    },
    {
      title: 'an image, and another container called auto',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Pod
metadata: {name: gateway, namespace: edge}
spec: {containers: [{name: istio-proxy, image: proxyv2}, {name: other, image: auto}]}
`,
      expect: [],
    },
  ],
});
