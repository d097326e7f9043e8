import {
  ambientKinds,
  problemText,
  waypointLabel,
  waypointOf,
  waypointProblem,
} from '../../facts/ambient.ts';
import { knows } from '../../facts/known.ts';
import { fullName, resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  positive,
  service,
  waypoint,
} from '../shared/example.ts';

/** A label that sends traffic through a waypoint which does not serve. */
export const waypointLeadsNowhere = defineRule({
  id: 'AMB0004',
  code: 'AMB0004',
  severity: 'error',
  title: 'The waypoint that is named does not serve',
  explanation:
    'The label `istio.io/use-waypoint` names a Gateway of the same namespace, or of `istio.io/use-waypoint-namespace`. Where that is not there, is no waypoint, is not programmed, does not allow the namespace (`allowedRoutes`) or takes other traffic (`istio.io/waypoint-for`), traffic goes straight to the pods, without the L7 policies that the waypoint should enforce.',
  howToFix:
    'Create the waypoint before the label, correct the name, add `istio.io/use-waypoint-namespace`, or allow the namespace in the listener of the waypoint.',
  cause: 'The label names a waypoint that does not take this traffic.',
  consequence: 'Traffic passes no waypoint: L7 policies and routes have no effect (it fails open).',
  kinds: ['Namespace', 'Service', 'ServiceEntry'],
  reads: ambientKinds,
  check: (subject, view, report) => {
    if (!(waypointLabel in subject.labels)) return;
    const isNamespace = subject.kind === 'Namespace';
    const namespace = isNamespace ? subject.name : subject.namespace;
    const ref = waypointOf(view, namespace, subject.labels);
    if (!ref || !knows(view, 'Namespace')) return;
    const problem = waypointProblem(view, ref, namespace, isNamespace ? undefined : 'service');
    if (!problem) return;
    report({
      message: `${resourceName(subject)} uses waypoint ${fullName(ref)}, which ${problemText[problem]}`,
      path: ['metadata', 'labels', waypointLabel],
    });
  },
  examples: [
    positive(
      'a waypoint that does not exist',
      ambientNamespace('shop', { 'istio.io/use-waypoint': 'waypoint' }),
      ['Namespace shop metadata.labels["istio.io/use-waypoint"]'],
    ),
    positive(
      'a waypoint for workloads, named by a Service',
      docs(
        ambientNamespace('shop'),
        service('shop/web', { 'istio.io/use-waypoint': 'waypoint' }),
        waypoint('shop/waypoint', { 'istio.io/waypoint-for': 'workload' }),
      ),
      ['Service shop/web metadata.labels["istio.io/use-waypoint"]'],
    ),
    negative(
      'files that say nothing of namespaces',
      service('shop/web', { 'istio.io/use-waypoint': 'waypoint' }),
    ),
    negative(
      'a Service that opts out of waypoints',
      docs(ambientNamespace('shop'), service('shop/web', { 'istio.io/use-waypoint': 'none' })),
    ),
    ambient(
      'a shared waypoint that allows all namespaces',
      docs(
        ambientNamespace('shop', {
          'istio.io/use-waypoint': 'shared',
          'istio.io/use-waypoint-namespace': 'infra',
        }),
        doc(
          'KubernetesGateway infra/shared',
          `spec:
  gatewayClassName: istio-waypoint
  listeners:
  - {name: mesh, port: 15008, protocol: HBONE, allowedRoutes: {namespaces: {from: All}}}`,
        ),
      ),
    ),
  ],
});
