import { isMissingNamespace } from '../../facts/known.ts';
import { rootNamespaceOf } from '../../facts/policies.ts';
import { knowsWorkloads, workloadKinds, workloads } from '../../facts/workloads.ts';
import { resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, selectorText } from '../../selector.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  pod,
  positive,
  sameInAmbient,
} from '../shared/example.ts';

/** A selector without pods. */
export const selectorMatchesNothing = defineRule({
  id: 'KIA0004',
  code: 'KIA0004',
  severity: 'warning',
  title: 'Selector matches no workload',
  explanation:
    'No workload of the namespace (of any namespace, for an object of the root namespace) has the labels of the selector. Deployments, StatefulSets, DaemonSets, WorkloadEntries and WorkloadGroups count beside pods, so that a workload which is scaled down is no problem.',
  howToFix: 'Correct the labels, or remove the object.',
  cause: 'No workload has all labels of the selector.',
  consequence: 'The object has no effect.',
  kinds: ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication', 'Sidecar'],
  reads: [...workloadKinds, 'MeshConfig'],
  sameAs: ['IST0127', 'IST0101', 'AMB0024'],
  check: (subject, view, report) => {
    const isSidecar = subject.kind === 'Sidecar';
    const labels = isSidecar
      ? subject.spec.workloadSelector?.labels
      : subject.spec.selector?.matchLabels;
    if (isEmptySelector(labels)) return;
    const scope = subject.namespace === rootNamespaceOf(view) ? undefined : subject.namespace;
    if (!knowsWorkloads(view) || workloads(view, labels, scope).length > 0) return;
    report({
      message: `${resourceName(subject)} selects ${selectorText(labels)}, which no workload ${scope ? `of namespace ${scope} ` : ''}has`,
      path: isSidecar
        ? ['spec', 'workloadSelector', 'labels']
        : ['spec', 'selector', 'matchLabels'],
    });
  },
  examples: [
    positive(
      'labels of no pod',
      docs(
        pod('shop/web'),
        doc('PeerAuthentication shop/db', 'spec: {selector: {matchLabels: {app: db}}}'),
      ),
      ['PeerAuthentication shop/db spec.selector.matchLabels'],
    ),
    negative(
      'a Deployment that is scaled to zero',
      docs(
        pod('shop/web'),
        doc('Deployment shop/db', 'spec: {replicas: 0, template: {metadata: {labels: {app: db}}}}'),
        doc('PeerAuthentication shop/db', 'spec: {selector: {matchLabels: {app: db}}}'),
      ),
    ),
    negative(
      'nothing is known of workloads',
      doc('PeerAuthentication shop/db', 'spec: {selector: {matchLabels: {app: db}}}'),
    ),
    ambient(
      'pods in ambient mode are workloads',
      docs(
        ambientNamespace('shop'),
        pod('shop/web'),
        doc('PeerAuthentication shop/web', 'spec: {selector: {matchLabels: {app: web}}}'),
      ),
    ),
  ],
});

/** An export to a namespace that is not there. */
export const exportToMissing = defineRule({
  id: 'KIA0005',
  code: 'KIA0005',
  severity: 'error',
  title: 'exportTo names a namespace that does not exist',
  explanation: 'A namespace in `spec.exportTo` is not there.',
  howToFix: 'Correct the name; `.` is the own namespace, `*` all of them.',
  cause: 'There is no namespace of this name.',
  consequence: 'Nobody sees the object by this entry.',
  kinds: ['VirtualService', 'DestinationRule', 'ServiceEntry'],
  reads: ['Namespace'],
  check: (subject, view, report) => {
    for (const [index, name] of (subject.spec.exportTo ?? []).entries()) {
      if (['.', '*', '~'].includes(name) || !isMissingNamespace(view, name)) continue;
      report({
        message: `${resourceName(subject)} is exported to namespace ${name}, which does not exist`,
        path: ['spec', 'exportTo', index],
      });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'a namespace that is not there',
      docs(
        doc('Namespace shop'),
        doc('DestinationRule shop/web', 'spec: {host: web, exportTo: [".", front]}'),
      ),
      ['DestinationRule shop/web spec.exportTo[1]'],
    ),
    negative(
      'a namespace that is there',
      docs(
        doc('Namespace shop'),
        doc('Namespace front'),
        doc('DestinationRule shop/web', 'spec: {host: web, exportTo: [front]}'),
      ),
    ),
    negative(
      'nothing is known of namespaces',
      doc('DestinationRule shop/web', 'spec: {host: web, exportTo: [front]}'),
    ),
  ]),
});
