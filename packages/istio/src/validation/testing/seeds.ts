import { parseAllDocuments } from 'yaml';

/** Valid documents of every kind, rich in fields, for the mutations to begin from. */
const text = `
kind: VirtualService
spec:
  hosts: [reviews, '*.example.com']
  gateways: [ns/gateway, mesh]
  exportTo: ['.']
  http:
  - name: a
    match:
    - uri: {prefix: /a}
      headers: {x-user: {exact: j}}
      withoutHeaders: {x-b: {regex: '*'}}
      queryParams: {q: {prefix: x}}
      method: {exact: GET}
      port: 80
      sourceLabels: {app: x}
      gateways: [mesh]
    - uri: {regex: '^/v[0-9]+$'}
      ignoreUriCase: true
    route:
    - destination: {host: reviews, subset: v1, port: {number: 80}}
      weight: 75
      headers: {request: {set: {x: y}, remove: [z]}, response: {add: {a: '%HOSTNAME%'}}}
    - destination: {host: reviews, subset: v2}
      weight: 25
    timeout: 5s
    retries: {attempts: 3, perTryTimeout: 2s, retryOn: '5xx,reset', retryRemoteLocalities: true, backoff: 10ms}
    fault: {abort: {httpStatus: 503, percentage: {value: 10}}, delay: {fixedDelay: 5s, percentage: {value: 0.1}}}
    mirrors: [{destination: {host: mirror}, percentage: {value: 50}}]
    corsPolicy: {allowOrigins: [{exact: https://a.com}], allowMethods: [GET], allowHeaders: [x-a], maxAge: 24h}
    headers: {request: {add: {x-c: d}}}
    rewrite: {uri: /b}
  - match: [{uri: {prefix: /ab}}]
    redirect: {uri: /c, authority: d.com, redirectCode: 302, scheme: https, port: 443}
  - match: [{uri: {prefix: /r}}]
    redirect: {prefixRewrite: /s}
  - match: [{uri: {exact: /e}}]
    directResponse: {status: 404, body: {string: no}}
  - route: [{destination: {host: reviews}}]
    rewrite: {uriRegexRewrite: {match: '^/a', rewrite: /b}}
    mirror: {host: m}
    mirrorPercentage: {value: 5}
---
kind: VirtualService
spec:
  hosts: ['*']
  gateways: [gateway]
  http:
  - match: [{headers: {'@request.auth.claims.group': {exact: admin}}}]
    route: [{destination: {host: a.b.c}}]
  - delegate: {name: d, namespace: n}
    match: [{uri: {prefix: /d}}]
  - route: [{destination: {host: b}, weight: 1}]
---
kind: VirtualService
spec:
  hosts: ['*.example.com', 10.0.0.1]
  tls:
  - match: [{sniHosts: [a.example.com], port: 443, destinationSubnets: [10.0.0.0/8], gateways: [mesh]}]
    route: [{destination: {host: a}, weight: 50}, {destination: {host: b}, weight: 50}]
  tcp:
  - match: [{port: 27017, sourceLabels: {app: x}, gateways: [foo.bar.svc], destinationSubnets: [1.2.3.4]}]
    route: [{destination: {host: mongo, port: {number: 27017}}}]
  - match: [{port: 1}]
    route: [{destination: {host: c}}]
---
kind: VirtualService
spec:
  http:
  - route: [{destination: {host: delegated}}]
---
kind: DestinationRule
spec:
  host: reviews.default.svc.cluster.local
  exportTo: ['*']
  trafficPolicy:
    loadBalancer:
      consistentHash: {httpCookie: {name: c, ttl: 1s, attributes: [{name: SameSite, value: Lax}]}, maglev: {tableSize: 65537}}
      warmup: {duration: 10s, minimumPercent: 10, aggression: 1}
      localityLbSetting: {enabled: true, distribute: [{from: us/*, to: {us/west/*: 80, eu/x/y: 20}}]}
    connectionPool:
      tcp: {maxConnections: 10, connectTimeout: 1s, idleTimeout: 0s, tcpKeepalive: {time: 1s, interval: 75s, probes: 3}}
      http: {http1MaxPendingRequests: 1, http2MaxRequests: 2, maxRetries: 3, idleTimeout: 1s, h2UpgradePolicy: UPGRADE, http2KeepAlive: {interval: 1s, timeout: 1s}}
    outlierDetection: {consecutive5xxErrors: 5, interval: 1s, baseEjectionTime: 1m, maxEjectionPercent: 50, splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 2}
    tls: {mode: MUTUAL, clientCertificate: /a, privateKey: /b, caCertificates: /c, sni: x, subjectAltNames: [y]}
    portLevelSettings:
    - port: {number: 80}
      loadBalancer: {simple: LEAST_REQUEST}
      outlierDetection: {consecutiveErrors: 3}
    tunnel: {protocol: CONNECT, targetHost: example.com, targetPort: 443}
  subsets:
  - name: v1
    labels: {version: v1}
    trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN, localityLbSetting: {failover: [{from: us, to: eu}], failoverPriority: [app]}}}
  - name: v2
    labels: {version: v2}
---
kind: DestinationRule
spec:
  host: '*.com'
  workloadSelector: {matchLabels: {app: x}}
  exportTo: ['.']
  trafficPolicy:
    proxyProtocol: {version: V2}
    tls: {mode: SIMPLE, credentialName: cert, insecureSkipVerify: false}
    loadBalancer: {consistentHash: {httpHeaderName: x, ringHash: {minimumRingSize: 10}}, zoneAwareLbSetting: {enabled: true, failover: [{from: a, to: b}]}}
    outlierDetection: {consecutiveGatewayErrors: 5}
    retryBudget: {percent: 10}
---
kind: Gateway
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: ['ns/*.example.com', '*']
    tls: {mode: SIMPLE, serverCertificate: /a, privateKey: /b, minProtocolVersion: TLSV1_2, cipherSuites: [AES128-SHA]}
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: [a.com]
    tls: {httpsRedirect: true}
  - port: {number: 8443, name: mutual, protocol: TLS}
    hosts: ['./b.com']
    tls: {mode: MUTUAL, credentialName: cert}
    bind: 127.0.0.1
  - port: {number: 15443, name: auto, protocol: TLS}
    hosts: ['*.local']
    tls: {mode: AUTO_PASSTHROUGH}
---
kind: Gateway
spec:
  servers:
  - port: {number: 443, name: a, protocol: HTTPS}
    hosts: [a.com]
    tls: {mode: OPTIONAL_MUTUAL, tlsCertificates: [{serverCertificate: /a, privateKey: /b}], caCertificates: /c, caCrl: /d}
  - port: {number: 444, name: b, protocol: HTTPS}
    hosts: [b.com]
    tls: {mode: ISTIO_MUTUAL}
  - port: {number: 0, name: c, protocol: TCP}
    bind: unix:///x
    hosts: ['*']
---
kind: ServiceEntry
spec:
  hosts: [api.example.com]
  addresses: [10.0.0.1]
  ports: [{number: 443, name: https, protocol: TLS}, {number: 80, name: http, protocol: HTTP, targetPort: 8080}]
  location: MESH_EXTERNAL
  resolution: DNS
  endpoints: [{address: a.example.com, ports: {https: 8443}, labels: {a: b}, weight: 1, locality: us/west}]
  exportTo: ['.']
  subjectAltNames: [x]
---
kind: ServiceEntry
spec:
  hosts: [a.com]
  addresses: [10.0.0.0/8]
  ports: [{number: 1, name: tcp, protocol: TCP}]
  resolution: STATIC
  endpoints: [{address: 1.2.3.4}, {network: n}, {address: 'unix:///x'}]
---
kind: ServiceEntry
spec:
  hosts: ['*.com']
  ports: [{number: 443, name: tls, protocol: TLS}]
  resolution: DYNAMIC_DNS
---
kind: ServiceEntry
spec:
  hosts: [a.com, '*.b.com']
  ports: [{number: 443, name: tls, protocol: HTTPS}]
  workloadSelector: {labels: {app: x}}
  location: MESH_INTERNAL
  resolution: STATIC
---
kind: ServiceEntry
spec:
  hosts: [rr.com]
  ports: [{number: 443, name: tls, protocol: HTTPS}]
  resolution: DNS_ROUND_ROBIN
  endpoints: [{address: x.com}]
---
kind: Sidecar
spec:
  workloadSelector: {labels: {app: x}}
  ingress:
  - port: {number: 9080, protocol: HTTP, name: http}
    defaultEndpoint: 127.0.0.1:8080
    captureMode: NONE
    bind: 10.0.0.1
    connectionPool: {http: {http1MaxPendingRequests: 1}}
  - port: {number: 9443, protocol: HTTPS, name: https}
    defaultEndpoint: unix:///x
    tls: {mode: SIMPLE, serverCertificate: /a, privateKey: /b}
  egress:
  - port: {number: 3306, protocol: MYSQL, name: egress}
    captureMode: NONE
    bind: 127.0.0.1
    hosts: ['*/mysql.foo.com']
  - port: {protocol: HTTP, number: 0}
    bind: unix:///y
    hosts: ['./a.com']
  - hosts: ['./*', 'istio-system/*', '~bad/*']
  outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: egress.example.com, port: {number: 80}}}
  inboundConnectionPool: {tcp: {maxConnections: 10}}
---
kind: WorkloadEntry
spec: {address: 2.2.2.2, ports: {http: 80}, labels: {app: x}, network: n, serviceAccount: sa, weight: 5, locality: us}
---
kind: WorkloadEntry
spec: {address: host.example.com}
---
kind: WorkloadGroup
spec:
  metadata: {labels: {app: x}, annotations: {a: b}}
  template: {ports: {grpc: 3550}, serviceAccount: default}
  probe: {initialDelaySeconds: 5, timeoutSeconds: 3, periodSeconds: 4, successThreshold: 3, failureThreshold: 3, httpGet: {path: /x, host: 127.0.0.1, port: 3100, scheme: HTTPS, httpHeaders: [{name: Lit-Header, value: x}]}}
---
kind: WorkloadGroup
spec: {template: {}, probe: {exec: {command: [a]}}}
---
kind: WorkloadGroup
spec: {template: {}, probe: {tcpSocket: {port: 80}}}
---
kind: ProxyConfig
spec: {selector: {matchLabels: {app: x}}, concurrency: 0, image: {imageType: distroless}, environmentVariables: {a: b}}
---
kind: AuthorizationPolicy
spec:
  selector: {matchLabels: {app: x}}
  action: DENY
  rules:
  - from:
    - source: {principals: [a], notNamespaces: [b], ipBlocks: [10.0.0.0/8], remoteIpBlocks: [1.2.3.4]}
    - source: {requestPrincipals: ['*'], trustDomains: [a*]}
    to:
    - operation: {methods: [GET], paths: ['/x/{*}'], ports: ['80'], hosts: [a.com]}
    when:
    - {key: 'request.headers[x]', values: [a]}
    - {key: destination.port, notValues: ['80']}
---
kind: AuthorizationPolicy
spec:
  action: CUSTOM
  provider: {name: p}
  targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: g}]
  rules: [{to: [{operation: {paths: [/admin]}}]}, {}]
---
kind: AuthorizationPolicy
spec:
  action: DENY
  rules: [{from: [{source: {requestPrincipals: [a]}}]}, {to: [{operation: {methods: [GET]}}]}]
---
kind: AuthorizationPolicy
spec: {rules: [{from: [{source: {serviceAccounts: [ns/sa, x]}}]}]}
---
kind: RequestAuthentication
spec:
  targetRef: {kind: Service, group: '', name: s}
  jwtRules:
  - issuer: i
    audiences: [a]
    jwksUri: https://example.com/jwks
    fromHeaders: [{name: x, prefix: 'Bearer '}]
    fromParams: [p]
    fromCookies: [c]
    outputPayloadToHeader: h
    outputClaimToHeaders: [{header: x-a, claim: b}]
    forwardOriginalToken: true
    timeout: 5s
  - issuer: j
    jwks: '{"keys":[{"kty":"RSA","e":"AQAB","n":"xAE7"}]}'
---
kind: PeerAuthentication
spec: {selector: {matchLabels: {app: x}}, mtls: {mode: STRICT}, portLevelMtls: {'80': {mode: DISABLE}}}
---
kind: PeerAuthentication
spec: {mtls: {mode: PERMISSIVE}}
---
kind: Telemetry
spec:
  selector: {matchLabels: {app: x}}
  tracing:
  - providers: [{name: zipkin}]
    randomSamplingPercentage: 10.5
    customTags: {a: {literal: {value: x}}, b: {header: {name: y}}, c: {environment: {name: z}}}
  metrics:
  - providers: [{name: prometheus}]
    overrides:
    - match: {metric: REQUEST_COUNT, mode: CLIENT}
      tagOverrides: {a: {value: '"x"'}, b: {operation: REMOVE}}
    - match: {customMetric: c}
      disabled: true
    reportingInterval: 5s
  accessLogging:
  - providers: [{name: envoy}]
    filter: {expression: response.code >= 400}
    match: {mode: SERVER}
---
kind: WasmPlugin
spec:
  selector: {matchLabels: {app: x}}
  url: oci://registry/plugin:v1
  sha256: ${'a'.repeat(64)}
  imagePullPolicy: Always
  imagePullSecret: s
  pluginName: p
  pluginConfig: {a: [1, {b: c}]}
  phase: AUTHN
  priority: 10
  failStrategy: FAIL_OPEN
  vmConfig: {env: [{name: A, value: x}, {name: B, valueFrom: HOST}]}
  match: [{mode: CLIENT, ports: [{number: 80}]}]
  type: HTTP
---
kind: TrafficExtension
spec:
  targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: g}]
  phase: STATS
  priority: 1
  match: [{mode: SERVER, ports: [{number: 80}]}]
  lua: {inlineCode: 'function x() end'}
---
kind: TrafficExtension
spec:
  selector: {matchLabels: {app: x}}
  wasm: {url: 'https://example.com/x.wasm', vmConfig: {env: [{name: A, value: x}]}, pluginConfig: {a: 1}}
---
kind: EnvoyFilter
spec:
  workloadSelector: {labels: {app: x}}
  priority: 10
  configPatches:
  - applyTo: HTTP_FILTER
    match:
      context: SIDECAR_INBOUND
      proxy: {proxyVersion: '^1\\.2.*', metadata: {a: b}}
      listener: {portNumber: 80, filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}
    patch:
      operation: INSERT_BEFORE
      value:
        name: lua
        typed_config:
          '@type': type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
          default_source_code: {inline_string: 'x'}
  - applyTo: CLUSTER
    match: {cluster: {service: a.com}}
    patch: {operation: MERGE, value: {connect_timeout: 5s, lb_policy: RANDOM, circuit_breakers: {thresholds: [{max_connections: 5}]}}}
  - applyTo: VIRTUAL_HOST
    match: {routeConfiguration: {vhost: {name: x}}}
    patch: {operation: MERGE, value: {rate_limits: [{actions: [{request_headers: {header_name: a, descriptor_key: b}}]}]}}
  - applyTo: NETWORK_FILTER
    match: {listener: {filterChain: {filter: {name: envoy.filters.network.tcp_proxy}}}}
    patch: {operation: REMOVE}
---
kind: EnvoyFilter
spec:
  configPatches:
  - applyTo: LISTENER
    patch: {operation: ADD, value: {name: l, address: {socket_address: {address: 0.0.0.0, port_value: 80}}, filter_chains: [{filters: [{name: f, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: x, cluster: y}}]}]}}
  - applyTo: EXTENSION_CONFIG
    patch: {operation: ADD, value: {name: e, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault}}}
  - applyTo: BOOTSTRAP
    patch: {operation: MERGE, value: {stats_config: {stats_tags: [{tag_name: a, regex: b}]}}}
  - applyTo: NETWORK_FILTER
    patch: {operation: MERGE, value: {name: x, typed_config: {'@type': type.googleapis.com/stats.PluginConfig, debug: true}}}
`;

export type Seed = { kind: string; spec: Record<string, unknown> };

export const seeds: Seed[] = parseAllDocuments(text).map((document) => document.toJS() as Seed);
