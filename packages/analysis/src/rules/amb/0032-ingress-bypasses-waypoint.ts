import { gatewayRouteKinds, routeFromGateway } from '../../facts/gateway-routes.ts';
import { attachmentKinds, isL7Policy, targetRefs } from '../../facts/policies.ts';
import { serviceWaypoint, waypointUseKinds } from '../../facts/waypoint-use.ts';
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

const ingressLabel = 'istio.io/ingress-use-waypoint';

const policy = doc(
  'AuthorizationPolicy shop/get-only',
  'spec: {targetRefs: [{kind: Service, group: "", name: web}], rules: [{to: [{operation: {methods: [GET]}}]}]}',
);
const edge = doc(
  'KubernetesGateway edge/main',
  'spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}',
);
const route = (parent: string): string =>
  doc(
    'HTTPRoute shop/web',
    `spec: {parentRefs: [${parent}], rules: [{backendRefs: [{name: web, port: 80}]}]}`,
  );
const shop = docs(
  ambientNamespace('shop', { 'istio.io/use-waypoint': 'waypoint' }),
  waypoint('shop/waypoint'),
  edge,
  policy,
);

export const ingressBypassesWaypoint = defineRule({
  id: 'AMB0032',
  code: 'AMB0032',
  severity: 'warning',
  title: 'The ingress bypasses the waypoint',
  explanation: `An ingress gateway sends straight to the pods of a service, also where the service has a waypoint, unless the Service or its namespace is labelled \`${ingressLabel}: "true"\`. L7 policies that the waypoint enforces are then not asked for requests from outside.`,
  howToFix: `Label the Service \`${ingressLabel}: "true"\`, or enforce the policy at the gateway as well.`,
  cause: `A route of a gateway leads to the service, which is not labelled ${ingressLabel}.`,
  consequence: 'Requests from outside reach the service without this policy.',
  kinds: ['AuthorizationPolicy', 'RequestAuthentication'],
  reads: [...attachmentKinds, ...waypointUseKinds, ...gatewayRouteKinds],
  check: (subject, view, report) => {
    if (!isL7Policy(subject)) return;
    const { namespace } = subject;
    for (const { ref, path } of targetRefs(subject)) {
      if (ref.kind !== 'Service') continue;
      const target = view.get('Service', namespace, ref.name ?? '');
      const through = target && serviceWaypoint(view, target);
      if (!target || !through?.ref || through.problem) continue;
      const labels = { ...view.namespace(namespace)?.labels, ...target.labels };
      if (labels[ingressLabel] === 'true') continue;
      const first = routeFromGateway(view, namespace, target.name);
      if (!first) continue;
      report({
        message: `${resourceName(first)} leads from a gateway to ${fullName(target)} past waypoint ${fullName(through.ref)}, which enforces ${subject.name}`,
        path,
      });
    }
  },
  examples: [
    positive(
      'a route of an ingress gateway',
      docs(shop, service('shop/web'), route('{name: main, namespace: edge}')),
      ['AuthorizationPolicy shop/get-only spec.targetRefs[0]'],
    ),
    negative(
      'the Service takes the ingress through its waypoint',
      docs(
        shop,
        service('shop/web', { 'istio.io/ingress-use-waypoint': 'true' }),
        route('{name: main, namespace: edge}'),
      ),
    ),
    ambient(
      'a route of the mesh',
      docs(shop, service('shop/web'), route('{kind: Service, group: "", name: web, port: 80}')),
    ),
  ],
});
