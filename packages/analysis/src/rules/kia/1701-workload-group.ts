import { knows } from '../../facts/known.ts';
import type { Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { selectorText } from '../../selector.ts';
import { defineIndex } from '../../view.ts';
import { doc, docs, negative, positive, sameInAmbient } from '../shared/example.ts';

const group = (name: string, account = 'vm', app = 'legacy'): string =>
  doc(
    `WorkloadGroup shop/${name}`,
    `spec: {metadata: {labels: {app: ${app}}}, template: {serviceAccount: ${account}}}`,
  );

export const groupAccountMissing = defineRule({
  id: 'KIA1701',
  code: 'KIA1701',
  severity: 'warning',
  title: 'ServiceAccount of the WorkloadGroup does not exist',
  explanation:
    'The template of a WorkloadGroup names a ServiceAccount that its namespace does not have.',
  howToFix: 'Create the ServiceAccount, or correct the name.',
  cause: 'There is no such ServiceAccount in the namespace.',
  consequence: 'Machines of the group get no token, and cannot join the mesh.',
  kinds: ['WorkloadGroup'],
  reads: ['ServiceAccount', 'Namespace'],
  check: (subject, view, report) => {
    const { namespace, spec } = subject;
    const account = spec.template?.serviceAccount ?? '';
    if (account === '' || !knows(view, 'ServiceAccount')) return;
    if (view.get('ServiceAccount', namespace, account)) return;
    report({
      message: `There is no ServiceAccount ${namespace}/${account}`,
      path: ['spec', 'template', 'serviceAccount'],
    });
  },
  examples: sameInAmbient('shop', [
    positive('a misspelt account', docs(doc('ServiceAccount shop/vm'), group('a', 'mv')), [
      'WorkloadGroup shop/a spec.template.serviceAccount',
    ]),
    negative('an account that is there', docs(doc('ServiceAccount shop/vm'), group('a'))),
    negative('nothing is known of accounts', group('a')),
  ]),
});

const labelsKey = ({ namespace, spec }: Resource<'WorkloadGroup'>): string =>
  `${namespace}|${selectorText(spec.metadata?.labels)}`;

const byLabels = defineIndex({
  name: 'workload groups by labels',
  kinds: ['WorkloadGroup'],
  keys: (resource) => (resource.spec.metadata?.labels?.size ? [labelsKey(resource)] : []),
});

export const groupLabelsRepeat = defineRule({
  id: 'KIA1702',
  code: 'KIA1702',
  severity: 'warning',
  title: 'Several WorkloadGroups with the same labels',
  explanation: 'Two WorkloadGroups of a namespace give their machines the same labels.',
  howToFix: 'Add a label that tells them apart, or merge the groups.',
  cause: 'Another group of the namespace has the same labels.',
  consequence: 'Services and policies cannot tell the machines of the groups apart.',
  kinds: ['WorkloadGroup'],
  reads: ['WorkloadGroup'],
  check: (subject, view, report) => {
    const others = view
      .lookup(byLabels, labelsKey(subject))
      .filter(({ id, cluster }) => id !== subject.id && cluster === subject.cluster);
    if (others.length === 0) return;
    report({
      message: `${others.map(fullName).join(', ')} has the same labels`,
      path: ['spec', 'metadata', 'labels'],
    });
  },
  examples: sameInAmbient('shop', [
    positive('the same labels', docs(group('a'), group('b')), [
      'WorkloadGroup shop/a spec.metadata.labels',
      'WorkloadGroup shop/b spec.metadata.labels',
    ]),
    negative('different labels', docs(group('a'), group('b', 'vm', 'other'))),
  ]),
});
