// Written by ../generate. What the strict decode yields: proto defaults are absent, a Duration is nanoseconds.

export type VirtualService = {
  hosts?: string[];
  gateways?: string[];
  http?: HTTPRoute[];
  tls?: TLSRoute[];
  tcp?: TCPRoute[];
  exportTo?: string[];
};

export type HTTPRoute = {
  name?: string;
  match?: HTTPMatchRequest[];
  route?: HTTPRouteDestination[];
  redirect?: HTTPRedirect;
  directResponse?: HTTPDirectResponse;
  delegate?: Delegate;
  rewrite?: HTTPRewrite;
  timeout?: bigint;
  retries?: HTTPRetry;
  fault?: HTTPFaultInjection;
  mirror?: Destination;
  mirrors?: HTTPMirrorPolicy[];
  mirrorPercent?: number;
  mirrorPercentage?: Percent;
  corsPolicy?: CorsPolicy;
  headers?: Headers;
};

export type HTTPMatchRequest = {
  name?: string;
  uri?: StringMatch;
  scheme?: StringMatch;
  method?: StringMatch;
  authority?: StringMatch;
  headers?: Map<string, StringMatch>;
  port?: number;
  sourceLabels?: Map<string, string>;
  gateways?: string[];
  queryParams?: Map<string, StringMatch>;
  ignoreUriCase?: boolean;
  withoutHeaders?: Map<string, StringMatch>;
  sourceNamespace?: string;
  statPrefix?: string;
};

export type StringMatch = {
  exact?: string;
  prefix?: string;
  regex?: string;
};

export type HTTPRouteDestination = {
  destination?: Destination;
  weight?: number;
  headers?: Headers;
};

export type Destination = {
  host?: string;
  subset?: string;
  port?: NetworkingPortSelector;
};

export type NetworkingPortSelector = {
  number?: number;
};

export type Headers = {
  request?: HeadersHeaderOperations;
  response?: HeadersHeaderOperations;
};

export type HeadersHeaderOperations = {
  set?: Map<string, string>;
  add?: Map<string, string>;
  remove?: string[];
};

export type HTTPRedirect = {
  uri?: string;
  authority?: string;
  port?: number;
  derivePort?: 'FROM_PROTOCOL_DEFAULT' | 'FROM_REQUEST_PORT' | number;
  scheme?: string;
  redirectCode?: number;
  prefixRewrite?: string;
};

export type HTTPDirectResponse = {
  status?: number;
  body?: HTTPBody;
};

export type HTTPBody = {
  string?: string;
  bytes?: string;
};

export type Delegate = {
  name?: string;
  namespace?: string;
};

export type HTTPRewrite = {
  uri?: string;
  authority?: string;
  uriRegexRewrite?: RegexRewrite;
};

export type RegexRewrite = {
  match?: string;
  rewrite?: string;
};

export type HTTPRetry = {
  attempts?: number;
  perTryTimeout?: bigint;
  retryOn?: string;
  retryRemoteLocalities?: boolean;
  retryIgnorePreviousHosts?: boolean;
  backoff?: bigint;
};

export type HTTPFaultInjection = {
  delay?: HTTPFaultInjectionDelay;
  abort?: HTTPFaultInjectionAbort;
};

export type HTTPFaultInjectionDelay = {
  percent?: number;
  fixedDelay?: bigint;
  exponentialDelay?: bigint;
  percentage?: Percent;
};

export type Percent = {
  value?: number;
};

export type HTTPFaultInjectionAbort = {
  httpStatus?: number;
  grpcStatus?: string;
  http2Error?: string;
  percentage?: Percent;
};

export type HTTPMirrorPolicy = {
  destination?: Destination;
  percentage?: Percent;
};

export type CorsPolicy = {
  allowOrigin?: string[];
  allowOrigins?: StringMatch[];
  allowMethods?: string[];
  allowHeaders?: string[];
  exposeHeaders?: string[];
  maxAge?: bigint;
  allowCredentials?: boolean;
  unmatchedPreflights?: 'UNSPECIFIED' | 'FORWARD' | 'IGNORE' | number;
};

