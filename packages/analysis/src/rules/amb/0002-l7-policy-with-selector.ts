import { ambientKinds, isAmbient, isAmbientNamespace } from '../../facts/ambient.ts';
import { hasTargetRefs, l7Parts, rootNamespaceOf } from '../../facts/policies.ts';
import { podLabels, workloadKinds, workloads } from '../../facts/workloads.ts';
import { serviceWaypoint, waypointUseKinds } from '../../facts/waypoint-use.ts';
import type { Fix } from '../../finding.ts';
import type { Resource } from '../../resource.ts';
import { fullName, resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, selectorText } from '../../selector.ts';
import type { View } from '../../view.ts';
import { defineDerivation } from '../../view.ts';
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

const policy = (spec: string): string => doc('AuthorizationPolicy shop/web', `spec:\n  ${spec}`);
const l7Rule =
  'rules: [{from: [{source: {principals: ["*"]}}], to: [{operation: {methods: [GET]}}]}]';

type Selecting = Resource<
  'AuthorizationPolicy' | 'RequestAuthentication' | 'WasmPlugin' | 'TrafficExtension'
>;

const anyAmbient = defineDerivation({
  name: 'some namespace is in ambient mode',
  compute: (view) => view.list('Namespace').some(({ name }) => isAmbientNamespace(view, name)),
});

/** Whether the policy selects pods in ambient mode: those that its selector finds, else those of its namespace. */
function selectsAmbient(view: View, { spec, namespace }: Selecting): boolean {
  const labels = spec.selector?.matchLabels;
  if (isEmptySelector(labels)) {
    return namespace === rootNamespaceOf(view)
      ? view.derive(anyAmbient, '')
      : isAmbientNamespace(view, namespace);
  }
  const scope = namespace === rootNamespaceOf(view) ? undefined : namespace;
  const found = workloads(view, labels, scope);
  if (found.length === 0) return isAmbientNamespace(view, namespace);
  return found.some((workload) => isAmbient(view, workload.namespace, podLabels(workload)));
}

/** Binding the policy to the only Service of its pods, where that has a waypoint that serves. */
function bindToService(view: View, { namespace, spec }: Selecting): { fix: Fix } | undefined {
  const labels = selectorText(spec.selector?.matchLabels);
  if (labels === '') return undefined;
  const [first, ...more] = view
    .inNamespace('Service', namespace)
    .filter(({ spec: of }) => selectorText(of.selector) === labels);
  const through = first && serviceWaypoint(view, first);
  if (!first || more.length > 0 || !through?.ref || through.problem) return undefined;
  const value = [{ kind: 'Service', group: '', name: first.name }];
  return {
    fix: {
      title: `Bind it to Service ${first.name}`,
      patch: [
        { op: 'remove', path: '/spec/selector' },
        { op: 'add', path: '/spec/targetRefs', value },
      ],
    },
  };
}

function effectOf({ spec }: Resource<'AuthorizationPolicy'>): string | undefined {
  const { action } = spec;
  if (action === 'CUSTOM' || action === 'AUDIT') {
    return `ztunnel knows no action ${action}: the policy has no effect, and requests pass.`;
  }
  if (action === 'DENY') {
    return 'ztunnel leaves the HTTP parts out: it refuses every connection that the rest of the rule matches.';
  }
  return 'ztunnel drops every rule with HTTP parts: what only these rules allow is refused.';
}

