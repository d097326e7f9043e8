import { counted } from '@ambit/contracts/words';
import type { TrafficPolicy } from '@ambit/istio/validation/generated/types';
import type { Draft } from '../../finding.ts';
import { fqdnOf } from '../../istio/hosts.ts';
import type { ServiceTraffic } from '../../observed.ts';
import type { Path } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { ambient, doc, negative, positive } from '../shared/example.ts';

type Limit = {
  path: Path;
  value: number;
  peak: keyof ServiceTraffic;
  words: string;
  /** Where a limit holds the peak is no higher than it: that it was too low is seen by what overflowed. */
  overflows?: keyof ServiceTraffic;
};

function limitsOf(policy: TrafficPolicy | undefined): Limit[] {
  const { tcp, http } = policy?.connectionPool ?? {};
  const pending = http?.http1MaxPendingRequests;
  const found: (Omit<Limit, 'value'> & { value: number | undefined })[] = [
    {
      path: ['tcp', 'maxConnections'],
      value: tcp?.maxConnections,
      peak: 'peakConnections',
      words: 'connections',
      overflows: 'connectionOverflows',
    },
    {
      path: ['http', 'http2MaxRequests'],
      value: http?.http2MaxRequests,
      peak: 'peakRequests',
      words: 'requests at once',
      // Envoy counts requests that either limit makes fail as one.
      ...(pending ? {} : { overflows: 'requestOverflows' }),
    },
    {
      path: ['http', 'http1MaxPendingRequests'],
      value: pending,
      peak: 'peakPendingRequests',
      words: 'waiting requests',
      overflows: 'requestOverflows',
    },
  ];
  return found.flatMap(({ value, ...limit }) =>
    value === undefined || value <= 0 ? [] : [{ ...limit, value }],
  );
}

/** What speaks against a limit, in words; undefined when nothing does. */
function needOf(
  { value, peak, overflows }: Limit,
  traffic: ServiceTraffic | undefined,
): Pick<Draft, 'message' | 'consequence'> | undefined {
  const [needed, overflowed] = [traffic?.[peak], overflows && traffic?.[overflows]];
  if (typeof needed === 'number' && needed > value) {
    return { message: `one caller needed ${needed}` };
  }
  if (typeof overflowed !== 'number' || overflowed <= 0) return undefined;
  return overflows === 'connectionOverflows'
    ? {
        message: `one caller was at the limit ${counted(overflowed, 'time')}`,
        consequence: 'At such a peak requests wait for a connection, and fail where too many wait.',
      }
    : { message: `at one caller ${counted(overflowed, 'request')} overflowed` };
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
    'A limit of the connection pool is lower than what telemetry saw one calling proxy need at one moment (limits hold in each proxy by itself), or Envoy counted in the last hour that it was hit. It is told only with telemetry, and only of services that were measured.',
  howToFix: 'Raise the limit above the measured peak, with room, or add callers.',
  cause: 'The limit is lower than the measured peak of one calling proxy.',
  consequence: 'At such a peak requests fail with 503 (overflow).',
  kinds: ['DestinationRule'],
  reads: ['ServiceTraffic'],
  check: (subject, view, report) => {
    const { host = '', trafficPolicy } = subject.spec;
    const limits = limitsOf(trafficPolicy);
    if (limits.length === 0) return;
    // Which port's limit it was that did not suffice is not measured.
    if (trafficPolicy?.portLevelSettings?.some((port) => port.connectionPool)) return;
    const traffic = view.get('ServiceTraffic', '', fqdnOf(subject.namespace, host))?.spec;
    for (const limit of limits) {
      const need = needOf(limit, traffic);
      if (!need) continue;
      report({
        ...need,
        message: `${host} is limited to ${limit.value} ${limit.words}, and ${need.message}`,
        path: ['spec', 'trafficPolicy', 'connectionPool', ...limit.path],
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
    positive(
      'limits that were hit',
      rule('{tcp: {maxConnections: 10}, http: {http2MaxRequests: 100}}'),
      [
        'DestinationRule shop/web spec.trafficPolicy.connectionPool.http.http2MaxRequests',
        'DestinationRule shop/web spec.trafficPolicy.connectionPool.tcp.maxConnections',
      ],
      {
        observed: [
          {
            host: 'web.shop.svc.cluster.local',
            peakConnections: 10,
            connectionOverflows: 4,
            requestOverflows: 2,
          },
        ],
      },
    ),
    positive(
      'of two limits that requests overflow, the one on those that wait',
      rule('{http: {http2MaxRequests: 100, http1MaxPendingRequests: 5}}'),
      ['DestinationRule shop/web spec.trafficPolicy.connectionPool.http.http1MaxPendingRequests'],
      { observed: [{ host: 'web.shop.svc.cluster.local', requestOverflows: 2 }] },
    ),
    negative(
      'a port has limits of its own',
      doc(
        'DestinationRule shop/web',
        'spec: {host: web, trafficPolicy: {connectionPool: {tcp: {maxConnections: 10}}, portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 100}}}]}}',
      ),
      [],
      { observed },
    ),
    negative('a limit above the peak', rule('{tcp: {maxConnections: 100}}'), [], { observed }),
    negative('no telemetry', rule('{tcp: {maxConnections: 10}}')),
    ambient('a service that was not measured', rule('{tcp: {maxConnections: 10}}'), [], {
      observed: [{ host: 'db.shop.svc.cluster.local', peakConnections: 40 }],
    }),
  ],
});
