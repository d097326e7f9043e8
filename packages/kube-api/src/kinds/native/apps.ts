import { age } from '../../table.ts';
import type { Kind } from '../kind.ts';
import { native } from './core.ts';
import { podTemplate } from './pod.ts';
import {
  ageColumn,
  at,
  column,
  items,
  number,
  path,
  readyColumn,
  templateColumns,
} from './print.ts';
import {
  conditions,
  flag,
  integer,
  intOrString,
  labelSelector,
  list,
  long,
  object,
  objectReference,
  open,
  partly,
  set,
  text,
  time,
  withDefault,
} from './schema.ts';

const replicasScale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
};
const counts = {
  collisionCount: integer,
  observedGeneration: long,
  readyReplicas: integer,
  replicas: integer,
  availableReplicas: integer,
  conditions,
};
const rolling = (fields: Parameters<typeof object>[0]) =>
  object({ type: text, rollingUpdate: object(fields) });
const surge = { maxSurge: intOrString, maxUnavailable: intOrString };

const deployment = native(
  {
    group: 'apps',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
  },
  'namespaced',
  {
    status: true,
    scale: replicasScale,
    schema: object({
      spec: object(
        {
          minReadySeconds: integer,
          paused: flag,
          progressDeadlineSeconds: withDefault(integer, 600),
          replicas: withDefault(integer, 1),
          revisionHistoryLimit: withDefault(integer, 10),
          selector: labelSelector,
          strategy: {
            ...rolling(surge),
            'x-kubernetes-patch-strategy': 'retainKeys',
            default: {
              type: 'RollingUpdate',
              rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
            },
          },
          template: podTemplate,
        },
        ['selector', 'template'],
      ),
      status: object({
        ...counts,
        terminatingReplicas: integer,
        unavailableReplicas: integer,
        updatedReplicas: integer,
      }),
    }),
    computedColumns: [
      readyColumn,
      number('Up-to-date', 'status', 'updatedReplicas'),
      number('Available', 'status', 'availableReplicas'),
      ageColumn,
      ...templateColumns,
    ],
  },
);

const replicaSet = native(
  {
    group: 'apps',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    categories: ['all'],
  },
  'namespaced',
  {
    status: true,
    scale: replicasScale,
    schema: object({
      spec: object(
        {
          minReadySeconds: integer,
          replicas: withDefault(integer, 1),
          selector: labelSelector,
          template: podTemplate,
        },
        ['selector'],
      ),
      status: object({ ...counts, fullyLabeledReplicas: integer, terminatingReplicas: integer }),
    }),
    computedColumns: [
      number('Desired', 'spec', 'replicas'),
      number('Current', 'status', 'replicas'),
      number('Ready', 'status', 'readyReplicas'),
      ageColumn,
      ...templateColumns,
    ],
    selectableFields: ['.status.replicas'],
  },
);

const daemonSet = native(
  {
    group: 'apps',
    kind: 'DaemonSet',
    plural: 'daemonsets',
    shortNames: ['ds'],
    categories: ['all'],
  },
  'namespaced',
  {
    status: true,
    schema: object({
      spec: object(
        {
          minReadySeconds: integer,
          revisionHistoryLimit: withDefault(integer, 10),
          selector: labelSelector,
          template: podTemplate,
          updateStrategy: rolling(surge),
        },
        ['selector', 'template'],
      ),
      status: partly({ conditions, observedGeneration: long }),
    }),
    computedColumns: [
      number('Desired', 'status', 'desiredNumberScheduled'),
      number('Current', 'status', 'currentNumberScheduled'),
      number('Ready', 'status', 'numberReady'),
      number('Up-to-date', 'status', 'updatedNumberScheduled'),
      number('Available', 'status', 'numberAvailable'),
      ageColumn,
      ...templateColumns,
    ],
  },
);

const statefulSet = native(
  {
    group: 'apps',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    shortNames: ['sts'],
    categories: ['all'],
  },
  'namespaced',
  {
    status: true,
    scale: replicasScale,
    schema: object({
      spec: object(
        {
          minReadySeconds: integer,
          ordinals: open,
          persistentVolumeClaimRetentionPolicy: open,
          podManagementPolicy: withDefault(text, 'OrderedReady'),
          replicas: withDefault(integer, 1),
          revisionHistoryLimit: withDefault(integer, 10),
          selector: labelSelector,
          serviceName: text,
          template: podTemplate,
          updateStrategy: rolling({ partition: integer, maxUnavailable: intOrString }),
          volumeClaimTemplates: list(open),
        },
        ['selector', 'template'],
      ),
      status: partly(counts),
    }),
    computedColumns: [readyColumn, ageColumn, ...templateColumns.slice(0, 2)],
  },
);

const controllerRevision = native(
  { group: 'apps', kind: 'ControllerRevision', plural: 'controllerrevisions' },
  'namespaced',
  {
    schema: object({ data: open, revision: long }),
    computedColumns: [number('Revision', 'revision'), ageColumn],
  },
);

