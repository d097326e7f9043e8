import { chance, pick, some } from './dice.ts';
import type { Dice } from './dice.ts';

/** Few names, so that objects meet: most of what the library finds is between two of them. */
export const namespaces = ['default', 'a', 'ab', 'b', 'istio-system', 'kube-system', ''] as const;
const frequent = ['default', 'default', 'a', 'a', 'b', 'istio-system'] as const;

export const namespaceOf = (dice: Dice): string =>
  chance(dice, 8) ? pick(dice, namespaces) : pick(dice, frequent);

export const names = ['web', 'api', 'db', 'web2', 'gw'] as const;

export const hosts = [
  'web',
  'api',
  'db',
  'nope',
  'web.a',
  'web.default.svc.cluster.local',
  'api.a.svc.cluster.local',
  'web.b.svc.cluster.local',
  'web2.a.svc.cluster.local',
  'nope.a.svc.cluster.local',
  'ext.example.com',
  'www.example.com',
  'a.b.example.com',
  '*.example.com',
  '*.svc.cluster.local',
  '*',
] as const;

const labelPairs = [
  ['app', 'web'],
  ['app', 'api'],
  ['app', 'istiod'],
  ['version', 'v1'],
  ['version', 'v2'],
  ['istio', 'ingressgateway'],
  ['istio', 'egress'],
  ['release', 'istio'],
  ['sidecar.istio.io/inject', 'true'],
  ['sidecar.istio.io/inject', 'false'],
  ['topology.istio.io/network', 'n1'],
  ['topology.kubernetes.io/region', 'r1'],
] as const;

const common = [
  ['app', 'web'],
  ['app', 'web'],
  ['app', 'api'],
  ['version', 'v1'],
  ['version', 'v2'],
] as const;

/** Labels of a workload. */
export function labels(dice: Dice, most = 3): Record<string, string> {
  return Object.fromEntries(
    some(dice, 0, most, () => (chance(dice, 5) ? pick(dice, labelPairs) : pick(dice, common))),
  );
}

/** Labels that something selects by; mostly one. */
export function selector(dice: Dice): Record<string, string> {
  if (chance(dice, 12)) return {};
  return Object.fromEntries(
    some(dice, 1, chance(dice, 3) ? 2 : 1, () =>
      chance(dice, 6) ? pick(dice, labelPairs) : pick(dice, common),
    ),
  );
}

export const exportTo = (dice: Dice): string[] =>
  chance(dice, 4)
    ? some(dice, 1, 2, () => pick(dice, ['.', '*', 'a', 'b', 'default']))
    : [pick(dice, ['.', '*', 'a'])];

export const ports = [80, 443, 8080, 9080, 15_443, 31_400, 3306] as const;

const annotations: readonly (readonly [string, readonly string[]])[] = [
  ['sidecar.istio.io/inject', ['true', 'false', 'False', 'x']],
  ['sidecar.istio.io/status', ['{}']],
  ['sidecar.istio.io/proxyImage', ['mine', '']],
  ['sidecar.istio.io/interceptionMode', ['REDIRECT', 'TPROXY', 'NONE', 'redirect', '']],
  [
    'sidecar.istio.io/proxyCPU',
    ['100m', '1', '1.5', '.5', '5.', '1e3', '100 m', '1Ki', '1k', '1K', '-1', '+1', ''],
  ],
  ['sidecar.istio.io/proxyMemory', ['64Mi', '64MB', '1E', '1Ei', '1e', 'x', '12E-1']],
  ['sidecar.istio.io/unknown', ['x']],
  ['sidecar.istio.io/discoveryAddress', ['x:15012']],
  [
    'traffic.sidecar.istio.io/excludeInboundPorts',
    ['80', '80,443', '80, 443', '80,', 'http', '70000', '*', ''],
  ],
  ['traffic.sidecar.istio.io/includeInboundPorts', ['*', '80,x', ' ', '+80']],
  [
    'traffic.sidecar.istio.io/includeOutboundIPRanges',
    ['*', '10.0.0.0/8', '10.0.0.1/8', '10.0.0.0', '::/0', '10.0.0.0/8, ::/0', '10.0.0.0/08', ''],
  ],
  [
    'traffic.sidecar.istio.io/excludeInterfaces',
    ['eth0', 'eth0, eth1', '0eth', 'interface-that-is-long', ','],
  ],
  ['readiness.status.sidecar.istio.io/periodSeconds', ['5', '-1', '4294967296', '1.5', '']],
  ['status.sidecar.istio.io/port', ['15021', '0', '65536', ' 80 ', 'x']],
  ['prometheus.istio.io/merge-metrics', ['true', 'T', 'yes', '']],
  [
    'proxy.istio.io/config',
    [
      '{}',
      'image: {imageType: distroless}',
      'image: {image_type: debug}',
      'concurrency: x',
      'concurrency: 2',
      'unknownField: 1',
      'discoveryAddress: ""',
      'discoveryAddress: istiod:15012',
      'discoveryAddress: istiod',
      'drainDuration: 1.5s',
      'drainDuration: 5s',
      'statusPort: 0',
      'statusPort: 70000',
      'tracing: {zipkin: {address: "$(HOST_IP):9411"}}',
      'tracing: {zipkin: {}}',
      'tracing: {lightstep: {address: "a:80"}}',
      'privateKeyProvider: {cryptomb: {}}',
      'configPath: ""',
      'terminationDrainDuration: abc',
      '[1]',
      ': :',
      '',
    ],
  ],
  ['networking.istio.io/exportTo', ['.', '*', 'a', 'a,b', ' . ', 'b, default', '']],
  ['ambient.istio.io/redirection', ['enabled', 'disabled']],
  ['ambient.istio.io/bypass-inbound-capture', ['true']],
  ['topology.istio.io/controlPlaneClusters', ['a']],
  ['networking.istio.io/service-type', ['ClusterIP']],
  ['kubernetes.io/ingress.class', ['istio']],
  ['istio.io/rev', ['canary']],
  ['galley.istio.io/analyze-suppress', ['*', 'IST0101', 'IST0107,IST0108', 'IST0102, IST0103', '']],
  ['example.com/own', ['x']],
  ['x.istio.io', ['x']],
  ['not-istio.io/x', ['x']],
];

/** Annotations, mostly none. */
export function annotationsOf(dice: Dice, of = 4): { annotations?: Record<string, string> } {
  if (!chance(dice, of)) return {};
  const pairs = some(dice, 1, 2, (): [string, string] => {
    const [name, values] = pick(dice, annotations);
    return [name, pick(dice, values)];
  });
  return { annotations: Object.fromEntries(pairs) };
}
