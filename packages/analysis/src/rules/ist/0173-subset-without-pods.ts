import { mayHavePod, workloadKinds } from '../../facts/workloads.ts';
import { findHost } from '../../istio/service-hosts.ts';
import type { Labels } from '../../kubernetes.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineDerivation } from '../../view.ts';
import type { View } from '../../view.ts';

const region = 'topology.kubernetes.io/region';
const zone = 'topology.kubernetes.io/zone';
const subzone = 'topology.istio.io/subzone';
const hostname = 'kubernetes.io/hostname';
const fromNode = new Set([region, zone, subzone, hostname]);

/** A pod's labels with those that istiod adds from its node. */
function withTopology(pod: Resource<'Pod'>, view: View): Labels {
  const { nodeName } = pod.spec;
  const node = nodeName ? view.get('Node', '', nodeName)?.labels : undefined;
  const labels: Record<string, string> = { ...pod.labels };
  if (node?.[region]) labels[region] = node[region];
  if (node?.[zone]) labels[zone] = node[zone];
  // istiod's locality ends where a part of it is missing.
  if (node?.[zone] && node[subzone]) labels[subzone] = node[subzone];
  if (nodeName) labels[hostname] = nodeName;
  return labels;
}

const podExistsAt = defineDerivation({
  name: 'pod exists with labels of its node',
  compute: (view, key) => {
    const pairs = JSON.parse(key) as [string, string][];
    const own = pairs.filter(([name]) => !fromNode.has(name));
    const wanted = pairs.filter(([name]) => fromNode.has(name));
    return view.pods(new Map(own)).some((pod) => {
      const labels = withTopology(pod, view);
      return wanted.every(([name, value]) => labels[name] === value);
    });
  },
});

function hasPod(view: View, labels: ReadonlyMap<string, string>): boolean {
  if (![...labels.keys()].some((name) => fromNode.has(name))) return view.hasPod(labels);
  const pairs = [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
  return view.derive(podExistsAt, JSON.stringify(pairs));
}

/** Whether a workload would make such a pod, or nothing is known that would speak against one. */
function isUnknown(view: View, labels: ReadonlyMap<string, string>): boolean {
  const own = new Map([...labels].filter(([name]) => !fromNode.has(name)));
  return !view.hasPod(own) && mayHavePod(view, own);
}

export const subsetWithoutPods = defineRule({
  id: 'IST0173/destination-rule',
  code: 'IST0173',
  severity: 'error',
  title: 'Subset selects no pods',
  explanation:
    'No pod has the labels of a subset of a DestinationRule. Labels that istiod takes from the node (region, zone, subzone, host name) count.',
  howToFix: 'Correct the labels of the subset, or give them to the pods’ template.',
  cause: 'No pod has all the labels of the subset.',
  consequence: 'Requests that are routed to the subset fail with 503 (no healthy upstream).',
  kinds: ['DestinationRule'],
  reads: ['Service', 'ServiceEntry', 'Node', ...workloadKinds],
  check: (subject, view, report) => {
    const { host = '', exportTo, subsets = [] } = subject.spec;
    if (subsets.length === 0) return;
    const target = findHost(view, subject.namespace, exportTo, host);
    if (!target) return;
    // Of subsets with one name the last one counts, as in Istio's analysis.
    const byName = new Map(subsets.map((subset, index) => [subset.name ?? '', { subset, index }]));
    for (const [name, { subset, index }] of byName) {
      const labels = new Map([...(target.workloadLabels ?? []), ...(subset.labels ?? [])]);
      if (hasPod(view, labels) || (!view.parity && isUnknown(view, labels))) continue;
      const wanted = [...labels].map(([label, value]) => `${label}=${value}`).join(', ');
      report({
        message: `No pod has the labels of subset "${name}" of "${host}"${wanted ? `: ${wanted}` : ''}`,
        istioText: name,
        path: ['spec', 'subsets', index],
      });
    }
  },
  examples: [
    {
      title: 'a version that is not deployed',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web, version: v1}}
`,
      expect: [{ resource: 'DestinationRule shop/web', path: 'spec.subsets[1]' }],
    },
    {
      title: 'a zone of a node, and the labels of a ServiceEntry’s workloads',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web
  subsets: [{name: a, labels: {app: web, topology.kubernetes.io/zone: a}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
---
apiVersion: v1
kind: Node
metadata: {name: node-1, labels: {topology.kubernetes.io/region: eu, topology.kubernetes.io/zone: a}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec: {nodeName: node-1}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: out, namespace: shop}
spec: {host: out.example.com, subsets: [{name: any}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: out, namespace: shop}
spec: {hosts: [out.example.com], workloadSelector: {labels: {app: web}}}
`,
      expect: [],
    },
  ],
});
