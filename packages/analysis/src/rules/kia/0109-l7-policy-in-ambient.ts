import {
  ambientKinds,
  isAmbientNamespace,
  waypointLabel,
  waypointOf,
} from '../../facts/ambient.ts';
import type { Policy } from '../../facts/policies.ts';
import { hasTargetRefs, isL7Telemetry, l7Parts, targetRefs } from '../../facts/policies.ts';
import { isGateway, podLabels, workloadKinds, workloads } from '../../facts/workloads.ts';
import type { KindName } from '../../kinds.ts';
import { resourceName } from '../../resource.ts';
import type { Example, Rule } from '../../rule.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector } from '../../selector.ts';
import type { View } from '../../view.ts';
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

type Kind = Policy['kind'] & KindName;

const isL7 = (policy: Policy): boolean => {
  if (policy.kind === 'AuthorizationPolicy') return l7Parts(policy.spec).length > 0;
  return policy.kind === 'Telemetry' ? isL7Telemetry(policy.spec) : true;
};

/** Whether something that the policy is for uses no waypoint: its targets, its pods, else its namespace. */
function lacksWaypoint(view: View, policy: Policy): boolean {
  const { namespace, spec } = policy;
  const refs = targetRefs(policy);
  if (refs.length > 0) {
    return refs.some(({ ref }) => {
      if (ref.kind !== 'Service' && ref.kind !== 'ServiceEntry') return false;
      const labels = view.get(ref.kind, namespace, ref.name ?? '')?.labels;
      return waypointOf(view, namespace, labels) === undefined;
    });
  }
  const labels = spec.selector?.matchLabels;
  if (isEmptySelector(labels)) return waypointOf(view, namespace) === undefined;
  const selected = workloads(view, labels, namespace)
    .filter((workload) => !isGateway(workload))
    .map(podLabels);
  if (selected.length === 0) return waypointOf(view, namespace) === undefined;
  return selected.some((of) => waypointOf(view, namespace, of) === undefined);
}

type Words = { kind: Kind; code: string; title: string; sameAs: string[]; spec: string };

const l7Spec: Record<string, string> = {
  AuthorizationPolicy: 'rules: [{to: [{operation: {methods: [GET]}}]}]',
  RequestAuthentication: 'jwtRules: [{issuer: "https://id.example.com"}]',
  WasmPlugin: 'url: oci://registry/plugin',
  Telemetry: 'tracing: [{randomSamplingPercentage: 10}]',
};

const noWaypoint = ({ kind, code, title, sameAs, spec }: Words): Rule => {
  const name = `${kind} shop/web`;
  const written = doc(name, `spec:\n  ${spec}`);
  const examples: Example[] = [
    positive('an ambient namespace without a waypoint', docs(ambientNamespace('shop'), written), [
      name,
    ]),
    negative('a namespace with sidecars', docs(sidecarNamespace('shop'), written)),
    negative('a namespace outside of the mesh', docs(doc('Namespace shop'), written)),
    negative('nothing is known of the namespace', written),
    ambient(
      'the namespace uses a waypoint',
      docs(
        ambientNamespace('shop', { [waypointLabel]: 'waypoint' }),
        waypoint('shop/waypoint'),
        written,
      ),
    ),
    ambient(
      'the selected pods opt out of the waypoint of their namespace',
      docs(
        ambientNamespace('shop', { [waypointLabel]: 'waypoint' }),
        pod('shop/web', { [waypointLabel]: 'none' }),
        doc(name, `spec:\n  selector: {matchLabels: {app: web}}\n  ${spec}`),
      ),
      [name],
    ),
    ...(kind === 'WasmPlugin'
      ? []
      : [
          ambient(
            'only the targeted Service uses a waypoint',
            docs(
              ambientNamespace('shop'),
              service('shop/web', { [waypointLabel]: 'waypoint' }),
              doc(name, `spec:\n  targetRefs: [{kind: Service, group: "", name: web}]\n  ${spec}`),
            ),
          ),
        ]),
  ];
  return defineRule({
    id: code,
    code,
    severity: 'warning',
    title,
    explanation: `In ambient mode a ${kind} that needs HTTP is work for a waypoint. In a namespace in ambient mode, where what it is for is not told to use a waypoint (\`${waypointLabel}\` on the namespace, the Service or the pods), it has no proxy to run in.`,
    howToFix: `Create a waypoint and label the namespace, the Service or the pods with \`${waypointLabel}\`.`,
    cause: 'Nothing tells the traffic to pass a waypoint.',
    consequence: 'The HTTP parts of it are not applied.',
    kinds: [kind],
    reads: [...ambientKinds, ...workloadKinds, 'Service', 'ServiceEntry'],
    sameAs,
    check: (subject, view, report) => {
      if (!isAmbientNamespace(view, subject.namespace) || !isL7(subject)) return;
      if (!lacksWaypoint(view, subject)) return;
      report({
        message: `${resourceName(subject)} needs a waypoint, and ambient namespace ${subject.namespace} sends no such traffic through one`,
      });
    },
    examples,
  });
};