const job = native(
  { group: 'batch', kind: 'Job', plural: 'jobs', categories: ['all'] },
  'namespaced',
  {
    status: true,
    schema: object({
      spec: partly(
        {
          activeDeadlineSeconds: long,
          backoffLimit: withDefault(integer, 6),
          completions: integer,
          manualSelector: flag,
          parallelism: integer,
          selector: labelSelector,
          suspend: flag,
          template: podTemplate,
          ttlSecondsAfterFinished: integer,
        },
        ['template'],
      ),
      status: partly({
        conditions,
        active: integer,
        failed: integer,
        succeeded: integer,
        startTime: time,
        completionTime: time,
      }),
    }),
    computedColumns: [
      column('Status', (target) => {
        const done = items(at(target, 'status', 'conditions')).find(
          (condition) => condition.status === 'True',
        );
        return done === undefined ? 'Running' : String(done.type);
      }),
      column(
        'Completions',
        (target) =>
          `${String(at(target, 'status', 'succeeded') ?? 0)}/${String(at(target, 'spec', 'completions') ?? 1)}`,
      ),
      column('Duration', (target, now) => {
        const started = at(target, 'status', 'startTime');
        const ended = at(target, 'status', 'completionTime');
        if (typeof started !== 'string') return '';
        return age(started, typeof ended === 'string' ? new Date(ended) : now);
      }),
      ageColumn,
      ...templateColumns,
    ],
    selectableFields: ['.status.successful'],
  },
);

const cronJob = native(
  { group: 'batch', kind: 'CronJob', plural: 'cronjobs', shortNames: ['cj'], categories: ['all'] },
  'namespaced',
  {
    status: true,
    schema: object({ spec: partly({ schedule: text, suspend: flag }, ['schedule']), status: open }),
    computedColumns: [
      path('Schedule', 'spec', 'schedule'),
      path('Suspend', 'spec', 'suspend'),
      ageColumn,
    ],
  },
);

const autoscaler: Kind = native(
  {
    group: 'autoscaling',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    categories: ['all'],
  },
  'namespaced',
  {
    name: 'v2',
    status: true,
    schema: object({
      spec: object(
        {
          behavior: open,
          maxReplicas: integer,
          metrics: list(open),
          minReplicas: withDefault(integer, 1),
          scaleTargetRef: {
            ...object({ apiVersion: text, kind: text, name: text }, ['kind', 'name']),
            'x-kubernetes-map-type': 'atomic',
          },
        },
        ['maxReplicas', 'scaleTargetRef'],
      ),
      status: partly({
        conditions,
        currentReplicas: integer,
        desiredReplicas: integer,
        currentMetrics: list(open),
      }),
    }),
    computedColumns: [
      column(
        'Reference',
        (target) =>
          `${String(at(target, 'spec', 'scaleTargetRef', 'kind'))}/${String(at(target, 'spec', 'scaleTargetRef', 'name'))}`,
      ),
      number('MinPods', 'spec', 'minReplicas'),
      number('MaxPods', 'spec', 'maxReplicas'),
      number('Replicas', 'status', 'currentReplicas'),
      ageColumn,
    ],
  },
);

const disruptionBudget = native(
  {
    group: 'policy',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
  },
  'namespaced',
  {
    status: true,
    schema: object({
      spec: object({
        maxUnavailable: intOrString,
        minAvailable: intOrString,
        selector: labelSelector,
        unhealthyPodEvictionPolicy: text,
      }),
      status: partly({ conditions, disruptionsAllowed: integer }),
    }),
    computedColumns: [
      path('Min Available', 'spec', 'minAvailable'),
      path('Max Unavailable', 'spec', 'maxUnavailable'),
      number('Allowed Disruptions', 'status', 'disruptionsAllowed'),
      ageColumn,
    ],
  },
);

const lease = native(
  { group: 'coordination.k8s.io', kind: 'Lease', plural: 'leases' },
  'namespaced',
  {
    schema: object({
      spec: object({
        acquireTime: text,
        holderIdentity: text,
        leaseDurationSeconds: integer,
        leaseTransitions: integer,
        preferredHolder: text,
        renewTime: text,
        strategy: text,
      }),
    }),
    computedColumns: [path('Holder', 'spec', 'holderIdentity'), ageColumn],
  },
);

const endpointSlice = native(
  { group: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices' },
  'namespaced',
  {
    schema: object(
      {
        addressType: text,
        endpoints: list(
          object(
            {
              addresses: set(text),
              conditions: object({ ready: flag, serving: flag, terminating: flag }),
              deprecatedTopology: open,
              hints: open,
              hostname: text,
              nodeName: text,
              targetRef: objectReference,
              zone: text,
            },
            ['addresses'],
          ),
        ),
        ports: list(object({ appProtocol: text, name: text, port: integer, protocol: text })),
      },
      ['addressType', 'endpoints'],
    ),
    computedColumns: [
      path('AddressType', 'addressType'),
      column(
        'Ports',
        (target) =>
          items(at(target, 'ports'))
            .map((port) => String(port.port ?? '*'))
            .join(',') || '<unset>',
      ),
      column(
        'Endpoints',
        (target) =>
          items(at(target, 'endpoints'))
            .flatMap((endpoint) =>
              Array.isArray(endpoint.addresses) ? endpoint.addresses.map(String) : [],
            )
            .join(',') || '<unset>',
      ),
      ageColumn,
    ],
  },
);

const networkPolicy = native(
  {
    group: 'networking.k8s.io',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
  },
  'namespaced',
  {
    schema: object({ spec: partly({ podSelector: labelSelector }) }),
    computedColumns: [ageColumn],
  },
);

const ingress = native(
  { group: 'networking.k8s.io', kind: 'Ingress', plural: 'ingresses', shortNames: ['ing'] },
  'namespaced',
  {
    status: true,
    schema: object({ spec: open, status: open }),
    computedColumns: [path('Class', 'spec', 'ingressClassName'), ageColumn],
  },
);

/** Workloads and what stands beside them. */
export const appKinds: Kind[] = [
  deployment,
  replicaSet,
  daemonSet,
  statefulSet,
  controllerRevision,
  job,
  cronJob,
  autoscaler,
  disruptionBudget,
  lease,
  endpointSlice,
  networkPolicy,
  ingress,
];
