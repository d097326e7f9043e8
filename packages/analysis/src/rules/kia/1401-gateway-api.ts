import { ambientKinds, allowsNamespace } from '../../facts/ambient.ts';
import { isMissingNamespace, knows } from '../../facts/known.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  positive,
  sameInAmbient,
  service,
  waypoint,
} from '../shared/example.ts';

const gatewayGroup = 'gateway.networking.k8s.io';

const edge = (from: string): string =>
  doc(
    'KubernetesGateway edge/main',
    `spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP, hostname: shop.example.com, allowedRoutes: {namespaces: {from: ${from}}}}]`,
  );
const route = (parent: string, backend = 'web'): string =>
  doc(
    'HTTPRoute shop/web',
    `spec: {parentRefs: [${parent}], rules: [{backendRefs: [{name: ${backend}, port: 80}]}]}`,
  );

export const routeGatewayMissing = defineRule({
  id: 'KIA1401',
  code: 'KIA1401',
  severity: 'error',
  title: 'Route points to a Gateway that is not there or does not let it in',
  explanation:
    'A parent of the route is a Gateway that does not exist, or no listener of it allows routes of this namespace (`allowedRoutes`). Parents of other kinds (a Service, for traffic in the mesh) are not meant.',
  howToFix: 'Correct the name and namespace of the parent, or allow the namespace in the listener.',
  cause: 'The Gateway does not exist, or allows no routes of this namespace.',
  consequence: 'The route is not attached: the Gateway answers as if it were not there.',
  kinds: ['HTTPRoute', 'GRPCRoute'],
  reads: ambientKinds,
  sameAs: ['AMB0030'],
  check: (subject, view, report) => {
    for (const [index, ref] of (subject.spec.parentRefs ?? []).entries()) {
      if ((ref.kind ?? 'Gateway') !== 'Gateway' || (ref.group ?? gatewayGroup) !== gatewayGroup)
        continue;
      const namespace = ref.namespace ?? subject.namespace;
      const gateway = view.get('KubernetesGateway', namespace, ref.name ?? '');
      const path = ['spec', 'parentRefs', index];
      if (!gateway) {
        if (!knows(view, 'KubernetesGateway') && !knows(view, 'Namespace')) continue;
        report({ message: `There is no Gateway ${namespace}/${ref.name}`, path });
      } else if (!allowsNamespace(view, gateway, subject.namespace)) {
        report({
          message: `Gateway ${fullName(gateway)} allows no routes of namespace ${subject.namespace}`,
          path,
        });
      }
    }
  },
  examples: [
    positive('a misspelt Gateway', docs(edge('All'), route('{name: mian, namespace: edge}')), [
      'HTTPRoute shop/web spec.parentRefs[0]',
    ]),
    positive(
      'a Gateway for its own namespace',
      docs(edge('Same'), route('{name: main, namespace: edge}')),
      ['HTTPRoute shop/web spec.parentRefs[0]'],
    ),
    negative(
      'a Gateway that lets all in',
      docs(edge('All'), route('{name: main, namespace: edge}')),
    ),
    negative('nothing is known of Gateways', route('{name: main, namespace: edge}')),
    ambient(
      'a Service as parent, for the waypoint',
      docs(
        ambientNamespace('shop', { 'istio.io/use-waypoint': 'waypoint' }),
        waypoint('shop/waypoint'),
        service('shop/web'),
        route('{kind: Service, group: "", name: web, port: 80}'),
      ),
    ),
  ],
});

export const routeBackendMissing = defineRule({
  id: 'KIA1402',
  code: 'KIA1402',
  severity: 'error',
  title: 'Backend of the route does not exist',
  explanation: 'A Service that a rule of the route sends to does not exist.',
  howToFix: 'Correct the name, add the namespace, or create the Service.',
  cause: 'There is no Service of this name.',
  consequence: 'Requests for this backend get 500.',
  kinds: ['HTTPRoute', 'GRPCRoute'],
  reads: ['Service', 'Namespace'],
  check: (subject, view, report) => {
    for (const [rule, { backendRefs }] of (subject.spec.rules ?? []).entries()) {
      for (const [index, ref] of (backendRefs ?? []).entries()) {
        if ((ref.kind ?? 'Service') !== 'Service' || (ref.group ?? '') !== '') continue;
        const namespace = ref.namespace ?? subject.namespace;
        if (!knows(view, 'Service')) continue;
        if (view.get('Service', namespace, ref.name ?? '')) continue;
        report({
          message: `There is no Service ${namespace}/${ref.name}`,
          path: ['spec', 'rules', rule, 'backendRefs', index, 'name'],
        });
      }
    }
  },
  examples: [
    positive(
      'a misspelt Service',
      docs(service('shop/web'), route('{name: main, namespace: edge}', 'wbe')),
      ['HTTPRoute shop/web spec.rules[0].backendRefs[0].name'],
    ),
    negative(
      'a Service that is there',
      docs(service('shop/web'), route('{name: main, namespace: edge}')),
    ),
    negative('nothing is known of services', route('{name: main, namespace: edge}')),
    ambient(
      'a backend of another kind',
      docs(
        service('shop/web'),
        doc(
          'HTTPRoute shop/model',
          'spec: {rules: [{backendRefs: [{kind: InferencePool, group: inference.networking.k8s.io, name: llm}]}]}',
        ),
      ),
    ),
  ],
});

