import type { RawSchema } from '../../schema/node.ts';
import {
  conditions,
  flag,
  integer,
  intOrString,
  keyed,
  list,
  localReference,
  long,
  map,
  object,
  oneOf,
  open,
  partly,
  quantity,
  set,
  text,
  textMap,
  time,
  withDefault,
} from './schema.ts';

const atomic = (schema: RawSchema): RawSchema => ({ ...schema, 'x-kubernetes-map-type': 'atomic' });
const keySelector = atomic(
  object({ key: text, name: withDefault(text, ''), optional: flag }, ['key']),
);

const environment = object(
  {
    name: text,
    value: text,
    valueFrom: object({
      configMapKeyRef: keySelector,
      secretKeyRef: keySelector,
      fieldRef: atomic(object({ apiVersion: text, fieldPath: text }, ['fieldPath'])),
      resourceFieldRef: atomic(
        object({ containerName: text, divisor: quantity, resource: text }, ['resource']),
      ),
      fileKeyRef: open,
    }),
  },
  ['name'],
);

const httpGet = object(
  {
    host: text,
    httpHeaders: list(object({ name: text, value: text }, ['name', 'value'])),
    path: text,
    port: intOrString,
    scheme: text,
  },
  ['port'],
);

const probe = object({
  exec: object({ command: list(text) }),
  failureThreshold: integer,
  grpc: object({ port: integer, service: withDefault(text, '') }, ['port']),
  httpGet,
  initialDelaySeconds: integer,
  periodSeconds: integer,
  successThreshold: integer,
  tcpSocket: object({ host: text, port: intOrString }, ['port']),
  terminationGracePeriodSeconds: long,
  timeoutSeconds: integer,
});

const handler = object({
  exec: object({ command: list(text) }),
  httpGet,
  sleep: object({ seconds: long }, ['seconds']),
  tcpSocket: object({ host: text, port: intOrString }, ['port']),
});

export const resources = object({
  claims: keyed(object({ name: text, request: text }, ['name']), ['name']),
  limits: map(quantity),
  requests: map(quantity),
});

const container = object(
  {
    name: text,
    image: text,
    imagePullPolicy: oneOf('Always', 'Never', 'IfNotPresent'),
    args: list(text),
    command: list(text),
    env: keyed(environment, ['name']),
    envFrom: list(
      object({
        configMapRef: object({ name: withDefault(text, ''), optional: flag }),
        prefix: text,
        secretRef: object({ name: withDefault(text, ''), optional: flag }),
      }),
    ),
    lifecycle: object({ postStart: handler, preStop: handler, stopSignal: text }),
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    ports: keyed(
      object(
        {
          containerPort: integer,
          hostIP: text,
          hostPort: integer,
          name: text,
          protocol: withDefault(oneOf('TCP', 'UDP', 'SCTP'), 'TCP'),
        },
        ['containerPort'],
      ),
      ['containerPort', 'protocol'],
    ),
    resizePolicy: list(open),
    resources: { ...resources, default: {} },
    restartPolicy: text,
    restartPolicyRules: list(open),
    securityContext: open,
    stdin: flag,
    stdinOnce: flag,
    targetContainerName: text,
    terminationMessagePath: withDefault(text, '/dev/termination-log'),
    terminationMessagePolicy: withDefault(text, 'File'),
    tty: flag,
    volumeDevices: keyed(object({ devicePath: text, name: text }, ['devicePath', 'name']), [
      'devicePath',
    ]),
    volumeMounts: keyed(
      object(
        {
          mountPath: text,
          mountPropagation: text,
          name: text,
          readOnly: flag,
          recursiveReadOnly: text,
          subPath: text,
          subPathExpr: text,
        },
        ['mountPath', 'name'],
      ),
      ['mountPath'],
    ),
    workingDir: text,
  },
  ['name'],
);

/** A volume: its name is checked, its source is kept as it comes. */
const volume = partly({ name: text }, ['name']);

export const podSpec = object(
  {
    activeDeadlineSeconds: long,
    affinity: open,
    automountServiceAccountToken: flag,
    containers: keyed(container, ['name']),
    dnsConfig: open,
    dnsPolicy: withDefault(text, 'ClusterFirst'),
    enableServiceLinks: flag,
    ephemeralContainers: keyed(container, ['name']),
    hostAliases: keyed(object({ hostnames: list(text), ip: text }, ['ip']), ['ip']),
    hostIPC: flag,
    hostNetwork: flag,
    hostPID: flag,
    hostUsers: flag,
    hostname: text,
    hostnameOverride: text,
    imagePullSecrets: keyed(localReference, ['name']),
    initContainers: keyed(container, ['name']),
    nodeName: text,
    nodeSelector: { ...textMap, 'x-kubernetes-map-type': 'atomic' },
    os: open,
    overhead: map(quantity),
    preemptionPolicy: text,
    priority: integer,
    priorityClassName: text,
    readinessGates: list(open),
    resourceClaims: keyed(partly({ name: text }, ['name']), ['name']),
    resources,
    restartPolicy: withDefault(oneOf('Always', 'OnFailure', 'Never'), 'Always'),
    runtimeClassName: text,
    schedulerName: withDefault(text, 'default-scheduler'),
    schedulingGates: keyed(object({ name: text }, ['name']), ['name']),
    securityContext: { ...open, default: {} },
    serviceAccount: text,
    serviceAccountName: text,
    setHostnameAsFQDN: flag,
    shareProcessNamespace: flag,
    subdomain: text,
    terminationGracePeriodSeconds: withDefault(long, 30),
    tolerations: list(open),
    topologySpreadConstraints: keyed(partly({ topologyKey: text, whenUnsatisfiable: text }), [
      'topologyKey',
      'whenUnsatisfiable',
    ]),
    volumes: keyed(volume, ['name']),
    workloadRef: open,
  },
  ['containers'],
);

const containerStatuses = list(open);

export const podStatus = partly({
  conditions,
  phase: text,
  reason: text,
  message: text,
  podIP: text,
  podIPs: keyed(object({ ip: text }, ['ip']), ['ip']),
  hostIP: text,
  hostIPs: list(open),
  qosClass: text,
  startTime: time,
  observedGeneration: long,
  containerStatuses,
  initContainerStatuses: containerStatuses,
  ephemeralContainerStatuses: containerStatuses,
});

/** Template metadata: a whole ObjectMeta is allowed, labels and annotations matter. */
export const templateMetadata = partly({
  name: text,
  namespace: text,
  labels: textMap,
  annotations: textMap,
  finalizers: set(text),
});

export const podTemplate = object({ metadata: templateMetadata, spec: podSpec });