export type TLSRoute = {
  match?: TLSMatchAttributes[];
  route?: RouteDestination[];
};

export type TLSMatchAttributes = {
  sniHosts?: string[];
  destinationSubnets?: string[];
  port?: number;
  sourceLabels?: Map<string, string>;
  gateways?: string[];
  sourceNamespace?: string;
};

export type RouteDestination = {
  destination?: Destination;
  weight?: number;
};

export type TCPRoute = {
  match?: L4MatchAttributes[];
  route?: RouteDestination[];
};

export type L4MatchAttributes = {
  destinationSubnets?: string[];
  port?: number;
  sourceSubnet?: string;
  sourceLabels?: Map<string, string>;
  gateways?: string[];
  sourceNamespace?: string;
};

export type DestinationRule = {
  host?: string;
  trafficPolicy?: TrafficPolicy;
  subsets?: Subset[];
  exportTo?: string[];
  workloadSelector?: TypeWorkloadSelector;
};

export type TrafficPolicy = {
  loadBalancer?: LoadBalancerSettings;
  connectionPool?: ConnectionPoolSettings;
  outlierDetection?: OutlierDetection;
  tls?: ClientTLSSettings;
  portLevelSettings?: TrafficPolicyPortTrafficPolicy[];
  tunnel?: TrafficPolicyTunnelSettings;
  proxyProtocol?: TrafficPolicyProxyProtocol;
  retryBudget?: TrafficPolicyRetryBudget;
};

export type LoadBalancerSettings = {
  simple?: 'UNSPECIFIED' | 'LEAST_CONN' | 'RANDOM' | 'PASSTHROUGH' | 'ROUND_ROBIN' | 'LEAST_REQUEST' | number;
  consistentHash?: LoadBalancerSettingsConsistentHashLB;
  localityLbSetting?: LocalityLoadBalancerSetting;
  zoneAwareLbSetting?: ZoneAwareLoadBalancerSetting;
  warmupDurationSecs?: bigint;
  warmup?: WarmupConfiguration;
};

export type LoadBalancerSettingsConsistentHashLB = {
  httpHeaderName?: string;
  httpCookie?: LoadBalancerSettingsConsistentHashLBHTTPCookie;
  useSourceIp?: boolean;
  httpQueryParameterName?: string;
  ringHash?: LoadBalancerSettingsConsistentHashLBRingHash;
  maglev?: LoadBalancerSettingsConsistentHashLBMagLev;
  minimumRingSize?: number;
};

export type LoadBalancerSettingsConsistentHashLBHTTPCookie = {
  name?: string;
  path?: string;
  ttl?: bigint;
  attributes?: LoadBalancerSettingsConsistentHashLBHTTPCookieAttribute[];
};

export type LoadBalancerSettingsConsistentHashLBHTTPCookieAttribute = {
  name?: string;
  value?: string;
};

export type LoadBalancerSettingsConsistentHashLBRingHash = {
  minimumRingSize?: number;
};

export type LoadBalancerSettingsConsistentHashLBMagLev = {
  tableSize?: number;
};

export type LocalityLoadBalancerSetting = {
  distribute?: LocalityLoadBalancerSettingDistribute[];
  failover?: LocalityLoadBalancerSettingFailover[];
  failoverPriority?: string[];
  enabled?: boolean;
};

export type LocalityLoadBalancerSettingDistribute = {
  from?: string;
  to?: Map<string, number>;
};

export type LocalityLoadBalancerSettingFailover = {
  from?: string;
  to?: string;
};

export type ZoneAwareLoadBalancerSetting = {
  enabled?: boolean;
  failover?: ZoneAwareLoadBalancerSettingFailover[];
  failoverPriority?: string[];
  minClusterSize?: number;
};

export type ZoneAwareLoadBalancerSettingFailover = {
  from?: string;
  to?: string;
};

export type WarmupConfiguration = {
  duration?: bigint;
  minimumPercent?: number;
  aggression?: number;
};

