import {
  ambientKinds,
  isAmbientNamespace,
  waypointLabel,
  waypointOf,
} from '../../facts/ambient.ts';
import { hostKinds, serviceOf } from '../../facts/hosts.ts';
import { isL7DestinationRule, isL7VirtualService } from '../../facts/policies.ts';
import type { KindName } from '../../kinds.ts';
import type { Path, Resource } from '../../resource.ts';
import { fullName, resourceName } from '../../resource.ts';
import type { Rule } from '../../rule.ts';
import { defineRule } from '../../rule.ts';
import type { View } from '../../view.ts';
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

type Subject = Resource<'VirtualService' | 'DestinationRule'>;
type Found = { path: Path; target: Resource<'Service'> };

const isL7 = (subject: Subject): boolean =>
  subject.kind === 'VirtualService'
    ? isL7VirtualService(subject.spec)
    : isL7DestinationRule(subject.spec);

/** Services of ambient namespaces that the hosts of the subject mean. */
function ambientTargets(view: View, subject: Subject): Found[] {
  const hosts: [string, Path][] =
    subject.kind === 'VirtualService'
      ? (subject.spec.hosts ?? []).map((host, index) => [host, ['spec', 'hosts', index]])
      : [[subject.spec.host ?? '', ['spec', 'host']]];
  return hosts.flatMap(([host, path]) => {
    const target = serviceOf(view, subject.namespace, host);
    return target && isAmbientNamespace(view, target.namespace) ? [{ path, target }] : [];
  });
}

const isEnrolled = (view: View, { namespace, labels }: Resource<'Service'>): boolean =>
  waypointOf(view, namespace, labels) !== undefined;

type Words = {
  kind: 'VirtualService' | 'DestinationRule';
  noWaypoint: string;
  notCaptured: string;
  elsewhere: string;
  sameAs: string[];
};

const spec = (kind: KindName, host: string): string =>
  kind === 'VirtualService'
    ? `spec: {hosts: [${host}], http: [{route: [{destination: {host: ${host}}}]}]}`
    : `spec: {host: ${host}, trafficPolicy: {connectionPool: {http: {maxRetries: 3}}}}`;

const reads = [...hostKinds, ...ambientKinds] as const;

