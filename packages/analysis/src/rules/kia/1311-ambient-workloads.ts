import {
  ambientKinds,
  isAmbient,
  isAmbientNamespace,
  isInjectedNamespace,
  modeLabel,
  problemText,
  waypointLabel,
  waypointOf,
  waypointProblem,
} from '../../facts/ambient.ts';
import { knows } from '../../facts/known.ts';
import type { Policy } from '../../facts/policies.ts';
import { l7Parts, targetRefs } from '../../facts/policies.ts';
import type { Controller } from '../../facts/workloads.ts';
import { controllerKinds, hasSidecar, isGateway, podLabels } from '../../facts/workloads.ts';
import type { Labels } from '../../kubernetes.ts';
import type { Resource } from '../../resource.ts';
import { isPodInAmbient, redirection } from '../../istio/ambient.ts';
import { fullName, resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, selects } from '../../selector.ts';
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

const injectLabel = 'sidecar.istio.io/inject';

const deployment = (labels: Labels = {}): string =>
  doc(
    'Deployment shop/web',
    `spec:
  template:
    metadata:
      labels: ${JSON.stringify({ app: 'web', ...labels })}`,
  );

/** Whether pods with the labels are to get a sidecar: their own label comes before the namespace's. */
function isInjected(view: View, namespace: string, labels: Labels): boolean {
  const own = labels[injectLabel];
  if (own !== undefined) return own === 'true';
  if ((labels['istio.io/rev'] ?? '') !== '') return true;
  const of = view.namespace(namespace)?.labels ?? {};
  return (
    isInjectedNamespace(view, namespace) ||
    (of['istio-injection'] === undefined && (of['istio.io/rev'] ?? '') !== '')
  );
}

/** Both modes are asked for. */
export const bothModes = defineRule({
  id: 'KIA1311',
  code: 'KIA1311',
  severity: 'error',
  title: 'Both sidecar and ambient labels',
  explanation:
    'Labels of the workload or its namespace ask for a sidecar (`istio-injection`, `istio.io/rev`, `sidecar.istio.io/inject`) and for ambient mode (`istio.io/dataplane-mode`). A pod is in one of them: with a sidecar it is not captured by ztunnel.',
  howToFix: 'Take one of the labels off.',
  cause: 'Labels for both modes apply to the pods.',
  consequence: 'New pods get a sidecar and are not in ambient mode, whatever the label says.',
  kinds: controllerKinds,
  reads: ambientKinds,
  check: (subject, view, report) => {
    const labels = podLabels(subject);
    if (isGateway(subject)) return;
    const { namespace } = subject;
    if (!isAmbient(view, namespace, labels) || !isInjected(view, namespace, labels)) return;
    report({
      message: `${resourceName(subject)} is labelled for a sidecar and for ambient mode`,
      path: ['spec', 'template', 'metadata', 'labels'],
    });
  },
  examples: [
    positive(
      'a namespace with both labels',
      docs(ambientNamespace('shop', { 'istio-injection': 'enabled' }), deployment()),
      ['Deployment shop/web spec.template.metadata.labels'],
    ),
    negative('a namespace with sidecars', docs(sidecarNamespace('shop'), deployment())),
    ambient(
      'pods that refuse the sidecar',
      docs(
        ambientNamespace('shop', { 'istio-injection': 'enabled' }),
        deployment({ 'sidecar.istio.io/inject': 'false' }),
      ),
    ),
    ambient('a namespace in ambient mode', docs(ambientNamespace('shop'), deployment())),
  ],
});

const isServed = (view: View, subject: Controller): boolean =>
  isAmbient(view, subject.namespace, podLabels(subject));