export type ConnectionPoolSettings = {
  tcp?: ConnectionPoolSettingsTCPSettings;
  http?: ConnectionPoolSettingsHTTPSettings;
};

export type ConnectionPoolSettingsTCPSettings = {
  maxConnections?: number;
  connectTimeout?: bigint;
  tcpKeepalive?: ConnectionPoolSettingsTCPSettingsTcpKeepalive;
  maxConnectionDuration?: bigint;
  idleTimeout?: bigint;
};

export type ConnectionPoolSettingsTCPSettingsTcpKeepalive = {
  probes?: number;
  time?: bigint;
  interval?: bigint;
};

export type ConnectionPoolSettingsHTTPSettings = {
  http1MaxPendingRequests?: number;
  http2MaxRequests?: number;
  maxRequestsPerConnection?: number;
  maxRetries?: number;
  idleTimeout?: bigint;
  h2UpgradePolicy?: 'DEFAULT' | 'DO_NOT_UPGRADE' | 'UPGRADE' | number;
  useClientProtocol?: boolean;
  maxConcurrentStreams?: number;
  http2KeepAlive?: ConnectionPoolSettingsHTTPSettingsConnectionKeepalive;
};

export type ConnectionPoolSettingsHTTPSettingsConnectionKeepalive = {
  interval?: bigint;
  timeout?: bigint;
};

export type OutlierDetection = {
  consecutiveErrors?: number;
  splitExternalLocalOriginErrors?: boolean;
  consecutiveLocalOriginFailures?: number;
  consecutiveGatewayErrors?: number;
  consecutive5xxErrors?: number;
  interval?: bigint;
  baseEjectionTime?: bigint;
  maxEjectionPercent?: number;
  minHealthPercent?: number;
  outlierDetectionHttpErrorCodes?: number[];
};

export type ClientTLSSettings = {
  mode?: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL' | number;
  clientCertificate?: string;
  privateKey?: string;
  caCertificates?: string;
  credentialName?: string;
  subjectAltNames?: string[];
  sni?: string;
  insecureSkipVerify?: boolean;
  caCrl?: string;
};

export type TrafficPolicyPortTrafficPolicy = {
  port?: NetworkingPortSelector;
  loadBalancer?: LoadBalancerSettings;
  connectionPool?: ConnectionPoolSettings;
  outlierDetection?: OutlierDetection;
  tls?: ClientTLSSettings;
};

export type TrafficPolicyTunnelSettings = {
  protocol?: string;
  targetHost?: string;
  targetPort?: number;
};

export type TrafficPolicyProxyProtocol = {
  version?: 'V1' | 'V2' | number;
};

export type TrafficPolicyRetryBudget = {
  percent?: number;
  minRetryConcurrency?: number;
  budgetInterval?: bigint;
};

export type Subset = {
  name?: string;
  labels?: Map<string, string>;
  trafficPolicy?: TrafficPolicy;
};

export type TypeWorkloadSelector = {
  matchLabels?: Map<string, string>;
};

export type Gateway = {
  servers?: Server[];
  selector?: Map<string, string>;
};

export type Server = {
  port?: Port;
  bind?: string;
  hosts?: string[];
  tls?: ServerTLSSettings;
  defaultEndpoint?: string;
  name?: string;
};

export type Port = {
  number?: number;
  protocol?: string;
  name?: string;
  targetPort?: number;
};

export type ServerTLSSettings = {
  httpsRedirect?: boolean;
  mode?: 'PASSTHROUGH' | 'SIMPLE' | 'MUTUAL' | 'AUTO_PASSTHROUGH' | 'ISTIO_MUTUAL' | 'OPTIONAL_MUTUAL' | number;
  serverCertificate?: string;
  privateKey?: string;
  caCertificates?: string;
  caCrl?: string;
  credentialName?: string;
  credentialNames?: string[];
  caCertCredentialName?: string;
  tlsCertificates?: ServerTLSSettingsTLSCertificate[];
  subjectAltNames?: string[];
  verifyCertificateSpki?: string[];
  verifyCertificateHash?: string[];
  minProtocolVersion?: 'TLS_AUTO' | 'TLSV1_0' | 'TLSV1_1' | 'TLSV1_2' | 'TLSV1_3' | number;
  maxProtocolVersion?: 'TLS_AUTO' | 'TLSV1_0' | 'TLSV1_1' | 'TLSV1_2' | 'TLSV1_3' | number;
  cipherSuites?: string[];
  insecureSkipVerify?: boolean;
};

