import type { TrafficPolicy } from '@ambit/istio/validation/generated/types';
import { fqdnOf } from '../../istio/hosts.ts';
import type { ServiceTraffic } from '../../observed.ts';
import type { Path } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { ambient, doc, negative, positive } from '../shared/example.ts';

type Limit = { path: Path; value: number; measured: keyof ServiceTraffic; words: string };

function limitsOf(policy: TrafficPolicy | undefined): Limit[] {
  const { tcp, http } = policy?.connectionPool ?? {};
  const found: [Path, number | undefined, Limit['measured'], string][] = [
    [['tcp', 'maxConnections'], tcp?.maxConnections, 'peakConnections', 'connections'],
    [['http', 'http2MaxRequests'], http?.http2MaxRequests, 'peakRequests', 'requests at once'],
    [
      ['http', 'http1MaxPendingRequests'],
      http?.http1MaxPendingRequests,
      'peakPendingRequests',
      'waiting requests',
    ],
  ];
  return found.flatMap(([path, value, measured, words]) =>
    value === undefined || value <= 0 ? [] : [{ path, value, measured, words }],
  );
}

const rule = (pool: string): string =>
  doc('DestinationRule shop/web', `spec: {host: web, trafficPolicy: {connectionPool: ${pool}}}`);
const observed = [{ host: 'web.shop.svc.cluster.local', peakConnections: 40, peakRequests: 90 }];

export const circuitBreakerTooSmall = defineRule({
  id: 'AMB0016',
  code: 'AMB0016',
  severity: 'warning',
  title: 'Circuit breaker below the traffic that is measured',
  explanation:
    'A limit of the connection pool is lower than what telemetry saw one calling proxy need at one moment (limits hold in each proxy by itself). It is told only with telemetry, and only of services that were measured.',
  howToFix: 'Raise the limit above the measured peak, with room, or add callers.',
  cause: 'The limit is lower than the measured peak of one calling proxy.',
  consequence: 'At such a peak requests fail with 503 (overflow).',
  kinds: ['DestinationRule'],
  reads: ['ServiceTraffic'],
  check: (subject, view, report) => {
    const { host = '', trafficPolicy } = subject.spec;
    const limits = limitsOf(trafficPolicy);
    if (limits.length === 0) return;
    const traffic = view.get('ServiceTraffic', '', fqdnOf(subject.namespace, host))?.spec;
    for (const { path, value, measured, words } of limits) {
      const peak = traffic?.[measured];
      if (typeof peak !== 'number' || peak <= value) continue;
      report({
        message: `${host} is limited to ${value} ${words}, and one caller needed ${peak}`,
        path: ['spec', 'trafficPolicy', 'connectionPool', ...path],
      });
    }
  },
  examples: [
    positive(
      'more connections than allowed',
      rule('{tcp: {maxConnections: 10}, http: {http2MaxRequests: 100}}'),
      ['DestinationRule shop/web spec.trafficPolicy.connectionPool.tcp.maxConnections'],
      { observed },
    ),
    negative('a limit above the peak', rule('{tcp: {maxConnections: 100}}'), [], { observed }),
    negative('no telemetry', rule('{tcp: {maxConnections: 10}}')),
    ambient('a service that was not measured', rule('{tcp: {maxConnections: 10}}'), [], {
      observed: [{ host: 'db.shop.svc.cluster.local', peakConnections: 40 }],
    }),
  ],
});
