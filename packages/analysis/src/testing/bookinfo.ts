import { chance, pick, seededDice } from './fuzz/dice.ts';
import type { Dice } from './fuzz/dice.ts';

export type BookinfoOptions = {
  namespaces: number;
  seed?: number;
  /** How destinations are written: `reviews`, or `reviews.NAMESPACE.svc.cluster.local`. */
  hosts?: 'short' | 'fqdn';
  /** The share of namespaces with one mistake each, 0 to 1. */
  mistakes?: number;
};

/** Objects of one namespace. */
export const objectsPerNamespace = 31;

type KubeObject = Record<string, unknown> & { metadata: Record<string, unknown> };

const services = ['productpage', 'details', 'ratings', 'reviews'] as const;
const workloads = [
  ['productpage', 'v1'],
  ['details', 'v1'],
  ['ratings', 'v1'],
  ['reviews', 'v1'],
  ['reviews', 'v2'],
  ['reviews', 'v3'],
] as const;

const proxy = 'docker.io/istio/proxyv2:1.31.0';

function object(
  apiVersion: string,
  kind: string,
  namespace: string,
  name: string,
  spec: object,
  more: object = {},
): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace, ...more }, spec };
}

const istio = (kind: string, namespace: string, name: string, spec: object): KubeObject => {
  const group = ['PeerAuthentication', 'AuthorizationPolicy'].includes(kind)
    ? 'security'
    : kind === 'Telemetry'
      ? 'telemetry'
      : 'networking';
  return object(`${group}.istio.io/v1`, kind, namespace, name, spec);
};

function containers(app: string, isPod: boolean): object[] {
  const own = {
    name: app,
    image: `docker.io/istio/examples-bookinfo-${app}:1.20.3`,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ containerPort: 9080 }],
    resources: { requests: { cpu: '50m', memory: '64Mi' } },
    securityContext: { runAsUser: 1000 },
  };
  return isPod ? [own, { name: 'istio-proxy', image: proxy, args: ['proxy', 'sidecar'] }] : [own];
}

function workloadObjects(namespace: string, dice: Dice): KubeObject[] {
  return workloads.flatMap(([app, version]) => {
    const labels = { app, version };
    const spec = { serviceAccountName: `bookinfo-${app}`, containers: containers(app, false) };
    const suffix = `${dice(0xfffff).toString(16).padStart(5, '0')}-${dice(0xfffff).toString(16).padStart(5, '0')}`;
    return [
      object(
        'apps/v1',
        'Deployment',
        namespace,
        `${app}-${version}`,
        {
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec },
        },
        { labels },
      ),
      object(
        'v1',
        'Pod',
        namespace,
        `${app}-${version}-${suffix}`,
        { ...spec, nodeName: `node-${dice(50)}`, containers: containers(app, true) },
        { labels: { ...labels, 'security.istio.io/tlsMode': 'istio' } },
      ),
    ];
  });
}

type Host = (service: string) => string;

function trafficObjects(namespace: string, index: number, host: Host): KubeObject[] {
  const to = (service: string, subset?: string): object => ({
    destination: {
      host: host(service),
      ...(subset === undefined ? {} : { subset }),
      port: { number: 9080 },
    },
  });
  const rule = (service: string, versions: string[]): KubeObject =>
    istio('DestinationRule', namespace, service, {
      host: host(service),
      trafficPolicy: { connectionPool: { tcp: { maxConnections: 100 } } },
      subsets: versions.map((version) => ({ name: version, labels: { version } })),
    });
  return [
    istio('Gateway', namespace, 'bookinfo', {
      selector: { istio: 'ingressgateway' },
      servers: [
        {
          port: { number: 80, name: 'http', protocol: 'HTTP' },
          hosts: [`bookinfo-${index}.example.com`],
        },
      ],
    }),
    istio('VirtualService', namespace, 'bookinfo', {
      hosts: [`bookinfo-${index}.example.com`],
      gateways: ['bookinfo'],
      http: [
        { match: [{ uri: { prefix: '/api/v1/reviews' } }], route: [to('reviews')] },
        {
          match: [{ uri: { exact: '/productpage' } }, { uri: { prefix: '/static' } }],
          route: [to('productpage')],
          timeout: '10s',
          retries: { attempts: 3, perTryTimeout: '2s' },
        },
      ],
    }),
    istio('VirtualService', namespace, 'reviews', {
      hosts: [host('reviews')],
      http: [
        {
          match: [{ headers: { 'end-user': { exact: 'jason' } } }],
          route: [to('reviews', 'v2')],
        },
        {
          route: [
            { ...to('reviews', 'v1'), weight: 80 },
            { ...to('reviews', 'v3'), weight: 20 },
          ],
        },
      ],
    }),
    istio('VirtualService', namespace, 'ratings', {
      hosts: [host('ratings')],
      http: [
        {
          fault: { delay: { percentage: { value: 0.1 }, fixedDelay: '5s' } },
          match: [{ headers: { 'end-user': { exact: 'jason' } } }],
          route: [to('ratings', 'v1')],
        },
        { route: [to('ratings', 'v1')] },
      ],
    }),
    rule('reviews', ['v1', 'v2', 'v3']),
    rule('ratings', ['v1']),
    rule('productpage', ['v1']),
  ];
}

