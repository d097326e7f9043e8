import { allowsNamespace } from '../../facts/ambient.ts';
import { knows } from '../../facts/known.ts';
import type { Listener, ObjectReference } from '../../gateway-api.ts';
import { hostsOverlap } from '../../istio/hosts.ts';
import type { KindName } from '../../kinds.ts';
import type { Path, Resource } from '../../resource.ts';
import { fullName, resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import type { View } from '../../view.ts';
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

type RouteKind = 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'TCPRoute' | 'UDPRoute';
const routeKinds = [
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'UDPRoute',
] as const satisfies KindName[];

/** Kinds of routes that a listener of the protocol takes when it does not say (Gateway API: "ProtocolType"). */
const kindsOf: Record<string, readonly string[]> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TLSRoute', 'TCPRoute'],
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
  HBONE: routeKinds,
};

function takesKind({ protocol = '', allowedRoutes }: Listener, kind: string): boolean {
  if (allowedRoutes?.kinds?.length)
    return allowedRoutes.kinds.some((allowed) => allowed.kind === kind);
  return kindsOf[protocol]?.includes(kind) ?? true;
}

function takesHosts({ hostname }: Listener, hostnames: readonly string[] | undefined): boolean {
  if (!hostname || !hostnames?.length) return true;
  return hostnames.some((host) => hostsOverlap(host, hostname));
}

/** Why no listener of the Gateway takes the route; undefined when one does. */
function attachProblem(
  view: View,
  route: Resource<RouteKind>,
  ref: ObjectReference,
  gateway: Resource<'KubernetesGateway'>,
): string | undefined {
  const all = gateway.spec.listeners ?? [];
  const named = all.filter(({ name }) => ref.sectionName === undefined || name === ref.sectionName);
  if (named.length === 0) {
    if (all.length === 0) return undefined;
    const names = all.map(({ name }) => name).join(', ');
    return `has no listener ${ref.sectionName} (${names})`;
  }
  const onPort = named.filter(({ port }) => ref.port === undefined || port === ref.port);
  if (onPort.length === 0) return `has no listener on port ${ref.port}`;
  const ofKind = onPort.filter((listener) => takesKind(listener, route.kind));
  if (ofKind.length === 0) {
    return `takes no ${route.kind} on ${onPort.map(({ name, protocol }) => `${name} (${protocol})`).join(', ')}`;
  }
  const narrowed = { ...gateway, spec: { ...gateway.spec, listeners: ofKind } };
  if (!allowsNamespace(view, narrowed as typeof gateway, route.namespace)) {
    return `allows no routes of namespace ${route.namespace}`;
  }
  if (ofKind.some((listener) => takesHosts(listener, route.spec.hostnames))) return undefined;
  return `listens for ${ofKind.map(({ hostname }) => hostname).join(', ')}, none of the hostnames of the route`;
}

const edge = (listener: string): string =>
  doc('KubernetesGateway edge/main', `spec: {gatewayClassName: istio, listeners: [${listener}]}`);
const listener =
  '{name: http, port: 80, protocol: HTTP, hostname: "*.example.com", allowedRoutes: {namespaces: {from: All}}}';
const route = (parent: string, host = 'shop.example.com'): string =>
  doc(
    'HTTPRoute shop/web',
    `spec: {parentRefs: [{name: main, namespace: edge${parent}}], hostnames: [${host}], rules: [{backendRefs: [{name: web, port: 80}]}]}`,
  );

export const routeNotAttached = defineRule({
  id: 'AMB0030',
  code: 'AMB0030',
  severity: 'error',
  title: 'No listener of the Gateway takes the route',
  explanation:
    'A route names a Gateway that is there, and no listener takes it: the section or port does not exist, the protocol or `allowedRoutes.kinds` is for other routes, `allowedRoutes.namespaces` is for other namespaces, or no hostname of the route fits that of a listener. The message says which.',
  howToFix: 'Correct `parentRefs` or the hostnames, or let the listener take the route.',
  cause: 'No listener fits the route.',
  consequence: 'The route is not attached: requests for it get 404, or do not connect.',
  kinds: routeKinds,
  reads: ['KubernetesGateway', 'Namespace'],
  check: (subject, view, report) => {
    for (const [index, ref] of (subject.spec.parentRefs ?? []).entries()) {
      if ((ref.kind ?? 'Gateway') !== 'Gateway') continue;
      const gateway = view.get(
        'KubernetesGateway',
        ref.namespace ?? subject.namespace,
        ref.name ?? '',
      );
      const problem = gateway && attachProblem(view, subject, ref, gateway);
      if (!problem) continue;
      report({
        message: `${resourceName(subject)} is not attached: Gateway ${fullName(gateway)} ${problem}`,
        path: ['spec', 'parentRefs', index],
      });
    }
  },
  examples: [
    positive(
      'a listener that does not exist',
      docs(edge(listener), route(', sectionName: https')),
      ['HTTPRoute shop/web spec.parentRefs[0]'],
    ),
    positive('another hostname', docs(edge(listener), route('', 'shop.example.org')), [
      'HTTPRoute shop/web spec.parentRefs[0]',
    ]),
    positive(
      'a listener for TCP',
      docs(
        edge('{name: db, port: 5432, protocol: TCP, allowedRoutes: {namespaces: {from: All}}}'),
        route(''),
      ),
      ['HTTPRoute shop/web spec.parentRefs[0]'],
    ),
    negative('it fits', docs(edge(listener), route(', sectionName: http, port: 80'))),
    negative('nothing is known of the Gateway', route('')),
    ambient(
      'a waypoint as parent, of the same namespace',
      docs(
        ambientNamespace('shop'),
        waypoint('shop/waypoint'),
        doc(
          'HTTPRoute shop/web',
          'spec: {parentRefs: [{name: waypoint}], rules: [{backendRefs: [{name: web, port: 80}]}]}',
        ),
      ),
    ),
  ],
});