/** A waypoint for pods that ztunnel does not capture. */
export const waypointOutsideAmbient = defineRule({
  id: 'KIA1312',
  code: 'KIA1312',
  severity: 'warning',
  title: 'Waypoint label outside of ambient mode',
  explanation: `The workload is told to use a waypoint (\`${waypointLabel}\`), but it is not in ambient mode: its traffic is not captured by ztunnel.`,
  howToFix: `Add \`${modeLabel}: ambient\` to the namespace or the pods, or take the waypoint label off.`,
  cause: 'The pods are not in ambient mode.',
  consequence: 'Calls of these pods pass no waypoint.',
  kinds: controllerKinds,
  reads: ambientKinds,
  check: (subject, view, report) => {
    const labels = podLabels(subject);
    if (!knows(view, 'Namespace') || labels[modeLabel] === 'none' || isGateway(subject)) return;
    const ref = waypointOf(view, subject.namespace, labels);
    if (!ref || isServed(view, subject)) return;
    report({
      message: `${resourceName(subject)} is to use waypoint ${fullName(ref)}, but is not in ambient mode`,
      path: ['spec', 'template', 'metadata', 'labels'],
    });
  },
  examples: [
    positive(
      'pods with sidecars that name a waypoint',
      docs(sidecarNamespace('shop'), deployment({ [waypointLabel]: 'waypoint' })),
      ['Deployment shop/web spec.template.metadata.labels'],
    ),
    negative('no waypoint is named', docs(sidecarNamespace('shop'), deployment())),
    negative('nothing is known of the namespace', deployment({ [waypointLabel]: 'waypoint' })),
    ambient(
      'pods in ambient mode',
      docs(ambientNamespace('shop'), deployment({ [waypointLabel]: 'waypoint' })),
    ),
  ],
});

/** A waypoint that is named and not there. */
export const waypointMissing = defineRule({
  id: 'KIA1313',
  code: 'KIA1313',
  severity: 'error',
  title: 'The waypoint of the workload does not exist',
  explanation: `The label \`${waypointLabel}\` names a waypoint that is not there. It is told once for the namespace whose label it is, and for each workload with a label of its own.`,
  howToFix: 'Create the waypoint, or correct the label.',
  cause: 'There is no waypoint of this name.',
  consequence: 'L7 policies for these pods are not enforced.',
  kinds: [...controllerKinds, 'Namespace'],
  reads: ambientKinds,
  sameAs: ['AMB0004'],
  check: (subject, view, report) => {
    const isNamespace = subject.kind === 'Namespace';
    const labels = isNamespace ? subject.labels : podLabels(subject);
    if (!(waypointLabel in labels) || !knows(view, 'Namespace')) return;
    if (!isNamespace && labels[modeLabel] === 'none') return;
    const namespace = isNamespace ? subject.name : subject.namespace;
    const ref = waypointOf(view, namespace, labels);
    const problem = ref && waypointProblem(view, ref, namespace);
    if (!ref || (problem !== 'missing' && problem !== 'no waypoint')) return;
    report({
      message: `${resourceName(subject)} uses waypoint ${fullName(ref)}, which ${problemText[problem]}`,
      path: isNamespace
        ? ['metadata', 'labels', waypointLabel]
        : ['spec', 'template', 'metadata', 'labels', waypointLabel],
    });
  },
  examples: [
    positive(
      'a workload with a label of its own',
      docs(ambientNamespace('shop'), deployment({ [waypointLabel]: 'waypoint' })),
      ['Deployment shop/web spec.template.metadata.labels["istio.io/use-waypoint"]'],
    ),
    negative(
      'a workload that opts out',
      docs(ambientNamespace('shop'), deployment({ [waypointLabel]: 'none' })),
    ),
    ambient(
      'the label of the namespace is told once, for the namespace',
      docs(ambientNamespace('shop', { [waypointLabel]: 'waypoint' }), deployment()),
      ['Namespace shop metadata.labels["istio.io/use-waypoint"]'],
    ),
    ambient(
      'the waypoint is there',
      docs(
        ambientNamespace('shop', { [waypointLabel]: 'waypoint' }),
        deployment(),
        waypoint('shop/waypoint'),
      ),
    ),
  ],
});

