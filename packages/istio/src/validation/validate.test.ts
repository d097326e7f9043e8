import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { kinds } from './kinds/catalogue.ts';
import { seeds } from './testing/seeds.ts';
import { validate } from './validate.ts';
import type { Verdict } from './issue.ts';

function verdictOf(kind: string, spec: unknown, metadata: object = {}): Verdict {
  const entry = kinds.find((known) => known.kind === kind);
  const apiVersion = `${entry?.group}/${entry?.versions[0]}`;
  return validate({ apiVersion, kind, metadata: { name: 'a', ...metadata }, spec });
}

test.each(seeds.map(({ kind, spec }, index) => ({ kind, spec, index })))(
  'takes the $kind of example $index',
  ({ kind, spec }) => {
    expect(verdictOf(kind, spec).errors).toEqual([]);
  },
);

test('has an example of every kind', () => {
  expect(new Set(seeds.map(({ kind }) => kind))).toEqual(new Set(kinds.map(({ kind }) => kind)));
});

/** [spec as YAML, path of the error, words of its message] */
type Row = [spec: string, path: string, words: RegExp];

const route = 'route: [{destination: {host: b}}]';
const http = (more: string): string => `{hosts: [a], http: [{${more}}]}`;
const rule = (more: string): string => `{host: a, trafficPolicy: {${more}}}`;
const server = (more: string, port = '{number: 443, name: a, protocol: HTTPS}'): string =>
  `{servers: [{port: ${port}, hosts: [a.com], ${more}}]}`;
const entry = (more: string): string =>
  `{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], ${more}}`;

