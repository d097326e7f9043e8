import { ambientKinds, isAmbientNamespace } from '../../facts/ambient.ts';
import { fqdnOf, hostKinds, hostServices, isUnknownHost } from '../../facts/hosts.ts';
import { knows } from '../../facts/known.ts';
import { clientMode, isMeshWideHost, isMutual, wideNamespaceOf } from '../../facts/mtls.ts';
import { someWorkload, workloadKinds } from '../../facts/workloads.ts';
import { isExportedToAll } from '../../istio/export-to.ts';
import type { Fix } from '../../finding.ts';
import { serviceOfHost } from '../../istio/hosts.ts';
import type { Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, selectorText } from '../../selector.ts';
import { defineIndex } from '../../view.ts';
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

type DestinationRule = Resource<'DestinationRule'>;

/** DestinationRules by full host. */
export const rulesByHost = defineIndex({
  name: 'destination rules by full host',
  kinds: ['DestinationRule'],
  keys: ({ spec, namespace }) => [fqdnOf(namespace, spec.host ?? '')],
});

const hostOf = ({ spec, namespace }: DestinationRule): string => fqdnOf(namespace, spec.host ?? '');

/** Whether callers of one namespace could see both. */
const meet = (a: DestinationRule, b: DestinationRule): boolean =>
  a.namespace === b.namespace ||
  (isExportedToAll(a.spec.exportTo) && isExportedToAll(b.spec.exportTo));

/** The subsets that both rules define, `*` where one is for the host as a whole. */
function sharedSubsets(a: DestinationRule, b: DestinationRule): string[] {
  const names = (rule: DestinationRule): string[] =>
    (rule.spec.subsets ?? []).map(({ name = '' }) => name);
  const [own, others] = [names(a), new Set(names(b))];
  if (own.length === 0 || others.size === 0) return ['*'];
  return own.filter((name) => others.has(name));
}

export const sameHostAndSubset = defineRule({
  id: 'KIA0201',
  code: 'KIA0201',
  severity: 'warning',
  title: 'Several DestinationRules for one host and subset',
  explanation:
    'Two DestinationRules that the same callers see are for one host and define the same subset, or one of them is for the host as a whole. Istio joins rules of one namespace by age and drops what repeats; across namespaces it takes one. Rules with different `workloadSelector` are meant for different callers.',
  howToFix: 'Merge them into one rule, in the namespace of the service.',
  cause: 'Both rules are for the host.',
  consequence: 'Some settings of one of them have no effect.',
  kinds: ['DestinationRule'],
  reads: ['DestinationRule'],
  check: (subject, view, report) => {
    const own = selectorText(subject.spec.workloadSelector?.matchLabels);
    if (isMutual(clientMode(subject.spec)) && hostOf(subject).startsWith('*')) return;
    for (const other of view.lookup(rulesByHost, hostOf(subject))) {
      if (other.id === subject.id || other.cluster !== subject.cluster) continue;
      if (!meet(subject, other)) continue;
      if (selectorText(other.spec.workloadSelector?.matchLabels) !== own) continue;
      const shared = sharedSubsets(subject, other);
      if (shared.length === 0) continue;
      const what = shared[0] === '*' ? 'the host as a whole' : `subset ${shared.join(', ')}`;
      report({
        message: `DestinationRule ${fullName(other)} is for ${subject.spec.host} too (${what})`,
        path: ['spec', 'host'],
        key: fullName(other),
      });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'one host, short and full',
      docs(
        doc(
          'DestinationRule shop/a',
          'spec: {host: web, subsets: [{name: v1, labels: {version: v1}}]}',
        ),
        doc(
          'DestinationRule shop/b',
          'spec: {host: web.shop.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}]}',
        ),
      ),
      ['DestinationRule shop/a spec.host', 'DestinationRule shop/b spec.host'],
    ),
    negative(
      'other subsets, other callers, another namespace that keeps its rule for itself',
      docs(
        doc(
          'DestinationRule shop/a',
          'spec: {host: web, subsets: [{name: v1, labels: {version: v1}}]}',
        ),
        doc(
          'DestinationRule shop/b',
          'spec: {host: web, subsets: [{name: v2, labels: {version: v2}}]}',
        ),
        doc(
          'DestinationRule shop/c',
          'spec: {host: web, workloadSelector: {matchLabels: {app: client}}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}',
        ),
        doc(
          'DestinationRule front/web',
          'spec: {host: web.shop.svc.cluster.local, exportTo: ["."], trafficPolicy: {loadBalancer: {simple: RANDOM}}}',
        ),
      ),
    ),
  ]),
});