/** ReferenceGrants by the namespace and kind that they let in, and the namespace they are of. */
const grants = defineIndex({
  name: 'reference grants by what they let in',
  kinds: ['ReferenceGrant'],
  keys: ({ spec, namespace }) =>
    (spec.from ?? []).map(({ kind, namespace: from }) => `${namespace}|${kind}|${from}`),
});

const isGranted = (
  view: View,
  from: { kind: string; namespace: string },
  to: { kind: string; namespace: string; name: string },
): boolean =>
  view
    .lookup(grants, `${to.namespace}|${from.kind}|${from.namespace}`)
    .some(({ spec }) =>
      spec.to?.some(
        ({ kind, name }) => kind === to.kind && (name === undefined || name === to.name),
      ),
    );

const backendIn = (namespace: string): string =>
  doc(
    'HTTPRoute shop/web',
    `spec: {parentRefs: [{name: main}], rules: [{backendRefs: [{name: db, namespace: ${namespace}, port: 80}]}]}`,
  );
const grant = doc(
  'ReferenceGrant data/from-shop',
  'spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}], to: [{group: "", kind: Service}]}',
);

export const referenceNotGranted = defineRule({
  id: 'AMB0031',
  code: 'AMB0031',
  severity: 'error',
  title: 'No ReferenceGrant for another namespace',
  explanation:
    'A route sends to a Service of another namespace, or a Gateway uses a Secret of one, and no ReferenceGrant of that namespace lets it.',
  howToFix: 'Add a ReferenceGrant to the namespace of the Service or Secret.',
  cause: 'The other namespace has not agreed.',
  consequence:
    'Requests for this backend get 500; a listener without its Secret is not programmed.',
  kinds: [...routeKinds, 'KubernetesGateway'],
  reads: ['ReferenceGrant', 'Service', 'Namespace'],
  check: (subject, view, report) => {
    const from = {
      kind: subject.kind === 'KubernetesGateway' ? 'Gateway' : subject.kind,
      namespace: subject.namespace,
    };
    const isKnown = (['ReferenceGrant', 'Namespace', 'Service'] as const).some((kind) =>
      knows(view, kind),
    );
    if (!isKnown) return;
    const look = (ref: ObjectReference, kind: 'Service' | 'Secret', path: Path): void => {
      const { namespace, name = '' } = ref;
      if (namespace === undefined || namespace === subject.namespace || (ref.kind ?? kind) !== kind)
        return;
      if (isGranted(view, from, { kind, namespace, name })) return;
      report({
        message: `Namespace ${namespace} does not let ${resourceName(subject)} use its ${kind} ${name}`,
        path,
      });
    };
    if (subject.kind === 'KubernetesGateway') {
      for (const [index, { tls }] of (subject.spec.listeners ?? []).entries()) {
        for (const [at, ref] of (tls?.certificateRefs ?? []).entries()) {
          look(ref, 'Secret', ['spec', 'listeners', index, 'tls', 'certificateRefs', at]);
        }
      }
      return;
    }
    for (const [index, { backendRefs }] of (subject.spec.rules ?? []).entries()) {
      for (const [at, ref] of (backendRefs ?? []).entries()) {
        look(ref, 'Service', ['spec', 'rules', index, 'backendRefs', at]);
      }
    }
  },
  examples: sameInAmbient('data shop', [
    positive('a Service of another namespace', docs(service('data/db'), backendIn('data')), [
      'HTTPRoute shop/web spec.rules[0].backendRefs[0]',
    ]),
    negative('it is granted', docs(service('data/db'), grant, backendIn('data'))),
    negative(
      'the own namespace, and one of which nothing is known',
      docs(service('shop/db'), backendIn('shop')),
    ),
  ]),
});
