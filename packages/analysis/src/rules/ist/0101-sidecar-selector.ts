import { mayHavePod, workloadKinds } from '../../facts/workloads.ts';
import { isNamespaceInAmbient, isPodInAmbient } from '../../istio/ambient.ts';
import { fullName } from '../../resource.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, selectorPairs, selectorText, selects } from '../../selector.ts';

type Sidecar = Resource<'Sidecar'>;

const selectorOf = ({ spec }: Sidecar): ReadonlyMap<string, string> | undefined =>
  spec.workloadSelector?.labels;

const hasSelector = (sidecar: Sidecar): boolean => !isEmptySelector(selectorOf(sidecar));

const names = (sidecars: readonly Sidecar[]): string =>
  sidecars
    .map(({ name }) => name)
    .sort()
    .join(', ');

const sidecar = (name: string, selector: string): string => `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: ${name}, namespace: shop}
spec:
  ${selector}
  egress: [{hosts: ["./*"]}]
---`;

const pod = (more = ''): string => `
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web, version: v1}${more}}
---`;

const namespace = (labels: string): string => `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: ${labels}}
---`;

const redirected = ', annotations: {ambient.istio.io/redirection: enabled}';

export const sidecarSelector = defineRule({
  id: 'IST0101/sidecar-selector',
  code: 'IST0101',
  severity: 'error',
  title: 'Sidecar selects no pod',
  explanation: 'No pod of the namespace has the labels of a Sidecar’s `workloadSelector`.',
  howToFix: 'Correct the labels, or delete the Sidecar.',
  cause: 'No pod of the namespace has all these labels.',
  consequence: 'The Sidecar is applied to nothing.',
  kinds: ['Sidecar'],
  reads: workloadKinds,
  check: (subject, view, report) => {
    const selector = selectorOf(subject);
    if (isEmptySelector(selector) || mayHavePod(view, selector, subject.namespace)) return;
    const text = selectorText(selector);
    const path = ['spec', 'workloadSelector', 'labels'];
    report({
      message: `No pod in namespace "${subject.namespace}" has the labels ${text}`,
      istioText: text,
      path,
      istioPath: [...path, selectorPairs(selector)[0]?.[0] ?? ''],
    });
  },
  examples: [
    {
      title: 'a label that no pod has',
      aspect: 'positive',
      yaml: sidecar('web', 'workloadSelector: {labels: {app: web, version: v2}}') + pod(),
      expect: [{ resource: 'Sidecar shop/web', path: 'spec.workloadSelector.labels', line: 6 }],
    },
    {
      title: 'a pod that has them, and a Sidecar without selector',
      aspect: 'negative',
      yaml:
        sidecar('web', 'workloadSelector: {labels: {app: web}}') + sidecar('default', '') + pod(),
      expect: [],
    },
  ],
});

export const sidecarsOnOnePod = defineRule({
  id: 'IST0110/sidecar',
  code: 'IST0110',
  severity: 'error',
  title: 'Several Sidecars select one pod',
  explanation:
    'One pod is selected by several Sidecar resources. Istio applies one of them to it, and which one is not defined.',
  howToFix: 'Make the selectors exclude each other, or merge the Sidecars.',
  cause: 'Another Sidecar of the namespace selects the same pod.',
  consequence: 'The pod gets the settings of one of them, whichever comes first.',
  kinds: ['Sidecar'],
  reads: ['Pod'],
  check: (subject, view, report) => {
    if (!hasSelector(subject)) return;
    const fellows = view.inNamespace('Sidecar', subject.namespace).filter(hasSelector);
    if (fellows.length < 2) return;
    for (const selected of view.pods(selectorOf(subject), subject.namespace)) {
      if (isPodInAmbient(selected)) continue;
      const on = fellows.filter((other) => selects(selectorOf(other), selected.labels));
      if (on.length < 2) continue;
      report({
        message: `Pod ${fullName(selected)} is selected by the Sidecars ${names(on)}`,
        istioText: `${names(on)} ${selected.name}`,
        path: ['spec', 'workloadSelector'],
        istioPath: ['metadata', 'name'],
        key: selected.name,
      });
    }
  },
  examples: [
    {
      title: 'by app, and by version',
      aspect: 'positive',
      yaml:
        sidecar('a', 'workloadSelector: {labels: {app: web}}') +
        sidecar('b', 'workloadSelector: {labels: {version: v1}}') +
        pod(),
      expect: [{ resource: 'Sidecar shop/a' }, { resource: 'Sidecar shop/b' }],
    },
    {
      title: 'one for all and one for the pod',
      aspect: 'negative',
      yaml: sidecar('a', '') + sidecar('b', 'workloadSelector: {labels: {app: web}}') + pod(),
      expect: [],
    },
    {
      title: 'a pod in ambient',
      aspect: 'ambient',
      yaml:
        sidecar('a', 'workloadSelector: {labels: {app: web}}') +
        sidecar('b', 'workloadSelector: {labels: {version: v1}}') +
        pod(redirected),
      expect: [],
    },
  ],
});

