import { hasProxy } from '../../istio/in-mesh.ts';
import { injectionKey, isAmbientNamespace } from '../../istio/injection.ts';
import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';

const injectKey = 'sidecar.istio.io/inject';

export const podWithoutProxy = defineRule({
  id: 'IST0103/pod',
  code: 'IST0103',
  severity: 'warning',
  title: 'Pod without its sidecar',
  explanation:
    'The namespace asks for sidecars, but the pod has none: it was there before the label, or the injector could not be reached when it was made.',
  howToFix:
    'Restart the workload (`kubectl rollout restart`). When new pods have no sidecar either, look at the injector (events of the ReplicaSet, the MutatingWebhookConfiguration).',
  cause: 'The pod has no container istio-proxy, though its namespace is injected.',
  consequence:
    'The pod is outside the mesh: no mTLS, no policies; callers that demand mTLS are refused.',
  kinds: ['Pod'],
  reads: ['Namespace'],
  check: (subject, view, report) => {
    const { namespace, spec } = subject;
    if (namespace === 'istio-system') return;
    const labels = view.namespace(namespace)?.labels;
    if (labels?.[injectionKey] !== 'enabled' || isAmbientNamespace(labels)) return;
    const asked = subject.labels[injectKey] ?? subject.annotations[injectKey];
    if (asked?.toLowerCase() === 'false' || spec.hostNetwork === true) return;
    if (hasProxy([...(spec.containers ?? []), ...(spec.initContainers ?? [])])) return;
    report({
      message: `Pod ${fullName(subject)} has no sidecar, though its namespace is injected`,
    });
  },
  examples: [
    {
      title: 'a pod without a sidecar in an injected namespace',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: web}]}
`,
      expect: [{ resource: 'Pod shop/web', line: 6 }],
    },
    {
      title: 'sidecars of both kinds, pods that want none, and the host network',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: web}, {name: istio-proxy, image: proxyv2}]}
---
apiVersion: v1
kind: Pod
metadata: {name: native, namespace: shop}
spec: {containers: [{name: web, image: web}], initContainers: [{name: istio-proxy, image: proxyv2}]}
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: shop, labels: {sidecar.istio.io/inject: "False"}}
spec: {containers: [{name: job, image: job}]}
---
apiVersion: v1
kind: Pod
metadata: {name: node, namespace: shop}
spec: {hostNetwork: true, containers: [{name: node, image: node}]}
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
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: web}]}
`,
      expect: [],
    },
  ],
});
