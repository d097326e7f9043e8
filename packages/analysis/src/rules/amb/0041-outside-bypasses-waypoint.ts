import { mtlsKinds, workloadMode } from '../../facts/mtls.ts';
import { attachmentKinds, isL7Policy, targetRefs } from '../../facts/policies.ts';
import { serviceWaypoint, waypointUseKinds } from '../../facts/waypoint-use.ts';
import { fullName, type Resource } from '../../resource.ts';
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
  waypoint,
} from '../shared/example.ts';

/** Whether L4 policies at the pods let nobody pass whom they do not name: one DENY for the rest, or ALLOW and no other. */
function isGuarded(view: View, target: Resource<'Service'>): boolean {
  const selector = target.spec.selector ?? {};
  const policies = view
    .inNamespace('AuthorizationPolicy', target.namespace)
    .filter(({ spec }) => !spec.targetRefs?.length && !spec.targetRef)
    .filter(({ spec }) => selects(spec.selector?.matchLabels, selector));
  const isRestDenied = policies.some(
    ({ spec }) =>
      spec.action === 'DENY' &&
      (spec.rules ?? []).some(
        ({ from, to, when }) =>
          !to?.length &&
          !when?.length &&
          from?.some(({ source }) => (source?.notPrincipals?.length ?? 0) > 0),
      ),
  );
  // Whom one of them allows may pass, whatever the others say.
  const allowing = policies.filter(({ spec }) => (spec.action ?? 'ALLOW') === 'ALLOW');
  const isNamedOnly = ({ spec }: Resource<'AuthorizationPolicy'>): boolean =>
    (spec.rules ?? []).every(
      ({ from }) =>
        from?.length &&
        from.every(
          ({ source }) =>
            (source?.principals?.length ?? 0) > 0 && !source?.principals?.includes('*'),
        ),
    );
  return isRestDenied || (allowing.length > 0 && allowing.every(isNamedOnly));
}

const shop = docs(
  ambientNamespace('shop', { 'istio.io/use-waypoint': 'waypoint' }),
  service('shop/web'),
  waypoint('shop/waypoint'),
  doc(
    'AuthorizationPolicy shop/get-only',
    `spec:
  targetRefs: [{kind: Service, group: "", name: web}]
  rules:
  - to: [{operation: {methods: [GET]}}]`,
  ),
);
const allow = (name: string, rule: string): string =>
  doc(`AuthorizationPolicy shop/${name}`, `spec: {rules: [${rule}]}`);
const named = allow(
  'named',
  '{from: [{source: {principals: [cluster.local/ns/shop/sa/waypoint]}}]}',
);
const guard = (selector: string): string =>
  doc(
    'AuthorizationPolicy shop/guard',
    `spec:
  selector: {matchLabels: {app: ${selector}}}
  action: DENY
  rules:
  - from: [{source: {notPrincipals: [cluster.local/ns/shop/sa/waypoint]}}]`,
  );

/** Who is in no mesh sends to the pods themselves, and they take plain text. */
export const outsideBypassesWaypoint = defineRule({
  id: 'AMB0041',
  code: 'AMB0041',
  severity: 'info',
  title: 'Clients outside the mesh bypass the waypoint',
  explanation:
    'A waypoint is on the way of ambient clients only. Whoever is outside the mesh connects to the pods themselves, and pods in PERMISSIVE mode take plain text: the L7 policy that the waypoint enforces is not asked.',
  howToFix:
    'Guard the pods by an L4 policy that lets the waypoint alone pass (`npx ambit guard get` shows it, the mode `keep` keeps it), or demand mTLS with a PeerAuthentication STRICT.',
  cause: 'The pods of the Service take plain text, and no L4 policy guards them.',
  consequence: 'Requests from outside the mesh reach the Service without this policy.',
  kinds: ['AuthorizationPolicy', 'RequestAuthentication'],
  reads: [...attachmentKinds, ...waypointUseKinds, ...mtlsKinds, 'AuthorizationPolicy'],
  parity: 'never',
  check: (subject, view, report) => {
    if (!isL7Policy(subject)) return;
    for (const { ref, path } of targetRefs(subject)) {
      if (ref.kind !== 'Service') continue;
      const target = view.get('Service', subject.namespace, ref.name ?? '');
      const through = target && serviceWaypoint(view, target);
      if (!target || !through?.ref || through.problem) continue;
      const { mode } = workloadMode(view, target.namespace, target.spec.selector ?? {});
      if (mode === 'STRICT' || isGuarded(view, target)) continue;
      report({
        message: `Clients outside the mesh reach ${fullName(target)} past waypoint ${fullName(through.ref)}, which enforces ${subject.name}`,
        path,
      });
    }
  },
  examples: [
    positive('pods that take plain text', shop, [
      'AuthorizationPolicy shop/get-only spec.targetRefs[0]',
    ]),
    positive('a guard of other pods', docs(shop, guard('mail')), [
      'AuthorizationPolicy shop/get-only spec.targetRefs[0]',
    ]),
    positive('a policy that allows anybody', docs(shop, named, allow('anybody', '{}')), [
      'AuthorizationPolicy shop/get-only spec.targetRefs[0]',
    ]),
    negative('a guard', docs(shop, guard('web'))),
    negative('a policy that allows the waypoint alone', docs(shop, named)),
    ambient(
      'STRICT',
      docs(shop, doc('PeerAuthentication shop/default', 'spec: {mtls: {mode: STRICT}}')),
    ),
  ],
});
