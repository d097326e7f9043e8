import type { KindName } from '../../kinds.ts';
import { podLabels, workloadKinds, workloads } from '../../facts/workloads.ts';
import type { Resource } from '../../resource.ts';
import { fullName, resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, selectorPairs } from '../../selector.ts';
import type { Selector, View } from '../../view.ts';
import { defineDerivation } from '../../view.ts';
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

const kinds = ['PeerAuthentication', 'RequestAuthentication', 'Sidecar'] as const;
type Kind = (typeof kinds)[number];

const selectorOf = (policy: Resource<Kind>): Selector =>
  policy.kind === 'Sidecar'
    ? policy.spec.workloadSelector?.labels
    : policy.spec.selector?.matchLabels;

const selectorPath = (kind: KindName): string[] => [
  'spec',
  kind === 'Sidecar' ? 'workloadSelector' : 'selector',
];

/** Whether policies could take from each other: Istio adds RequestAuthentications up, unless they share an issuer. */
function conflict(a: Resource<Kind>, b: Resource<Kind>): boolean {
  if (a.kind !== 'RequestAuthentication' || b.kind !== 'RequestAuthentication') return true;
  if (a.spec.targetRef || a.spec.targetRefs || b.spec.targetRef || b.spec.targetRefs) return false;
  const issuers = new Set(a.spec.jwtRules?.map(({ issuer }) => issuer));
  return b.spec.jwtRules?.some(({ issuer }) => issuers.has(issuer)) ?? false;
}

/** Names of those without a selector, of a kind and namespace. */
const selectorless = (view: View, kind: Kind, namespace: string): Resource<Kind>[] =>
  view.inNamespace(kind, namespace).filter((policy) => isEmptySelector(selectorOf(policy)));

/** Of one kind and namespace: the names that select a pod which others select too, with the others' names. */
const overlaps = defineDerivation({
  name: 'policies that select the same pods',
  compute: (view, key) => {
    const [kind, namespace = ''] = key.split('|') as [Kind, string];
    const byPod = new Map<string, Set<string>>();
    for (const policy of view.inNamespace(kind, namespace)) {
      const selector = selectorOf(policy);
      if (isEmptySelector(selector)) continue;
      for (const workload of workloads(view, selector, namespace)) {
        const labels = selectorPairs(podLabels(workload)).join(';');
        const known = byPod.get(labels);
        if (known) known.add(policy.name);
        else byPod.set(labels, new Set([policy.name]));
      }
    }
    const found: Record<string, string[]> = {};
    for (const names of byPod.values()) {
      if (names.size < 2) continue;
      for (const name of names)
        found[name] = [...new Set([...(found[name] ?? []), ...names])].sort();
    }
    return JSON.stringify(found);
  },
});

