import type { Condition, Rule } from '@ambit/istio/validation/generated/types';
import type { Path, Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, selects } from '../../selector.ts';
import type { View } from '../../view.ts';
import { hasTargetRefs, targetRefs } from '../../facts/policies.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  positive,
  sameInAmbient,
} from '../shared/example.ts';

type Policy = Resource<'AuthorizationPolicy'>;
type Lists = Readonly<Record<string, string[] | undefined>>;

/** Whether everything that `text` (a value or a pattern of Istio) matches, `by` matches too. */
function isWithin(text: string, by: string): boolean {
  if (by === '*' || by === text) return true;
  if (by.endsWith('*')) return !text.startsWith('*') && text.startsWith(by.slice(0, -1));
  if (by.startsWith('*')) return !text.endsWith('*') && text.endsWith(by.slice(1));
  return false;
}

const isExcluded = (
  values: readonly string[] | undefined,
  not: readonly string[] | undefined,
): boolean =>
  Boolean(values?.length) &&
  (values ?? []).every((value) => not?.some((by) => isWithin(value, by)));

/** A list of which every value is excluded by its `not` list: nothing matches both. */
function contradiction(object: object | undefined): string | undefined {
  const lists = (object ?? {}) as Lists;
  for (const [name, values] of Object.entries(lists)) {
    if (name.startsWith('not')) continue;
    const not = lists[`not${name[0]?.toUpperCase()}${name.slice(1)}`];
    if (isExcluded(values, not)) return name;
  }
  return undefined;
}

const single = new Set([
  'source.namespace',
  'source.principal',
  'destination.ip',
  'destination.port',
  'connection.sni',
]);

function conditionContradiction(when: readonly Condition[], index: number): boolean {
  const { key = '', values, notValues } = when[index] ?? {};
  if (isExcluded(values, notValues)) return true;
  if (!single.has(key) || !values?.length || values.some((value) => value.includes('*')))
    return false;
  return when
    .slice(0, index)
    .some(
      (other) =>
        other.key === key &&
        other.values?.length &&
        other.values.every((value) => !value.includes('*') && !values.includes(value)),
    );
}

/** Where the rule contradicts itself, so that no request matches it. */
function impossible(rule: Rule, path: Path): Path | undefined {
  const places = (
    list: readonly (object | undefined)[] | undefined,
    name: string,
    inner: string,
  ) => {
    const found = (list ?? []).map((entry, index): Path | undefined => {
      const field = contradiction((entry as Record<string, object> | undefined)?.[inner]);
      return field === undefined ? undefined : [...path, name, index, inner, field];
    });
    return found.length > 0 && found.every((place) => place !== undefined) ? found[0] : undefined;
  };
  const when = rule.when ?? [];
  const condition = when.findIndex((_, index) => conditionContradiction(when, index));
  return (
    places(rule.from, 'from', 'source') ??
    places(rule.to, 'to', 'operation') ??
    (condition < 0 ? undefined : [...path, 'when', condition])
  );
}

const isEmptyRule = ({ from, to, when }: Rule): boolean =>
  !from?.length && !to?.length && !when?.length;

const policy = (name: string, spec: string): string =>
  doc(`AuthorizationPolicy ${name}`, `spec: ${spec}`);

/** Whether the policy `wide` is for all that `narrow` is for, of one namespace. */
function includes(wide: Policy, narrow: Policy): boolean {
  if (hasTargetRefs(wide) || hasTargetRefs(narrow)) {
    const names = new Set(targetRefs(wide).map(({ ref }) => `${ref.kind}/${ref.name}`));
    const own = targetRefs(narrow);
    return own.length > 0 && own.every(({ ref }) => names.has(`${ref.kind}/${ref.name}`));
  }
  const labels = wide.spec.selector?.matchLabels;
  if (isEmptySelector(labels)) return true;
  return selects(labels, Object.fromEntries(narrow.spec.selector?.matchLabels ?? []));
}

