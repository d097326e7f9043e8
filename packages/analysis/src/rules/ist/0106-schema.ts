import type { Issue, Verdict } from '@ambit/istio/validation/issue';
import { parts } from '@ambit/istio/validation/path';
import { checkSpec } from '@ambit/istio/validation/spec';
import { istioErrors, istioTextsOf, istioWarnings } from '../../istio/schema-texts.ts';
import type { Draft } from '../../finding.ts';
import type { KindName } from '../../kinds.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import type { Example } from '../../rule.ts';
import type { View } from '../../view.ts';

const kinds = [
  'VirtualService',
  'DestinationRule',
  'Gateway',
  'ServiceEntry',
  'Sidecar',
  'WorkloadEntry',
  'WorkloadGroup',
  'EnvoyFilter',
  'ProxyConfig',
  'AuthorizationPolicy',
  'RequestAuthentication',
  'PeerAuthentication',
  'Telemetry',
  'WasmPlugin',
  'TrafficExtension',
] as const satisfies readonly KindName[];

type Subject = Resource<(typeof kinds)[number]>;

const verdicts = new WeakMap<object, Verdict>();

/** What the webhook says of the spec; resources never change, so each is asked once. */
function verdictOf(subject: Subject): Verdict {
  let verdict = verdicts.get(subject);
  if (!verdict) {
    const { kind, name, namespace, spec } = subject;
    // Istio's analysis hands on the name and the namespace only.
    verdict = checkSpec(kind, { name, namespace, labels: {}, annotations: {}, spec });
    verdicts.set(subject, verdict);
  }
  return verdict;
}

/** Tells the issues: in parity as often as istioctl does. */
function tell(issues: Issue[], spec: unknown, view: View, report: (draft: Draft) => void): void {
  for (const { path, message, unreached } of issues) {
    const texts = !view.parity
      ? [message]
      : (unreached?.texts ?? istioTextsOf({ path, message, layer: 'istio' }, spec));
    for (const istioText of texts) report({ message, istioText, path: parts(path) });
  }
}

const virtualService = (http: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
${http}`;

const route = 'route: [{destination: {host: web}}]';

const refused: Example = {
  title: 'weights below zero',
  aspect: 'positive',
  yaml: virtualService(`  - route: [{destination: {host: web}, weight: -1}, {destination: {host: web}}]
`),
  expect: [{ resource: 'VirtualService shop/web', path: 'spec.http[0].route[0].weight' }],
};

export const schemaError = defineRule({
  id: 'IST0106/schema',
  code: 'IST0106',
  severity: 'error',
  title: 'Istio refuses the resource',
  explanation:
    'The resource does not pass the checks of its kind: what Istio’s webhook refuses when the resource is applied.',
  howToFix: 'Change what the message names.',
  cause: 'A value breaks a rule of its kind.',
  consequence: 'The resource cannot be applied; where it is stored already, istiod ignores it.',
  kinds,
  reads: [],
  check: (subject, view, report) => {
    const { errors } = verdictOf(subject);
    if (errors.length === 0) return;
    tell(view.parity ? istioErrors(subject.kind, errors) : errors, subject.spec, view, report);
  },
  examples: [
    refused,
    {
      title: 'a sound VirtualService',
      aspect: 'negative',
      yaml: virtualService(`  - ${route}\n`),
      expect: [],
    },
  ],
});

const twoRules = virtualService(`  - match: [{uri: {prefix: /a}}]
    ${route}
  - match: [{uri: {prefix: /a}}]
    ${route}
`);

const takesAll = virtualService(`  - ${route}
  - match: [{uri: {prefix: /a}}]
    ${route}
`);

const inOrder = virtualService(`  - match: [{uri: {prefix: /a/b}}]
    ${route}
  - match: [{uri: {prefix: /a}}]
    ${route}
  - ${route}
`);

export const unreachableRule = defineRule({
  id: 'IST0130/virtual-service',
  code: 'IST0130',
  severity: 'warning',
  title: 'Route that no request reaches',
  explanation:
    'Routes are tried in their order. This one comes after a route that takes every request, or all its matches are those of earlier routes.',
  howToFix: 'Move the route before the one that takes its requests, or delete it.',
  cause: 'An earlier route takes all of its requests.',
  consequence: 'The route is never used.',
  kinds: ['VirtualService'],
  reads: [],
  check: (subject, view, report) =>
    tell(
      verdictOf(subject).warnings.filter(({ unreached }) => unreached?.what === 'rule'),
      subject.spec,
      view,
      report,
    ),
  examples: [
    {
      title: 'a route after one without match, and a repeated match',
      aspect: 'positive',
      yaml: takesAll,
      expect: [
        { resource: 'VirtualService shop/web', path: 'spec.http[1].match[0]', message: 'rule #0' },
      ],
    },
    {
      title: 'the longer prefix first and the rest last',
      aspect: 'negative',
      yaml: inOrder,
      expect: [],
    },
  ],
});

export const ineffectiveMatch = defineRule({
  id: 'IST0131/virtual-service',
  code: 'IST0131',
  severity: 'info',
  title: 'Match that earlier routes take',
  explanation:
    'Routes are tried in their order. An earlier route has the same match, or one on a shorter prefix that takes every request of this one.',
  howToFix: 'Move the route with the narrower match before the other, or delete the match.',
  cause: 'An earlier match takes all of its requests.',
  consequence: 'The match never decides anything.',
  kinds: ['VirtualService'],
  reads: [],
  check: (subject, view, report) =>
    tell(
      verdictOf(subject).warnings.filter(({ unreached }) => unreached?.what === 'match'),
      subject.spec,
      view,
      report,
    ),
  examples: [
    {
      title: 'the same match again',
      aspect: 'positive',
      yaml: twoRules,
      expect: [{ resource: 'VirtualService shop/web', path: 'spec.http[1].match[0]' }],
    },
    {
      title: 'the longer prefix first and the rest last',
      aspect: 'negative',
      yaml: inOrder,
      expect: [],
    },
  ],
});

export const schemaWarning = defineRule({
  id: 'IST0133/schema',
  code: 'IST0133',
  severity: 'warning',
  title: 'Istio warns of the resource',
  explanation:
    'The resource passes the checks of its kind with a warning: what `kubectl apply` shows when the webhook answers.',
  howToFix: 'Change what the message names.',
  cause: 'A value is legal and likely not what was meant.',
  consequence: 'The resource works in another way than it reads.',
  kinds,
  reads: [],
  check: (subject, view, report) => {
    const { warnings } = verdictOf(subject);
    const own = warnings.filter(({ unreached }) => !unreached);
    tell(view.parity ? istioWarnings(own) : own, subject.spec, view, report);
  },
  examples: [
    {
      title: 'an EnvoyFilter, of which Istio always warns',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: patch, namespace: shop}
spec:
  configPatches: [{applyTo: CLUSTER, patch: {operation: MERGE, value: {connect_timeout: 5s}}}]
`,
      expect: [{ resource: 'EnvoyFilter shop/patch' }],
    },
    {
      title: 'a sound VirtualService',
      aspect: 'negative',
      yaml: virtualService(`  - ${route}\n`),
      expect: [],
    },
  ],
});