export type ServerTLSSettingsTLSCertificate = {
  serverCertificate?: string;
  privateKey?: string;
  caCertificates?: string;
};

export type ServiceEntry = {
  hosts?: string[];
  addresses?: string[];
  ports?: ServicePort[];
  location?: 'MESH_EXTERNAL' | 'MESH_INTERNAL' | number;
  resolution?: 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS' | number;
  endpoints?: WorkloadEntry[];
  workloadSelector?: NetworkingWorkloadSelector;
  exportTo?: string[];
  subjectAltNames?: string[];
};

export type ServicePort = {
  number?: number;
  protocol?: string;
  name?: string;
  targetPort?: number;
};

export type WorkloadEntry = {
  address?: string;
  ports?: Map<string, number>;
  labels?: Map<string, string>;
  network?: string;
  locality?: string;
  weight?: number;
  serviceAccount?: string;
};

export type NetworkingWorkloadSelector = {
  labels?: Map<string, string>;
};

export type Sidecar = {
  workloadSelector?: NetworkingWorkloadSelector;
  ingress?: IstioIngressListener[];
  egress?: IstioEgressListener[];
  inboundConnectionPool?: ConnectionPoolSettings;
  outboundTrafficPolicy?: OutboundTrafficPolicy;
};

export type IstioIngressListener = {
  port?: SidecarPort;
  bind?: string;
  captureMode?: 'DEFAULT' | 'IPTABLES' | 'NONE' | number;
  defaultEndpoint?: string;
  tls?: ServerTLSSettings;
  connectionPool?: ConnectionPoolSettings;
};

export type SidecarPort = {
  number?: number;
  protocol?: string;
  name?: string;
  targetPort?: number;
};

export type IstioEgressListener = {
  port?: SidecarPort;
  bind?: string;
  captureMode?: 'DEFAULT' | 'IPTABLES' | 'NONE' | number;
  hosts?: string[];
};

export type OutboundTrafficPolicy = {
  mode?: 'REGISTRY_ONLY' | 'ALLOW_ANY' | number;
  egressProxy?: Destination;
};

export type EnvoyFilter = {
  workloadSelector?: NetworkingWorkloadSelector;
  targetRefs?: PolicyTargetReference[];
  configPatches?: EnvoyFilterEnvoyConfigObjectPatch[];
  priority?: number;
};

export type PolicyTargetReference = {
  group?: string;
  kind?: string;
  name?: string;
  namespace?: string;
};

export type EnvoyFilterEnvoyConfigObjectPatch = {
  applyTo?: 'INVALID' | 'LISTENER' | 'FILTER_CHAIN' | 'NETWORK_FILTER' | 'HTTP_FILTER' | 'ROUTE_CONFIGURATION' | 'VIRTUAL_HOST' | 'HTTP_ROUTE' | 'CLUSTER' | 'EXTENSION_CONFIG' | 'BOOTSTRAP' | 'LISTENER_FILTER' | number;
  match?: EnvoyFilterEnvoyConfigObjectMatch;
  patch?: EnvoyFilterPatch;
};

export type EnvoyFilterEnvoyConfigObjectMatch = {
  context?: 'ANY' | 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY' | 'WAYPOINT' | number;
  proxy?: EnvoyFilterProxyMatch;
  listener?: EnvoyFilterListenerMatch;
  routeConfiguration?: EnvoyFilterRouteConfigurationMatch;
  cluster?: EnvoyFilterClusterMatch;
  waypoint?: EnvoyFilterWaypointMatch;
};