const actionOf = ({ spec }: Policy) => spec.action ?? 'ALLOW';

const peers = (view: View, subject: Policy): Policy[] =>
  view
    .inNamespace('AuthorizationPolicy', subject.namespace)
    .filter(({ id, cluster }) => id !== subject.id && cluster === subject.cluster);

export const neverMatches = defineRule({
  id: 'AMB0020/contradiction',
  code: 'AMB0020',
  severity: 'warning',
  title: 'The authorization rule can never match',
  explanation:
    'Parts of a rule exclude each other: every value of a list is excluded by its `not` list, or two conditions want different values of the same thing. A policy that allows nothing on purpose (no rules) is not told.',
  howToFix: 'Remove one of the contradicting parts.',
  cause: 'No request meets all conditions of the rule.',
  consequence: 'An ALLOW rule allows nobody; a DENY rule refuses nobody.',
  kinds: ['AuthorizationPolicy'],
  reads: [],
  check: (subject, _view, report) => {
    const rules = subject.spec.rules ?? [];
    const action = actionOf(subject);
    const found = rules.map((rule, index) => impossible(rule, ['spec', 'rules', index]));
    const isAll = found.every((path) => path !== undefined);
    for (const [index, path] of found.entries()) {
      if (!path) continue;
      const isAllow = action === 'ALLOW';
      report({
        message: `Rule ${index + 1} of ${fullName(subject)} contradicts itself, so no request matches it`,
        path,
        severity: isAllow && isAll ? 'error' : 'warning',
        consequence: isAllow
          ? `The rule allows nobody${isAll ? ', and with it the whole policy' : ''}.`
          : 'The rule has no effect on any request.',
      });
    }
  },
  examples: [
    positive(
      'all methods are excluded again, and two namespaces at once',
      policy(
        'shop/web',
        `
  rules:
  - to: [{operation: {methods: [GET, HEAD], notMethods: ["*"]}}]
  - when: [{key: source.namespace, values: [a]}, {key: source.namespace, values: [b]}]`,
      ),
      [
        'AuthorizationPolicy shop/web spec.rules[0].to[0].operation.methods',
        'AuthorizationPolicy shop/web spec.rules[1].when[1]',
      ],
    ),
    negative(
      'some are excluded, one of two operations is impossible, nothing is allowed on purpose',
      docs(
        policy(
          'shop/a',
          '{rules: [{to: [{operation: {paths: ["/api/*"], notPaths: ["/api/admin/*"]}}]}]}',
        ),
        policy(
          'shop/b',
          '{rules: [{to: [{operation: {methods: [GET], notMethods: [GET]}}, {operation: {methods: [PUT]}}]}]}',
        ),
        policy('shop/c', '{}'),
      ),
    ),
    ambient(
      'principals and ports, in ambient mode',
      docs(
        ambientNamespace('shop'),
        policy(
          'shop/a',
          '{rules: [{from: [{source: {principals: ["*"], notPrincipals: [a/ns/b/sa/c]}}], to: [{operation: {ports: ["80"]}}]}]}',
        ),
      ),
    ),
  ],
});