const refused: Record<string, Row[]> = {
  VirtualService: [
    ['{hosts: [a]}', 'spec', /http, tls or tcp/],
    [`{hosts: ['*'], http: [{${route}}]}`, 'spec.hosts[0]', /only at a gateway/],
    [`{hosts: [a_b], http: [{${route}}]}`, 'spec.hosts[0]', /no host name/],
    [`{hosts: [a.com, '*.com'], http: [{${route}}]}`, 'spec.hosts[1]', /overlaps "a.com"/],
    [`{gateways: [g], http: [{${route}}]}`, 'spec.gateways', /delegate/],
    [http('name: x'), 'spec.http[0]', /set route, redirect or directResponse/],
    [http(`${route}, redirect: {uri: /x}`), 'spec.http[0].route', /redirect/],
    [
      http('delegate: {name: d}, route: [{destination: {host: b}}]'),
      'spec.http[0].route',
      /delegate/,
    ],
    [http('route: [{weight: 1}]'), 'spec.http[0].route[0]', /destination/],
    [
      http('route: [{destination: {host: b}, weight: -1}]'),
      'spec.http[0].route[0].weight',
      /negative/,
    ],
    [
      http('route: [{destination: {host: b}}, {destination: {host: c}}]'),
      'spec.http[0].route',
      /add up to 0/,
    ],
    [
      http('route: [{destination: {host: b, port: {number: 70000}}}]'),
      'spec.http[0].route[0].destination.port.number',
      /1 to 65535/,
    ],
    [http(`${route}, timeout: 0.5ms`), 'spec.http[0].timeout', /at least 1ms/],
    [http(`${route}, timeout: 5`), 'spec.http[0].timeout', /no duration/],
    [
      http(`${route}, fault: {abort: {httpStatus: 700}}`),
      'spec.http[0].fault.abort.httpStatus',
      /200 to 599/,
    ],
    [
      http(`${route}, fault: {abort: {grpcStatus: NOPE}}`),
      'spec.http[0].fault.abort.grpcStatus',
      /gRPC/,
    ],
    [
      http(`${route}, retries: {attempts: 0, perTryTimeout: 1s}`),
      'spec.http[0].retries',
      /0 attempts/,
    ],
    [
      http(`${route}, retries: {attempts: 1, retryOn: '5xx, reset'}`),
      'spec.http[0].retries.retryOn',
      /spaces/,
    ],
    [
      http(`${route}, corsPolicy: {allowMethods: [get]}`),
      'spec.http[0].corsPolicy.allowMethods[0]',
      /HTTP method/,
    ],
    [
      http(`${route}, corsPolicy: {maxAge: 1.5s}`),
      'spec.http[0].corsPolicy.maxAge',
      /whole seconds/,
    ],
    [
      http(`${route}, rewrite: {uri: /x, uriRegexRewrite: {match: a, rewrite: b}}`),
      'spec.http[0].rewrite',
      /only one/,
    ],
    [http(`${route}, mirrorPercentage: {value: 101}`), 'spec.http[0].mirrorPercentage', /0 to 100/],
    [
      http(`${route}, headers: {request: {set: {':path': x}}}`),
      'spec.http[0].headers.request.set[":path"]',
      /pseudo/,
    ],
    [
      http(`${route}, headers: {request: {add: {a: '%X'}}}`),
      'spec.http[0].headers.request.add.a',
      /does not end/,
    ],
    [http(`${route}, match: [{uri: {regex: '(?=a)'}}]`), 'spec.http[0].match[0].uri', /RE2/],
    [
      http(`${route}, match: [{headers: {x: {prefix: ''}}}]`),
      'spec.http[0].match[0].headers.x',
      /empty/,
    ],
    [
      http(`${route}, match: [{headers: {'@request.auth.claims.a': {exact: b}}}]`),
      'spec.http[0].match[0].headers["@request.auth.claims.a"]',
      /gateway/,
    ],
    [http('redirect: {redirectCode: 302}'), 'spec.http[0].redirect', /at least one/],
    [
      http('redirect: {uri: /x, redirectCode: 200}'),
      'spec.http[0].redirect.redirectCode',
      /300 to 399/,
    ],
    [http('directResponse: {status: 100}'), 'spec.http[0].directResponse.status', /200 to 599/],
    [http(`${route}, wieght: 1`), 'spec.http[0].wieght', /no such field/],
    [
      '{hosts: [a], tls: [{match: [{sniHosts: [b]}], route: [{destination: {host: b}}]}]}',
      'spec.tls[0].match[0].sniHosts[0]',
      /not covered/,
    ],
    ['{hosts: [a], tcp: [{match: [{port: 1}]}]}', 'spec.tcp[0]', /destination/],
    [`{hosts: [a], exportTo: ['.', '*'], http: [{${route}}]}`, 'spec.exportTo', /everyone/],
  ],
  DestinationRule: [
    ["{host: ''}", 'spec.host', /needed/],
    [rule(''), 'spec.trafficPolicy', /empty/],
    [
      rule('tunnel: {targetHost: a.b, targetPort: 1}, proxyProtocol: {}'),
      'spec.trafficPolicy',
      /only one/,
    ],
    [rule('connectionPool: {}'), 'spec.trafficPolicy.connectionPool', /tcp, http or both/],
    [
      rule('connectionPool: {tcp: {maxConnections: -1}}'),
      'spec.trafficPolicy.connectionPool.tcp.maxConnections',
      /negative/,
    ],
    [
      rule('loadBalancer: {simple: ROUND}'),
      'spec.trafficPolicy.loadBalancer.simple',
      /one of UNSPECIFIED/,
    ],
    [
      rule('loadBalancer: {consistentHash: {maglev: {tableSize: 65536}}}'),
      'spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize',
      /prime/,
    ],
    [
      rule('loadBalancer: {consistentHash: {httpCookie: {ttl: 1s}}}'),
      'spec.trafficPolicy.loadBalancer.consistentHash.httpCookie',
      /name/,
    ],
    [
      rule('loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 50}}]}}'),
      'spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to',
      /100/,
    ],
    [
      rule('loadBalancer: {localityLbSetting: {failover: [{from: a, to: a}]}}'),
      'spec.trafficPolicy.loadBalancer.localityLbSetting.failover[0]',
      /different/,
    ],
    [
      rule('outlierDetection: {maxEjectionPercent: 101}'),
      'spec.trafficPolicy.outlierDetection.maxEjectionPercent',
      /0 to 100/,
    ],
    [rule('tls: {mode: MUTUAL}'), 'spec.trafficPolicy.tls', /clientCertificate/],
    [
      rule('tls: {mode: SIMPLE, credentialName: a, caCertificates: b}'),
      'spec.trafficPolicy.tls.caCertificates',
      /credential/,
    ],
    [
      rule('portLevelSettings: [{loadBalancer: {simple: RANDOM}}]'),
      'spec.trafficPolicy.portLevelSettings[0]',
      /port/,
    ],
    ['{host: a, subsets: [{name: v1}, {name: v1}]}', 'spec.subsets[1].name', /another subset/],
    ['{host: a, subsets: [{name: a.b}]}', 'spec.subsets[0].name', /DNS label/],
    [
      '{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: [other]}',
      'spec.exportTo',
      /own namespace/,
    ],
  ],
  Gateway: [
    ['{servers: []}', 'spec', /at least one server/],
    [server(''), 'spec.servers[0]', /needs tls/],
    [server('tls: {mode: SIMPLE}'), 'spec.servers[0].tls', /serverCertificate/],
    [
      server('tls: {mode: MUTUAL, serverCertificate: a, privateKey: b}'),
      'spec.servers[0].tls',
      /caCertificates/,
    ],
    [
      server('tls: {mode: ISTIO_MUTUAL, privateKey: a}'),
      'spec.servers[0].tls.privateKey',
      /ISTIO_MUTUAL/,
    ],
    [
      server('tls: {mode: SIMPLE, credentialName: a, credentialNames: [b]}'),
      'spec.servers[0].tls',
      /one source/,
    ],
    [
      server('tls: {mode: SIMPLE}', '{number: 80, name: a, protocol: HTTP}'),
      'spec.servers[0].tls',
      /plain HTTP/,
    ],
    [
      server('', '{number: 80, name: a, protocol: HTTP, targetPort: 1}'),
      'spec.servers[0].port.targetPort',
      /targetPort/,
    ],
    [
      server('', '{number: 0, name: a, protocol: HTTP}'),
      'spec.servers[0].port.number',
      /1 to 65535/,
    ],
    [
      server('bind: x', '{number: 80, name: a, protocol: HTTP}'),
      'spec.servers[0].bind',
      /IP address/,
    ],
    [
      '{servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: [short]}]}',
      'spec.servers[0].hosts[0]',
      /short name/,
    ],
    [
      '{servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: [a.b]}, {port: {number: 81, name: a, protocol: HTTP}, hosts: [a.b]}]}',
      'spec.servers[1].port.name',
      /another server/,
    ],
  ],
  ServiceEntry: [
    ['{ports: []}', 'spec.hosts', /at least one/],
    ["{hosts: ['*']}", 'spec.hosts[0]', /too wide/],
    [entry('resolution: DNS, addresses: [10.0.0.0/8]'), 'spec.addresses', /NONE or STATIC/],
    [entry('addresses: [x]'), 'spec.addresses[0]', /IP address/],
    [entry('endpoints: [{address: 1.2.3.4}]'), 'spec.endpoints', /NONE/],
    [
      entry('resolution: STATIC, endpoints: [{address: a.b}]'),
      'spec.endpoints[0].address',
      /STATIC/,
    ],
    [
      entry('resolution: DNS, endpoints: [{address: a.b, ports: {x: 1}}]'),
      'spec.endpoints[0].ports.x',
      /no port named/,
    ],
    [
      entry('resolution: DNS_ROUND_ROBIN, endpoints: [{address: a.b}, {address: c.d}]'),
      'spec.endpoints',
      /one endpoint/,
    ],
    [entry('resolution: DYNAMIC_DNS'), 'spec.hosts[0]', /wildcard/],
    [
      '{hosts: [a.com, b.com], ports: [{number: 1, name: tcp, protocol: TCP}], resolution: DNS}',
      'spec.ports[0].protocol',
      /told apart/,
    ],
    [
      '{hosts: [a.com], ports: [{number: 1, name: a, protocol: HTTP}, {number: 1, name: a, protocol: HTTP}]}',
      'spec.ports[1].name',
      /another port/,
    ],
    [
      entry(
        'workloadSelector: {labels: {a: b}}, resolution: STATIC, endpoints: [{address: 1.2.3.4}]',
      ),
      'spec.endpoints',
      /only one/,
    ],
  ],
  Sidecar: [
    ['{}', 'spec', /at least one/],
    ['{egress: [{hosts: []}]}', 'spec.egress[0].hosts', /at least one/],
    ['{egress: [{hosts: [a.b]}]}', 'spec.egress[0].hosts[0]', /namespace\/host/],
    ["{egress: [{hosts: ['*/*']}, {hosts: ['./*']}]}", 'spec.egress[0]', /last/],
    ["{egress: [{port: {protocol: HTTP}, hosts: ['./*']}]}", 'spec.egress[0].bind', /socket/],
    ['{ingress: [{defaultEndpoint: 127.0.0.1:80}]}', 'spec.ingress[0]', /port/],
    [
      '{ingress: [{port: {number: 80, protocol: HTTP}, defaultEndpoint: 10.0.0.1:80}]}',
      'spec.ingress[0].defaultEndpoint',
      /not this workload/,
    ],
    [
      '{ingress: [{port: {number: 80, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: a}}]}',
      'spec.ingress[0].tls.credentialName',
      /not supported/,
    ],
    [
      '{outboundTrafficPolicy: {egressProxy: {host: a.b, port: {number: 1}}}}',
      'spec.outboundTrafficPolicy.egressProxy',
      /ALLOW_ANY/,
    ],
    [
      "{workloadSelector: {labels: {a: '*'}}, egress: [{hosts: ['./*']}]}",
      'spec.workloadSelector.labels.a',
      /wildcard/,
    ],
  ],
  WorkloadEntry: [
    ['{}', 'spec', /address/],
    ['{address: a_b}', 'spec.address', /neither/],
    ["{address: 'unix:///x', ports: {a: 1}}", 'spec.ports', /socket/],
    ['{address: 1.2.3.4, ports: {A_b: 0}}', 'spec.ports.A_b', /port name/],
    ['{address: 1.2.3.4, labels: {a: "b c"}}', 'spec.labels.a', /label value/],
  ],
  WorkloadGroup: [
    ['{}', 'spec', /template/],
    ['{template: {}, probe: {}}', 'spec.probe', /httpGet, tcpSocket or exec/],
    ['{template: {}, probe: {grpc: {port: 80}}}', 'spec.probe', /httpGet, tcpSocket or exec/],
    [
      '{template: {}, probe: {httpGet: {port: 80, scheme: http}}}',
      'spec.probe.httpGet.scheme',
      /HTTP or HTTPS/,
    ],
    [
      '{template: {}, probe: {exec: {command: [a]}, periodSeconds: -1}}',
      'spec.probe.periodSeconds',
      /negative/,
    ],
  ],
  ProxyConfig: [['{concurrency: -1}', 'spec.concurrency', /negative/]],
  AuthorizationPolicy: [
    ['{action: DENY}', 'spec', /never applies/],
    ['{action: CUSTOM, rules: [{}]}', 'spec.provider', /provider/],
    ['{provider: {name: a}}', 'spec.provider', /CUSTOM/],
    ['{rules: [{from: [{}]}]}', 'spec.rules[0].from[0]', /source/],
    ['{rules: [{from: [{source: {}}]}]}', 'spec.rules[0].from[0].source', /at least one field/],
    [
      '{rules: [{to: [{operation: {ports: [x]}}]}]}',
      'spec.rules[0].to[0].operation.ports',
      /no port/,
    ],
    [
      "{rules: [{to: [{operation: {paths: ['/{a}']}}]}]}",
      'spec.rules[0].to[0].operation.paths',
      /braces/,
    ],
    [
      '{rules: [{from: [{source: {ipBlocks: [1.2.3]}}]}]}',
      'spec.rules[0].from[0].source.ipBlocks',
      /IP address/,
    ],
    [
      '{rules: [{when: [{key: nope, values: [a]}]}]}',
      'spec.rules[0].when[0].values',
      /no condition/,
    ],
    ['{rules: [{when: [{key: source.ip}]}]}', 'spec.rules[0].when[0]', /values, notValues/],
    [
      '{action: CUSTOM, provider: {name: a}, rules: [{from: [{source: {principals: [a]}}]}]}',
      'spec.rules[0].from[0].source.principals',
      /CUSTOM/,
    ],
    [
      '{selector: {matchLabels: {a: b}}, targetRefs: [{kind: Service, name: a}]}',
      'spec',
      /only one/,
    ],
    ['{targetRefs: [{kind: Pod, name: a}]}', 'spec.targetRefs[0].kind', /Gateway/],
  ],
  RequestAuthentication: [
    ['{jwtRules: [{}]}', 'spec.jwtRules[0]', /issuer/],
    ['{jwtRules: [{issuer: a, jwksUri: ftp://x}]}', 'spec.jwtRules[0].jwksUri', /https/],
    [
      '{jwtRules: [{issuer: a, jwks: no}]}',
      'spec.jwtRules[0].jwks',
      /must be|text is needed|no key set|does not fit/,
    ],
    [
      '{jwtRules: [{issuer: a, outputClaimToHeaders: [{header: "a b", claim: c}]}]}',
      'spec.jwtRules[0].outputClaimToHeaders[0].header',
      /header name/,
    ],
    ['{jwtRules: [{issuer: a, timeout: 0s}]}', 'spec.jwtRules[0].timeout', /1ms/],
  ],
  PeerAuthentication: [
    ['{portLevelMtls: {80: {mode: STRICT}}}', 'spec.portLevelMtls', /selector/],
    [
      '{selector: {matchLabels: {a: b}}, portLevelMtls: {0: {mode: STRICT}}}',
      'spec.portLevelMtls["0"]',
      /1 to 65535/,
    ],
    ['{mtls: {mode: NOPE}}', 'spec.mtls.mode', /STRICT/],
  ],
  Telemetry: [
    [
      '{tracing: [{randomSamplingPercentage: 101}]}',
      'spec.tracing[0].randomSamplingPercentage',
      /0 to 100/,
    ],
    ['{tracing: [{providers: [{}]}]}', 'spec.tracing[0].providers[0]', /name/],
    [
      '{metrics: [{overrides: [{tagOverrides: {a: {operation: UPSERT}}}]}]}',
      'spec.metrics[0].overrides[0].tagOverrides.a',
      /value/,
    ],
    [
      "{accessLogging: [{filter: {expression: 'a =='}}]}",
      'spec.accessLogging[0].filter.expression',
      /CEL/,
    ],
  ],
  WasmPlugin: [
    ['{}', 'spec.url', /needed/],
    ['{url: docker://x}', 'spec.url', /not supported/],
    ['{url: oci://x, sha256: abc}', 'spec.sha256', /64/],
    ['{url: oci://x, vmConfig: {env: [{name: a}, {name: a}]}}', 'spec.vmConfig.env[1]', /twice/],
    [
      '{url: oci://x, match: [{ports: [{number: 0}]}]}',
      'spec.match[0].ports[0].number',
      /1 to 65535/,
    ],
  ],
  TrafficExtension: [
    ['{}', 'spec', /wasm or lua/],
    ["{lua: {inlineCode: ''}}", 'spec.lua.inlineCode', /empty/],
    ['{wasm: {url: ftp://x}}', 'spec.wasm.url', /not supported/],
  ],
  EnvoyFilter: [
    ['{configPatches: [{}]}', 'spec.configPatches[0]', /applyTo/],
    [
      '{configPatches: [{applyTo: CLUSTER, patch: {operation: MERGE}}]}',
      'spec.configPatches[0]',
      /value/,
    ],
    [
      '{configPatches: [{applyTo: CLUSTER, match: {listener: {}}, patch: {operation: MERGE, value: {}}}]}',
      'spec.configPatches[0].match.listener',
      /cluster/,
    ],
    [
      '{configPatches: [{applyTo: CLUSTER, patch: {operation: MERGE, value: {connect_timeout: x}}}]}',
      'spec.configPatches[0].patch.value.connect_timeout',
      /duration/,
    ],
    [
      "{configPatches: [{applyTo: HTTP_FILTER, patch: {operation: ADD, value: {name: a, typed_config: {'@type': x/a.v2.B}}}}]}",
      'spec.configPatches[0].patch.value.typed_config.@type',
      /v3/,
    ],
    [
      "{configPatches: [{applyTo: CLUSTER, match: {proxy: {proxyVersion: '('}}, patch: {operation: REMOVE}}]}",
      'spec.configPatches[0].match.proxy.proxyVersion',
      /RE2/,
    ],
  ],
};