export type EnvoyFilterProxyMatch = {
  proxyVersion?: string;
  metadata?: Map<string, string>;
};

export type EnvoyFilterListenerMatch = {
  portNumber?: number;
  portName?: string;
  filterChain?: EnvoyFilterListenerMatchFilterChainMatch;
  listenerFilter?: string;
  name?: string;
};

export type EnvoyFilterListenerMatchFilterChainMatch = {
  name?: string;
  sni?: string;
  transportProtocol?: string;
  applicationProtocols?: string;
  filter?: EnvoyFilterListenerMatchFilterMatch;
  destinationPort?: number;
};

export type EnvoyFilterListenerMatchFilterMatch = {
  name?: string;
  subFilter?: EnvoyFilterListenerMatchSubFilterMatch;
};

export type EnvoyFilterListenerMatchSubFilterMatch = {
  name?: string;
};

export type EnvoyFilterRouteConfigurationMatch = {
  portNumber?: number;
  portName?: string;
  gateway?: string;
  vhost?: EnvoyFilterRouteConfigurationMatchVirtualHostMatch;
  name?: string;
};

export type EnvoyFilterRouteConfigurationMatchVirtualHostMatch = {
  name?: string;
  domainName?: string;
  route?: EnvoyFilterRouteConfigurationMatchRouteMatch;
};

export type EnvoyFilterRouteConfigurationMatchRouteMatch = {
  name?: string;
  action?: 'ANY' | 'ROUTE' | 'REDIRECT' | 'DIRECT_RESPONSE' | number;
};

export type EnvoyFilterClusterMatch = {
  portNumber?: number;
  service?: string;
  subset?: string;
  name?: string;
};

export type EnvoyFilterWaypointMatch = {
  portNumber?: number;
  route?: EnvoyFilterWaypointMatchRouteMatch;
  filter?: EnvoyFilterWaypointMatchFilterMatch;
};

export type EnvoyFilterWaypointMatchRouteMatch = {
  name?: string;
};

export type EnvoyFilterWaypointMatchFilterMatch = {
  name?: string;
  subFilter?: EnvoyFilterWaypointMatchFilterMatchSubFilterMatch;
};

export type EnvoyFilterWaypointMatchFilterMatchSubFilterMatch = {
  name?: string;
};

export type EnvoyFilterPatch = {
  operation?: 'INVALID' | 'MERGE' | 'ADD' | 'REMOVE' | 'INSERT_BEFORE' | 'INSERT_AFTER' | 'INSERT_FIRST' | 'REPLACE' | 'MERGE_AND_REPLACE_LIST' | number;
  value?: object;
  filterClass?: 'UNSPECIFIED' | 'AUTHN' | 'AUTHZ' | 'STATS' | number;
};

export type WorkloadGroup = {
  metadata?: WorkloadGroupObjectMeta;
  template?: WorkloadEntry;
  probe?: ReadinessProbe;
};

export type WorkloadGroupObjectMeta = {
  labels?: Map<string, string>;
  annotations?: Map<string, string>;
};

export type ReadinessProbe = {
  initialDelaySeconds?: number;
  timeoutSeconds?: number;
  periodSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
  httpGet?: HTTPHealthCheckConfig;
  tcpSocket?: TCPHealthCheckConfig;
  exec?: ExecHealthCheckConfig;
  grpc?: GrpcHealthCheckConfig;
};

export type HTTPHealthCheckConfig = {
  path?: string;
  port?: number;
  host?: string;
  scheme?: string;
  httpHeaders?: HTTPHeader[];
};

export type HTTPHeader = {
  name?: string;
  value?: string;
};

export type TCPHealthCheckConfig = {
  host?: string;
  port?: number;
};

export type ExecHealthCheckConfig = {
  command?: string[];
};

export type GrpcHealthCheckConfig = {
  port?: number;
  service?: string;
};

export type ProxyConfig = {
  selector?: TypeWorkloadSelector;
  concurrency?: number;
  environmentVariables?: Map<string, string>;
  image?: ProxyImage;
};

export type ProxyImage = {
  imageType?: string;
};