export const allowedButDenied = defineRule({
  id: 'AMB0020/denied',
  code: 'AMB0020',
  severity: 'warning',
  title: 'A policy allows what another denies as a whole',
  explanation:
    'A DENY policy with a rule without conditions refuses every request of its workloads, and DENY goes before ALLOW: what this policy allows for them has no effect.',
  howToFix:
    'To allow nothing but what is listed, remove the DENY policy: with an ALLOW policy all else is refused anyway.',
  cause: 'DENY is decided before ALLOW, and the rule has no conditions.',
  consequence: 'Every request is refused, whatever this policy allows.',
  kinds: ['AuthorizationPolicy'],
  reads: ['AuthorizationPolicy'],
  check: (subject, view, report) => {
    if (actionOf(subject) !== 'ALLOW' || !subject.spec.rules?.length) return;
    const deny = peers(view, subject).find(
      (other) =>
        actionOf(other) === 'DENY' &&
        other.spec.rules?.some(isEmptyRule) &&
        includes(other, subject),
    );
    if (!deny) return;
    report({
      message: `${fullName(deny)} denies every request that ${fullName(subject)} allows`,
      path: ['spec', 'rules'],
    });
  },
  examples: sameInAmbient('shop', [
    positive(
      'a DENY without conditions for the namespace',
      docs(
        policy('shop/none', '{action: DENY, rules: [{}]}'),
        policy(
          'shop/web',
          '{selector: {matchLabels: {app: web}}, rules: [{from: [{source: {namespaces: [front]}}]}]}',
        ),
      ),
      ['AuthorizationPolicy shop/web spec.rules'],
    ),
    negative(
      'a DENY with conditions, and one for other pods',
      docs(
        policy('shop/some', '{action: DENY, rules: [{from: [{source: {namespaces: [back]}}]}]}'),
        policy('shop/db', '{action: DENY, selector: {matchLabels: {app: db}}, rules: [{}]}'),
        policy(
          'shop/web',
          '{selector: {matchLabels: {app: web}}, rules: [{from: [{source: {namespaces: [front]}}]}]}',
        ),
      ),
    ),
  ]),
});

export const alwaysAllows = defineRule({
  id: 'AMB0021',
  code: 'AMB0021',
  severity: 'warning',
  title: 'A rule allows everything, and makes the others useless',
  explanation:
    'An ALLOW rule without conditions allows every request. Beside it other ALLOW rules, of this policy or of others for the same workloads, have no effect. Alone it may be meant, and is not told.',
  howToFix: 'Remove the empty rule (`- {}`), or the rules that it makes useless.',
  cause: 'A request needs one ALLOW rule that matches, and this one matches all.',
  consequence: 'Everyone may call these workloads, in spite of the other rules.',
  kinds: ['AuthorizationPolicy'],
  reads: ['AuthorizationPolicy'],
  check: (subject, view, report) => {
    const rules = subject.spec.rules ?? [];
    const at = rules.findIndex(isEmptyRule);
    if (actionOf(subject) !== 'ALLOW' || at < 0) return;
    const useless = peers(view, subject).filter(
      (other) =>
        actionOf(other) === 'ALLOW' &&
        other.spec.rules?.some((rule) => !isEmptyRule(rule)) &&
        includes(subject, other),
    );
    const own = rules.filter((rule) => !isEmptyRule(rule)).length;
    if (own === 0 && useless.length === 0) return;
    const what = [
      ...(own > 0 ? [`${own} other ${own === 1 ? 'rule' : 'rules'} of it`] : []),
      ...useless.slice(0, 3).map(fullName),
      ...(useless.length > 3 ? [`${useless.length - 3} more policies`] : []),
    ];
    report({
      message: `Rule ${at + 1} of ${fullName(subject)} allows every request; without effect: ${what.join(', ')}`,
      path: ['spec', 'rules', at],
    });
  },
  examples: sameInAmbient('shop', [
    positive(
      'an empty rule beside another, and beside another policy',
      docs(
        policy('shop/web', '{rules: [{from: [{source: {namespaces: [front]}}]}, {}]}'),
        policy(
          'shop/db',
          '{selector: {matchLabels: {app: db}}, rules: [{from: [{source: {namespaces: [shop]}}]}]}',
        ),
      ),
      ['AuthorizationPolicy shop/web spec.rules[1]'],
    ),
    negative(
      'an empty rule alone, and one for other pods',
      docs(
        policy('shop/web', '{selector: {matchLabels: {app: web}}, rules: [{}]}'),
        policy(
          'shop/db',
          '{selector: {matchLabels: {app: db}}, rules: [{from: [{source: {namespaces: [shop]}}]}]}',
        ),
      ),
    ),
  ]),
});