describe.each(Object.entries(refused))('%s', (kind, rows) => {
  test.each(rows)('refuses %s', (spec, path, words) => {
    const { errors } = verdictOf(kind, parse(spec));
    const isFound = errors.some((issue) => issue.path === path && words.test(issue.message));
    expect(isFound, JSON.stringify(errors)).toBe(true);
  });
});

test('every kind has refused examples', () => {
  expect(new Set(Object.keys(refused))).toEqual(new Set(kinds.map(({ kind }) => kind)));
});

test.each([
  ['VirtualService', http(`${route}, mirrorPercent: 5`), 'spec.http[0].mirrorPercent'],
  ['VirtualService', `{hosts: [a], http: [{${route}}, {${route}}]}`, 'spec.http[1]'],
  [
    'VirtualService',
    `{hosts: [a], http: [{match: [{uri: {prefix: /a}}], ${route}}, {match: [{uri: {prefix: /ab}}], ${route}}]}`,
    'spec.http[1].match[0]',
  ],
  ['VirtualService', `{hosts: [a], gateways: [g.ns.svc], http: [{${route}}]}`, 'spec.gateways[0]'],
  [
    'DestinationRule',
    rule('outlierDetection: {consecutiveErrors: 1}'),
    'spec.trafficPolicy.outlierDetection.consecutiveErrors',
  ],
  ['Gateway', server('tls: {mode: PASSTHROUGH, privateKey: a}'), 'spec.servers[0].tls'],
  [
    'Gateway',
    server('tls: {mode: SIMPLE, credentialName: a, cipherSuites: [NOPE]}'),
    'spec.servers[0].tls.cipherSuites',
  ],
  [
    'ServiceEntry',
    "{hosts: ['*a.com'], ports: [{number: 80, name: a, protocol: HTTP}]}",
    'spec.hosts[0]',
  ],
  [
    'ServiceEntry',
    '{hosts: [a.com], ports: [{number: 80, name: a, protocol: TCP}]}',
    'spec.ports[0]',
  ],
  ['Sidecar', "{egress: [{hosts: ['*/*', './a.b']}]}", 'spec.egress[0].hosts'],
  [
    'AuthorizationPolicy',
    '{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}',
    'spec.rules[0]',
  ],
  [
    'RequestAuthentication',
    `{jwtRules: [{issuer: a, jwks: '{"kty":"oct","k":"AA"}'}]}`,
    'spec.jwtRules[0].jwks',
  ],
  ['PeerAuthentication', '{selector: {}}', 'spec.selector'],
  ['Telemetry', '{tracing: [{}, {}]}', 'spec.tracing'],
  ['EnvoyFilter', '{}', ''],
  [
    'EnvoyFilter',
    '{configPatches: [{applyTo: CLUSTER, patch: {operation: MERGE, value: {nope: 1}}}]}',
    'spec.configPatches[0].patch.value.nope',
  ],
])('%s: warns of %s', (kind, spec, path) => {
  const { errors, warnings } = verdictOf(kind, parse(spec));
  expect(errors).toEqual([]);
  expect(warnings.map((issue) => issue.path)).toContain(path);
});