/** Gateways by hostname, port and protocol of their listeners. */
const byListener = defineIndex({
  name: 'gateway api gateways by listener',
  kinds: ['KubernetesGateway'],
  keys: ({ spec }) =>
    (spec.listeners ?? []).flatMap(({ hostname, port, protocol }) =>
      hostname === undefined ? [] : [`${hostname}|${port}|${protocol}`],
    ),
});

const listener = (name: string, hostname: string, port = 80): string =>
  doc(
    `KubernetesGateway ${name}`,
    `spec: {gatewayClassName: istio, listeners: [{name: http, port: ${port}, protocol: HTTP, hostname: ${hostname}}]}`,
  );

export const sameListener = defineRule({
  id: 'KIA1501',
  code: 'KIA1501',
  severity: 'warning',
  title: 'Several Gateways for one host and port',
  explanation:
    'Listeners of two Gateways have one hostname, port and protocol. Each Gateway has an address of its own, so that DNS decides which of them a client reaches.',
  howToFix: 'Keep the listener in one Gateway, or use different hostnames.',
  cause: 'Another Gateway has the same listener.',
  consequence: 'Routes that are attached to one Gateway only answer for some clients only.',
  kinds: ['KubernetesGateway'],
  reads: ['KubernetesGateway'],
  check: (subject, view, report) => {
    for (const [index, { hostname, port, protocol }] of (subject.spec.listeners ?? []).entries()) {
      if (hostname === undefined) continue;
      const others = view
        .lookup(byListener, `${hostname}|${port}|${protocol}`)
        .filter(({ id, cluster }) => id !== subject.id && cluster === subject.cluster);
      if (others.length === 0) continue;
      report({
        message: `${others.map(fullName).join(', ')} listens for ${hostname} on port ${port} too`,
        path: ['spec', 'listeners', index, 'hostname'],
      });
    }
  },
  examples: [
    positive(
      'one hostname',
      docs(listener('edge/a', 'shop.example.com'), listener('edge/b', 'shop.example.com')),
      ['Gateway edge/a spec.listeners[0].hostname', 'Gateway edge/b spec.listeners[0].hostname'],
    ),
    negative(
      'other ports and names',
      docs(
        listener('edge/a', 'shop.example.com'),
        listener('edge/b', 'shop.example.com', 8080),
        listener('edge/c', 'api.example.com'),
      ),
    ),
    ambient(
      'waypoints, which have no hostnames',
      docs(waypoint('shop/waypoint'), waypoint('data/waypoint')),
    ),
  ],
});

/** Gateways by the addresses that they ask for. */
const byAddress = defineIndex({
  name: 'gateway api gateways by address',
  kinds: ['KubernetesGateway'],
  keys: ({ spec }) =>
    (spec.addresses ?? []).flatMap(({ type = 'IPAddress', value }) =>
      value ? [`${type}|${value}`] : [],
    ),
});

const addressed = (name: string, value: string): string =>
  doc(
    `KubernetesGateway ${name}`,
    `spec: {gatewayClassName: istio, addresses: [{type: IPAddress, value: ${value}}]}`,
  );

export const sameAddress = defineRule({
  id: 'KIA1502',
  code: 'KIA1502',
  severity: 'warning',
  title: 'Several Gateways for one address',
  explanation: 'Two Gateways ask for the same address.',
  howToFix: 'Give each Gateway an address of its own, or merge them.',
  cause: 'Another Gateway asks for the address.',
  consequence: 'One of them does not get it, and is not programmed.',
  kinds: ['KubernetesGateway'],
  reads: ['KubernetesGateway'],
  check: (subject, view, report) => {
    for (const [index, { type = 'IPAddress', value }] of (subject.spec.addresses ?? []).entries()) {
      if (!value) continue;
      const others = view
        .lookup(byAddress, `${type}|${value}`)
        .filter(({ id, cluster }) => id !== subject.id && cluster === subject.cluster);
      if (others.length === 0) continue;
      report({
        message: `${others.map(fullName).join(', ')} asks for ${value} too`,
        path: ['spec', 'addresses', index, 'value'],
      });
    }
  },
  examples: sameInAmbient('edge', [
    positive(
      'one address',
      docs(addressed('edge/a', '10.0.0.1'), addressed('edge/b', '10.0.0.1')),
      ['Gateway edge/a spec.addresses[0].value', 'Gateway edge/b spec.addresses[0].value'],
    ),
    negative(
      'two addresses',
      docs(addressed('edge/a', '10.0.0.1'), addressed('edge/b', '10.0.0.2')),
    ),
  ]),
});