/** L7 policies that select ambient pods: waypoints ignore selectors, and ztunnel knows no HTTP. */
export const l7PolicyWithSelector = defineRule({
  id: 'AMB0002/authorization-policy',
  code: 'AMB0002',
  severity: 'error',
  title: 'L7 policy with a selector in ambient mode',
  explanation:
    'Waypoints ignore policies with a `selector`; ztunnel takes them, but it knows no HTTP. Of an ALLOW policy it drops the rules with HTTP parts, of a DENY policy it leaves those parts out and refuses more, and CUSTOM and AUDIT it does not know at all. Istio sets the condition `UnsupportedValue` in the status.',
  howToFix:
    'Bind the policy with `targetRefs` to the Service (and let it use a waypoint); keep what needs no HTTP (principals, namespaces, ports) in a policy with the selector.',
  cause: 'The policy attaches to pods, where only ztunnel sees the traffic, but needs HTTP.',
  consequence: 'What is enforced is not what the policy says.',
  kinds: ['AuthorizationPolicy'],
  reads: [...ambientKinds, ...workloadKinds, ...waypointUseKinds, 'Service', 'MeshConfig'],
  check: (subject, view, report) => {
    const { spec } = subject;
    if (hasTargetRefs(subject)) return;
    const [first] = l7Parts(spec);
    const isUnknownAction = spec.action === 'CUSTOM' || spec.action === 'AUDIT';
    if ((!first && !isUnknownAction) || !selectsAmbient(view, subject)) return;
    const consequence = effectOf(subject);
    report({
      message: `AuthorizationPolicy ${fullName(subject)} needs HTTP (${first?.words ?? spec.action}), but reaches ambient pods by ${spec.selector ? 'selector' : 'namespace'}, where no waypoint takes it`,
      path: first?.path ?? ['spec', 'action'],
      ...(consequence ? { consequence } : {}),
      ...bindToService(view, subject),
    });
  },
  examples: [
    positive(
      'methods for pods of an ambient namespace',
      docs(
        ambientNamespace('shop'),
        pod('shop/web'),
        policy(`selector: {matchLabels: {app: web}}\n  action: DENY\n  ${l7Rule}`),
      ),
      ['AuthorizationPolicy shop/web spec.rules[0].to[0].operation.methods'],
    ),
    ambient(
      'a policy of the whole mesh, of which a part is in ambient mode',
      docs(
        ambientNamespace('shop'),
        doc('AuthorizationPolicy istio-system/all', `spec: {${l7Rule}}`),
      ),
      ['AuthorizationPolicy istio-system/all spec.rules[0].to[0].operation.methods'],
    ),
    ambient(
      'a waypoint that serves, and a policy that is not bound to it',
      docs(
        ambientNamespace('shop', { 'istio.io/use-waypoint': 'waypoint' }),
        waypoint('shop/waypoint'),
        service('shop/web'),
        pod('shop/web'),
        policy(`selector: {matchLabels: {app: web}}\n  ${l7Rule}`),
      ),
      ['AuthorizationPolicy shop/web spec.rules[0].to[0].operation.methods'],
    ),
    positive(
      'an external authorizer for a whole ambient namespace',
      docs(
        ambientNamespace('shop'),
        policy('action: CUSTOM\n  provider: {name: opa}\n  rules: [{}]'),
      ),
      ['AuthorizationPolicy shop/web spec.action'],
    ),
    negative(
      'methods for pods with sidecars',
      docs(
        sidecarNamespace('shop'),
        pod('shop/web', {}, true),
        policy(`selector: {matchLabels: {app: web}}\n  ${l7Rule}`),
      ),
    ),
    ambient(
      'principals alone need no HTTP, and pods may leave ambient mode',
      docs(
        ambientNamespace('shop'),
        pod('shop/web', { 'istio.io/dataplane-mode': 'none' }),
        doc(
          'AuthorizationPolicy shop/l4',
          'spec: {rules: [{from: [{source: {principals: ["cluster.local/ns/shop/sa/a"]}}]}]}',
        ),
        policy(`selector: {matchLabels: {app: web}}\n  ${l7Rule}`),
      ),
    ),
  ],
});

/** Policies that only HTTP proxies know, with a selector of ambient pods. */
export const extensionWithSelector = defineRule({
  id: 'AMB0002/request',
  code: 'AMB0002',
  severity: 'error',
  title: 'Policy with a selector that no proxy of ambient pods reads',
  explanation:
    'RequestAuthentication, WasmPlugin and TrafficExtension are work for an HTTP proxy. With a `selector` of ambient pods they reach neither ztunnel, which does no HTTP, nor a waypoint, which ignores selectors.',
  howToFix: 'Bind it with `targetRefs` to the Service or to the waypoint.',
  cause: 'The selected pods have no sidecar, and waypoints ignore selectors.',
  consequence: 'It has no effect.',
  kinds: ['RequestAuthentication', 'WasmPlugin', 'TrafficExtension'],
  reads: [...ambientKinds, ...workloadKinds, ...waypointUseKinds, 'Service', 'MeshConfig'],
  check: (subject, view, report) => {
    if (hasTargetRefs(subject) || !subject.spec.selector || !selectsAmbient(view, subject)) return;
    report({
      message: `${resourceName(subject)} selects ambient pods, where nothing reads it`,
      path: ['spec', 'selector'],
      ...bindToService(view, subject),
    });
  },
  examples: [
    positive(
      'tokens checked for pods of an ambient namespace',
      docs(
        ambientNamespace('shop'),
        pod('shop/web'),
        doc(
          'RequestAuthentication shop/jwt',
          'spec: {selector: {matchLabels: {app: web}}, jwtRules: [{issuer: "https://id.example.com"}]}',
        ),
      ),
      ['RequestAuthentication shop/jwt spec.selector'],
    ),
    negative(
      'the same for pods with sidecars',
      docs(
        sidecarNamespace('shop'),
        pod('shop/web', {}, true),
        doc(
          'RequestAuthentication shop/jwt',
          'spec: {selector: {matchLabels: {app: web}}, jwtRules: [{issuer: "https://id.example.com"}]}',
        ),
      ),
    ),
    ambient(
      'a gateway with the selector, beside ambient pods',
      docs(
        ambientNamespace('shop'),
        pod('shop/edge', { 'istio.io/dataplane-mode': 'none' }),
        doc(
          'WasmPlugin shop/log',
          'spec: {selector: {matchLabels: {app: edge}}, url: "oci://r/log"}',
        ),
      ),
    ),
  ],
});
