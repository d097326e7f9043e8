import { ambientKinds, isAmbient, isInjectedNamespace } from '../../facts/ambient.ts';
import { knows } from '../../facts/known.ts';
import { rootNamespaceOf, targetRefs } from '../../facts/policies.ts';
import { controllerKinds, isGateway, podLabels } from '../../facts/workloads.ts';
import type { Labels } from '../../kubernetes.ts';
import type { Resource } from '../../resource.ts';
import { resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { selects } from '../../selector.ts';
import type { View } from '../../view.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  positive,
  service,
  sidecarNamespace,
} from '../shared/example.ts';

function covers(view: View, policy: Resource<'AuthorizationPolicy'>, labels: Labels): boolean {
  const refs = targetRefs(policy);
  if (refs.length === 0) return selects(policy.spec.selector?.matchLabels, labels);
  return refs.some(({ ref }) => {
    if (ref.kind !== 'Service') return ref.kind === 'Gateway';
    const target = view.get('Service', policy.namespace, ref.name ?? '');
    return target?.spec.selector !== undefined && selects(target.spec.selector, labels);
  });
}

/** Whether pods of the labels are in the mesh, by what labels say. */
function isInMesh(view: View, namespace: string, labels: Labels): boolean {
  const inject = labels['sidecar.istio.io/inject'];
  if (inject !== undefined) return inject === 'true';
  return isAmbient(view, namespace, labels) || isInjectedNamespace(view, namespace);
}

const deployment = doc('Deployment shop/web', 'spec: {template: {metadata: {labels: {app: web}}}}');
const policy = (fullName: string, spec: string): string =>
  doc(`AuthorizationPolicy ${fullName}`, `spec: ${spec}`);

export const uncoveredWorkload = defineRule({
  id: 'KIA1301',
  code: 'KIA1301',
  severity: 'warning',
  title: 'No AuthorizationPolicy covers the workload',
  explanation:
    'A workload of the mesh is covered by no AuthorizationPolicy: neither by one of the mesh, nor by one of its namespace, nor by one that selects or targets it. It is told only in a mesh that has AuthorizationPolicies, and not for gateways and waypoints.',
  howToFix:
    'Add a policy for the workload or its namespace; a default that allows nothing is a good start.',
  cause: 'No policy selects, targets or includes the workload.',
  consequence: 'Everyone who reaches the workload may call it.',
  kinds: controllerKinds,
  reads: [...ambientKinds, 'AuthorizationPolicy', 'Service', 'MeshConfig'],
  check: (subject, view, report) => {
    if (!knows(view, 'AuthorizationPolicy')) return;
    const { namespace } = subject;
    const labels = podLabels(subject);
    if (isGateway(subject) || !isInMesh(view, namespace, labels)) return;
    const root = rootNamespaceOf(view);
    if (namespace === root) return;
    for (const from of [namespace, root]) {
      const policies = view.inNamespace('AuthorizationPolicy', from);
      if (policies.some((one) => covers(view, one, labels))) return;
    }
    report({ message: `No AuthorizationPolicy covers ${resourceName(subject)}` });
  },
  examples: [
    positive(
      'a policy for another workload only',
      docs(
        sidecarNamespace('shop'),
        deployment,
        policy('shop/db', '{selector: {matchLabels: {app: db}}}'),
      ),
      ['Deployment shop/web'],
    ),
    negative(
      'a policy of the mesh',
      docs(sidecarNamespace('shop'), deployment, policy('istio-system/all', '{}')),
    ),
    negative('a mesh without policies', docs(sidecarNamespace('shop'), deployment)),
    negative(
      'a workload outside of the mesh',
      docs(
        doc('Namespace shop'),
        deployment,
        policy('shop/db', '{selector: {matchLabels: {app: db}}}'),
      ),
    ),
    negative(
      'a gateway, which runs the proxy alone',
      docs(
        sidecarNamespace('shop'),
        doc(
          'Deployment shop/edge',
          'spec: {template: {metadata: {labels: {app: edge, sidecar.istio.io/inject: "true"}}, spec: {containers: [{name: istio-proxy, image: auto}]}}}',
        ),
        policy('shop/db', '{selector: {matchLabels: {app: db}}}'),
      ),
    ),
    ambient(
      'a policy that targets its Service',
      docs(
        ambientNamespace('shop'),
        deployment,
        service('shop/web'),
        policy('shop/web', '{targetRefs: [{kind: Service, group: "", name: web}]}'),
      ),
    ),
  ],
});