export const destinationHostMissing = defineRule({
  id: 'KIA0202',
  code: 'KIA0202',
  severity: 'error',
  title: 'Host of the DestinationRule is not in the registry',
  explanation:
    'No Service and no ServiceEntry has the host. Short names are completed with the namespace of the rule; hosts with a wildcard are not told.',
  howToFix: 'Correct the host, write it in full, or create the Service or ServiceEntry.',
  cause: 'Nothing has this host.',
  consequence: 'The rule has no effect.',
  kinds: ['DestinationRule'],
  reads: hostKinds,
  sameAs: ['IST0174'],
  check: (subject, view, report) => {
    const { host = '' } = subject.spec;
    if (!isUnknownHost(view, subject.namespace, host)) return;
    report({ message: `No Service or ServiceEntry has the host ${host}`, path: ['spec', 'host'] });
  },
  examples: [
    positive(
      'a misspelt host',
      docs(service('shop/web'), doc('DestinationRule shop/web', 'spec: {host: wbe}')),
      ['DestinationRule shop/web spec.host'],
    ),
    negative(
      'a Service, a ServiceEntry by wildcard, all of a namespace',
      docs(
        service('shop/web'),
        doc(
          'ServiceEntry shop/out',
          'spec: {hosts: ["*.example.com"], ports: [{number: 443, name: tls, protocol: TLS}]}',
        ),
        doc('DestinationRule shop/a', 'spec: {host: web}'),
        doc('DestinationRule shop/b', 'spec: {host: api.example.com}'),
        doc('DestinationRule shop/c', 'spec: {host: "*.shop.svc.cluster.local"}'),
      ),
    ),
    negative('nothing is known of services', doc('DestinationRule shop/web', 'spec: {host: web}')),
    ambient(
      'a Service of an ambient namespace',
      docs(
        ambientNamespace('shop'),
        service('shop/web'),
        doc('DestinationRule shop/web', 'spec: {host: web}'),
      ),
    ),
  ],
});

export const subsetMatchesNothing = defineRule({
  id: 'KIA0203',
  code: 'KIA0203',
  severity: 'error',
  title: 'Labels of the subset are those of no workload of the host',
  explanation:
    'No workload that the Service selects has the labels of the subset. Workloads that are scaled down count by their template.',
  howToFix: 'Correct the labels of the subset, or give them to the pods.',
  cause: 'No workload behind the host has all labels of the subset.',
  consequence: 'Requests to the subset fail with 503.',
  kinds: ['DestinationRule'],
  reads: [...hostKinds, ...workloadKinds],
  sameAs: ['IST0173'],
  check: (subject, view, report) => {
    const { host = '', subsets = [] } = subject.spec;
    if (host.startsWith('*')) return;
    const [target] = hostServices(view, subject.namespace, host);
    if (target?.kind !== 'Service' || isEmptySelector(target.spec.selector)) return;
    const { namespace } = target;
    const base = Object.entries(target.spec.selector ?? {});
    if (!knows(view, 'Pod') && !knows(view, 'Deployment')) return;
    for (const [index, { name, labels }] of subsets.entries()) {
      if (isEmptySelector(labels)) continue;
      const wanted = new Map([...base, ...(labels ?? [])]);
      if ([...(labels?.keys() ?? [])].some((key) => key.startsWith('topology.'))) continue;
      if (someWorkload(view, wanted, namespace)) continue;
      report({
        message: `No workload of ${fullName(target)} has the labels of subset ${name}: ${selectorText(labels)}`,
        path: ['spec', 'subsets', index],
      });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'a version that runs nowhere',
      docs(
        service('shop/web'),
        pod('shop/web', { version: 'v1' }),
        doc(
          'DestinationRule shop/web',
          'spec: {host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}',
        ),
      ),
      ['DestinationRule shop/web spec.subsets[1]'],
    ),
    negative(
      'a version that is scaled down, and a host of no Service',
      docs(
        service('shop/web'),
        doc(
          'Deployment shop/web',
          'spec: {replicas: 0, template: {metadata: {labels: {app: web, version: v2}}}}',
        ),
        doc(
          'DestinationRule shop/web',
          'spec: {host: web, subsets: [{name: v2, labels: {version: v2}}]}',
        ),
        doc(
          'DestinationRule shop/b',
          'spec: {host: api.example.com, subsets: [{name: v2, labels: {version: v2}}]}',
        ),
      ),
    ),
    negative(
      'nothing is known of workloads',
      docs(
        service('shop/web'),
        doc(
          'DestinationRule shop/web',
          'spec: {host: web, subsets: [{name: v2, labels: {version: v2}}]}',
        ),
      ),
    ),
  ]),
});

/** Rules for a whole namespace or the mesh, by the namespace that they are for; `*` for all. */
const wideMutualRules = defineIndex({
  name: 'wide destination rules with mutual TLS',
  kinds: ['DestinationRule'],
  keys: ({ spec }) => {
    const host = spec.host ?? '';
    if (!isMutual(clientMode(spec))) return [];
    return isMeshWideHost(host) ? ['*'] : [wideNamespaceOf(host) ?? []].flat();
  },
});

