import { fqdnOf } from '../../istio/hosts.ts';
import { virtualServicesByHost } from '../../facts/virtual-hosts.ts';
import { fullName, resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  positive,
  service,
} from '../shared/example.ts';

/** Routes of Gateway API for traffic in the mesh, by the full host of the Service. */
const meshRoutes = defineIndex({
  name: 'gateway api routes by service',
  kinds: ['HTTPRoute', 'GRPCRoute'],
  keys: ({ spec, namespace }) =>
    (spec.parentRefs ?? []).flatMap(({ kind, name = '', namespace: of = namespace }) =>
      kind === 'Service' ? [fqdnOf(of, name)] : [],
    ),
});

const virtualService = (host: string, gateways = ''): string =>
  doc(
    'VirtualService shop/web',
    `spec: {hosts: [${host}],${gateways} http: [{route: [{destination: {host: web.shop.svc.cluster.local}}]}]}`,
  );
const httpRoute = doc(
  'HTTPRoute shop/web',
  'spec: {parentRefs: [{kind: Service, group: "", name: web, port: 80}], rules: [{backendRefs: [{name: web, port: 80}]}]}',
);

export const twoRouteApis = defineRule({
  id: 'AMB0011',
  code: 'AMB0011',
  severity: 'warning',
  title: 'VirtualService and HTTPRoute for one host',
  explanation:
    'A VirtualService and a route of Gateway API are both for the traffic to one service in the mesh. Istio does not join them, and does not say which of them is used.',
  howToFix: 'Move all routes of the service to one of the two.',
  cause: 'Both APIs route the traffic to this host.',
  consequence: 'One of them has no effect, and an upgrade may change which.',
  kinds: ['VirtualService', 'HTTPRoute', 'GRPCRoute'],
  reads: ['VirtualService', 'HTTPRoute', 'GRPCRoute'],
  check: (subject, view, report) => {
    if (subject.kind === 'VirtualService') {
      const { spec, namespace } = subject;
      if (spec.gateways?.length && !spec.gateways.includes('mesh')) return;
      for (const [index, host] of (spec.hosts ?? []).entries()) {
        const [other] = view.lookup(meshRoutes, fqdnOf(namespace, host));
        if (!other) continue;
        report({
          message: `${resourceName(other)} routes the traffic to ${host} too`,
          path: ['spec', 'hosts', index],
        });
      }
      return;
    }
    for (const [index, ref] of (subject.spec.parentRefs ?? []).entries()) {
      if (ref.kind !== 'Service') continue;
      const host = fqdnOf(ref.namespace ?? subject.namespace, ref.name ?? '');
      const [other] = view.lookup(virtualServicesByHost, `mesh|${host}`);
      if (!other) continue;
      report({
        message: `VirtualService ${fullName(other)} routes the traffic to Service ${ref.name} too`,
        path: ['spec', 'parentRefs', index],
      });
    }
  },
  examples: [
    positive('both for one Service', docs(service('shop/web'), virtualService('web'), httpRoute), [
      'VirtualService shop/web spec.hosts[0]',
      'HTTPRoute shop/web spec.parentRefs[0]',
    ]),
    negative(
      'the VirtualService is for a gateway',
      docs(
        service('shop/web'),
        virtualService('shop.example.com', ' gateways: [edge/main],'),
        httpRoute,
      ),
    ),
    ambient('the HTTPRoute alone', docs(ambientNamespace('shop'), service('shop/web'), httpRoute)),
  ],
});
