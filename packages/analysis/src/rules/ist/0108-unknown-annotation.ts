import { nearest } from '@ambit/istio/validation/shared/nearest';
import { annotationNames, findAnnotation, istioAnnotations } from '../../istio/annotations.ts';
import { defineRule } from '../../rule.ts';

const pointer = (name: string): string =>
  `/metadata/annotations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

export const unknownAnnotation = defineRule({
  id: 'IST0108/unknown',
  code: 'IST0108',
  severity: 'warning',
  title: 'Unknown annotation of Istio',
  explanation:
    'The name is in a domain of Istio, but Istio has no such annotation: it is misspelt, or was removed in an earlier release.',
  howToFix: 'Correct the name by the list of annotations in the reference of Istio, or remove it.',
  cause: 'No annotation of Istio has this name.',
  consequence: 'The annotation has no effect.',
  kinds: ['Namespace', 'Service', 'Pod', 'Deployment'],
  reads: [],
  check: (subject, _view, report) => {
    for (const name of istioAnnotations(subject.annotations)) {
      if (findAnnotation(name)) continue;
      const meant = nearest(name, annotationNames);
      report({
        message: `Istio has no annotation "${name}"${meant ? `; "${meant}" is near` : ''}`,
        istioText: name,
        path: ['metadata', 'annotations', name],
        fix: {
          title: `Remove the annotation ${name}`,
          patch: [{ op: 'remove', path: pointer(name) }],
        },
      });
    }
  },
  examples: [
    {
      title: 'a misspelt annotation',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations:
    sidecar.istio.io/proxyMemry: 64Mi
`,
      expect: [
        {
          resource: 'Pod shop/web',
          path: 'metadata.annotations["sidecar.istio.io/proxyMemry"]',
          message: 'sidecar.istio.io/proxyMemory',
          line: 8,
        },
      ],
    },
    {
      title: 'known annotations, and those of others',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {topology.istio.io/controlPlaneClusters: a, example.com/istio.io: "yes"}}
`,
      expect: [],
    },
    {
      title: 'annotations of ambient are known',
      aspect: 'ambient',
      yaml: `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, annotations: {ambient.istio.io/dns-capture: "true"}}
`,
      expect: [],
    },
  ],
});