test('only an AuthorizationPolicy can be a dry run, and nobody sets internal annotations', () => {
  const dryRun = { annotations: { 'istio.io/dry-run': 'true' } };
  expect(verdictOf('AuthorizationPolicy', {}, dryRun).errors).toEqual([]);
  expect(verdictOf('PeerAuthentication', {}, dryRun).errors).toHaveLength(1);
  expect(
    verdictOf('AuthorizationPolicy', {}, { annotations: { 'istio.io/dry-run': 'x' } }).errors,
  ).toHaveLength(1);
  expect(
    verdictOf('PeerAuthentication', {}, { annotations: { 'internal.istio.io/parents': 'x' } })
      .errors,
  ).toHaveLength(1);
});

test('fields beside spec, bad metadata and unknown versions are refused', () => {
  const base = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'a' },
    spec: {},
  };
  expect(validate(base)).toEqual({ errors: [], warnings: [] });
  expect(validate({ ...base, specs: {} }).errors).toMatchObject([
    { path: 'specs', layer: 'istio' },
  ]);
  expect(validate({ ...base, metadata: { name: 'A' } }).errors).toMatchObject([
    { path: 'metadata.name', layer: 'schema' },
  ]);
  expect(validate({ ...base, metadata: { name: 'a', labels: { a: 1 } } }).errors).toMatchObject([
    { path: 'metadata.labels.a' },
  ]);
  expect(validate({ ...base, apiVersion: 'security.istio.io/v9' }).errors).toMatchObject([
    { path: 'apiVersion' },
  ]);
});