function policyObjects(namespace: string, index: number): KubeObject[] {
  const last: readonly KubeObject[] = [
    istio('Sidecar', namespace, 'default', {
      egress: [{ hosts: ['./*', 'istio-system/*'] }],
    }),
    istio('Telemetry', namespace, 'default', {
      accessLogging: [{ providers: [{ name: 'envoy' }] }],
      tracing: [{ randomSamplingPercentage: 1 }],
    }),
    istio('ServiceEntry', namespace, 'payments', {
      hosts: [`payments-${index}.example.com`],
      ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
      resolution: 'DNS',
      location: 'MESH_EXTERNAL',
    }),
  ];
  return [
    istio('PeerAuthentication', namespace, 'default', { mtls: { mode: 'STRICT' } }),
    istio('AuthorizationPolicy', namespace, 'reviews', {
      selector: { matchLabels: { app: 'reviews' } },
      action: 'ALLOW',
      rules: [
        {
          from: [{ source: { namespaces: [namespace] } }],
          to: [{ operation: { methods: ['GET'] } }],
        },
      ],
    }),
    last[index % last.length] as KubeObject,
  ];
}

/** Puts a value in the place of that at a path of the spec. */
function set(
  objects: readonly KubeObject[],
  kind: string,
  name: string,
  path: readonly (string | number)[],
  value: unknown,
): void {
  let at = objects.find((one) => one['kind'] === kind && one.metadata['name'] === name)?.[
    'spec'
  ] as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as typeof at;
  at[path.at(-1) ?? ''] = value;
}

/** Mistakes that people make, each in one namespace's objects. */
const mistakes: readonly ((objects: KubeObject[]) => void)[] = [
  (all) => {
    const host = ['http', 1, 'route', 0, 'destination', 'host'];
    set(all, 'VirtualService', 'ratings', host, 'rating');
  },
  (all) => {
    const subset = ['http', 0, 'route', 0, 'destination', 'subset'];
    set(all, 'VirtualService', 'reviews', subset, 'v4');
  },
  (all) => set(all, 'VirtualService', 'bookinfo', ['gateways'], ['bookinfo-gateway']),
  (all) => set(all, 'Gateway', 'bookinfo', ['servers', 0, 'port', 'number'], 8081),
  (all) => set(all, 'DestinationRule', 'reviews', ['subsets', 1, 'labels'], { version: 'v9' }),
  (all) =>
    set(all, 'AuthorizationPolicy', 'reviews', ['selector', 'matchLabels'], { app: 'review' }),
  (all) => set(all, 'Service', 'details', ['ports', 0, 'name'], 'web'),
  (all) => {
    const pod = all.find(({ kind }) => kind === 'Pod');
    if (pod) (pod['spec'] as { containers: object[] }).containers.pop();
  },
  ([namespace]) => {
    if (namespace) namespace.metadata['labels'] = {};
  },
  (all) => set(all, 'VirtualService', 'ratings', ['http', 0, 'match'], undefined),
];

function namespaceObjects(namespace: string, index: number, dice: Dice, host: Host): KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'istio-injection': 'enabled' } },
    },
    ...services.map((service): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: `bookinfo-${service}`, namespace },
    })),
    ...services.map((service) =>
      object(
        'v1',
        'Service',
        namespace,
        service,
        { selector: { app: service }, ports: [{ port: 9080, name: 'http', protocol: 'TCP' }] },
        { labels: { app: service, service } },
      ),
    ),
    ...workloadObjects(namespace, dice),
    ...trafficObjects(namespace, index, host),
    ...policyObjects(namespace, index),
  ];
}

/**
 * A mesh of namespaces with the bookinfo application each: 31 objects a namespace, so that 400 of them are 12,400.
 * The same options give the same objects.
 */
export function* bookinfo(options: BookinfoOptions): Generator<KubeObject[]> {
  const { namespaces, seed = 1, hosts = 'fqdn', mistakes: share = 0 } = options;
  const dice = seededDice(seed);
  for (let index = 0; index < namespaces; index += 1) {
    const namespace = `team-${index}`;
    const host: Host =
      hosts === 'short'
        ? (service) => service
        : (service) => `${service}.${namespace}.svc.cluster.local`;
    const objects = namespaceObjects(namespace, index, dice, host);
    if (dice(10_000) < share * 10_000) pick(dice, mistakes)(objects);
    // Nobody applies in the order of kinds.
    if (chance(dice, 2)) objects.push(...objects.splice(1, 4));
    yield objects;
  }
}
