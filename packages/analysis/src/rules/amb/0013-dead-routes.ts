import type { Dead, Place } from '../../facts/matches.ts';
import { coversHttp, coversTcp, coversTls, deadMatches } from '../../facts/matches.ts';
import type { RouteRule } from '../../gateway-api.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { doc, negative, positive, sameInAmbient } from '../shared/example.ts';

const web = (http: string): string =>
  doc('VirtualService shop/web', `spec:\n  hosts: [web]\n  http:\n${http}`);
const to = (subset: string): string => `route: [{destination: {host: web, subset: ${subset}}}]`;

const nameOf = (rules: readonly object[], { rule, match }: Place): string => {
  const name = (rules[rule] as { name?: string } | undefined)?.name;
  const word = name === undefined ? `rule ${rule + 1}` : `rule "${name}"`;
  return match === undefined ? word : `match ${match + 1} of ${word}`;
};

const listed = (rules: readonly object[], places: readonly Place[]): string =>
  [...new Set(places.map((place) => nameOf(rules, place)))].slice(0, 3).join(', ');

export const deadRoute = defineRule({
  id: 'AMB0013/virtual-service',
  code: 'AMB0013',
  severity: 'warning',
  title: 'No request reaches the route',
  explanation:
    'Rules of a VirtualService are tried in their order, and the first that matches takes the request. Every request of this rule, or of this match, is taken by an earlier one: it has the same conditions or fewer, a shorter prefix, or no match at all. Only what is proved is told: two regular expressions are compared as texts.',
  howToFix: 'Move the narrower rule before the wider one, or remove it.',
  cause: 'An earlier rule takes every request that this one would match.',
  consequence: 'The route never has an effect.',
  kinds: ['VirtualService'],
  reads: [],
  sameAs: ['IST0130', 'IST0131'],
  check: (subject, _view, report) => {
    const { http = [], tls = [], tcp = [], gateways } = subject.spec;
    const of = gateways?.length ? gateways : ['mesh'];
    const tell = (protocol: string, rules: readonly object[], dead: Dead[]): void => {
      for (const { at, by } of dead) {
        const path = [
          'spec',
          protocol,
          at.rule,
          ...(at.match === undefined ? [] : ['match', at.match]),
        ];
        report({
          message: `No request reaches ${nameOf(rules, at)}: ${listed(rules, by)} takes all of them`,
          path,
          fix: {
            title: at.match === undefined ? 'Remove the rule' : 'Remove the match',
            patch: [{ op: 'remove', path: `/${path.join('/')}` }],
          },
        });
      }
    };
    tell(
      'http',
      http,
      deadMatches(http, (wide, narrow) => coversHttp(wide, narrow, of)),
    );
    tell(
      'tls',
      tls,
      deadMatches(tls, (wide, narrow) => coversTls(wide, narrow, of)),
    );
    tell(
      'tcp',
      tcp,
      deadMatches(tcp, (wide, narrow) => coversTcp(wide, narrow, of)),
    );
  },
  examples: sameInAmbient('shop', [
    positive(
      'a longer prefix after a shorter one, and a rule after one without match',
      web(`  - {name: all-api, match: [{uri: {prefix: /api}}], ${to('a')}}
  - {name: cart, match: [{uri: {prefix: /api/cart}, method: {exact: GET}}, {uri: {exact: /cart}}], ${to('b')}}
  - {${to('a')}}
  - {match: [{uri: {prefix: /late}}], ${to('b')}}`),
      ['VirtualService shop/web spec.http[1].match[0]', 'VirtualService shop/web spec.http[3]'],
    ),
    positive(
      'the same header again',
      web(`  - {match: [{headers: {x-user: {exact: ann}}}], ${to('a')}}
  - {match: [{uri: {prefix: /}, headers: {x-user: {exact: ann}}}], ${to('b')}}`),
      ['VirtualService shop/web spec.http[1]'],
    ),
    negative(
      'narrow before wide, other methods, headers, ports and gateways',
      web(`  - {match: [{uri: {prefix: /api/cart}}], ${to('a')}}
  - {match: [{uri: {prefix: /api}, method: {exact: GET}}], ${to('a')}}
  - {match: [{uri: {prefix: /api}, method: {exact: POST}}], ${to('a')}}
  - {match: [{uri: {prefix: /api}, headers: {a: {exact: b}}}], ${to('a')}}
  - {match: [{uri: {prefix: /api}, port: 8080}], ${to('a')}}
  - {match: [{uri: {prefix: /api}, withoutHeaders: {a: {}}}], ${to('a')}}
  - {match: [{uri: {regex: "/api/.*"}}], ${to('a')}}
  - {match: [{uri: {prefix: /api}}], ${to('a')}}
  - {${to('a')}}`),
    ),
  ]),
});

