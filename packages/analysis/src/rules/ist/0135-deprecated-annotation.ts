import { findAnnotation, istioAnnotations } from '../../istio/annotations.ts';
import { defineRule } from '../../rule.ts';

const inject = 'sidecar.istio.io/inject';

export const deprecatedAnnotation = defineRule({
  id: 'IST0135/deprecated',
  code: 'IST0135',
  severity: 'info',
  title: 'Deprecated annotation',
  explanation:
    'Istio still reads the annotation, but a later release will not. For `sidecar.istio.io/inject` there is a label of the same name; a resource that has both is not reported.',
  howToFix:
    'Use what replaced it: the label `sidecar.istio.io/inject` instead of the annotation, Telemetry and ProxyConfig resources instead of statistics annotations.',
  cause: 'The annotation is deprecated.',
  consequence: 'The setting is lost silently with a later release of Istio.',
  kinds: ['Namespace', 'Service', 'Pod', 'Deployment'],
  reads: [],
  check: (subject, _view, report) => {
    for (const name of istioAnnotations(subject.annotations)) {
      if (!findAnnotation(name)?.isDeprecated) continue;
      if (name === inject && subject.labels[inject] !== undefined) continue;
      const path = ['metadata', 'annotations', name];
      if (name !== inject) {
        report({ message: `Annotation "${name}" is deprecated`, istioText: name, path });
        continue;
      }
      const value = subject.annotations[name] ?? '';
      const [key, labels] = [name.replace('/', '~1'), subject.labels];
      report({
        message: `Annotation "${name}" is deprecated in favour of the label of the same name`,
        istioText: name,
        path,
        fix: {
          title: `Make it the label ${name}: "${value}"`,
          patch: [
            { op: 'remove', path: `/metadata/annotations/${key}` },
            Object.keys(labels).length === 0
              ? { op: 'add', path: '/metadata/labels', value: { [name]: value } }
              : { op: 'add', path: `/metadata/labels/${key}`, value },
          ],
        },
      });
    }
  },
  examples: [
    {
      title: 'injection that is asked for by annotation',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations:
    sidecar.istio.io/inject: "true"
`,
      expect: [
        {
          resource: 'Pod shop/web',
          path: 'metadata.annotations["sidecar.istio.io/inject"]',
          line: 8,
        },
      ],
    },
    {
      title: 'both the annotation and the label, for old and new releases',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations: {sidecar.istio.io/inject: "true"}
  labels: {sidecar.istio.io/inject: "true"}
`,
      expect: [],
    },
  ],
});
