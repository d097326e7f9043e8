import { ambientKinds, isAmbientNamespace } from '../../facts/ambient.ts';
import { hostKinds, isUnknownHost } from '../../facts/hosts.ts';
import { rootNamespaceOf } from '../../facts/policies.ts';
import { resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector } from '../../selector.ts';
import { doc, docs, negative, positive, sameInAmbient, service } from '../shared/example.ts';

export const egressHostMissing = defineRule({
  id: 'KIA1004',
  code: 'KIA1004',
  severity: 'warning',
  title: 'Egress host of the Sidecar is not in the registry',
  explanation:
    'A host in `egress[].hosts` (`namespace/host`) is that of no Service and no ServiceEntry. Whole namespaces (`shop/*`) and wildcards are not told.',
  howToFix: 'Correct the host; write it in full after the slash.',
  cause: 'Nothing has this host.',
  consequence:
    'The entry gives the sidecar nothing; calls that need it fail or take the catch-all.',
  kinds: ['Sidecar'],
  reads: hostKinds,
  check: (subject, view, report) => {
    for (const [index, { hosts }] of (subject.spec.egress ?? []).entries()) {
      for (const [at, written] of (hosts ?? []).entries()) {
        const slash = written.indexOf('/');
        const [scope, host] = [written.slice(0, slash), written.slice(slash + 1)];
        if (slash < 0 || host.includes('*') || scope.startsWith('~')) continue;
        const namespace = ['.', '*', ''].includes(scope) ? subject.namespace : scope;
        if (!isUnknownHost(view, namespace, host)) continue;
        report({
          message: `No Service or ServiceEntry has the host ${host}`,
          path: ['spec', 'egress', index, 'hosts', at],
        });
      }
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'a misspelt host',
      docs(
        service('shop/web'),
        doc('Sidecar shop/default', 'spec: {egress: [{hosts: [./wbe.shop.svc.cluster.local]}]}'),
      ),
      ['Sidecar shop/default spec.egress[0].hosts[0]'],
    ),
    negative(
      'whole namespaces, a Service',
      docs(
        service('shop/web'),
        doc(
          'Sidecar shop/default',
          'spec: {egress: [{hosts: [./*, istio-system/*, "*/web.shop.svc.cluster.local", "~/*"]}]}',
        ),
      ),
    ),
    negative(
      'nothing is known of services',
      doc('Sidecar shop/default', 'spec: {egress: [{hosts: [./web.shop.svc.cluster.local]}]}'),
    ),
  ]),
});

export const globalWithSelector = defineRule({
  id: 'KIA1006',
  code: 'KIA1006',
  severity: 'warning',
  title: 'Sidecar of the root namespace with a selector',
  explanation:
    'A Sidecar of the root namespace is the default of the whole mesh; with a `workloadSelector` Istio does not take it as that.',
  howToFix: 'Remove the selector, or move the Sidecar to the namespace of the workloads.',
  cause: 'A default for all cannot select some.',
  consequence: 'The Sidecar is not the default of the mesh.',
  kinds: ['Sidecar'],
  reads: ['MeshConfig', 'Sidecar', ...ambientKinds],
  check: (subject, view, report) => {
    const { namespace, spec } = subject;
    if (namespace !== rootNamespaceOf(view)) return;
    if (isEmptySelector(spec.workloadSelector?.labels)) return;
    // Two defaults would conflict, and in ambient mode it would be one for nobody.
    const isFree =
      !isAmbientNamespace(view, namespace) &&
      view
        .inNamespace('Sidecar', namespace)
        .every(
          (other) => other === subject || !isEmptySelector(other.spec.workloadSelector?.labels),
        );
    report({
      message: `${resourceName(subject)} is in the root namespace and has a workloadSelector`,
      path: ['spec', 'workloadSelector'],
      fix: {
        title: isFree ? 'Remove the selector' : 'Move it to the namespace of the workloads',
        ...(isFree ? { patch: [{ op: 'remove', path: '/spec/workloadSelector' }] } : {}),
      },
    });
  },
  examples: sameInAmbient('istio-system', [
    positive(
      'a selector in the root namespace',
      doc(
        'Sidecar istio-system/default',
        'spec: {workloadSelector: {labels: {app: web}}, egress: [{hosts: [./*]}]}',
      ),
      ['Sidecar istio-system/default spec.workloadSelector'],
    ),
    negative(
      'none, and one in another namespace',
      docs(
        doc('Sidecar istio-system/default', 'spec: {egress: [{hosts: [./*]}]}'),
        doc(
          'Sidecar shop/web',
          'spec: {workloadSelector: {labels: {app: web}}, egress: [{hosts: [./*]}]}',
        ),
      ),
    ),
  ]),
});

export const ambiguousMode = defineRule({
  id: 'KIA1007',
  code: 'KIA1007',
  severity: 'info',
  title: 'outboundTrafficPolicy without a mode',
  explanation:
    'A Sidecar has an `outboundTrafficPolicy` that names no mode. Istio reads it as REGISTRY_ONLY, the first of its modes, which closes every unknown destination; many who leave it out expect ALLOW_ANY.',
  howToFix: 'Write the mode: `ALLOW_ANY` or `REGISTRY_ONLY`.',
  cause: 'The mode is left out.',
  consequence: 'Calls to hosts outside of the registry are refused.',
  kinds: ['Sidecar'],
  reads: [],
  check: (subject, _view, report) => {
    const spec = subject.object['spec'] as { outboundTrafficPolicy?: object } | undefined;
    const policy = spec?.outboundTrafficPolicy;
    if (typeof policy !== 'object' || policy === null || 'mode' in policy) return;
    report({
      message: `${resourceName(subject)} names no mode in outboundTrafficPolicy, which means REGISTRY_ONLY`,
      path: ['spec', 'outboundTrafficPolicy'],
    });
  },
  examples: sameInAmbient('shop', [
    positive(
      'no mode',
      doc('Sidecar shop/default', 'spec: {outboundTrafficPolicy: {}, egress: [{hosts: [./*]}]}'),
      ['Sidecar shop/default spec.outboundTrafficPolicy'],
    ),
    negative(
      'a mode, and no policy',
      docs(
        doc(
          'Sidecar shop/a',
          'spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: [./*]}]}',
        ),
        doc('Sidecar data/b', 'spec: {egress: [{hosts: [./*]}]}'),
      ),
    ),
  ]),
});
