import { findAnnotation, fitsOn, istioAnnotations } from '../../istio/annotations.ts';
import type { Fix, PatchOperation } from '../../finding.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';

/** Moves an annotation of a Deployment to its pods, where it is not yet. */
function moveToPods({ annotations, spec }: Resource<'Deployment'>, name: string): Fix {
  const title = 'Move it to spec.template.metadata.annotations';
  const key = name.replaceAll('~', '~0').replaceAll('/', '~1');
  const patch: PatchOperation[] = [{ op: 'remove', path: `/metadata/annotations/${key}` }];
  const { metadata } = spec.template ?? {};
  if (!metadata) return { title };
  const place = '/spec/template/metadata/annotations';
  const value = annotations[name] ?? '';
  if (!metadata.annotations) patch.push({ op: 'add', path: place, value: { [name]: value } });
  else if (metadata.annotations[name] === undefined) {
    patch.push({ op: 'add', path: `${place}/${key}`, value });
  }
  return { title, patch };
}

export const misplacedAnnotation = defineRule({
  id: 'IST0107/misplaced',
  code: 'IST0107',
  severity: 'warning',
  title: 'Annotation on the wrong kind of resource',
  explanation:
    "Each of Istio's annotations is read from certain kinds only. On others it does nothing: annotations of a sidecar, for one, belong on the pod template of a Deployment, not on the Deployment.",
  howToFix:
    'Move the annotation to a kind that reads it (`spec.template.metadata.annotations` of a Deployment for those of pods), or remove it.',
  cause: 'Istio does not read this annotation from resources of this kind.',
  consequence: 'The annotation has no effect.',
  kinds: ['Namespace', 'Service', 'Pod', 'Deployment'],
  reads: [],
  check: (subject, _view, report) => {
    for (const name of istioAnnotations(subject.annotations)) {
      const annotation = findAnnotation(name);
      if (!annotation || fitsOn(annotation, subject.kind)) continue;
      const path = ['metadata', 'annotations', name];
      report({
        message: `Annotation "${name}" is read from ${annotation.on.join(', ')} only, not from a ${subject.kind}`,
        istioText: name,
        path,
        fix:
          subject.kind === 'Deployment' && annotation.on.includes('Pod')
            ? moveToPods(subject, name)
            : { title: `Move it to a ${annotation.on.join(' or ')}, or remove it` },
      });
    }
  },
  examples: [
    {
      title: 'an annotation of pods on a Deployment and on a Service',
      aspect: 'positive',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations:
    sidecar.istio.io/logLevel: debug
spec: {template: {metadata: {labels: {app: web}}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, annotations: {proxy.istio.io/config: "{}"}}
spec: {ports: [{port: 80, name: http}]}
`,
      expect: [
        {
          resource: 'Deployment shop/web',
          path: 'metadata.annotations["sidecar.istio.io/logLevel"]',
          line: 8,
        },
        { resource: 'Service shop/web' },
      ],
    },
    {
      title: 'annotations where they belong, and those that are no business of Istio',
      aspect: 'negative',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, annotations: {example.com/owner: shop, galley.istio.io/analyze-suppress: IST0107}}
spec: {template: {metadata: {annotations: {sidecar.istio.io/logLevel: debug}}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, annotations: {sidecar.istio.io/status: "{}", sidecar.istio.io/logLevel: debug}}
`,
      expect: [],
    },
    {
      title: 'what ambient puts on pods is in its place',
      aspect: 'ambient',
      yaml: `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, annotations: {ambient.istio.io/redirection: enabled}}
`,
      expect: [],
    },
  ],
});
