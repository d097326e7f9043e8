import { isObject, type KubeObject } from '../../types.ts';
import type { Kind, KindVersion } from '../kind.ts';
import { podSpec, podStatus } from './pod.ts';
import {
  ageColumn,
  at,
  column,
  dataColumn,
  items,
  nodeColumns,
  path,
  podColumns,
  serviceColumns,
} from './print.ts';
import {
  conditions,
  flag,
  integer,
  intOrString,
  keyed,
  list,
  localReference,
  map,
  microTime,
  object,
  objectReference,
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

/** One version, `v1`, stored and served, of a kind of Kubernetes itself. */
export const native = (
  names: {
    group?: string;
    kind: string;
    plural: string;
    shortNames?: string[];
    categories?: string[];
  },
  scope: 'namespaced' | 'cluster',
  version: Partial<KindVersion>,
  more: Partial<Kind> = {},
): Kind => ({
  group: names.group ?? '',
  kind: names.kind,
  plural: names.plural,
  singular: names.kind.toLowerCase(),
  shortNames: names.shortNames,
  categories: names.categories,
  namespaced: scope === 'namespaced',
  native: true,
  versions: [{ name: 'v1', served: true, storage: true, ...version }],
  ...more,
});

const namespace = native(
  { kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'] },
  'cluster',
  {
    status: true,
    schema: object({
      spec: object({ finalizers: set(text) }),
      status: object({ phase: text, conditions }),
    }),
    computedColumns: [path('Status', 'status', 'phase'), ageColumn],
    selectableFields: ['.status.phase'],
  },
  {
    nameRule: 'label',
    prepare(next, old) {
      const { metadata } = next;
      metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name ?? '' };
      if (old === undefined) next.status = { phase: 'Active' };
      next.spec ??= { finalizers: ['kubernetes'] };
      return [];
    },
  },
);

const configMap = native(
  { kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
  'namespaced',
  {
    schema: object({
      data: textMap,
      binaryData: map({ type: 'string', format: 'byte' }),
      immutable: flag,
    }),
    computedColumns: [dataColumn, ageColumn],
  },
);

const secret = native(
  { kind: 'Secret', plural: 'secrets' },
  'namespaced',
  {
    schema: object({
      data: map({ type: 'string', format: 'byte' }),
      stringData: textMap,
      type: withDefault(text, 'Opaque'),
      immutable: flag,
    }),
    computedColumns: [path('Type', 'type'), dataColumn, ageColumn],
    selectableFields: ['.type'],
  },
  {
    prepare(next) {
      if (!isObject(next.stringData)) return [];
      const data = isObject(next.data) ? { ...next.data } : {};
      for (const [key, value] of Object.entries(next.stringData)) {
        if (typeof value === 'string') data[key] = Buffer.from(value).toString('base64');
      }
      next.data = data;
      delete next.stringData;
      return [];
    },
  },
);

const pod = native(
  { kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: ['all'] },
  'namespaced',
  {
    status: true,
    schema: object({ spec: podSpec, status: podStatus }),
    computedColumns: podColumns,
    selectableFields: [
      '.spec.nodeName',
      '.status.phase',
      '.status.podIP',
      '.spec.restartPolicy',
      '.spec.serviceAccountName',
      '.spec.schedulerName',
      '.spec.hostNetwork',
      '.status.nominatedNodeName',
    ],
  },
  {
    connects: [
      { name: 'eviction', kind: 'Eviction', verbs: ['create'] },
      { name: 'log', kind: 'Pod', verbs: ['get'] },
    ],
  },
);

const servicePort = object(
  {
    appProtocol: text,
    name: text,
    nodePort: integer,
    port: integer,
    protocol: withDefault(oneOf('TCP', 'UDP', 'SCTP'), 'TCP'),
    targetPort: intOrString,
  },
  ['port'],
);

const service = native(
  { kind: 'Service', plural: 'services', shortNames: ['svc'], categories: ['all'] },
  'namespaced',
  {
    status: true,
    schema: object({
      spec: partly({
        allocateLoadBalancerNodePorts: flag,
        clusterIP: text,
        clusterIPs: list(text),
        externalIPs: list(text),
        externalName: text,
        externalTrafficPolicy: text,
        healthCheckNodePort: integer,
        internalTrafficPolicy: text,
        ipFamilies: list(text),
        ipFamilyPolicy: text,
        loadBalancerClass: text,
        loadBalancerIP: text,
        loadBalancerSourceRanges: list(text),
        ports: keyed(servicePort, ['port', 'protocol']),
        publishNotReadyAddresses: flag,
        selector: { ...textMap, 'x-kubernetes-map-type': 'atomic' },
        sessionAffinity: withDefault(text, 'None'),
        trafficDistribution: text,
        type: withDefault(
          oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
          'ClusterIP',
        ),
      }),
      status: partly({ conditions, loadBalancer: object({ ingress: list(open) }) }),
    }),
    computedColumns: serviceColumns,
    selectableFields: ['.spec.clusterIP', '.spec.type'],
  },
  { nameRule: 'label' },
);

const endpointAddress = object(
  { hostname: text, ip: text, nodeName: text, targetRef: objectReference },
  ['ip'],
);
const endpoints = native(
  { kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'] },
  'namespaced',
  {
    schema: object({
      subsets: list(
        object({
          addresses: list(endpointAddress),
          notReadyAddresses: list(endpointAddress),
          ports: list(
            object(
              { appProtocol: text, name: text, port: integer, protocol: withDefault(text, 'TCP') },
              ['port'],
            ),
          ),
        }),
      ),
    }),
    computedColumns: [
      column('Endpoints', (target) => {
        const addresses = items(at(target, 'subsets')).flatMap((subset) =>
          items(subset.addresses).flatMap((address) =>
            items(subset.ports).map((port) => `${String(address.ip)}:${String(port.port)}`),
          ),
        );
        if (addresses.length === 0) return '<none>';
        return addresses.length > 3
          ? `${addresses.slice(0, 3).join(',')} + ${addresses.length - 3} more...`
          : addresses.join(',');
      }),
      ageColumn,
    ],
  },
);

const serviceAccount = native(
  { kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] },
  'namespaced',
  {
    schema: object({
      automountServiceAccountToken: flag,
      imagePullSecrets: list(localReference),
      secrets: keyed(objectReference, ['name']),
    }),
    computedColumns: [
      column('Secrets', (target) => items(at(target, 'secrets')).length, { type: 'integer' }),
      ageColumn,
    ],
  },
);

const node = native({ kind: 'Node', plural: 'nodes', shortNames: ['no'] }, 'cluster', {
  status: true,
  schema: object({
    spec: partly({
      podCIDR: text,
      podCIDRs: set(text),
      providerID: text,
      taints: list(
        object({ effect: text, key: text, timeAdded: time, value: text }, ['key', 'effect']),
      ),
      unschedulable: flag,
    }),
    status: partly({
      addresses: keyed(object({ address: text, type: text }, ['type', 'address']), ['type']),
      allocatable: map(quantity),
      capacity: map(quantity),
      conditions,
      nodeInfo: open,
    }),
  }),
  computedColumns: nodeColumns,
  selectableFields: ['.spec.unschedulable'],
});

const eventFields = {
  action: text,
  count: integer,
  deprecatedCount: integer,
  eventTime: microTime,
  firstTimestamp: time,
  involvedObject: objectReference,
  lastTimestamp: time,
  message: text,
  reason: text,
  related: objectReference,
  reportingComponent: text,
  reportingInstance: text,
  series: open,
  source: object({ component: text, host: text }),
  type: text,
};
const eventColumns = [
  path('Last Seen', 'lastTimestamp'),
  path('Type', 'type'),
  path('Reason', 'reason'),
  column(
    'Object',
    (event: KubeObject) =>
      `${String(at(event, 'involvedObject', 'kind')).toLowerCase()}/${String(at(event, 'involvedObject', 'name'))}`,
  ),
  path('Message', 'message'),
];
const event = native({ kind: 'Event', plural: 'events', shortNames: ['ev'] }, 'namespaced', {
  schema: object(eventFields, ['involvedObject']),
  computedColumns: eventColumns,
  selectableFields: [
    'kind',
    'name',
    'namespace',
    'uid',
    'apiVersion',
    'resourceVersion',
    'fieldPath',
  ]
    .map((field) => `.involvedObject.${field}`)
    .concat('.reason', '.type', '.reportingComponent', '.source'),
});

const claim = native(
  { kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', shortNames: ['pvc'] },
  'namespaced',
  {
    status: true,
    schema: object({ spec: open, status: open }),
    computedColumns: [path('Status', 'status', 'phase'), ageColumn],
  },
);

const resourceQuota = native(
  { kind: 'ResourceQuota', plural: 'resourcequotas', shortNames: ['quota'] },
  'namespaced',
  { status: true, schema: object({ spec: open, status: open }), computedColumns: [ageColumn] },
);

/** The core group. Pods, services and nodes are known in depth where server-side apply needs it. */
export const coreKinds: Kind[] = [
  namespace,
  configMap,
  secret,
  pod,
  service,
  endpoints,
  serviceAccount,
  node,
  event,
  claim,
  resourceQuota,
];

/** What a mesh's policies need of the core group. */
export const policyCoreKinds: Kind[] = [namespace, configMap, secret];