export const sidecarsForNamespace = defineRule({
  id: 'IST0111/sidecar',
  code: 'IST0111',
  severity: 'error',
  title: 'Several Sidecars for the whole namespace',
  explanation:
    'A namespace has several Sidecar resources without `workloadSelector`. Istio applies one of them, and which one is not defined.',
  howToFix: 'Merge them, or give all but one a `workloadSelector`.',
  cause: 'Another Sidecar of the namespace has no workloadSelector either.',
  consequence: 'Pods of the namespace get the settings of one of them, whichever comes first.',
  kinds: ['Sidecar'],
  reads: ['Namespace'],
  check: (subject, view, report) => {
    if (hasSelector(subject)) return;
    if (isNamespaceInAmbient(view.namespace(subject.namespace))) return;
    const fellows = view
      .inNamespace('Sidecar', subject.namespace)
      .filter((other) => !hasSelector(other));
    if (fellows.length < 2) return;
    report({
      message: `The Sidecars ${names(fellows)} are all for the whole namespace "${subject.namespace}"`,
      path: ['spec'],
    });
  },
  examples: [
    {
      title: 'two without selector',
      aspect: 'positive',
      yaml: sidecar('a', '') + sidecar('b', ''),
      expect: [{ resource: 'Sidecar shop/a' }, { resource: 'Sidecar shop/b' }],
    },
    {
      title: 'one without and one with selector',
      aspect: 'negative',
      yaml: sidecar('a', '') + sidecar('b', 'workloadSelector: {labels: {app: web}}'),
      expect: [],
    },
    {
      title: 'a namespace in ambient, where it does not matter',
      aspect: 'ambient',
      yaml: namespace('{istio.io/dataplane-mode: ambient}') + sidecar('a', '') + sidecar('b', ''),
      expect: [],
    },
  ],
});

export const sidecarInAmbient = defineRule({
  id: 'IST0167/sidecar',
  code: 'IST0167',
  severity: 'warning',
  title: 'Sidecar resource in ambient',
  explanation:
    'A Sidecar configures sidecar proxies. Its namespace, or a pod that it selects, is in ambient and has none.',
  howToFix: 'Delete the Sidecar, or limit it to workloads that have a sidecar.',
  cause: 'Ztunnel and waypoints do not read Sidecar resources.',
  consequence: 'The Sidecar has no effect on these workloads.',
  kinds: ['Sidecar'],
  reads: ['Pod', 'Namespace'],
  check: (subject, view, report) => {
    if (!hasSelector(subject)) {
      if (!isNamespaceInAmbient(view.namespace(subject.namespace))) return;
      report({
        message: `Namespace "${subject.namespace}" is in ambient, where a Sidecar has no effect`,
        path: ['spec'],
      });
      return;
    }
    const selected = view.pods(selectorOf(subject), subject.namespace).find(isPodInAmbient);
    if (!selected) return;
    report({
      message: `Pod ${fullName(selected)} is in ambient, where a Sidecar has no effect`,
      path: ['spec', 'workloadSelector'],
    });
  },
  examples: [
    {
      title: 'for a namespace in ambient',
      aspect: 'positive',
      yaml: namespace('{istio.io/dataplane-mode: ambient}') + sidecar('a', ''),
      expect: [{ resource: 'Sidecar shop/a' }],
    },
    {
      title: 'for a pod in ambient',
      aspect: 'ambient',
      yaml: sidecar('a', 'workloadSelector: {labels: {app: web}}') + pod(redirected),
      expect: [{ resource: 'Sidecar shop/a', path: 'spec.workloadSelector' }],
    },
    {
      title: 'a namespace with sidecars',
      aspect: 'negative',
      yaml:
        namespace('{istio.io/dataplane-mode: ambient, istio-injection: enabled}') +
        sidecar('a', ''),
      expect: [],
    },
  ],
});