export type AuthorizationPolicy = {
  selector?: TypeWorkloadSelector;
  targetRef?: PolicyTargetReference;
  targetRefs?: PolicyTargetReference[];
  rules?: Rule[];
  action?: 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM' | number;
  provider?: AuthorizationPolicyExtensionProvider;
};

export type Rule = {
  from?: RuleFrom[];
  to?: RuleTo[];
  when?: Condition[];
};

export type RuleFrom = {
  source?: Source;
};

export type Source = {
  principals?: string[];
  notPrincipals?: string[];
  requestPrincipals?: string[];
  notRequestPrincipals?: string[];
  namespaces?: string[];
  notNamespaces?: string[];
  serviceAccounts?: string[];
  notServiceAccounts?: string[];
  ipBlocks?: string[];
  notIpBlocks?: string[];
  remoteIpBlocks?: string[];
  notRemoteIpBlocks?: string[];
  trustDomains?: string[];
  notTrustDomains?: string[];
};

export type RuleTo = {
  operation?: Operation;
};

export type Operation = {
  hosts?: string[];
  notHosts?: string[];
  ports?: string[];
  notPorts?: string[];
  methods?: string[];
  notMethods?: string[];
  paths?: string[];
  notPaths?: string[];
};

export type Condition = {
  key?: string;
  values?: string[];
  notValues?: string[];
};

export type AuthorizationPolicyExtensionProvider = {
  name?: string;
};

export type RequestAuthentication = {
  selector?: TypeWorkloadSelector;
  targetRef?: PolicyTargetReference;
  targetRefs?: PolicyTargetReference[];
  jwtRules?: JWTRule[];
};

export type JWTRule = {
  issuer?: string;
  audiences?: string[];
  jwksUri?: string;
  jwks?: string;
  fromHeaders?: JWTHeader[];
  fromParams?: string[];
  outputPayloadToHeader?: string;
  fromCookies?: string[];
  forwardOriginalToken?: boolean;
  outputClaimToHeaders?: ClaimToHeader[];
  timeout?: bigint;
  spaceDelimitedClaims?: string[];
};

export type JWTHeader = {
  name?: string;
  prefix?: string;
};

export type ClaimToHeader = {
  header?: string;
  claim?: string;
};

export type PeerAuthentication = {
  selector?: TypeWorkloadSelector;
  mtls?: PeerAuthenticationMutualTLS;
  portLevelMtls?: Map<string, PeerAuthenticationMutualTLS>;
};

export type PeerAuthenticationMutualTLS = {
  mode?: 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT' | number;
};

export type Telemetry = {
  selector?: TypeWorkloadSelector;
  targetRef?: PolicyTargetReference;
  targetRefs?: PolicyTargetReference[];
  tracing?: Tracing[];
  metrics?: Metrics[];
  accessLogging?: AccessLogging[];
};

export type Tracing = {
  match?: TracingTracingSelector;
  providers?: ProviderRef[];
  randomSamplingPercentage?: number;
  disableSpanReporting?: boolean;
  customTags?: Map<string, TracingCustomTag>;
  useRequestIdForTraceSampling?: boolean;
  enableIstioTags?: boolean;
  disableContextPropagation?: boolean;
};

export type TracingTracingSelector = {
  mode?: 'CLIENT_AND_SERVER' | 'CLIENT' | 'SERVER' | number;
};

export type ProviderRef = {
  name?: string;
};

export type TracingCustomTag = {
  literal?: TracingLiteral;
  environment?: TracingEnvironment;
  header?: TracingRequestHeader;
  formatter?: TracingFormatter;
};

export type TracingLiteral = {
  value?: string;
};

export type TracingEnvironment = {
  name?: string;
  defaultValue?: string;
};

export type TracingRequestHeader = {
  name?: string;
  defaultValue?: string;
};

export type TracingFormatter = {
  value?: string;
};

export type Metrics = {
  providers?: ProviderRef[];
  overrides?: MetricsOverrides[];
  reportingInterval?: bigint;
};

