import { doorNameOf } from '@ambit/contracts/agent/waypoint';
import { ambientKinds, conditionsOf, isWaypoint } from '../../facts/ambient.ts';
import { knows } from '../../facts/known.ts';
import { productionNamespaces, waypointUseKinds } from '../../facts/waypoint-use.ts';
import type { Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
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
  waypoint,
} from '../shared/example.ts';

const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name';

const programmed = (name: string): string =>
  doc(
    `KubernetesGateway ${name}`,
    `spec:
  gatewayClassName: istio-waypoint
  listeners: [{name: mesh, port: 15008, protocol: HBONE}]
status:
  conditions: [{type: Programmed, status: "True"}]`,
  );

/** A waypoint without pods: ztunnel closes what should pass it. */
export const waypointWithoutPods = defineRule({
  id: 'AMB0007',
  code: 'AMB0007',
  severity: 'error',
  title: 'The waypoint has no pods',
  explanation:
    'A waypoint that is programmed keeps its address when its pods are gone. ztunnel then closes every connection that should pass it: it **fails closed**.',
  howToFix:
    'Scale the Deployment of the waypoint up, or take the label `istio.io/use-waypoint` off first.',
  cause: 'The Gateway is programmed, and no pod of it is there.',
  consequence: 'Connections to the services of this waypoint are closed.',
  kinds: ['KubernetesGateway'],
  reads: [...ambientKinds, 'Pod', 'WorkloadEntry'],
  check: (subject, view, report) => {
    if (!isWaypoint(subject) || !knows(view, 'Pod')) return;
    const isProgrammed = conditionsOf(subject.status).some(
      ({ type, status }) => type === 'Programmed' && status === 'True',
    );
    if (!isProgrammed) return;
    if (view.hasPod({ [gatewayNameLabel]: subject.name }, subject.namespace)) return;
    if (view.get('WorkloadEntry', subject.namespace, doorNameOf(subject.name))) return;
    report({ message: `Waypoint ${fullName(subject)} is programmed, but has no pods` });
  },
  examples: [
    positive(
      'a waypoint that was scaled to zero',
      docs(
        ambientNamespace('shop'),
        programmed('shop/waypoint'),
        doc('Pod shop/web-1', 'spec: {}', { app: 'web' }),
      ),
      ['Gateway shop/waypoint'],
    ),
    negative(
      'a waypoint with a pod',
      docs(
        ambientNamespace('shop'),
        programmed('shop/waypoint'),
        doc('Pod shop/waypoint-1', 'spec: {}', {
          'gateway.networking.k8s.io/gateway-name': 'waypoint',
        }),
      ),
    ),
    negative(
      'a waypoint that sleeps: the agent takes its connections in',
      docs(
        ambientNamespace('shop'),
        programmed('shop/waypoint'),
        doc(
          'WorkloadEntry shop/ambit-sleep-waypoint',
          'spec: {address: 192.0.2.7, serviceAccount: waypoint, ports: {mesh: 21000}}',
          { 'gateway.networking.k8s.io/gateway-name': 'waypoint' },
        ),
        doc('Pod shop/web-1', 'spec: {}', { app: 'web' }),
      ),
    ),
    ambient(
      'nothing is known of pods',
      docs(ambientNamespace('shop'), programmed('shop/waypoint')),
    ),
  ],
});

function deploymentOf(
  view: View,
  { namespace, name }: Resource<'KubernetesGateway'>,
): Resource<'Deployment'> | undefined {
  return view.get('Deployment', namespace, name);
}

const deployment = (replicas: number): string =>
  doc(
    'Deployment shop/waypoint',
    `spec:
  replicas: ${replicas}
  template: {metadata: {labels: {gateway.networking.k8s.io/gateway-name: waypoint}}}`,
  );
const production = ambientNamespace('shop', { environment: 'production' });

