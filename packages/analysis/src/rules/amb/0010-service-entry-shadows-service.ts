import { serviceAt } from '../../facts/hosts.ts';
import { knows } from '../../facts/known.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  positive,
  service,
} from '../shared/example.ts';

const entry = (host: string): string =>
  doc(
    'ServiceEntry shop/web',
    `spec:
  hosts: [${host}]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints: [{address: 192.0.2.10}]`,
  );

const wideNamespace = /^\*\.(?:(?<namespace>[^.]+)\.)?svc\.cluster\.local$/;

export const serviceEntryShadowsService = defineRule({
  id: 'AMB0010',
  code: 'AMB0010',
  severity: 'warning',
  title: 'ServiceEntry has the host of a Service',
  explanation:
    'A ServiceEntry has the host of a Kubernetes Service, or a wildcard over hosts of the cluster. Istio then knows two services of one name, and which endpoints a caller gets depends on its kind (sidecar, ztunnel, gateway) and on what it may see.',
  howToFix:
    'Use a host of your own for the ServiceEntry; to add machines to a Service, select them by WorkloadEntries with the labels of the Service.',
  cause: 'Both the ServiceEntry and the Service have this host.',
  consequence: 'Calls to the Service may go to the endpoints of the ServiceEntry.',
  kinds: ['ServiceEntry'],
  reads: ['Service', 'Namespace'],
  check: (subject, view, report) => {
    for (const [index, host] of (subject.spec.hosts ?? []).entries()) {
      const path = ['spec', 'hosts', index];
      const at = host.includes('.') ? serviceAt(view, subject.namespace, host) : undefined;
      const found = at && view.get('Service', at.namespace, at.name);
      if (found) report({ message: `${host} is the host of Service ${fullName(found)}`, path });
      const wide = wideNamespace.exec(host);
      if (!wide || !knows(view, 'Service')) continue;
      const namespace = wide.groups?.['namespace'];
      if (namespace !== undefined && view.inNamespace('Service', namespace).length === 0) continue;
      report({
        message: `${host} covers the hosts of all Services${namespace === undefined ? '' : ` of namespace ${namespace}`}`,
        path,
      });
    }
  },
  examples: [
    positive(
      'the host of a Service',
      docs(service('shop/web'), entry('web.shop.svc.cluster.local')),
      ['ServiceEntry shop/web spec.hosts[0]'],
    ),
    positive(
      'all hosts of a namespace',
      docs(service('shop/web'), entry('"*.shop.svc.cluster.local"')),
      ['ServiceEntry shop/web spec.hosts[0]'],
    ),
    negative('a host outside', docs(service('shop/web'), entry('web.example.com'))),
    ambient(
      'a host that no Service of the ambient namespace has',
      docs(ambientNamespace('shop'), service('shop/web'), entry('legacy.shop.svc.cluster.local')),
    ),
  ],
});