/** Two objects for a whole namespace. */
export const severalForNamespace = defineRule({
  id: 'KIA0002',
  code: 'KIA0002',
  severity: 'error',
  title: 'Several objects without selector in one namespace',
  explanation:
    'Istio takes one object without a selector for a namespace (the oldest PeerAuthentication or Sidecar). Two of them do not add up. RequestAuthentications are told only where both have rules for one issuer: others Istio combines.',
  howToFix: 'Merge them into one, or give one of them a selector.',
  cause: 'Another object of the kind is for the whole namespace too.',
  consequence: 'One of them has no effect, and which one depends on their age.',
  kinds,
  reads: [],
  sameAs: ['IST0111'],
  check: (subject, view, report) => {
    if (!isEmptySelector(selectorOf(subject))) return;
    const others = selectorless(view, subject.kind, subject.namespace).filter(
      (other) => other.name !== subject.name && conflict(subject, other),
    );
    if (others.length === 0) return;
    report({
      message: `${resourceName(subject)} is for the whole namespace, as ${others.map(fullName).join(', ')} is`,
      path: ['spec'],
    });
  },
  examples: [
    positive(
      'two modes for one namespace',
      docs(
        doc('PeerAuthentication shop/strict', 'spec: {mtls: {mode: STRICT}}'),
        doc('PeerAuthentication shop/open', 'spec: {mtls: {mode: PERMISSIVE}}'),
      ),
      ['PeerAuthentication shop/strict spec', 'PeerAuthentication shop/open spec'],
    ),
    negative(
      'one for the namespace, one for some pods, one of another namespace',
      docs(
        doc('PeerAuthentication shop/strict', 'spec: {mtls: {mode: STRICT}}'),
        doc(
          'PeerAuthentication shop/db',
          'spec: {selector: {matchLabels: {app: db}}, mtls: {mode: DISABLE}}',
        ),
        doc('PeerAuthentication data/strict', 'spec: {mtls: {mode: STRICT}}'),
      ),
    ),
    ambient(
      'policies that name different targets',
      docs(
        ambientNamespace('shop'),
        doc(
          'RequestAuthentication shop/a',
          'spec: {targetRefs: [{kind: Service, group: "", name: a}], jwtRules: [{issuer: "https://id.example.com"}]}',
        ),
        doc(
          'RequestAuthentication shop/b',
          'spec: {targetRefs: [{kind: Service, group: "", name: b}], jwtRules: [{issuer: "https://id.example.com"}]}',
        ),
      ),
    ),
  ],
});

/** Two objects for one workload. */
export const severalForWorkload = defineRule({
  id: 'KIA0003',
  code: 'KIA0003',
  severity: 'error',
  title: 'Several objects for one workload',
  explanation:
    'Two objects of a kind select the same workload, and Istio takes one of them (the oldest). RequestAuthentications are told only where both have rules for one issuer.',
  howToFix: 'Make the selectors disjoint, or merge the objects.',
  cause: 'The selectors match the same pods.',
  consequence: 'One of them has no effect on these pods.',
  kinds,
  reads: workloadKinds,
  sameAs: ['IST0110'],
  check: (subject, view, report) => {
    const { kind, namespace, name } = subject;
    if (isEmptySelector(selectorOf(subject))) return;
    const found = JSON.parse(view.derive(overlaps, `${kind}|${namespace}`)) as Record<
      string,
      string[]
    >;
    const others = (found[name] ?? []).filter((other) => {
      const policy = other === name ? undefined : view.get(kind, namespace, other);
      return policy !== undefined && conflict(subject, policy as Resource<Kind>);
    });
    if (others.length === 0) return;
    report({
      message: `${resourceName(subject)} selects pods that ${others.join(', ')} selects too`,
      path: selectorPath(kind),
    });
  },
  examples: sameInAmbient('shop', [
    positive(
      'two modes for one pod',
      docs(
        pod('shop/web', { tier: 'front' }),
        doc(
          'PeerAuthentication shop/web',
          'spec: {selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}',
        ),
        doc(
          'PeerAuthentication shop/front',
          'spec: {selector: {matchLabels: {tier: front}}, mtls: {mode: DISABLE}}',
        ),
      ),
      ['PeerAuthentication shop/web spec.selector', 'PeerAuthentication shop/front spec.selector'],
    ),
    negative(
      'different pods',
      docs(
        pod('shop/web'),
        pod('shop/db'),
        doc(
          'PeerAuthentication shop/web',
          'spec: {selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}',
        ),
        doc(
          'PeerAuthentication shop/db',
          'spec: {selector: {matchLabels: {app: db}}, mtls: {mode: DISABLE}}',
        ),
      ),
    ),
    negative(
      'rules for different issuers add up',
      docs(
        pod('shop/web'),
        doc(
          'RequestAuthentication shop/a',
          'spec: {selector: {matchLabels: {app: web}}, jwtRules: [{issuer: a}]}',
        ),
        doc(
          'RequestAuthentication shop/b',
          'spec: {selector: {matchLabels: {app: web}}, jwtRules: [{issuer: b}]}',
        ),
      ),
    ),
  ]),
});