export type MetricsOverrides = {
  match?: MetricSelector;
  disabled?: boolean;
  tagOverrides?: Map<string, MetricsOverridesTagOverride>;
};

export type MetricSelector = {
  metric?: 'ALL_METRICS' | 'REQUEST_COUNT' | 'REQUEST_DURATION' | 'REQUEST_SIZE' | 'RESPONSE_SIZE' | 'TCP_OPENED_CONNECTIONS' | 'TCP_CLOSED_CONNECTIONS' | 'TCP_SENT_BYTES' | 'TCP_RECEIVED_BYTES' | 'GRPC_REQUEST_MESSAGES' | 'GRPC_RESPONSE_MESSAGES' | number;
  customMetric?: string;
  mode?: 'CLIENT_AND_SERVER' | 'CLIENT' | 'SERVER' | number;
};

export type MetricsOverridesTagOverride = {
  operation?: 'UPSERT' | 'REMOVE' | number;
  value?: string;
};

export type AccessLogging = {
  match?: AccessLoggingLogSelector;
  providers?: ProviderRef[];
  disabled?: boolean;
  filter?: AccessLoggingFilter;
};

export type AccessLoggingLogSelector = {
  mode?: 'CLIENT_AND_SERVER' | 'CLIENT' | 'SERVER' | number;
};

export type AccessLoggingFilter = {
  expression?: string;
};

export type WasmPlugin = {
  selector?: TypeWorkloadSelector;
  targetRef?: PolicyTargetReference;
  targetRefs?: PolicyTargetReference[];
  url?: string;
  sha256?: string;
  imagePullPolicy?: 'UNSPECIFIED_POLICY' | 'IfNotPresent' | 'Always' | number;
  imagePullSecret?: string;
  verificationKey?: string;
  pluginConfig?: object;
  pluginName?: string;
  phase?: 'UNSPECIFIED_PHASE' | 'AUTHN' | 'AUTHZ' | 'STATS' | number;
  priority?: number;
  failStrategy?: 'FAIL_CLOSE' | 'FAIL_OPEN' | 'FAIL_RELOAD' | number;
  vmConfig?: VmConfig;
  match?: WasmPluginTrafficSelector[];
  type?: 'UNSPECIFIED_PLUGIN_TYPE' | 'HTTP' | 'NETWORK' | number;
};

export type VmConfig = {
  env?: EnvVar[];
};

export type EnvVar = {
  name?: string;
  valueFrom?: 'INLINE' | 'HOST' | number;
  value?: string;
};

export type WasmPluginTrafficSelector = {
  mode?: 'UNDEFINED' | 'CLIENT' | 'SERVER' | 'CLIENT_AND_SERVER' | number;
  ports?: TypePortSelector[];
};

export type TypePortSelector = {
  number?: number;
};

export type TrafficExtension = {
  selector?: TypeWorkloadSelector;
  targetRefs?: PolicyTargetReference[];
  phase?: 'UNSPECIFIED' | 'AUTHN' | 'AUTHZ' | 'STATS' | number;
  priority?: number;
  match?: TrafficSelector[];
  wasm?: WasmConfig;
  lua?: LuaConfig;
};

export type TrafficSelector = {
  mode?: 'UNDEFINED' | 'CLIENT' | 'SERVER' | 'CLIENT_AND_SERVER' | number;
  ports?: TypePortSelector[];
};

export type WasmConfig = {
  url?: string;
  sha256?: string;
  imagePullPolicy?: 'UNSPECIFIED_POLICY' | 'IfNotPresent' | 'Always' | number;
  imagePullSecret?: string;
  verificationKey?: string;
  pluginConfig?: object;
  pluginName?: string;
  failStrategy?: 'FAIL_CLOSE' | 'FAIL_OPEN' | 'FAIL_RELOAD' | number;
  vmConfig?: VmConfig;
  type?: 'UNSPECIFIED_PLUGIN_TYPE' | 'HTTP' | 'NETWORK' | number;
};

export type LuaConfig = {
  inlineCode?: string;
};