/** A pod that ztunnel captures, with a label for a sidecar. */
export const sidecarLabelOnCapturedPod = defineRule({
  id: 'KIA1314',
  code: 'KIA1314',
  severity: 'error',
  title: 'Sidecar label on a pod in ambient mode',
  explanation:
    'Labels ask for a sidecar, but the pod is captured by ztunnel (annotation `ambient.istio.io/redirection: enabled`). After the next restart it gets a sidecar and leaves ambient mode.',
  howToFix: 'Take the sidecar label off the pod template or the namespace.',
  cause: 'The pod was started before the label, or the webhook was not asked.',
  consequence: 'The next restart changes the mode of the pod.',
  kinds: ['Pod'],
  reads: ambientKinds,
  check: (subject, view, report) => {
    if (!isPodInAmbient(subject)) return;
    if (!isInjected(view, subject.namespace, subject.labels)) return;
    report({
      message: `Pod ${fullName(subject)} is captured by ztunnel, but labelled for a sidecar`,
      path: ['metadata', 'annotations', redirection],
    });
  },
  examples: [
    positive(
      'a captured pod in a namespace with sidecars',
      docs(
        sidecarNamespace('shop'),
        doc('Pod shop/web', 'spec: {}', {}, { 'ambient.istio.io/redirection': 'enabled' }),
      ),
      ['Pod shop/web metadata.annotations["ambient.istio.io/redirection"]'],
    ),
    negative('a pod with a sidecar', docs(sidecarNamespace('shop'), pod('shop/web', {}, true))),
    ambient(
      'a captured pod in an ambient namespace',
      docs(
        ambientNamespace('shop'),
        doc('Pod shop/web', 'spec: {}', {}, { 'ambient.istio.io/redirection': 'enabled' }),
      ),
    ),
  ],
});

/** A pod labelled for ambient that runs a sidecar. */
export const sidecarInAmbientPod = defineRule({
  id: 'KIA1315',
  code: 'KIA1315',
  severity: 'error',
  title: 'Sidecar in a pod labelled for ambient mode',
  explanation: `The pod is labelled \`${modeLabel}: ambient\`, itself, and runs a sidecar. ztunnel does not capture pods with a sidecar.`,
  howToFix: 'Take the sidecar out (restart without the injection label), or the ambient label off.',
  cause: 'The label and the container disagree.',
  consequence: 'The pod works with its sidecar, and L7 policies at waypoints do not see its calls.',
  kinds: ['Pod'],
  reads: ambientKinds,
  check: (subject, _view, report) => {
    if (subject.labels[modeLabel] !== 'ambient' || isGateway(subject)) return;
    if (!hasSidecar(subject)) return;
    report({
      message: `Pod ${fullName(subject)} is labelled for ambient mode and has a sidecar`,
      path: ['metadata', 'labels', modeLabel],
    });
  },
  examples: [
    positive('label and sidecar', pod('shop/web', { 'istio.io/dataplane-mode': 'ambient' }, true), [
      'Pod shop/web-1 metadata.labels["istio.io/dataplane-mode"]',
    ]),
    negative('a pod with a sidecar', pod('shop/web', {}, true)),
    ambient(
      'a labelled pod without one',
      pod('shop/web', { 'istio.io/dataplane-mode': 'ambient' }),
    ),
  ],
});

/** Sidecars that are left in an ambient namespace. */
export const sidecarInAmbientNamespace = defineRule({
  id: 'KIA1316',
  code: 'KIA1316',
  severity: 'warning',
  title: 'Sidecar in an ambient namespace',
  explanation:
    'The namespace is in ambient mode, but the pod still runs a sidecar, mostly one that was started before the namespace was moved. It works, outside of ambient mode.',
  howToFix: 'Restart the workload after the injection label is off.',
  cause: 'The pod has a sidecar, and ztunnel leaves such pods alone.',
  consequence: 'Calls of this pod bypass waypoints, and policies at waypoints do not see them.',
  kinds: ['Pod'],
  reads: ambientKinds,
  sameAs: ['KIA1315'],
  check: (subject, view, report) => {
    const { namespace, labels } = subject;
    if (!isAmbientNamespace(view, namespace) || isGateway(subject) || !hasSidecar(subject)) return;
    if (labels[modeLabel] === 'none') return;
    report({
      message: `Pod ${fullName(subject)} has a sidecar in ambient namespace ${namespace}`,
      path: ['spec', 'containers'],
    });
  },
  examples: [
    positive(
      'a pod that was not restarted',
      docs(ambientNamespace('shop'), pod('shop/web', {}, true)),
      ['Pod shop/web-1 spec.containers'],
    ),
    negative(
      'a namespace with sidecars',
      docs(sidecarNamespace('shop'), pod('shop/web', {}, true)),
    ),
    ambient(
      'the proxy of a waypoint is no sidecar',
      docs(
        ambientNamespace('shop'),
        pod('shop/waypoint', { 'gateway.networking.k8s.io/gateway-name': 'waypoint' }, true),
      ),
    ),
  ],
});