function rulesOf({ kind, noWaypoint, notCaptured, elsewhere, sameAs }: Words): Rule[] {
  const name = `${kind} shop/web`;
  const place = kind === 'VirtualService' ? 'spec.hosts[0]' : 'spec.host';
  const fqdn = 'web.shop.svc.cluster.local';
  const enrolled = ambientNamespace('shop', { [waypointLabel]: 'waypoint' });
  const l4 =
    kind === 'VirtualService'
      ? doc(name, 'spec: {hosts: [web], tcp: [{route: [{destination: {host: web}}]}]}')
      : doc(
          name,
          'spec: {host: web, trafficPolicy: {connectionPool: {tcp: {maxConnections: 10}}}}',
        );
  return [
    defineRule({
      id: noWaypoint,
      code: noWaypoint,
      severity: 'warning',
      title: `L7 ${kind} in an ambient namespace without a waypoint`,
      explanation: `A ${kind} that needs HTTP stands in an ambient namespace that uses no waypoint, and its host is no Service of an ambient namespace that is known.`,
      howToFix: `Label the namespace with \`${waypointLabel}\` and create the waypoint.`,
      cause: 'The namespace is told to use no waypoint.',
      consequence: 'The HTTP settings have no effect for ambient callers.',
      kinds: [kind],
      reads,
      sameAs,
      check: (subject, view, report) => {
        const { namespace } = subject;
        if (!isL7(subject) || !isAmbientNamespace(view, namespace)) return;
        if (waypointOf(view, namespace) || ambientTargets(view, subject).length > 0) return;
        report({
          message: `${resourceName(subject)} needs a waypoint, and ambient namespace ${namespace} uses none`,
          path: kind === 'VirtualService' ? ['spec', 'hosts', 0] : ['spec', 'host'],
        });
      },
      examples: [
        positive(
          'a host outside of the cluster',
          docs(ambientNamespace('shop'), doc(name, spec(kind, 'api.example.com'))),
          [`${name} ${place}`],
        ),
        negative(
          'a namespace with sidecars',
          docs(sidecarNamespace('shop'), doc(name, spec(kind, 'api.example.com'))),
        ),
        ambient(
          'the namespace uses a waypoint',
          docs(enrolled, doc(name, spec(kind, 'api.example.com'))),
        ),
      ],
    }),
    defineRule({
      id: notCaptured,
      code: notCaptured,
      severity: 'warning',
      title: `L7 ${kind} of an ambient Service without a waypoint`,
      explanation: `The host of a ${kind} that needs HTTP is a Service of an ambient namespace, and neither the Service nor its namespace is told to use a waypoint.`,
      howToFix: `Label the Service or its namespace with \`${waypointLabel}\`.`,
      cause: 'Traffic to the Service passes no waypoint.',
      consequence: 'The HTTP settings have no effect for ambient callers.',
      kinds: [kind],
      reads,
      sameAs,
      check: (subject, view, report) => {
        if (!isL7(subject)) return;
        for (const { path, target } of ambientTargets(view, subject)) {
          if (isEnrolled(view, target)) continue;
          report({
            message: `${resourceName(subject)} needs a waypoint, and Service ${fullName(target)} uses none`,
            path,
          });
        }
      },
      examples: [
        positive(
          'the Service uses no waypoint',
          docs(ambientNamespace('shop'), service('shop/web'), doc(name, spec(kind, 'web'))),
          [`${name} ${place}`],
        ),
        negative(
          'the Service is in a namespace with sidecars',
          docs(sidecarNamespace('shop'), service('shop/web'), doc(name, spec(kind, 'web'))),
        ),
        ambient(
          'settings that need no HTTP',
          docs(ambientNamespace('shop'), service('shop/web'), l4),
        ),
        ambient(
          'the Service itself uses a waypoint',
          docs(
            ambientNamespace('shop'),
            service('shop/web', { [waypointLabel]: 'waypoint' }),
            waypoint('shop/waypoint'),
            doc(name, spec(kind, 'web')),
          ),
        ),
      ],
    }),
    defineRule({
      id: elsewhere,
      code: elsewhere,
      severity: 'warning',
      title: `L7 ${kind} outside of the namespace of the ambient Service`,
      explanation: `A waypoint takes the ${kind} of a Service from the namespace of the Service alone. One of another namespace works for callers with sidecars, and has no effect in ambient mode.`,
      howToFix: `Move the ${kind} to the namespace of the Service.`,
      cause: 'The Service is in another namespace, in ambient mode.',
      consequence: 'The waypoint of the Service does not apply it.',
      kinds: [kind],
      reads,
      check: (subject, view, report) => {
        if (!isL7(subject)) return;
        for (const { path, target } of ambientTargets(view, subject)) {
          if (target.namespace === subject.namespace) continue;
          report({
            message: `${resourceName(subject)} is for ambient Service ${fullName(target)}, whose waypoint reads namespace ${target.namespace} alone`,
            path,
          });
        }
      },
      examples: [
        positive(
          `the ${kind} stands in the namespace of a caller`,
          docs(enrolled, service('shop/web'), doc(`${kind} client/web`, spec(kind, fqdn))),
          [`${kind} client/web ${place}`],
        ),
        negative(
          'the Service is in a namespace with sidecars',
          docs(
            sidecarNamespace('shop'),
            service('shop/web'),
            doc(`${kind} client/web`, spec(kind, fqdn)),
          ),
        ),
        ambient(
          'both in one namespace',
          docs(enrolled, service('shop/web'), doc(name, spec(kind, fqdn))),
        ),
      ],
    }),
  ];
}

/** Kiali's checks on L7 routes and traffic policies of ambient services. */
export const l7RouteRules: readonly Rule[] = [
  ...rulesOf({
    kind: 'DestinationRule',
    noWaypoint: 'KIA0210',
    notCaptured: 'KIA0211',
    elsewhere: 'KIA0212',
    sameAs: ['AMB0005'],
  }),
  ...rulesOf({
    kind: 'VirtualService',
    noWaypoint: 'KIA1109',
    notCaptured: 'KIA1113',
    elsewhere: 'KIA1114',
    sameAs: ['AMB0006'],
  }),
];
