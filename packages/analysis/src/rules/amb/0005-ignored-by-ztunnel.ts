import type { TrafficPolicy } from '@ambit/istio/validation/generated/types';
import { problemText, waypointLabel } from '../../facts/ambient.ts';
import { hostKinds, serviceOf } from '../../facts/hosts.ts';
import { isL7VirtualService } from '../../facts/policies.ts';
import { serviceWaypoint, waypointUseKinds } from '../../facts/waypoint-use.ts';
import type { ServiceWaypoint } from '../../facts/waypoint-use.ts';
import type { Resource } from '../../resource.ts';
import { fullName, resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  positive,
  service,
  sidecarNamespace,
  waypoint,
} from '../shared/example.ts';

const why = (target: Resource<'Service'>, { ref, problem }: ServiceWaypoint): string =>
  ref && problem && problem !== 'none'
    ? `waypoint ${fullName(ref)} of ${fullName(target)} ${problemText[problem]}`
    : `${fullName(target)} uses no waypoint (no label ${waypointLabel})`;

/** Mutual TLS is what ztunnel does anyway. */
const isMore = (policy: TrafficPolicy | undefined): boolean =>
  policy !== undefined &&
  Object.entries(policy).some(
    ([name, value]) =>
      value !== undefined && (name !== 'tls' || policy.tls?.mode !== 'ISTIO_MUTUAL'),
  );

/** A DestinationRule of an ambient service without a waypoint: ztunnel reads none. */
export const destinationRuleIgnored = defineRule({
  id: 'AMB0005',
  code: 'AMB0005',
  severity: 'warning',
  title: 'ztunnel ignores the DestinationRule',
  explanation:
    'ztunnel balances connections and encrypts them, and reads no DestinationRule. Load balancing, connection pools, outlier detection and TLS settings are applied by the waypoint of the service, or by callers that have a sidecar.',
  howToFix:
    'Give the service a waypoint (`istio.io/use-waypoint`), or remove the rule; for locality use `trafficDistribution` of the Service.',
  cause: 'The service is in ambient mode, and no waypoint serves it.',
  consequence: 'Calls from ambient pods do not follow the traffic policy.',
  kinds: ['DestinationRule'],
  reads: [...hostKinds, ...waypointUseKinds],
  check: (subject, view, report) => {
    const { spec, namespace } = subject;
    if (![spec, ...(spec.subsets ?? [])].some(({ trafficPolicy }) => isMore(trafficPolicy))) return;
    const target = serviceOf(view, namespace, spec.host ?? '');
    const through = target && serviceWaypoint(view, target);
    if (!target || !through?.problem) return;
    report({
      message: `Ambient callers of ${spec.host} ignore DestinationRule ${fullName(subject)}: ${why(target, through)}`,
      path: ['spec', 'host'],
    });
  },
  examples: [
    positive(
      'a circuit breaker for an ambient service without a waypoint',
      docs(
        ambientNamespace('shop'),
        service('shop/web'),
        doc(
          'DestinationRule shop/web',
          `spec:
  host: web
  trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3}}`,
        ),
      ),
      ['DestinationRule shop/web spec.host'],
    ),
    negative(
      'the same with sidecars',
      docs(
        sidecarNamespace('shop'),
        service('shop/web'),
        doc(
          'DestinationRule shop/web',
          'spec: {host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}}',
        ),
      ),
    ),
    negative(
      'mutual TLS alone, which ztunnel does by itself',
      docs(
        ambientNamespace('shop'),
        service('shop/web'),
        doc(
          'DestinationRule shop/web',
          'spec: {host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
        ),
      ),
    ),
    ambient(
      'a waypoint applies it',
      docs(
        ambientNamespace('shop', { 'istio.io/use-waypoint': 'waypoint' }),
        service('shop/web'),
        waypoint('shop/waypoint'),
        doc(
          'DestinationRule shop/web',
          'spec: {host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}}',
        ),
      ),
    ),
  ],
});

const isServiceParent = (ref: { kind?: string; group?: string }): boolean =>
  ref.kind === 'Service' && (ref.group ?? '') === '';

/** Routes by what only HTTP shows, for an ambient service without a waypoint. */
export const routesIgnored = defineRule({
  id: 'AMB0006',
  code: 'AMB0006',
  severity: 'warning',
  title: 'ztunnel ignores the routes',
  explanation:
    'HTTP and TLS routes for traffic inside the mesh need a proxy that reads it: a sidecar at the caller, or the waypoint of the service. In ambient mode without a waypoint connections go to the service as if there were no route.',
  howToFix: 'Give the service a waypoint (`istio.io/use-waypoint`).',
  cause: 'The service is in ambient mode, and no waypoint serves it.',
  consequence: 'Calls from ambient pods do not follow these routes.',
  kinds: ['VirtualService', 'HTTPRoute', 'GRPCRoute'],
  reads: [...hostKinds, ...waypointUseKinds],
  check: (subject, view, report) => {
    const { namespace } = subject;
    const tell = (target: Resource<'Service'> | undefined, path: (string | number)[]): void => {
      const through = target && serviceWaypoint(view, target);
      if (!target || !through?.problem) return;
      report({
        message: `Ambient callers ignore the routes of ${resourceName(subject)}: ${why(target, through)}`,
        path,
      });
    };
    if (subject.kind === 'VirtualService') {
      if (!isL7VirtualService(subject.spec)) return;
      for (const [index, host] of (subject.spec.hosts ?? []).entries()) {
        tell(serviceOf(view, namespace, host), ['spec', 'hosts', index]);
      }
      return;
    }
    for (const [index, ref] of (subject.spec.parentRefs ?? []).entries()) {
      if (!isServiceParent(ref)) continue;
      const target = view.get('Service', ref.namespace ?? namespace, ref.name ?? '');
      tell(target, ['spec', 'parentRefs', index]);
    }
  },
  examples: [
    positive(
      'an HTTPRoute and a VirtualService of an ambient service without a waypoint',
      docs(
        ambientNamespace('shop'),
        service('shop/web'),
        service('shop/api'),
        doc(
          'HTTPRoute shop/web',
          `spec:
  parentRefs: [{kind: Service, group: "", name: web, port: 80}]
  rules: [{backendRefs: [{name: web, port: 80}]}]`,
        ),
        doc(
          'VirtualService shop/api',
          'spec: {hosts: [api], http: [{route: [{destination: {host: api}}]}]}',
        ),
      ),
      ['HTTPRoute shop/web spec.parentRefs[0]', 'VirtualService shop/api spec.hosts[0]'],
    ),
    negative(
      'routes of a gateway, and of a service with sidecars',
      docs(
        sidecarNamespace('shop'),
        service('shop/web'),
        doc(
          'VirtualService shop/web',
          'spec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}',
        ),
        doc(
          'HTTPRoute shop/web',
          'spec: {parentRefs: [{name: edge, namespace: edge}], rules: [{backendRefs: [{name: web, port: 80}]}]}',
        ),
      ),
    ),
    ambient(
      'TCP routes, and a service with a waypoint of its own',
      docs(
        ambientNamespace('shop'),
        service('shop/web', { 'istio.io/use-waypoint': 'waypoint' }),
        waypoint('shop/waypoint'),
        doc(
          'VirtualService shop/web',
          'spec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}',
        ),
      ),
    ),
  ],
});