export const uniqueListener = defineRule({
  id: 'KIA1503',
  code: 'KIA1503',
  severity: 'error',
  title: 'Two listeners of one hostname, port and protocol',
  explanation: 'Listeners of a Gateway must differ in hostname, port or protocol.',
  howToFix: 'Remove one, or change its hostname or port.',
  cause: 'Another listener of the Gateway has the same hostname, port and protocol.',
  consequence: 'Both listeners are marked as conflicted, and neither serves.',
  kinds: ['KubernetesGateway'],
  reads: [],
  check: (subject, _view, report) => {
    const seen = new Map<string, string>();
    for (const [index, { name = '', hostname = '', port, protocol }] of (
      subject.spec.listeners ?? []
    ).entries()) {
      const key = `${hostname}|${port}|${protocol}`;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, name);
      else {
        report({
          message: `Listener ${name} has hostname, port and protocol of listener ${first}`,
          path: ['spec', 'listeners', index],
        });
      }
    }
  },
  examples: sameInAmbient('edge', [
    positive(
      'the same listener again',
      doc(
        'KubernetesGateway edge/main',
        'spec: {gatewayClassName: istio, listeners: [{name: a, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: HTTP}]}',
      ),
      ['Gateway edge/main spec.listeners[1]'],
    ),
    negative(
      'two hostnames',
      doc(
        'KubernetesGateway edge/main',
        'spec: {gatewayClassName: istio, listeners: [{name: a, port: 80, protocol: HTTP, hostname: a.test}, {name: b, port: 80, protocol: HTTP, hostname: b.test}]}',
      ),
    ),
  ]),
});

/** Classes that istiod makes when it starts. */
const ownClasses = ['istio', 'istio-remote', 'istio-waypoint', 'istio-east-west'];

export const classMissing = defineRule({
  id: 'KIA1504',
  code: 'KIA1504',
  severity: 'error',
  title: 'Class of the Gateway does not exist',
  explanation:
    'The Gateway names a GatewayClass that does not exist. Those that istiod makes itself count as there; where no GatewayClass is known, nothing is told.',
  howToFix: 'Use a class that is there (`istio`, `istio-waypoint`), or create it.',
  cause: 'There is no GatewayClass of this name.',
  consequence: 'No controller takes the Gateway: it is never programmed.',
  kinds: ['KubernetesGateway'],
  reads: ['GatewayClass'],
  check: (subject, view, report) => {
    const { gatewayClassName = '' } = subject.spec;
    if (ownClasses.includes(gatewayClassName) || !knows(view, 'GatewayClass')) return;
    if (view.get('GatewayClass', '', gatewayClassName)) return;
    report({
      message: `There is no GatewayClass ${gatewayClassName}`,
      path: ['spec', 'gatewayClassName'],
    });
  },
  examples: [
    positive(
      'a misspelt class',
      docs(
        doc('GatewayClass istio', 'spec: {controllerName: istio.io/gateway-controller}'),
        doc('KubernetesGateway edge/main', 'spec: {gatewayClassName: isito}'),
      ),
      ['Gateway edge/main spec.gatewayClassName'],
    ),
    negative(
      'a class of our own, and one of istiod',
      docs(
        doc('GatewayClass fast', 'spec: {controllerName: istio.io/gateway-controller}'),
        doc('KubernetesGateway edge/main', 'spec: {gatewayClassName: fast}'),
        doc('KubernetesGateway edge/other', 'spec: {gatewayClassName: istio}'),
      ),
    ),
    negative(
      'nothing is known of classes',
      doc('KubernetesGateway edge/main', 'spec: {gatewayClassName: nginx}'),
    ),
    ambient('a waypoint', docs(doc('GatewayClass istio', 'spec: {}'), waypoint('shop/waypoint'))),
  ],
});

const grant = doc(
  'ReferenceGrant data/from-shop',
  'spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}], to: [{group: "", kind: Service}]}',
);

export const grantNamespaceMissing = defineRule({
  id: 'KIA1601',
  code: 'KIA1601',
  severity: 'error',
  title: 'ReferenceGrant for a namespace that does not exist',
  explanation: 'A ReferenceGrant lets a namespace in (`from`) that is not there.',
  howToFix: 'Correct the namespace.',
  cause: 'There is no namespace of this name.',
  consequence: 'The grant lets nobody in.',
  kinds: ['ReferenceGrant'],
  reads: ['Namespace'],
  check: (subject, view, report) => {
    for (const [index, { namespace = '' }] of (subject.spec.from ?? []).entries()) {
      if (namespace === '' || !isMissingNamespace(view, namespace)) continue;
      report({
        message: `Namespace ${namespace} does not exist`,
        path: ['spec', 'from', index, 'namespace'],
      });
    }
  },
  examples: [
    positive('a namespace that is not there', docs(doc('Namespace data'), grant), [
      'ReferenceGrant data/from-shop spec.from[0].namespace',
    ]),
    negative(
      'a namespace that is there',
      docs(doc('Namespace data'), doc('Namespace shop'), grant),
    ),
    negative('nothing is known of namespaces', grant),
    ambient(
      'a namespace that is not there, for one in ambient mode',
      docs(ambientNamespace('data'), grant),
      ['ReferenceGrant data/from-shop spec.from[0].namespace'],
    ),
  ],
});