/** A single waypoint pod is a single point of failure. */
export const waypointOneReplica = defineRule({
  id: 'AMB0008',
  code: 'AMB0008',
  severity: 'warning',
  title: 'One replica of a waypoint in production',
  explanation:
    'Every call to the services of a waypoint passes it. With one replica, each restart (an upgrade of istiod rolls all waypoints at once) and each loss of a node cuts them. A namespace is production when a label of it says so (`environment`, `env`, `stage`: `prod`, `production`, `live`).',
  howToFix:
    'Give the waypoint two replicas or an autoscaler with `minReplicas: 2`, by the ConfigMap of `spec.infrastructure.parametersRef` or of its class.',
  cause: 'The Deployment of the waypoint keeps one pod.',
  consequence: 'While the only pod restarts or moves, calls to these services fail.',
  kinds: ['KubernetesGateway'],
  reads: [...waypointUseKinds, 'Deployment'],
  check: (subject, view, report) => {
    const found = isWaypoint(subject) ? deploymentOf(view, subject) : undefined;
    // Clusters always tell the number; a file that leaves it out may leave it to an autoscaler.
    if (found?.spec.replicas !== 1) return;
    const namespaces = productionNamespaces(view, subject);
    if (namespaces.length === 0) return;
    report({
      message: `Waypoint ${fullName(subject)} serves production (${namespaces.join(', ')}) with one replica`,
    });
  },
  examples: [
    positive('one replica', docs(production, waypoint('shop/waypoint'), deployment(1)), [
      'Gateway shop/waypoint',
    ]),
    negative('two replicas', docs(production, waypoint('shop/waypoint'), deployment(2))),
    negative(
      'a namespace that is not said to be production',
      docs(ambientNamespace('shop'), waypoint('shop/waypoint'), deployment(1)),
    ),
    ambient(
      'a number that is left to an autoscaler',
      docs(
        production,
        waypoint('shop/waypoint'),
        doc(
          'Deployment shop/waypoint',
          'spec: {template: {metadata: {labels: {gateway.networking.k8s.io/gateway-name: waypoint}}}}',
        ),
      ),
    ),
  ],
});

/** Nothing keeps a drain from taking all pods of a waypoint. */
export const waypointWithoutBudget = defineRule({
  id: 'AMB0009',
  code: 'AMB0009',
  severity: 'warning',
  title: 'No PodDisruptionBudget for a waypoint in production',
  explanation:
    'Without a PodDisruptionBudget a drain of nodes may take all pods of a waypoint at once, and with them every call to its services. Istio makes none by itself.',
  howToFix:
    'Add the key `podDisruptionBudget` to the ConfigMap of `spec.infrastructure.parametersRef` (or of the class), or create one that selects `gateway.networking.k8s.io/gateway-name`.',
  cause: 'No PodDisruptionBudget of the namespace selects the pods of the waypoint.',
  consequence: 'A drain of nodes can cut all calls to these services.',
  kinds: ['KubernetesGateway'],
  reads: [...waypointUseKinds, 'Deployment', 'PodDisruptionBudget'],
  check: (subject, view, report) => {
    const found = isWaypoint(subject) ? deploymentOf(view, subject) : undefined;
    if (!found) return;
    const namespaces = productionNamespaces(view, subject);
    if (namespaces.length === 0) return;
    const labels = found.spec.template?.metadata?.labels ?? {};
    const isHeld = view
      .inNamespace('PodDisruptionBudget', subject.namespace)
      .some(({ spec }) => selects(spec.selector?.matchLabels, labels));
    if (isHeld) return;
    report({
      message: `Waypoint ${fullName(subject)} serves production (${namespaces.join(', ')}) without a PodDisruptionBudget`,
    });
  },
  examples: [
    positive('no budget', docs(production, waypoint('shop/waypoint'), deployment(2)), [
      'Gateway shop/waypoint',
    ]),
    negative(
      'a budget for its pods',
      docs(
        production,
        waypoint('shop/waypoint'),
        deployment(2),
        doc(
          'PodDisruptionBudget shop/waypoint',
          'spec: {minAvailable: 1, selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}}',
        ),
      ),
    ),
    ambient(
      'a test namespace',
      docs(ambientNamespace('shop'), waypoint('shop/waypoint'), deployment(2)),
    ),
  ],
});