/** Whether an L7 policy of the namespace is for pods with these labels. */
function isFor(view: View, policy: Resource<'AuthorizationPolicy'>, labels: Labels): boolean {
  if (l7Parts(policy.spec).length === 0) return false;
  const refs = targetRefs(policy as Policy);
  if (refs.length > 0) {
    return refs.some(({ ref }) => {
      if (ref.kind !== 'Service') return false;
      const selector = view.get('Service', policy.namespace, ref.name ?? '')?.spec.selector;
      return !isEmptySelector(selector) && selects(selector, labels);
    });
  }
  return selects(policy.spec.selector?.matchLabels, labels);
}

/** An ambient workload with L7 policies that no waypoint enforces. */
export const policyButNoWaypoint = defineRule({
  id: 'KIA1317',
  code: 'KIA1317',
  severity: 'warning',
  title: 'L7 policies for an ambient workload without a waypoint',
  explanation:
    'An AuthorizationPolicy with HTTP parts is for this workload, which is in ambient mode and uses no waypoint (its labels, those of the Services that select it, and those of its namespace name none).',
  howToFix: `Give the Services of the workload a waypoint (\`${waypointLabel}\`), and bind the policy to them with \`targetRefs\`.`,
  cause: 'Traffic to the pods passes no waypoint.',
  consequence: 'The HTTP parts of the policies are not enforced for this workload.',
  kinds: controllerKinds,
  reads: [...ambientKinds, 'AuthorizationPolicy', 'Service'],
  check: (subject, view, report) => {
    const labels = podLabels(subject);
    const { namespace } = subject;
    if (isGateway(subject) || !isAmbient(view, namespace, labels)) return;
    const policies = view.inNamespace('AuthorizationPolicy', namespace);
    const found = policies.filter((policy) => isFor(view, policy, labels));
    if (found.length === 0 || waypointOf(view, namespace, labels)) return;
    const isCovered = view
      .inNamespace('Service', namespace)
      .some(
        ({ spec, labels: own }) =>
          !isEmptySelector(spec.selector) &&
          selects(spec.selector, labels) &&
          waypointOf(view, namespace, own) !== undefined,
      );
    if (isCovered) return;
    const names = found.map(({ name }) => name).join(', ');
    report({
      message: `${resourceName(subject)} uses no waypoint, which ${names} would need`,
      path: ['spec', 'template'],
    });
  },
  examples: [
    positive(
      'a policy for the pods of an ambient namespace',
      docs(
        ambientNamespace('shop'),
        deployment(),
        doc(
          'AuthorizationPolicy shop/get',
          'spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}',
        ),
      ),
      ['Deployment shop/web spec.template'],
    ),
    negative(
      'the same with sidecars',
      docs(
        sidecarNamespace('shop'),
        deployment(),
        doc(
          'AuthorizationPolicy shop/get',
          'spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}',
        ),
      ),
    ),
    ambient(
      'a policy that needs no HTTP, and a Service with a waypoint',
      docs(
        ambientNamespace('shop'),
        deployment(),
        service('shop/web', { [waypointLabel]: 'waypoint' }),
        doc('AuthorizationPolicy shop/l4', 'spec: {rules: [{to: [{operation: {ports: ["80"]}}]}]}'),
        doc(
          'AuthorizationPolicy shop/get',
          'spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}',
        ),
      ),
    ),
  ],
});
