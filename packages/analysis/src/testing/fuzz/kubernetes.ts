import { certificates } from './certificates.ts';
import { chance, may, pick, some } from './dice.ts';
import type { Dice } from './dice.ts';
import { annotationsOf, labels, names, namespaceOf, ports, selector } from './pools.ts';

type Fields = Record<string, unknown>;

export const named = (
  dice: Dice,
  extra: Fields = {},
  name: string = pick(dice, names),
  home = namespaceOf(dice),
): Fields => ({
  name,
  ...(home === '' ? {} : { namespace: home }),
  ...annotationsOf(dice),
  ...extra,
});

const images = [
  'docker.io/istio/proxyv2:1.31.0',
  'docker.io/istio/proxyv2:1.31.0-distroless',
  'docker.io/istio/proxyv2:1.30.0',
  'own/proxy:1',
  'auto',
  '',
];

function container(dice: Dice): Fields {
  const isProxy = chance(dice, 2);
  return {
    name: isProxy ? 'istio-proxy' : pick(dice, ['web', 'istio-operator']),
    image: isProxy ? pick(dice, images) : 'web',
    ...may(dice, 8, 'securityContext', () => ({ runAsUser: pick(dice, [1337, 1000]) })),
    ...may(dice, 4, 'ports', () =>
      some(dice, 1, 2, () => ({
        containerPort: pick(dice, ports),
        name: pick(dice, ['http', 'https']),
      })),
    ),
  };
}

function podSpec(dice: Dice): Fields {
  return {
    containers: some(dice, 1, 2, () => container(dice)),
    ...may(dice, 8, 'initContainers', () => [container(dice)]),
    ...may(dice, 10, 'securityContext', () => ({ runAsUser: pick(dice, [1337, 0]) })),
    ...may(dice, 10, 'hostNetwork', () => pick(dice, [true, false])),
    ...may(dice, 3, 'nodeName', () => pick(dice, ['n1', 'n2', 'gone'])),
  };
}

export function namespace(dice: Dice): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespaceOf(dice) || 'other',
      ...annotationsOf(dice),
      labels: {
        ...may(dice, 2, 'istio-injection', () =>
          pick(dice, ['enabled', 'enabled', 'disabled', '']),
        ),
        ...may(dice, 4, 'istio.io/rev', () => pick(dice, ['canary', 'default', ''])),
        ...may(dice, 4, 'istio.io/dataplane-mode', () => pick(dice, ['ambient', 'none'])),
      },
    },
  };
}

