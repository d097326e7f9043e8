import { knows } from '../../facts/known.ts';
import { isReady } from '../../facts/workloads.ts';
import type { Labels } from '../../kubernetes.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineDerivation, defineIndex, type View } from '../../view.ts';
import { ambient, docs, negative, positive } from '../shared/example.ts';

type Agent = 'ztunnel' | 'istio-cni';
const agents: readonly Agent[] = ['ztunnel', 'istio-cni'];

const agentOf = (labels: Labels): Agent | undefined =>
  labels['app'] === 'ztunnel'
    ? 'ztunnel'
    : labels['k8s-app'] === 'istio-cni-node'
      ? 'istio-cni'
      : undefined;

const agentsByNode = defineIndex({
  name: 'pods of ztunnel and istio-cni by node',
  kinds: ['Pod'],
  keys: ({ cluster, labels, spec }) => {
    const agent = agentOf(labels);
    return agent && spec.nodeName ? [`${cluster} ${agent} ${spec.nodeName}`] : [];
  },
});

const ztunnels = defineIndex({
  name: 'pods of ztunnel by cluster',
  kinds: ['Pod'],
  keys: ({ cluster, labels }) => (agentOf(labels) === 'ztunnel' ? [cluster] : []),
});

/** Whether the cluster has ambient mode at all: a ztunnel runs somewhere. */
const hasAmbient = defineDerivation({
  name: 'a ztunnel runs',
  compute: (view, cluster) => view.lookup(ztunnels, cluster).length > 0,
});

/** Where no DaemonSet of Istio's runs: virtual nodes, and other systems than Linux. */
const takesNone = (labels: Labels): boolean =>
  labels['type'] === 'virtual-kubelet' || (labels['kubernetes.io/os'] ?? 'linux') !== 'linux';

function problemOf(
  view: View,
  agent: Agent,
  { cluster, name }: Resource<'Node'>,
): string | undefined {
  const pods = view.lookup(agentsByNode, `${cluster} ${agent} ${name}`) as Resource<'Pod'>[];
  if (pods.some(isReady)) return undefined;
  const [first] = pods;
  return first ? `its ${agent} (${first.name}) is not ready` : `it has no ${agent}`;
}

const node = (name: string, labels = '', ready = true): string => `apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {kubernetes.io/os: linux${labels}}}
status: {conditions: [{type: Ready, status: "${ready ? 'True' : 'False'}"}]}
`;
const agentPod = (label: string, on: string, ready = true): string => `apiVersion: v1
kind: Pod
metadata: {name: ${label.split(': ')[1]}-${on}${ready ? '' : '-new'}, namespace: istio-system, labels: {${label}}}
spec: {nodeName: ${on}, containers: [{name: agent, image: agent:1.31.0}]}
status: {conditions: [{type: Ready, status: "${ready ? 'True' : 'False'}"}]}
`;
const ztunnel = (on: string, ready = true) => agentPod('app: ztunnel', on, ready);
const cni = (on: string, ready = true) => agentPod('k8s-app: istio-cni-node', on, ready);
const whole = docs(node('one'), ztunnel('one'), cni('one'));

/** A node of a cluster with ambient mode that lacks ztunnel or istio-cni, or whose is not ready. */
export const nodeWithoutAmbient = defineRule({
  id: 'AMB0042',
  code: 'AMB0042',
  severity: 'error',
  title: 'A node lacks a ready ztunnel or istio-cni',
  explanation:
    'In ambient mode the ztunnel of a node carries the traffic of all its pods, and istio-cni redirects it there. Both are DaemonSets: each node needs one pod of each.',
  howToFix:
    'Look at the page Nodes of Enrolment (`npx ambit ambient nodes`): it says how the pod ended last, and restarts one that is not ready. Where there is none, look at taints, quotas and node selectors that keep the DaemonSet away.',
  cause: 'The DaemonSet has no ready pod on the node.',
  consequence:
    'Without ztunnel the redirected pods of the node reach nobody; without istio-cni new pods wait or stay outside the mesh.',
  kinds: ['Node'],
  reads: ['Pod'],
  parity: 'never',
  check: (subject, view, report) => {
    if (!knows(view, 'Pod') || !view.derive(hasAmbient, subject.cluster)) return;
    if (takesNone(subject.labels) || !isReady(subject)) return;
    const problems = agents.flatMap((agent) => problemOf(view, agent, subject) ?? []);
    const [first] = problems;
    if (!first) return;
    report({
      message: `Node ${subject.name} is not fit for ambient mode: ${problems.join(', and ')}`,
      cause: `Of node ${subject.name}: ${problems.join(', and ')}.`,
    });
  },
  examples: [
    positive('no ztunnel', docs(whole, node('two'), cni('two')), ['Node two']),
    positive(
      'istio-cni that is not ready',
      docs(whole, node('two'), ztunnel('two'), cni('two', false)),
      ['Node two'],
    ),
    negative(
      'one pod of two is ready, while one replaces the other',
      docs(whole, ztunnel('one', false)),
    ),
    negative('a cluster without ambient mode', docs(node('one'), cni('one'))),
    positive('a node of the same name in another cluster is well', '', ['Node two'], {
      yamlOfClusters: {
        east: docs(whole, node('two'), ztunnel('two'), cni('two')),
        west: docs(whole, node('two'), cni('two')),
      },
    }),
    negative('another cluster is in ambient mode', '', [], {
      yamlOfClusters: { east: whole, west: docs(node('two'), node('three')) },
    }),
    ambient(
      'nodes that take none, and one that is down itself',
      docs(whole, node('fargate', ', type: virtual-kubelet'), node('down', '', false)),
    ),
  ],
});
