import { isEmptySelector, selects } from '../../selector.ts';
import { defineRule } from '../../rule.ts';
import type { Resource } from '../../resource.ts';
import { defineIndex } from '../../view.ts';

const labelsOf = ({ spec }: Resource<'Telemetry'>) => spec.selector?.matchLabels;

const selecting = defineIndex({
  name: 'telemetries with a selector by namespace',
  kinds: ['Telemetry'],
  keys: (telemetry) => (isEmptySelector(labelsOf(telemetry)) ? [] : [telemetry.namespace]),
});

export const telemetriesOnOnePod = defineRule({
  id: 'IST0159/telemetry',
  code: 'IST0159',
  severity: 'error',
  title: 'Several Telemetries select one pod',
  explanation:
    'Two Telemetries of the namespace select the same pod. Istio takes the older one for it, and ignores the other.',
  howToFix: 'Make one of the two, or selectors that do not overlap.',
  cause: 'More than one Telemetry selects the pod.',
  consequence: 'The settings of all but the oldest are ignored for the pod.',
  kinds: ['Telemetry'],
  reads: ['Pod'],
  check: (subject, view, report) => {
    const labels = labelsOf(subject);
    if (isEmptySelector(labels)) return;
    const others = view.lookup(selecting, subject.namespace).filter(({ id }) => id !== subject.id);
    if (others.length === 0) return;
    const path = ['spec', 'selector'];
    const istioPath = ['metadata', 'name'];
    const shared: string[] = [];
    const rivals = new Set<string>();
    for (const pod of view.pods(labels, subject.namespace)) {
      const here = others.filter((other) => selects(labelsOf(other), pod.labels));
      if (here.length === 0) continue;
      const names = here.map(({ name }) => name);
      if (view.parity) {
        const message = `Telemetry ${subject.name} and ${names.join(', ')} select pod ${pod.name}`;
        report({ message, path, istioPath, key: pod.name });
      }
      shared.push(pod.name);
      for (const name of names) rivals.add(name);
    }
    if (view.parity || shared.length === 0) return;
    const more = shared.length > 1 ? ` and ${shared.length - 1} more` : '';
    report({
      message: `Telemetry ${subject.name} and ${[...rivals].join(', ')} both select pod ${shared[0]}${more}`,
      path,
    });
  },
  examples: [
    {
      title: 'two Telemetries, by different labels of one pod',
      aspect: 'positive',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: by-app, namespace: shop}
spec: {selector: {matchLabels: {app: web}}}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: by-version, namespace: shop}
spec: {selector: {matchLabels: {version: v1}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web, version: v1}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-2, namespace: shop, labels: {app: web, version: v2}}
`,
      expect: [
        { resource: 'Telemetry shop/by-app', path: 'spec.selector', message: 'web-1' },
        { resource: 'Telemetry shop/by-version' },
      ],
    },
    {
      title: 'different pods, other namespaces, and a Telemetry for all',
      aspect: 'negative',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: v1, namespace: shop}
spec: {selector: {matchLabels: {version: v1}}}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: v2, namespace: shop}
spec: {selector: {matchLabels: {version: v2}}}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: all, namespace: shop}
spec: {}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: v1, namespace: other}
spec: {selector: {matchLabels: {version: v1}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {version: v1}}
`,
      expect: [],
    },
  ],
});
