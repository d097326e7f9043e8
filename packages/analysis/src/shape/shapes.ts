import type { KindName } from '../kinds.ts';
import type { Shape } from './conform.ts';

const list = (shape: Shape): Shape => ({ list: shape });
const map = (shape: Shape): Shape => ({ map: shape });
const object = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields });

const labels = map('text');
const texts = list('text');

const labelSelector = object({
  matchLabels: labels,
  matchExpressions: list(object({ key: 'text', operator: 'text', values: texts })),
});

const meta = object({
  name: 'text',
  generateName: 'text',
  namespace: 'text',
  labels,
  annotations: labels,
});

const securityContext = object({
  runAsUser: 'long',
  runAsGroup: 'long',
  fsGroup: 'long',
  runAsNonRoot: 'boolean',
  privileged: 'boolean',
  readOnlyRootFilesystem: 'boolean',
  allowPrivilegeEscalation: 'boolean',
  capabilities: object({ add: texts, drop: texts }),
});

const amounts = map('quantity');

const handler = {
  httpGet: object({ path: 'text', port: 'port', host: 'text', scheme: 'text' }),
  tcpSocket: object({ port: 'port', host: 'text' }),
  exec: object({ command: texts }),
};

const probe = object({
  ...handler,
  initialDelaySeconds: 'integer',
  timeoutSeconds: 'integer',
  periodSeconds: 'integer',
  successThreshold: 'integer',
  failureThreshold: 'integer',
});

const container = object({
  name: 'text',
  image: 'text',
  imagePullPolicy: 'text',
  workingDir: 'text',
  command: texts,
  args: texts,
  ports: list(
    object({
      name: 'text',
      containerPort: 'integer',
      hostPort: 'integer',
      hostIP: 'text',
      protocol: 'text',
    }),
  ),
  resources: object({ limits: amounts, requests: amounts }),
  volumeMounts: list(
    object({ name: 'text', mountPath: 'text', subPath: 'text', readOnly: 'boolean' }),
  ),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  lifecycle: object({ postStart: object(handler), preStop: object(handler) }),
  env: list(object({ name: 'text', value: 'text', valueFrom: object({}) })),
  securityContext,
  restartPolicy: 'text',
});

const podSpec = object({
  containers: list(container),
  initContainers: list(container),
  nodeName: 'text',
  nodeSelector: labels,
  serviceAccountName: 'text',
  serviceAccount: 'text',
  automountServiceAccountToken: 'boolean',
  hostNetwork: 'boolean',
  hostPID: 'boolean',
  hostname: 'text',
  subdomain: 'text',
  dnsPolicy: 'text',
  restartPolicy: 'text',
  priorityClassName: 'text',
  schedulerName: 'text',
  terminationGracePeriodSeconds: 'long',
  activeDeadlineSeconds: 'long',
  imagePullSecrets: list(object({ name: 'text' })),
  tolerations: list(
    object({
      key: 'text',
      operator: 'text',
      value: 'text',
      effect: 'text',
      tolerationSeconds: 'long',
    }),
  ),
  volumes: list(object({ name: 'text' })),
  securityContext,
});

const workload = object({
  replicas: 'integer',
  minReadySeconds: 'integer',
  revisionHistoryLimit: 'integer',
  progressDeadlineSeconds: 'integer',
  paused: 'boolean',
  strategy: object({
    type: 'text',
    rollingUpdate: object({ maxSurge: 'port', maxUnavailable: 'port' }),
  }),
  selector: labelSelector,
  template: object({ metadata: meta, spec: podSpec }),
});

const service = object({
  type: 'text',
  clusterIP: 'text',
  clusterIPs: texts,
  externalName: 'text',
  selector: labels,
  ports: list(
    object({
      name: 'text',
      port: 'integer',
      protocol: 'text',
      appProtocol: 'text',
      targetPort: 'port',
      nodePort: 'integer',
    }),
  ),
  publishNotReadyAddresses: 'boolean',
  externalIPs: texts,
  sessionAffinity: 'text',
  loadBalancerIP: 'text',
  loadBalancerSourceRanges: texts,
  externalTrafficPolicy: 'text',
  internalTrafficPolicy: 'text',
  healthCheckNodePort: 'integer',
  ipFamilies: texts,
  ipFamilyPolicy: 'text',
  allocateLoadBalancerNodePorts: 'boolean',
  loadBalancerClass: 'text',
});

const webhooks = object({
  webhooks: list(
    object({
      name: 'text',
      clientConfig: object({
        url: 'text',
        caBundle: 'base64',
        service: object({ name: 'text', namespace: 'text', path: 'text', port: 'integer' }),
      }),
      namespaceSelector: labelSelector,
      objectSelector: labelSelector,
      failurePolicy: 'text',
      rules: list(object({ apiGroups: texts, resources: texts, operations: texts })),
    }),
  ),
});