export function pod(dice: Dice): Fields {
  const name = `${pick(dice, names)}-${dice(4)}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: named(dice, { labels: labels(dice) }, name),
    spec: podSpec(dice),
  };
}

export function deployment(dice: Dice): Fields {
  const managed = may(dice, 10, 'gateway.istio.io/managed', () =>
    pick(dice, ['istio.io-mesh-controller', 'istio.io-gateway-controller']),
  );
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: named(dice, { labels: { ...labels(dice, 1), ...managed } }),
    spec: {
      template: {
        metadata: { labels: labels(dice), ...annotationsOf(dice, 6) },
        spec: podSpec(dice),
      },
    },
  };
}

const portNames = [
  'http',
  'tcp',
  'tcp-x',
  'grpc-web-x',
  'GRPC',
  'mysql',
  'x',
  'http2-',
  'udp',
  '',
  'hTTps-a',
];

function servicePort(dice: Dice): Fields {
  return {
    port: pick(dice, [...ports, 53]),
    ...may(dice, 2, 'name', () => pick(dice, portNames)),
    ...may(dice, 3, 'protocol', () => pick(dice, ['TCP', 'UDP', 'SCTP', ''])),
    ...may(dice, 8, 'appProtocol', () =>
      pick(dice, ['kubernetes.io/h2c', 'kubernetes.io/x', 'http', 'x', '']),
    ),
    ...may(dice, 2, 'targetPort', () => pick(dice, [80, 8080, 9080, 'http', '8080', 0, ''])),
  };
}

export function service(dice: Dice): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: named(dice, {
      labels: {
        ...may(dice, 12, 'istio', () => 'x'),
        ...may(dice, 12, 'gateway.istio.io/managed', () =>
          pick(dice, ['istio.io-mesh-controller', 'istio.io-eastwest-controller', 'x']),
        ),
      },
    }),
    spec: {
      ...may(dice, 5, 'type', () => pick(dice, ['ExternalName', 'ClusterIP', 'LoadBalancer'])),
      ...may(dice, 10, 'clusterIP', () => 'None'),
      ...(chance(dice, 5) ? {} : { selector: selector(dice) }),
      ports: some(dice, 1, 3, () => servicePort(dice)),
    },
  };
}

export function node(dice: Dice): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: pick(dice, ['n1', 'n2']),
      labels: {
        ...may(dice, 2, 'topology.kubernetes.io/region', () => pick(dice, ['r1', ''])),
        ...may(dice, 2, 'topology.kubernetes.io/zone', () => pick(dice, ['z1', ''])),
        ...may(dice, 3, 'topology.istio.io/subzone', () => 's1'),
      },
    },
  };
}

const { certificateA, keyA, certificateB, keyB, expired } = certificates;

const secretData: readonly Fields[] = [
  { 'tls.crt': certificateA, 'tls.key': keyA },
  { 'tls.crt': certificateA, 'tls.key': keyB },
  { cert: certificateB, key: keyB },
  { cert: certificateB, key: keyB, cacert: certificateA },
  { 'tls.crt': expired, 'tls.key': keyA },
  { 'tls.crt': certificateA },
  { 'tls.crt': 'aGVsbG8=', 'tls.key': 'aGVsbG8=' },
  { 'tls.crt': certificateA, 'tls.key': 'aGVsbG8=' },
  { 'tls.crt': keyA, 'tls.key': keyA },
  { 'tls.crt': '', 'tls.key': '' },
  { c1: 'YQ==' },
  {},
];

export function secret(dice: Dice): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: named(dice, {
      labels: { ...may(dice, 6, 'istio/multiCluster', () => pick(dice, ['true', 'false'])) },
    }),
    data: pick(dice, secretData),
  };
}

const injectorValues = [
  { global: { hub: 'docker.io/istio', tag: '1.31.0', proxy: { image: 'proxyv2' } } },
  { global: { hub: 'docker.io/istio', tag: '1.30.0', proxy: { image: 'own/proxy:1' } } },
  {},
];

export function injector(dice: Dice): Fields {
  const values = {
    ...pick(dice, injectorValues),
    sidecarInjectorWebhook: { enableNamespacesByDefault: chance(dice, 2) },
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: pick(dice, ['istio-sidecar-injector', 'istio-sidecar-injector-canary', 'other']),
      namespace: 'istio-system',
    },
    data: chance(dice, 8) ? { values: '{' } : { values: JSON.stringify(values) },
  };
}

function labelSelector(dice: Dice): Fields {
  const keys = ['istio-injection', 'istio.io/rev', 'sidecar.istio.io/inject', '', 'a/b/c'];
  return {
    ...may(dice, 2, 'matchLabels', () => ({
      [pick(dice, keys)]: pick(dice, ['enabled', 'true', 'canary', 'not valid!']),
    })),
    ...may(dice, 2, 'matchExpressions', () =>
      some(dice, 1, 2, () => ({
        key: pick(dice, keys.slice(0, chance(dice, 4) ? 5 : 3)),
        operator: pick(dice, ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Is']),
        ...may(dice, 2, 'values', () =>
          some(dice, 0, 2, () => pick(dice, ['enabled', 'disabled', 'canary', 'true', 'false'])),
        ),
      })),
    ),
  };
}

const urls = [
  'https://istiod.example.com:15017/inject',
  'https://192.0.2.1:15017/inject',
  'https://[2001:db8::1]/x',
  'https://a b/',
  'http://a:b/',
  '192.0.2.1:80',
  'not a url',
  '',
  ':',
];

function webhook(dice: Dice): Fields {
  return {
    name: pick(dice, ['a.sidecar-injector.istio.io', 'b.istio.io', 'c.example.com']),
    clientConfig: pick(dice, [
      () => ({ service: { name: pick(dice, ['istiod', 'web']), namespace: namespaceOf(dice) } }),
      () => ({ url: pick(dice, urls) }),
      () => ({}),
    ])(),
    ...may(dice, 2, 'namespaceSelector', () => labelSelector(dice)),
    ...may(dice, 2, 'objectSelector', () => labelSelector(dice)),
  };
}

export function webhooks(dice: Dice): Fields {
  const isMutating = !chance(dice, 4);
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: isMutating ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration',
    metadata: {
      name: isMutating
        ? pick(dice, ['istio-sidecar-injector', 'istio-sidecar-injector-x', 'tag', 'other'])
        : pick(dice, ['istiod-default-validator', 'istio-validator-a', 'istiod-x']),
      labels: { ...may(dice, 4, 'istio.io/rev', () => pick(dice, ['canary', 'default'])) },
    },
    webhooks: some(dice, 0, 2, () => webhook(dice)),
  };
}

export function definition(dice: Dice): Fields {
  const [plural, kind, group] = pick(dice, [
    ['tlsroutes', 'TLSRoute', 'gateway.networking.k8s.io'],
    ['grpcroutes', 'GRPCRoute', 'gateway.networking.k8s.io'],
    ['httproutes', 'HTTPRoute', 'gateway.networking.k8s.io'],
    ['serviceroles', 'ServiceRole', 'rbac.istio.io'],
    ['gateways', 'Gateway', 'networking.istio.io'],
  ] as const);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: {
        ...may(dice, 2, 'gateway.networking.k8s.io/bundle-version', () =>
          pick(dice, [
            'v1.0.0',
            'v1.5.0',
            'v1.5.0-rc.1',
            '1.4',
            'v1',
            'x',
            'v1.5.0.1',
            'v2.0.0',
            'v01.2.3',
            '',
          ]),
        ),
      },
    },
    spec: { group, names: { kind, plural } },
  };
}
