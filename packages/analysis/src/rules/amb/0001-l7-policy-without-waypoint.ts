import {
  ambientKinds,
  isAmbientNamespace,
  problemText,
  waypointLabel,
} from '../../facts/ambient.ts';
import { attachmentKinds, attachments, hasTargetRefs, isL7Policy } from '../../facts/policies.ts';
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
  sidecarNamespace,
  waypoint,
} from '../shared/example.ts';

const getOnly = (targetRefs: string): string =>
  doc(
    'AuthorizationPolicy shop/get-only',
    `spec:
  ${targetRefs}
  rules:
  - to: [{operation: {methods: [GET]}}]`,
  );
const toWeb = getOnly('targetRefs: [{kind: Service, group: "", name: web}]');

/** An L7 policy whose target has no live waypoint: nothing enforces it. */
export const l7PolicyWithoutWaypoint = defineRule({
  id: 'AMB0001/target',
  code: 'AMB0001',
  severity: 'error',
  title: 'No live waypoint enforces the policy',
  explanation:
    'In ambient mode only a waypoint looks at HTTP. A policy with `targetRefs` is handed to the waypoint of its target; where the target uses none, or one that does not exist, is not programmed or does not serve this namespace, nobody enforces the policy. Traffic then goes straight to the pods: it **fails open**, without any error in a log.',
  howToFix:
    'Create the waypoint (`istioctl waypoint apply`), wait until it is programmed, and label the Service or its Namespace with `istio.io/use-waypoint`.',
  cause: 'What the policy is bound to sends its traffic through no waypoint that serves.',
  consequence: 'The policy is enforced nowhere: requests that it should refuse or change pass.',
  kinds: ['AuthorizationPolicy', 'RequestAuthentication', 'WasmPlugin', 'TrafficExtension'],
  reads: attachmentKinds,
  check: (subject, view, report) => {
    if (!hasTargetRefs(subject)) return;
    for (const { path, what, waypoint: ref, problem, isAmbient } of attachments(view, subject)) {
      if (!problem || !isAmbient) continue;
      const why =
        problem === 'none' || !ref
          ? `${what} uses no waypoint (no label ${waypointLabel})`
          : `its waypoint ${fullName(ref)} ${problemText[problem]}`;
      report({ message: `${resourceName(subject)} is enforced nowhere: ${why}`, path });
    }
  },
  examples: [
    positive(
      'a Service of an ambient namespace without a waypoint',
      docs(ambientNamespace('shop'), service('shop/web'), toWeb),
      ['AuthorizationPolicy shop/get-only spec.targetRefs[0]'],
    ),
    positive(
      'the waypoint that the Service names is gone',
      docs(
        ambientNamespace('shop'),
        service('shop/web', { 'istio.io/use-waypoint': 'waypoint' }),
        toWeb,
      ),
      ['AuthorizationPolicy shop/get-only spec.targetRefs[0]'],
    ),
    negative(
      'the Service uses a waypoint that is there',
      docs(
        ambientNamespace('shop', { 'istio.io/use-waypoint': 'waypoint' }),
        service('shop/web'),
        waypoint('shop/waypoint'),
        toWeb,
      ),
    ),
    negative(
      'a policy of a Gateway API ingress in a namespace of sidecars',
      docs(
        sidecarNamespace('shop'),
        doc('KubernetesGateway shop/edge', 'spec: {gatewayClassName: istio, listeners: []}'),
        getOnly('targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: edge}]'),
      ),
    ),
    negative('nothing is known of the namespace', docs(service('shop/web'), toWeb)),
    ambient(
      'a waypoint of another namespace that lets none in',
      docs(
        ambientNamespace('shop', {
          'istio.io/use-waypoint': 'shared',
          'istio.io/use-waypoint-namespace': 'infra',
        }),
        service('shop/web'),
        waypoint('infra/shared'),
        toWeb,
      ),
      ['AuthorizationPolicy shop/get-only spec.targetRefs[0]'],
    ),
  ],
});

/** L7 policies for a whole ambient namespace reach no waypoint. */
export const l7PolicyForNamespace = defineRule({
  id: 'AMB0001/namespace',
  code: 'AMB0001',
  severity: 'error',
  title: 'No waypoint takes the policy of the namespace',
  explanation:
    'A RequestAuthentication, WasmPlugin or TrafficExtension without `targetRefs` and `selector` is meant for every workload of its namespace. In ambient mode ztunnel cannot apply it, and waypoints take only what targets them or their services: nothing applies it.',
  howToFix:
    'Bind it with `targetRefs` to the Services or to the waypoint (a Gateway) of the namespace.',
  cause: 'The policy names no target, and the pods of the namespace have no sidecar.',
  consequence: 'It has no effect: tokens are not checked, extensions do not run.',
  kinds: ['RequestAuthentication', 'WasmPlugin', 'TrafficExtension'],
  reads: ambientKinds,
  check: (subject, view, report) => {
    if (hasTargetRefs(subject) || subject.spec.selector || !isL7Policy(subject)) return;
    if (!isAmbientNamespace(view, subject.namespace)) return;
    report({
      message: `${resourceName(subject)} names no target, and no sidecar of namespace ${subject.namespace} could apply it`,
      path: ['spec'],
    });
  },
  examples: [
    positive(
      'tokens of a whole ambient namespace',
      docs(
        ambientNamespace('shop'),
        doc(
          'RequestAuthentication shop/jwt',
          'spec: {jwtRules: [{issuer: "https://id.example.com"}]}',
        ),
      ),
      ['RequestAuthentication shop/jwt spec'],
    ),
    negative(
      'the same where pods have sidecars',
      docs(
        sidecarNamespace('shop'),
        doc(
          'RequestAuthentication shop/jwt',
          'spec: {jwtRules: [{issuer: "https://id.example.com"}]}',
        ),
      ),
    ),
    ambient(
      'the policy is bound to the waypoint',
      docs(
        ambientNamespace('shop'),
        waypoint('shop/waypoint'),
        doc(
          'RequestAuthentication shop/jwt',
          'spec: {targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}], jwtRules: [{issuer: "https://id.example.com"}]}',
        ),
      ),
    ),
  ],
});