test('hostile objects are refused with a message, never an exception', () => {
  for (const object of [null, 5, 'x', [], {}, { apiVersion: 1, kind: {} }]) {
    expect(validate(object).errors).toHaveLength(1);
  }
  const deep = JSON.parse(`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`) as object;
  const filter = {
    configPatches: [{ applyTo: 'CLUSTER', patch: { operation: 'MERGE', value: deep } }],
  };
  expect(verdictOf('EnvoyFilter', filter).errors).toEqual([]);
  expect(
    verdictOf(
      'VirtualService',
      JSON.parse('{"__proto__": {"hosts": ["a"]}, "constructor": 1}'),
    ).errors.map(({ path }) => path),
  ).toEqual(expect.arrayContaining(['spec.__proto__', 'spec.constructor']));
});

test('large and deep objects are told apart in bounded time and with a bounded number of problems', () => {
  const started = process.cpuUsage();
  const hosts = Array.from({ length: 100_000 }, (_, index) =>
    index % 2 ? 'a.com' : `h${index}.com`,
  );
  const rules = Array.from({ length: 5000 }, () => ({
    match: [{ uri: { prefix: '/a' } }],
    route: [{ destination: { host: 'b' } }],
  }));
  const wide = verdictOf('VirtualService', { hosts, http: rules });
  expect(wide.errors).toHaveLength(201);
  expect(wide.errors[0]?.message).toMatch(/overlaps/);
  expect(wide.warnings).toHaveLength(201);
  let permission: object = { any: true };
  for (let depth = 0; depth < 5000; depth += 1) permission = { not_rule: permission };
  const type = 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC';
  const value = {
    name: 'a',
    typed_config: { '@type': type, rules: { policies: { p: { permissions: [permission] } } } },
  };
  const filter = {
    configPatches: [{ applyTo: 'HTTP_FILTER', patch: { operation: 'ADD', value } }],
  };
  expect(verdictOf('EnvoyFilter', filter).errors).toMatchObject([
    { message: 'it is nested too deep' },
  ]);
  expect(process.cpuUsage(started).user / 1_000).toBeLessThan(5000);
});