const needsTargets = ({ kind, code, title, sameAs, spec }: Words): Rule => {
  const name = `${kind} shop/web`;
  const enrolled = docs(
    ambientNamespace('shop', { [waypointLabel]: 'waypoint' }),
    waypoint('shop/waypoint'),
  );
  return defineRule({
    id: code,
    code,
    severity: 'warning',
    title,
    explanation: `Waypoints read policies that target them or their services (\`targetRefs\`) and ignore a \`selector\`. In a namespace in ambient mode a ${kind} that needs HTTP and has no \`targetRefs\` is therefore read by nobody.`,
    howToFix: 'Replace `selector` by `targetRefs` to the Service, or to the waypoint (a Gateway).',
    cause: 'It has no targetRefs, and waypoints ignore selectors.',
    consequence: 'The waypoint does not apply it.',
    kinds: [kind],
    reads: ['Namespace'],
    sameAs,
    check: (subject, view, report) => {
      if (!isAmbientNamespace(view, subject.namespace) || !isL7(subject)) return;
      if (hasTargetRefs(subject)) return;
      report({
        message: `${resourceName(subject)} has no targetRefs, so waypoints of namespace ${subject.namespace} ignore it`,
        path: ['spec'],
      });
    },
    examples: [
      positive(
        'a selector in an ambient namespace',
        docs(enrolled, doc(name, `spec:\n  selector: {matchLabels: {app: web}}\n  ${spec}`)),
        [`${name} spec`],
      ),
      negative(
        'a selector in a namespace with sidecars',
        docs(
          sidecarNamespace('shop'),
          doc(name, `spec:\n  selector: {matchLabels: {app: web}}\n  ${spec}`),
        ),
      ),
      ambient(
        'bound to a Service',
        docs(
          enrolled,
          service('shop/web'),
          doc(name, `spec:\n  targetRefs: [{kind: Service, group: "", name: web}]\n  ${spec}`),
        ),
      ),
    ],
  });
};

const words = (kind: Kind, code: string, title: string, ...sameAs: string[]): Words => ({
  kind,
  code,
  title,
  sameAs,
  spec: l7Spec[kind] ?? '',
});

/** Kiali's pairs of checks on L7 policies in ambient namespaces. */
export const l7PolicyRules: readonly Rule[] = [
  noWaypoint(
    words(
      'AuthorizationPolicy',
      'KIA0109',
      'L7 policy in ambient without a waypoint',
      'AMB0001',
      'AMB0002',
    ),
  ),
  needsTargets(
    words('AuthorizationPolicy', 'KIA0110', 'L7 policy in ambient needs targetRefs', 'AMB0002'),
  ),
  noWaypoint(
    words(
      'RequestAuthentication',
      'KIA1110',
      'RequestAuthentication in ambient without a waypoint',
      'AMB0001',
      'AMB0002',
    ),
  ),
  needsTargets(
    words(
      'RequestAuthentication',
      'KIA1115',
      'RequestAuthentication in ambient needs targetRefs',
      'AMB0001',
      'AMB0002',
    ),
  ),
  noWaypoint(
    words(
      'WasmPlugin',
      'KIA1111',
      'WasmPlugin in ambient without a waypoint',
      'AMB0001',
      'AMB0002',
    ),
  ),
  needsTargets(
    words('WasmPlugin', 'KIA1116', 'WasmPlugin in ambient needs targetRefs', 'AMB0001', 'AMB0002'),
  ),
  noWaypoint(words('Telemetry', 'KIA1112', 'L7 Telemetry in ambient without a waypoint')),
  needsTargets(words('Telemetry', 'KIA1117', 'L7 Telemetry in ambient needs targetRefs')),
];
