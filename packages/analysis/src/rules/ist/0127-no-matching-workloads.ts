import { mayHavePod, workloadKinds } from '../../facts/workloads.ts';
import { hasMeshPod } from '../../istio/in-mesh.ts';
import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';
import { selectorText } from '../../selector.ts';
import type { Selector, View } from '../../view.ts';

const defaultRootNamespace = 'istio-system';

/** Whether no pod is known, and nothing speaks against one. */
const isUnknown = (view: View, selector: Selector, namespace: string | undefined): boolean =>
  !view.hasPod(selector, namespace) && mayHavePod(view, selector, namespace);

export const noMatchingWorkloads = defineRule({
  id: 'IST0127/authorization-policy',
  code: 'IST0127',
  severity: 'warning',
  title: 'AuthorizationPolicy that applies to no workload',
  explanation:
    "The policy's selector fits the labels of no pod in the mesh, or its namespace has none. In the root namespace a selector counts for the whole mesh. A pod is in the mesh with a sidecar or when it is redirected to ztunnel.",
  howToFix:
    'Compare `spec.selector.matchLabels` with the labels of the pods, and check that the pods are in the mesh.',
  cause: 'No pod in the mesh has the labels that the policy selects.',
  consequence: 'The policy protects nothing.',
  kinds: ['AuthorizationPolicy'],
  reads: ['MeshConfig', ...workloadKinds],
  check: (subject, view, report) => {
    const { selector, targetRef, targetRefs } = subject.spec;
    const isAttached = targetRef !== undefined || (targetRefs?.length ?? 0) > 0;
    if (isAttached && !view.parity) return;
    const { namespace } = subject;
    const isMeshWide = namespace === (view.mesh().rootNamespace ?? defaultRootNamespace);
    if (isMeshWide && !selector) return;
    if (hasMeshPod(view, selector?.matchLabels, isMeshWide ? undefined : namespace)) return;
    if (
      !view.parity &&
      isUnknown(view, selector?.matchLabels, isMeshWide ? undefined : namespace)
    ) {
      return;
    }
    const labels = selectorText(selector?.matchLabels);
    const where = isMeshWide ? 'the mesh' : `namespace "${namespace}"`;
    report({
      message:
        labels === ''
          ? `AuthorizationPolicy ${fullName(subject)}: ${where} has no pod in the mesh`
          : `AuthorizationPolicy ${fullName(subject)}: no pod of the mesh in ${where} has the labels ${labels}`,
      path: selector ? ['spec', 'selector', 'matchLabels'] : [],
    });
  },
  examples: [
    {
      title: 'a selector that fits no pod with a sidecar',
      aspect: 'positive',
      yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec:
  selector:
    matchLabels: {app: api}
---
apiVersion: v1
kind: Pod
metadata: {name: api-1, namespace: shop, labels: {app: api}}
spec: {containers: [{name: api, image: api}]}
`,
      expect: [
        { resource: 'AuthorizationPolicy shop/api', path: 'spec.selector.matchLabels', line: 7 },
      ],
    },
    {
      title:
        'a pod of the root policy is in another namespace, and the namespace has one for its own',
      aspect: 'negative',
      yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: istio-system}
spec: {selector: {matchLabels: {app: api}}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: all, namespace: shop}
spec: {}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: api-1, namespace: shop, labels: {app: api}}
spec: {containers: [{name: api, image: api}]}
`,
      expect: [],
    },
    {
      title: 'pods that ztunnel serves, and a policy for a waypoint',
      aspect: 'ambient',
      yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec: {selector: {matchLabels: {app: api}}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: l7, namespace: other}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: v1
kind: Pod
metadata: {name: api-1, namespace: shop, labels: {app: api}}
spec: {containers: [{name: api, image: api}]}
`,
      expect: [],
    },
  ],
});
