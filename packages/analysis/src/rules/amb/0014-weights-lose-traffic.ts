import { hostKinds, serviceOf } from '../../facts/hosts.ts';
import { knowsWorkloads, someWorkload, workloadKinds } from '../../facts/workloads.ts';
import type { Workload } from '../../facts/workloads.ts';
import { fqdnOf } from '../../istio/hosts.ts';
import type { Path, Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, ofSelectionKey, selectionKey, selectorPairs } from '../../selector.ts';
import type { Selector, View } from '../../view.ts';
import { defineDerivation } from '../../view.ts';
import { rulesByHost } from '../kia/0201-destination-rule.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  pod,
  positive,
  sameInAmbient,
  service,
} from '../shared/example.ts';

const runs = (workload: Workload): boolean =>
  !(workload.kind === 'Deployment' || workload.kind === 'StatefulSet') ||
  workload.spec.replicas !== 0;

const emptySelection = defineDerivation({
  name: 'selection has no running workload',
  compute: (view, key) => {
    const { namespace = '', selector } = ofSelectionKey(key);
    return !someWorkload(view, selector, namespace, runs);
  },
});

/** Whether surely no endpoint stands behind the Service, or behind a subset of it. */
function isEmpty(view: View, target: Resource<'Service'>, subset: Selector): boolean {
  const { namespace, spec } = target;
  if (isEmptySelector(spec.selector) || !knowsWorkloads(view)) return false;
  const both = new Map([...selectorPairs(spec.selector), ...selectorPairs(subset)]);
  return view.derive(emptySelection, selectionKey(namespace, both));
}

function subsetLabels(
  view: View,
  namespace: string,
  host: string,
  name: string | undefined,
): Selector {
  if (name === undefined) return undefined;
  for (const { spec } of view.lookup(rulesByHost, fqdnOf(namespace, host))) {
    const found = spec.subsets?.find((subset) => subset.name === name);
    if (found) return found.labels;
  }
  return undefined;
}

const share = (weight: number, total: number): string =>
  `${Math.round((weight / total) * 1000) / 10} %`;

const split = (weights: string): string =>
  doc('VirtualService shop/web', `spec: {hosts: [web], http: [{route: [${weights}]}]}`);
const rule = doc(
  'DestinationRule shop/web',
  'spec: {host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}',
);
const halves =
  '{destination: {host: web, subset: v1}, weight: 90}, {destination: {host: web, subset: v2}, weight: 10}';

export const weightToNobody = defineRule({
  id: 'AMB0014/virtual-service',
  code: 'AMB0014',
  severity: 'error',
  title: 'A share of the requests goes to nobody',
  explanation:
    'A route splits requests by weight, and behind one destination there is no workload: no pod has the labels of the Service and the subset, or all that have are scaled to zero. The share is not given to the others. (Weights need not add up to 100: they are shares of their sum.)',
  howToFix: 'Start the workload before it gets a weight, or set the weight to 0.',
  cause: 'No workload stands behind a destination that gets a share.',
  consequence: 'This share of the requests fails with 503.',
  kinds: ['VirtualService'],
  reads: [...hostKinds, ...workloadKinds, 'DestinationRule'],
  check: (subject, view, report) => {
    const { namespace, spec } = subject;
    for (const protocol of ['http', 'tls', 'tcp'] as const) {
      for (const [index, { route = [] }] of (spec[protocol] ?? []).entries()) {
        if (route.length < 2) continue;
        const total = route.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
        for (const [at, { destination = {}, weight = 0 }] of route.entries()) {
          const { host = '', subset } = destination;
          const target = weight > 0 ? serviceOf(view, namespace, host) : undefined;
          const labels = target && subsetLabels(view, namespace, host, subset);
          if (!target || (subset !== undefined && labels === undefined)) continue;
          if (!isEmpty(view, target, labels)) continue;
          report({
            message: `${share(weight, total)} of the requests go to ${host}${subset === undefined ? '' : ` subset ${subset}`}, which has no running workload`,
            path: ['spec', protocol, index, 'route', at],
          });
        }
      }
    }
  },
  examples: [
    positive(
      'a canary that is not started',
      docs(service('shop/web'), pod('shop/web', { version: 'v1' }), rule, split(halves)),
      ['VirtualService shop/web spec.http[0].route[1]'],
    ),
    negative(
      'weight 0 until it is started',
      docs(
        service('shop/web'),
        pod('shop/web', { version: 'v1' }),
        rule,
        split(halves.replace('90', '100').replace('weight: 10}', 'weight: 0}')),
      ),
    ),
    negative('nothing is known of workloads', docs(service('shop/web'), rule, split(halves))),
    ambient(
      'both run, in ambient mode',
      docs(
        ambientNamespace('shop'),
        service('shop/web'),
        pod('shop/web', { version: 'v1' }),
        doc(
          'Deployment shop/web',
          'spec: {template: {metadata: {labels: {app: web, version: v2}}}}',
        ),
        rule,
        split(halves),
      ),
    ),
  ],
});

