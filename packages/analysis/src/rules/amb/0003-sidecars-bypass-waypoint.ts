import { attachmentKinds, isL7Policy, targetRefs } from '../../facts/policies.ts';
import {
  namespacesWithSidecars,
  serviceWaypoint,
  waypointUseKinds,
} from '../../facts/waypoint-use.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  pod,
  positive,
  service,
  sidecarNamespace,
  waypoint,
} from '../shared/example.ts';

const toWeb = doc(
  'AuthorizationPolicy shop/get-only',
  `spec:
  targetRefs: [{kind: Service, group: "", name: web}]
  rules:
  - to: [{operation: {methods: [GET]}}]`,
);
const shop = docs(
  ambientNamespace('shop', { 'istio.io/use-waypoint': 'waypoint' }),
  service('shop/web'),
  waypoint('shop/waypoint'),
  toWeb,
);
const guard = doc(
  'AuthorizationPolicy shop/through-waypoint',
  `spec:
  selector: {matchLabels: {app: web}}
  action: DENY
  rules:
  - from: [{source: {notPrincipals: [cluster.local/ns/shop/sa/waypoint]}}]`,
);

const listed = (names: string[]): string =>
  names.length > 3
    ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
    : names.join(', ');

/** Sidecars send straight to pods: an L7 policy at the waypoint does not see them. */
export const sidecarsBypassWaypoint = defineRule({
  id: 'AMB0003',
  code: 'AMB0003',
  severity: 'warning',
  title: 'Callers with sidecars bypass the waypoint',
  explanation:
    'Only ztunnel sends traffic through waypoints. A caller with a sidecar connects to the pods themselves, so the L7 policy that the waypoint of a service enforces is not asked. During a migration from sidecars to ambient this is the normal state of things, and the gap is easily overlooked.',
  howToFix:
    'Until the callers are ambient too, let pods take connections of the waypoint alone: a policy with a `selector` and DENY for `notPrincipals: [cluster.local/ns/NAMESPACE/sa/WAYPOINT]`, which ztunnel enforces; name the sidecars that may pass.',
  cause: 'The mesh has namespaces with sidecars, whose proxies do not know waypoints.',
  consequence: 'Requests from sidecars reach the service without this policy.',
  kinds: ['AuthorizationPolicy', 'RequestAuthentication'],
  reads: [...attachmentKinds, ...waypointUseKinds, 'AuthorizationPolicy'],
  check: (subject, view, report) => {
    if (!isL7Policy(subject)) return;
    for (const { ref, path } of targetRefs(subject)) {
      if (ref.kind !== 'Service') continue;
      const target = view.get('Service', subject.namespace, ref.name ?? '');
      const through = target && serviceWaypoint(view, target);
      if (!target || !through?.ref || through.problem) continue;
      const callers = namespacesWithSidecars(view);
      if (callers.length === 0) continue;
      const account = `/sa/${through.ref.name}`;
      const isGuarded = view
        .inNamespace('AuthorizationPolicy', subject.namespace)
        .some(({ spec }) =>
          spec.rules?.some(({ from }) =>
            from?.some(({ source }) =>
              [...(source?.principals ?? []), ...(source?.notPrincipals ?? [])].some((name) =>
                name.endsWith(account),
              ),
            ),
          ),
        );
      if (isGuarded) continue;
      report({
        message: `Calls with sidecars (${listed(callers)}) to ${fullName(target)} do not pass waypoint ${fullName(through.ref)}, which enforces ${subject.name}`,
        path,
      });
    }
  },
  examples: [
    positive(
      'callers in a namespace with sidecars',
      docs(shop, sidecarNamespace('old'), pod('old/client', {}, true)),
      ['AuthorizationPolicy shop/get-only spec.targetRefs[0]'],
    ),
    negative(
      'a policy at the pods lets the waypoint in alone',
      docs(shop, sidecarNamespace('old'), pod('old/client', {}, true), guard),
    ),
    ambient(
      'no sidecars in the mesh, only ztunnel and waypoints',
      docs(
        shop,
        ambientNamespace('old'),
        pod('old/client'),
        doc('Namespace istio-system'),
        doc(
          'Pod istio-system/ztunnel-1',
          'spec: {containers: [{name: istio-proxy, image: "docker.io/istio/ztunnel:1.31.0"}]}',
          { app: 'ztunnel' },
        ),
      ),
    ),
  ],
});