const reference = {
  group: 'text',
  kind: 'text',
  name: 'text',
  namespace: 'text',
  sectionName: 'text',
  port: 'integer',
} as const;

const listener = object({
  name: 'text',
  hostname: 'text',
  port: 'integer',
  protocol: 'text',
  tls: object({ mode: 'text', certificateRefs: list(object(reference)) }),
  allowedRoutes: object({
    namespaces: object({ from: 'text', selector: labelSelector }),
    kinds: list(object({ group: 'text', kind: 'text' })),
  }),
});

const filters = list(
  object({ type: 'text', requestMirror: object({ backendRef: object(reference) }) }),
);

const route = object({
  parentRefs: list(object(reference)),
  hostnames: texts,
  rules: list(
    object({
      name: 'text',
      matches: list(object({})),
      filters,
      backendRefs: list(object({ ...reference, weight: 'integer', filters })),
      timeouts: object({ request: 'text', backendRequest: 'text' }),
      retry: object({ attempts: 'integer', backoff: 'text' }),
    }),
  ),
});

/** The shape of `spec` by kind, or of the whole object of a kind that has none: what rules look at. */
export const shapes: Partial<Record<KindName, Shape>> = {
  Pod: podSpec,
  Service: service,
  Secret: object({ type: 'text', data: map('base64'), stringData: labels }),
  ConfigMap: object({ data: labels }),
  CertificateAuthority: object({
    source: 'text',
    isSelfSigned: 'boolean',
    certificates: list(
      object({
        role: 'text',
        subject: 'text',
        issuer: 'text',
        notBefore: 'text',
        notAfter: 'text',
        fingerprint: 'text',
      }),
    ),
  }),
  Deployment: workload,
  DaemonSet: workload,
  StatefulSet: workload,
  EndpointSlice: object({
    addressType: 'text',
    endpoints: list(object({ addresses: texts, conditions: object({ ready: 'boolean' }) })),
    ports: list(object({ name: 'text', port: 'integer', protocol: 'text' })),
  }),
  PodDisruptionBudget: object({
    minAvailable: 'port',
    maxUnavailable: 'port',
    selector: labelSelector,
  }),
  HorizontalPodAutoscaler: object({
    minReplicas: 'integer',
    maxReplicas: 'integer',
    scaleTargetRef: object({ apiVersion: 'text', kind: 'text', name: 'text' }),
  }),
  MutatingWebhookConfiguration: webhooks,
  ValidatingWebhookConfiguration: webhooks,
  KubernetesGateway: object({
    gatewayClassName: 'text',
    listeners: list(listener),
    addresses: list(object({ type: 'text', value: 'text' })),
  }),
  CustomResourceDefinition: object({
    group: 'text',
    scope: 'text',
    names: object({ kind: 'text', plural: 'text', singular: 'text', listKind: 'text' }),
    versions: list(object({ name: 'text', served: 'boolean', storage: 'boolean' })),
  }),
  GatewayClass: object({ controllerName: 'text' }),
  HTTPRoute: route,
  GRPCRoute: route,
  TLSRoute: route,
  TCPRoute: route,
  UDPRoute: route,
  ReferenceGrant: object({
    from: list(object({ group: 'text', kind: 'text', namespace: 'text' })),
    to: list(object({ group: 'text', kind: 'text', name: 'text' })),
  }),
  BackendTLSPolicy: object({
    targetRefs: list(object(reference)),
    validation: object({
      hostname: 'text',
      caCertificateRefs: list(object(reference)),
      wellKnownCACertificates: 'text',
    }),
  }),
  ListenerSet: object({ parentRef: object(reference), listeners: list(listener) }),
};

const conditions = list(
  object({
    type: 'text',
    status: 'text',
    reason: 'text',
    message: 'text',
    lastTransitionTime: 'time',
  }),
);

/** What of `metadata` is not read as name, labels or annotations. */
export const metadataShape: Shape = object({
  generateName: 'text',
  uid: 'text',
  resourceVersion: 'text',
  selfLink: 'text',
  generation: 'long',
  creationTimestamp: 'time',
  deletionTimestamp: 'time',
  deletionGracePeriodSeconds: 'long',
  finalizers: texts,
  ownerReferences: list(
    object({
      apiVersion: 'text',
      kind: 'text',
      name: 'text',
      uid: 'text',
      controller: 'boolean',
      blockOwnerDeletion: 'boolean',
    }),
  ),
  managedFields: list(object({ manager: 'text', time: 'time' })),
});

/** What rules look at in `status`, of any kind. */
export const statusShape: Shape = object({
  conditions,
  parents: list(object({ parentRef: object(reference), controllerName: 'text', conditions })),
});