const route = (rules: string): string =>
  doc('HTTPRoute shop/web', `spec: {parentRefs: [{name: edge}], rules: [${rules}]}`);

export const routeToNobody = defineRule({
  id: 'AMB0014/http-route',
  code: 'AMB0014',
  severity: 'error',
  title: 'Requests of the rule go to nobody',
  explanation:
    'A rule of an HTTPRoute or GRPCRoute has no backend with a weight above 0 (and no redirect), or a share of its requests goes to a Service without a running workload.',
  howToFix: 'Give a backend a weight, or start the workload.',
  cause: 'No workload stands behind a backend that gets requests.',
  consequence: 'These requests fail with 500 or 503.',
  kinds: ['HTTPRoute', 'GRPCRoute'],
  reads: [...workloadKinds, 'Service'],
  check: (subject, view, report) => {
    for (const [index, { backendRefs = [], filters }] of (subject.spec.rules ?? []).entries()) {
      const path: Path = ['spec', 'rules', index];
      const answers = filters?.some(
        ({ type }) => type === 'RequestRedirect' || type === 'ExtensionRef',
      );
      const total = backendRefs.reduce((sum, { weight }) => sum + (weight ?? 1), 0);
      if (total === 0 && backendRefs.length > 0 && !answers) {
        report({
          message: `All backends of rule ${index + 1} have weight 0`,
          path: [...path, 'backendRefs'],
        });
      }
      for (const [at, ref] of backendRefs.entries()) {
        const weight = ref.weight ?? 1;
        if (weight === 0 || backendRefs.length < 2 || (ref.kind ?? 'Service') !== 'Service')
          continue;
        const target = view.get('Service', ref.namespace ?? subject.namespace, ref.name ?? '');
        if (!target || !isEmpty(view, target, undefined)) continue;
        report({
          message: `${share(weight, total)} of the requests go to Service ${fullName(target)}, which has no running workload`,
          path: [...path, 'backendRefs', at],
        });
      }
    }
  },
  examples: sameInAmbient('shop', [
    positive('weight 0 everywhere', route('{backendRefs: [{name: web, port: 80, weight: 0}]}'), [
      'HTTPRoute shop/web spec.rules[0].backendRefs',
    ]),
    positive(
      'a canary that is not started',
      docs(
        service('shop/web'),
        service('shop/canary'),
        pod('shop/web'),
        route(
          '{backendRefs: [{name: web, port: 80, weight: 9}, {name: canary, port: 80, weight: 1}]}',
        ),
      ),
      ['HTTPRoute shop/web spec.rules[0].backendRefs[1]'],
    ),
    negative(
      'a redirect, and a canary with weight 0',
      docs(
        service('shop/web'),
        service('shop/canary'),
        pod('shop/web'),
        route(
          '{filters: [{type: RequestRedirect}]}, {backendRefs: [{name: web, port: 80}, {name: canary, port: 80, weight: 0}]}',
        ),
      ),
    ),
  ]),
});