/** The patch that repeats the mode; with certificates of one's own (MUTUAL) the mode alone would be refused. */
function repeated({ spec }: Resource<'DestinationRule'>, hasPolicy: boolean): Pick<Fix, 'patch'> {
  const mode = clientMode(spec);
  if (mode !== 'ISTIO_MUTUAL') return {};
  const path = '/spec/trafficPolicy';
  return {
    patch: [
      hasPolicy
        ? { op: 'add', path: `${path}/tls`, value: { mode } }
        : { op: 'add', path, value: { tls: { mode } } },
    ],
  };
}

export const wideMtlsOverridden = defineRule({
  id: 'KIA0204',
  code: 'KIA0204',
  severity: 'warning',
  title: 'The rule takes the mTLS setting of a wider one away',
  explanation:
    'A DestinationRule for a whole namespace or the mesh sets mutual TLS, and this one, for a host of it, says nothing of TLS. Istio does not join them: the narrower rule stands alone. With auto mTLS, which is on by default, callers still use mutual TLS where the server takes it.',
  howToFix: 'Repeat `trafficPolicy.tls` in the narrower rule.',
  cause: 'Only the narrowest DestinationRule of a host is used.',
  consequence: 'Calls to this host do not use the TLS setting of the wider rule.',
  kinds: ['DestinationRule'],
  reads: ['DestinationRule', 'MeshConfig', ...ambientKinds],
  check: (subject, view, report) => {
    const { spec } = subject;
    const host = hostOf(subject);
    if (host.startsWith('*')) return;
    const { trafficPolicy } = spec;
    if (trafficPolicy?.tls || trafficPolicy?.portLevelSettings?.some(({ tls }) => tls)) return;
    const { namespace } = serviceOfHost(subject.namespace, host);
    const wide = [...view.lookup(wideMutualRules, namespace), ...view.lookup(wideMutualRules, '*')];
    const [by] = wide.filter((other) => other.id !== subject.id && meet(subject, other));
    if (!by || isAmbientNamespace(view, namespace)) return;
    const isAuto = view.mesh().enableAutoMtls !== false;
    report({
      message: `DestinationRule ${fullName(by)} sets mutual TLS for ${by.spec.host}, and this rule for ${spec.host} does not`,
      path: ['spec', ...(trafficPolicy ? ['trafficPolicy'] : [])],
      ...(isAuto
        ? {
            severity: 'info',
            consequence:
              'Auto mTLS decides for this host: mutual TLS wherever the server takes it.',
          }
        : {}),
      fix: { title: 'Repeat the TLS setting', ...repeated(by, trafficPolicy !== undefined) },
    });
  },
  examples: [
    positive(
      'a narrower rule without TLS, where auto mTLS is off',
      docs(
        doc(
          'DestinationRule istio-system/all',
          'spec: {host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
        ),
        doc(
          'DestinationRule shop/web',
          'spec: {host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}}',
        ),
      ),
      ['DestinationRule shop/web spec.trafficPolicy'],
      { meshConfig: 'enableAutoMtls: false' },
    ),
    negative(
      'the narrower rule repeats it',
      docs(
        doc(
          'DestinationRule shop/all',
          'spec: {host: "*.shop.svc.cluster.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
        ),
        doc(
          'DestinationRule shop/web',
          'spec: {host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
        ),
        doc('DestinationRule data/db', 'spec: {host: db}'),
      ),
    ),
    ambient(
      'ztunnel encrypts in any case',
      docs(
        ambientNamespace('shop'),
        doc(
          'DestinationRule shop/all',
          'spec: {host: "*.shop.svc.cluster.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
        ),
        doc('DestinationRule shop/web', 'spec: {host: web}'),
      ),
    ),
  ],
});

export const subsetWithoutLabels = defineRule({
  id: 'KIA0209',
  code: 'KIA0209',
  severity: 'warning',
  title: 'Subset without labels',
  explanation: 'A subset without labels selects every endpoint of the host, as if there were none.',
  howToFix: 'Add the labels that tell the pods of the subset from others.',
  cause: 'The subset has no labels.',
  consequence: 'Requests to the subset go to all pods of the service.',
  kinds: ['DestinationRule'],
  reads: [],
  check: (subject, _view, report) => {
    for (const [index, { name, labels }] of (subject.spec.subsets ?? []).entries()) {
      if (!isEmptySelector(labels)) continue;
      report({ message: `Subset ${name} has no labels`, path: ['spec', 'subsets', index] });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'no labels',
      doc('DestinationRule shop/web', 'spec: {host: web, subsets: [{name: v1}]}'),
      ['DestinationRule shop/web spec.subsets[0]'],
    ),
    negative(
      'labels',
      doc(
        'DestinationRule shop/web',
        'spec: {host: web, subsets: [{name: v1, labels: {version: v1}}]}',
      ),
    ),
  ]),
});
