import { isAmbient, knowsModes } from '../../facts/ambient.ts';
import { knows } from '../../facts/known.ts';
import { hasSidecar, isGateway, isReady } from '../../facts/workloads.ts';
import { isPodInAmbient, redirection } from '../../istio/ambient.ts';
import { fullName, type Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';
import { ambient, ambientNamespace, doc, docs, negative, positive } from '../shared/example.ts';

const cniByNode = defineIndex({
  name: 'pods of istio-cni by node',
  kinds: ['Pod'],
  keys: ({ cluster, labels, spec }) =>
    labels['k8s-app'] === 'istio-cni-node' && spec.nodeName ? [`${cluster} ${spec.nodeName}`] : [],
});

const redirected = (name: string, annotations = '', node = 'one', ready = true): string =>
  `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}${annotations}}
spec: {nodeName: ${node}, containers: [{name: app, image: app}]}
status: {conditions: [{type: Ready, status: "${ready ? 'True' : 'False'}"}]}
`;
const cni = (ready: boolean): string => `apiVersion: v1
kind: Pod
metadata: {name: istio-cni-node-1, namespace: istio-system, labels: {k8s-app: istio-cni-node}}
spec: {nodeName: one, containers: [{name: install-cni, image: istio/install-cni:1.31.0}]}
status: {conditions: [{type: Ready, status: "${ready ? 'True' : 'False'}"}]}
`;

/** A pod whose labels ask for ambient and whose traffic is not redirected: it looks enrolled, and is not. */
export const looksEnrolled = defineRule({
  id: 'AMB0040',
  code: 'AMB0040',
  severity: 'error',
  title: 'Pod looks enrolled and is not',
  explanation:
    'istio-cni redirects the traffic of ambient pods to the ztunnel of their node and writes `ambient.istio.io/redirection: enabled` on them. A pod that is ready, whose labels or namespace ask for ambient mode and that has no such annotation is outside the mesh: the CNI missed it, or is not there.',
  howToFix:
    'Restart the pod, or istio-cni of its node where that is not ready; Ambit does either by the button Repair on the page Enrolment (`npx ambit enrolment repair`). When new pods are missed too, look at the log of istio-cni.',
  cause: 'istio-cni of its node has not redirected it.',
  consequence:
    'It sends and takes plain text, no policy of ztunnel holds for it, and whoever demands mTLS refuses it.',
  kinds: ['Pod'],
  reads: ['Namespace'],
  parity: 'never',
  check: (subject, view, report) => {
    const { namespace, spec, labels } = subject;
    if (!knowsModes(view) || !knows(view, 'Pod') || !isReady(subject)) return;
    if (spec.hostNetwork === true || namespace === 'istio-system') return;
    if (!isAmbient(view, namespace, labels) || isGateway(subject) || hasSidecar(subject)) return;
    if (isPodInAmbient(subject)) return;
    const [cniPod] = view.lookup(
      cniByNode,
      `${subject.cluster} ${spec.nodeName ?? ''}`,
    ) as Resource<'Pod'>[];
    const isWaiting = cniPod && isReady(cniPod);
    report({
      message: `Pod ${fullName(subject)} is to be in ambient mode, and its traffic is not redirected to ztunnel`,
      cause: isWaiting
        ? `istio-cni of node ${spec.nodeName} (${cniPod.name}) is ready and has missed it.`
        : cniPod
          ? `istio-cni of node ${spec.nodeName} (${cniPod.name}) is not ready.`
          : `Node ${spec.nodeName ?? ''} has no istio-cni.`,
    });
  },
  examples: [
    positive('the CNI missed it', docs(ambientNamespace('shop'), redirected('web'), cni(true)), [
      'Pod shop/web',
    ]),
    positive('a node without istio-cni', docs(ambientNamespace('shop'), redirected('web')), [
      'Pod shop/web',
    ]),
    negative(
      'redirected, not ready yet, and of a namespace in no mode',
      docs(
        ambientNamespace('shop'),
        redirected('web', `, annotations: {${redirection}: enabled}`),
        redirected('young', '', 'one', false),
        doc('Namespace other'),
        redirected('plain').replace('namespace: shop', 'namespace: other'),
        cni(true),
      ),
    ),
    ambient(
      'pods that say no themselves, or use the network of the node',
      docs(
        ambientNamespace('shop'),
        redirected('out').replace('labels: {', 'labels: {istio.io/dataplane-mode: none, '),
        redirected('host').replace('nodeName: one', 'nodeName: one, hostNetwork: true'),
        cni(false),
      ),
    ),
  ],
});
