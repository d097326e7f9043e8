import type { KindName } from '../kinds.ts';
import type { Labels } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { ofSelectionKey, selectionKey, selectorPairs, selects } from '../selector.ts';
import type { View } from '../view.ts';
import { defineDerivation, defineIndex } from '../view.ts';
import { hasTargetRefs, rootNamespaceOf } from './policies.ts';

/** Kinds that `guardAtPods` reads. */
export const l4GuardKinds = ['AuthorizationPolicy', 'MeshConfig'] as const satisfies KindName[];

type Authorization = Resource<'AuthorizationPolicy'>;

/** Whom L4 policies at pods refuse: everybody whom they do not name, only who has no identity, or nobody. */
export type L4Guard = 'unnamed' | 'plain text' | 'nobody';

const bySelector = defineIndex({
  name: 'policies at pods by the first pair of their selector',
  kinds: ['AuthorizationPolicy'],
  keys: (policy) => {
    if (hasTargetRefs(policy)) return [];
    const [first] = selectorPairs(policy.spec.selector?.matchLabels);
    return [`${policy.namespace}|${first ? first.join('=') : ''}`];
  },
});

const refusing = defineIndex({
  name: 'policies at pods that by themselves refuse somebody, by namespace',
  kinds: ['AuthorizationPolicy'],
  keys: (policy) =>
    !hasTargetRefs(policy) && namedBy([policy]).length > 0 ? [policy.namespace] : [],
});

/** Where none refuses by itself, all together refuse nobody. */
const mayRefuse = defineDerivation({
  name: 'policies may refuse at pods of the namespace',
  compute: (view, namespace) =>
    view.lookup(refusing, namespace).length > 0 ||
    view.lookup(refusing, rootNamespaceOf(view)).length > 0,
});

/** Pods of one workload share it, and a policy that changes nothing for them asks none of them again. */
const guards = defineDerivation<L4Guard>({
  name: 'whom policies at pods refuse',
  compute: (view, key) => {
    const { namespace = '', selector } = ofSelectionKey(key);
    const labels = Object.fromEntries(selector);
    const pairs = ['', ...[...selector].map(([name, value]) => `${name}=${value}`)];
    const policies = [...new Set([namespace, rootNamespaceOf(view)])]
      .flatMap((where) => pairs.flatMap((pair) => view.lookup(bySelector, `${where}|${pair}`)))
      .filter(({ spec }) => selects(spec.selector?.matchLabels, labels));
    const named = namedBy(policies);
    if (named.length === 0) return 'nobody';
    return named.some((names) => !names.includes('*')) ? 'unnamed' : 'plain text';
  },
});

/**
 * What L4 policies at pods with the labels refuse: one DENY for all whom it does not name, or ALLOW for named ones and
 * no other (istio.io, "Use waypoint proxies": ensure that a waypoint is not bypassed).
 */
export const guardAtPods = (view: View, namespace: string, labels: Labels): L4Guard =>
  view.derive(mayRefuse, namespace)
    ? view.derive(guards, selectionKey(namespace, labels))
    : 'nobody';

/** Whom policies leave through, by what refuses the others. */
const namedBy = (policies: readonly Authorization[]): string[][] => [
  ...policies.flatMap(deniesAllBut),
  ...allowsOnly(policies),
];

function deniesAllBut({ spec }: Authorization): string[][] {
  if (spec.action !== 'DENY') return [];
  return (spec.rules ?? []).flatMap(({ from = [], to = [], when = [] }) =>
    to.length > 0 || when.length > 0
      ? []
      : from.flatMap(({ source }) => {
          const { notPrincipals = [], ...others } = source ?? {};
          const isAlone = Object.values(others).every(
            (values) => !Array.isArray(values) || values.length === 0,
          );
          return notPrincipals.length > 0 && isAlone ? [notPrincipals] : [];
        }),
  );
}

/** Whom one of them allows may pass, whatever the others say. */
function allowsOnly(policies: readonly Authorization[]): string[][] {
  const allowing = policies.filter(({ spec }) => (spec.action ?? 'ALLOW') === 'ALLOW');
  if (allowing.length === 0) return [];
  const rules = allowing.flatMap(({ spec }) => spec.rules ?? []);
  const isNamed = rules.every(
    ({ from }) => from?.length && from.every(({ source }) => source?.principals?.length),
  );
  if (!isNamed) return [];
  return [
    rules.flatMap(({ from }) => (from ?? []).flatMap(({ source }) => source?.principals ?? [])),
  ];
}