/** Conditions of a match as a text that is equal for equal conditions. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (key === 'headers' || key === 'queryParams') {
      return (item as { name?: string }[]).toSorted((a, b) =>
        (a.name ?? '') < (b.name ?? '') ? -1 : 1,
      );
    }
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const anyPath = { path: { type: 'PathPrefix', value: '/' } };
const route = (rules: string): string =>
  doc('HTTPRoute shop/web', `spec:\n  parentRefs: [{name: edge}]\n  rules:\n${rules}`);

export const repeatedMatch = defineRule({
  id: 'AMB0013/http-route',
  code: 'AMB0013',
  severity: 'warning',
  title: 'No request reaches the match',
  explanation:
    'Matches of an HTTPRoute or GRPCRoute are tried from the most exact to the least, whatever their order; of equal ones the first takes the request. A match that has the conditions of an earlier one has no effect.',
  howToFix: 'Remove the match, or add the condition that tells it from the other.',
  cause: 'An earlier rule of the route has the same match.',
  consequence: 'The match never has an effect.',
  kinds: ['HTTPRoute', 'GRPCRoute'],
  reads: [],
  check: (subject, _view, report) => {
    const seen = new Map<string, string>();
    for (const [index, rule] of (subject.spec.rules ?? []).entries()) {
      const { matches = [{}] }: RouteRule = rule;
      for (const [at, match] of matches.entries()) {
        const key = textOf(subject.kind === 'HTTPRoute' ? { ...anyPath, ...match } : match);
        const name = rule.name === undefined ? `rule ${index + 1}` : `rule "${rule.name}"`;
        const first = seen.get(key);
        if (first === undefined) seen.set(key, name);
        else {
          const place = ['spec', 'rules', index, ...(rule.matches ? ['matches', at] : [])];
          const useless = matches.length > 1 ? place : place.slice(0, 3);
          report({
            message: `No request reaches match ${at + 1} of ${name} of ${fullName(subject)}: ${first} has the same`,
            path: place,
            fix: {
              title: matches.length > 1 ? 'Remove the match' : 'Remove the rule',
              patch: [{ op: 'remove', path: `/${useless.join('/')}` }],
            },
          });
        }
      }
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'the same path and header in two rules',
      route(`  - {matches: [{path: {type: PathPrefix, value: /a}, headers: [{name: x, value: "1"}]}], backendRefs: [{name: web, port: 80}]}
  - {matches: [{headers: [{value: "1", name: x}], path: {value: /a, type: PathPrefix}}], backendRefs: [{name: other, port: 80}]}`),
      ['HTTPRoute shop/web spec.rules[1].matches[0]'],
    ),
    negative(
      'a shorter path first: the order does not matter here',
      route(`  - {matches: [{path: {type: PathPrefix, value: /}}], backendRefs: [{name: web, port: 80}]}
  - {matches: [{path: {type: PathPrefix, value: /a}}], backendRefs: [{name: other, port: 80}]}`),
    ),
  ]),
});
