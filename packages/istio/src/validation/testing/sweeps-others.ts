import * as languages from './pool-languages.ts';
import * as pools from './pools.ts';
import { repeated } from './sweep.ts';
import type { Sweep } from './sweep.ts';

const policy = (more: object): Record<string, unknown> => ({ host: 'a', trafficPolicy: more });
const rule = (source: object): Record<string, unknown> => ({ rules: [{ from: [{ source }] }] });
const listener = (more: object): Record<string, unknown> => ({
  ingress: [{ port: { number: 80, protocol: 'HTTP' }, ...more }],
});
const patch = (match: object): Record<string, unknown> => ({
  configPatches: [{ applyTo: 'CLUSTER', match, patch: { operation: 'REMOVE' } }],
});
const jwt = (more: object): Record<string, unknown> => ({ jwtRules: [{ issuer: 'i', ...more }] });
export const otherSweeps: Sweep[] = [
  {
    kind: 'EnvoyFilter',
    language: 'regex',
    values: languages.regexes,
    spec: (v) => patch({ proxy: { proxyVersion: v } }),
  },
  {
    kind: 'Telemetry',
    language: 'cel',
    values: languages.expressions,
    spec: (v) => ({ accessLogging: [{ filter: { expression: v } }] }),
  },
  { kind: 'WasmPlugin', language: 'url', values: languages.urls, spec: (v) => ({ url: v }) },
  {
    kind: 'RequestAuthentication',
    language: 'url',
    values: languages.urls,
    spec: (v) => jwt({ jwksUri: v }),
  },
  {
    kind: 'RequestAuthentication',
    language: 'jwks',
    values: languages.jwks,
    spec: (v) => jwt({ jwks: v }),
  },
  { kind: 'DestinationRule', language: 'host', values: pools.hosts, spec: (v) => ({ host: v }) },
  {
    kind: 'DestinationRule',
    language: 'duration',
    values: pools.durations,
    spec: (v) => policy({ connectionPool: { tcp: { idleTimeout: v } } }),
  },
  {
    kind: 'DestinationRule',
    language: 'label',
    values: pools.labels,
    spec: (v) => ({ host: 'a', subsets: [{ name: 'x', labels: { [String(v)]: v } }] }),
  },
  {
    kind: 'DestinationRule',
    language: 'host',
    values: [...pools.hosts, ...pools.addresses],
    spec: (v) => policy({ tunnel: { targetHost: v, targetPort: 1 } }),
  },
  {
    kind: 'DestinationRule',
    values: [...pools.numbers, 5_000_010, 4_999_999, 9, 25, 49],
    spec: (v) => policy({ loadBalancer: { consistentHash: { maglev: { tableSize: v } } } }),
  },
  {
    kind: 'DestinationRule',
    values: pools.localities,
    spec: (v) =>
      policy({
        loadBalancer: {
          localityLbSetting: {
            distribute: [
              { from: v, to: { x: 100 } },
              { from: 'us/west/1', to: { [String(v)]: 100 } },
              { from: 'eu/x', to: { y: 100 } },
            ],
          },
        },
      }),
  },
  {
    kind: 'DestinationRule',
    values: pools.localities,
    spec: (v) =>
      policy({
        loadBalancer: {
          localityLbSetting: {
            distribute: [
              { from: 'us/west/2', to: { x: 100 } },
              { from: v, to: { y: 100 } },
            ],
          },
        },
      }),
  },
  {
    kind: 'DestinationRule',
    values: pools.localities,
    spec: (v) =>
      policy({
        loadBalancer: {
          localityLbSetting: { failover: [{ from: v, to: 'us' }], failoverPriority: [v] },
        },
      }),
  },
  {
    kind: 'DestinationRule',
    values: [
      'configmap://default/x',
      'configmap://other/x',
      'configmap://x',
      'configmap:///x',
      'configmap://default/',
      'x',
      'configmap://default/x/y',
    ],
    spec: (v) => policy({ tls: { mode: 'SIMPLE', credentialName: v } }),
  },
  {
    kind: 'DestinationRule',
    values: [true, false],
    spec: (v) =>
      policy({ connectionPool: { http: { h2UpgradePolicy: 'UPGRADE', useClientProtocol: v } } }),
  },
  {
    kind: 'Gateway',
    language: 'host',
    values: pools.hosts,
    spec: (v) => ({ servers: [{ port: { number: 80, name: 'a', protocol: 'HTTP' }, hosts: [v] }] }),
  },
  {
    kind: 'Gateway',
    language: 'ip',
    values: pools.addresses,
    spec: (v) => ({
      servers: [{ port: { number: 80, name: 'a', protocol: 'HTTP' }, hosts: ['a.b'], bind: v }],
    }),
  },
  {
    kind: 'Gateway',
    values: pools.protocols,
    spec: (v) => ({
      servers: [
        {
          port: { number: 80, name: 'a', protocol: v },
          hosts: ['a.b'],
          tls: { mode: 'PASSTHROUGH', httpsRedirect: true },
        },
      ],
    }),
  },
  {
    kind: 'Gateway',
    values: pools.ciphers,
    spec: (v) => ({
      servers: [
        {
          port: { number: 80, name: 'a', protocol: 'TLS' },
          hosts: ['a.b'],
          tls: {
            mode: 'SIMPLE',
            credentialName: 'c',
            minProtocolVersion: 'TLSV1_1',
            cipherSuites: [v, v],
          },
        },
      ],
    }),
  },
  {
    kind: 'ServiceEntry',
    language: 'ip',
    values: pools.addresses,
    spec: (v) => ({ hosts: ['a.b'], addresses: [v] }),
  },
  {
    kind: 'ServiceEntry',
    language: 'host',
    values: pools.hosts,
    spec: (v) => ({ hosts: [v], resolution: 'DNS' }),
  },
  {
    kind: 'ServiceEntry',
    language: 'host',
    values: [...pools.hosts, ...pools.addresses],
    spec: (v) => ({ hosts: ['a.b'], resolution: 'DNS', endpoints: [{ address: v }] }),
  },
  {
    kind: 'ServiceEntry',
    values: pools.protocols,
    spec: (v) => ({
      hosts: ['*.a.b', 'c.d'],
      resolution: 'STATIC',
      ports: [{ number: 1, name: 'x', protocol: v }],
    }),
  },
  {
    kind: 'ServiceEntry',
    values: pools.protocols,
    spec: (v) => ({
      hosts: ['*.a.b'],
      resolution: 'DYNAMIC_DNS',
      ports: [{ number: 1, name: 'x', protocol: v }],
    }),
  },
  {
    kind: 'ServiceEntry',
    language: 'label',
    values: pools.names,
    spec: (v) => ({
      hosts: ['a.b'],
      exportTo: [v, '.'],
      ports: [{ number: 1, name: v, protocol: 'HTTP' }],
    }),
  },
  {
    kind: 'Sidecar',
    language: 'host',
    values: pools.hosts,
    spec: (v) => ({ egress: [{ hosts: [v, './a.b', '*/*'] }] }),
  },
  {
    kind: 'Sidecar',
    language: 'ip',
    values: [
      '127.0.0.1:80',
      ':80',
      '[::1]:80',
      '10.0.0.1:80',
      'x:80',
      '127.0.0.1',
      '[::]:99999',
      '::1:80',
      '127.0.0.1:x',
      '127.0.0.1:+80',
      'unix:///x',
      '[::1:80',
      '[127.0.0.1]:80',
      '127.0.0.1:080',
      '',
      ':',
    ],
    spec: (v) => listener({ defaultEndpoint: v }),
  },
  {
    kind: 'Sidecar',
    values: ['REGISTRY_ONLY', 'ALLOW_ANY', 0, 1, 2, 3, 4],
    spec: (v) => ({
      outboundTrafficPolicy: { mode: v, egressProxy: { host: 'a.b', port: { number: 1 } } },
    }),
  },
  { kind: 'Sidecar', values: [{}, null], spec: (v) => ({ workloadSelector: v, ingress: [] }) },
  {
    kind: 'WorkloadEntry',
    language: 'host',
    values: [...pools.hosts, ...pools.addresses],
    spec: (v) => ({ address: v }),
  },
  {
    kind: 'AuthorizationPolicy',
    language: 'path',
    values: pools.paths,
    spec: (v) => ({ rules: [{ to: [{ operation: { paths: [v] } }] }] }),
  },
  {
    kind: 'AuthorizationPolicy',
    language: 'ip',
    values: pools.addresses,
    spec: (v) => rule({ ipBlocks: [v] }),
  },
  {
    kind: 'AuthorizationPolicy',
    values: pools.principals,
    spec: (v) => rule({ serviceAccounts: [v] }),
  },
  {
    kind: 'AuthorizationPolicy',
    values: pools.principals,
    spec: (v) => rule({ trustDomains: [v], principals: ['x'] }),
  },
  {
    kind: 'AuthorizationPolicy',
    values: [16, 17],
    spec: (v) => rule({ serviceAccounts: Array.from({ length: Number(v) }, () => 'a') }),
  },
  {
    kind: 'AuthorizationPolicy',
    values: pools.conditions,
    spec: (v) => ({ rules: [{ when: [{ key: v, values: ['1'] }] }] }),
  },
  {
    kind: 'AuthorizationPolicy',
    values: pools.conditions,
    spec: (v) => ({
      action: 'CUSTOM',
      provider: { name: 'p' },
      rules: [{ when: [{ key: v, notValues: ['10.0.0.1'] }] }],
    }),
  },
  {
    kind: 'PeerAuthentication',
    values: ['80', '0', '65536', 'x', '-1', ' 8', '4294967296', '1.5', 'null', '08'],
    spec: (v) => ({
      selector: { matchLabels: { a: 'b' } },
      portLevelMtls: { [String(v)]: { mode: 'STRICT' } },
    }),
  },
  {
    kind: 'TrafficExtension',
    values: repeated([65_536, 65_537]),
    spec: (v) => ({ lua: { inlineCode: v } }),
  },
  {
    kind: 'WasmPlugin',
    values: repeated([253, 254, 256, 257]),
    spec: (v) => ({
      url: 'a',
      imagePullSecret: v,
      pluginName: 'x',
      vmConfig: { env: [{ name: 'y' }] },
    }),
  },
  {
    kind: 'WasmPlugin',
    values: repeated([256, 257]),
    spec: (v) => ({ url: 'a', vmConfig: { env: [{ name: v }] } }),
  },
  {
    kind: 'EnvoyFilter',
    values: repeated([1024, 1025]),
    spec: (v) => patch({ proxy: { proxyVersion: v } }),
  },
];
