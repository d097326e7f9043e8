import { annotationProblem } from '../../istio/annotation-values.ts';
import { findAnnotation, fitsOn, istioAnnotations } from '../../istio/annotations.ts';
import { defineRule } from '../../rule.ts';

export const invalidAnnotation = defineRule({
  id: 'IST0125/invalid',
  code: 'IST0125',
  severity: 'warning',
  title: 'Annotation with a value that Istio cannot read',
  explanation:
    "The sidecar injector checks some annotations of a pod: lists of ports, address ranges and interfaces, numbers, resource quantities, the interception mode, and the proxy's configuration. With a value that it cannot read it refuses the pod.",
  howToFix: 'Correct the value as the message says.',
  cause: 'The value of the annotation cannot be read.',
  consequence: 'The injector refuses the pod, so it is not created.',
  kinds: ['Namespace', 'Service', 'Pod', 'Deployment'],
  reads: [],
  check: (subject, _view, report) => {
    for (const name of istioAnnotations(subject.annotations)) {
      const annotation = findAnnotation(name);
      if (!annotation || annotation.on.includes('Any') || !fitsOn(annotation, subject.kind)) {
        continue;
      }
      const problem = annotationProblem(name, subject.annotations[name] ?? '');
      if (problem === undefined) continue;
      report({
        message: `Annotation "${name}" is not valid: ${problem}`,
        istioText: name,
        path: ['metadata', 'annotations', name],
      });
    }
  },
  examples: [
    {
      title: 'a port, an address range, a quantity and a mode that are none',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations:
    traffic.sidecar.istio.io/excludeInboundPorts: "8080,http"
    traffic.sidecar.istio.io/includeOutboundIPRanges: 10.0.0.0
    sidecar.istio.io/proxyCPU: 100 m
    sidecar.istio.io/interceptionMode: IPTABLES
`,
      expect: [
        {
          resource: 'Pod shop/web',
          path: 'metadata.annotations["traffic.sidecar.istio.io/excludeInboundPorts"]',
          message: '"http"',
          line: 8,
        },
        { resource: 'Pod shop/web', message: '10.0.0.0' },
        { resource: 'Pod shop/web', message: '100 m' },
        { resource: 'Pod shop/web', message: 'IPTABLES' },
      ],
    },
    {
      title: 'values that can be read',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations:
    traffic.sidecar.istio.io/includeInboundPorts: "*"
    traffic.sidecar.istio.io/excludeOutboundPorts: "80, 443"
    traffic.sidecar.istio.io/excludeOutboundIPRanges: 10.0.0.0/8,fd00::/8
    sidecar.istio.io/proxyMemory: 1.5Gi
    sidecar.istio.io/interceptionMode: TPROXY
    prometheus.istio.io/merge-metrics: "false"
    proxy.istio.io/config: |
      holdApplicationUntilProxyStarts: true
`,
      expect: [],
    },
  ],
});
