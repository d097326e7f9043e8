import type { KubeObject } from '@ambit/contracts/common';
import type { Metadata } from '../../kube/watch.ts';
import { certificateData } from './certificates.ts';

type Json = Record<string, unknown>;
export interface Raw {
  metadata: Metadata & { creationTimestamp?: string };
  [field: string]: unknown;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Annotations that say something of how an object takes part in a mesh; others of pods and nodes stay at home. */
const telling =
  /(^|\.)istio\.io\/|^gateway\.networking\.k8s\.io\/|^networking\.gke\.io\/|^meta\.helm\.sh\/|^argocd\.argoproj\.io\//;

const pick = (from: unknown, fields: string[]): Json => {
  const source = (from ?? {}) as Json;
  return Object.fromEntries(
    fields.flatMap((field) => (source[field] === undefined ? [] : [[field, source[field]]])),
  );
};

const pickEach = (list: unknown, fields: string[]): Json[] | undefined =>
  Array.isArray(list) ? list.map((item) => pick(item, fields)) : undefined;

const defined = (object: Json): Json =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** Identity, labels and owners; without what a server writes for itself. */
function compactMetadata(metadata: Raw['metadata'], keeps: (annotation: string) => boolean): Json {
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([key]) => keeps(key)),
  );
  return defined({
    ...pick(metadata, [
      'name',
      'namespace',
      'uid',
      'generation',
      'creationTimestamp',
      'deletionTimestamp',
      'labels',
    ]),
    annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
    ownerReferences: pickEach(metadata.ownerReferences, ['kind', 'name', 'controller']),
  });
}

const identity = (apiVersion: string, kind: string, metadata: Json): KubeObject =>
  ({ apiVersion, kind, metadata }) as unknown as KubeObject;

/** An object as it is, but for managed fields and the copy that kubectl leaves in an annotation. */
export function compactPolicy(raw: Raw, apiVersion: string, kind: string): KubeObject {
  const { metadata, apiVersion: _version, kind: _kind, ...rest } = raw;
  const compact = compactMetadata(metadata, (key) => key !== lastApplied);
  return { ...identity(apiVersion, kind, compact), ...rest };
}

/** Only what identifies it and what the cluster says of it. */
export function statusOnly(
  raw: Raw,
  apiVersion: string,
  kind: string,
  keeps: (annotation: string) => boolean,
): KubeObject {
  const {
    labels: _labels,
    ownerReferences: _owners,
    ...metadata
  } = compactMetadata(raw.metadata, keeps);
  const { status } = raw;
  return { ...identity(apiVersion, kind, metadata), ...(status === undefined ? {} : { status }) };
}

type Compact = (raw: Raw) => KubeObject | null;

const withoutZeros = (status: Json): Json =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0));

const ready = (status: unknown): Json[] | undefined => {
  const conditions = (status as { conditions?: Json[] } | undefined)?.conditions;
  return pickEach(
    conditions?.filter(({ type }) => type === 'Ready'),
    ['type', 'status', 'reason'],
  );
};

const containerFields = ['name', 'image', 'ports', 'restartPolicy'];

/** Never the environment, arguments, volumes or mounts: they may hold what is nobody's business. */
const podSpec = (spec: unknown): Json => {
  const { containers, initContainers } = (spec ?? {}) as Json;
  return defined({
    ...pick(spec, ['serviceAccountName', 'nodeName', 'hostNetwork']),
    containers: pickEach(containers, containerFields),
    initContainers: pickEach(initContainers, containerFields),
  });
};

interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string } };
  lastState?: { terminated?: { reason?: string; exitCode?: number; finishedAt?: string } };
}

function podStatus(status: unknown): Json {
  const { containerStatuses, ...rest } = (status ?? {}) as {
    containerStatuses?: ContainerStatus[];
  };
  return defined({
    ...pick(rest, ['phase', 'podIP']),
    conditions: ready(status),
    containerStatuses: containerStatuses?.map(
      ({ name, ready: isReady, restartCount, state, lastState }) =>
        defined({
          name,
          ready: isReady,
          restartCount: restartCount || undefined,
          state: state?.waiting ? { waiting: { reason: state.waiting.reason } } : undefined,
          lastState: lastState?.terminated
            ? { terminated: pick(lastState.terminated, ['reason', 'exitCode', 'finishedAt']) }
            : undefined,
        }),
    ),
  });
}

const workload =
  (kind: string): Compact =>
  ({ metadata, spec, status }) => {
    const { template, ...rest } = (spec ?? {}) as { template?: { metadata?: Json; spec?: Json } };
    return {
      ...identity('apps/v1', kind, compactMetadata(metadata, tells)),
      spec: defined({
        ...pick(rest, ['replicas', 'selector', 'paused', 'serviceName']),
        template: {
          metadata: defined({
            labels: template?.metadata?.['labels'],
            annotations: annotationsOf(template?.metadata),
          }),
          spec: podSpec(template?.spec),
        },
      }),
      status: withoutZeros(
        pick(status, [
          'replicas',
          'readyReplicas',
          'availableReplicas',
          'desiredNumberScheduled',
          'numberReady',
        ]),
      ),
    };
  };

/** What the injector notes on a pod is long, and stands in its containers too. */
const tells = (key: string) => key !== 'sidecar.istio.io/status' && telling.test(key);
const annotationsOf = (metadata: Json | undefined): Json | undefined => {
  const annotations = Object.entries((metadata?.['annotations'] ?? {}) as Json).filter(([key]) =>
    tells(key),
  );
  return annotations.length > 0 ? Object.fromEntries(annotations) : undefined;
};

const named = (metadata: Raw['metadata']): Json => pick(metadata, ['name', 'namespace', 'uid']);

/** Of each kind what diagnosis and topology look at; null for an object that is of no interest. */
export const compactFact = {
  Namespace: ({ metadata, status }: Raw) => ({
    ...identity('v1', 'Namespace', compactMetadata(metadata, tells)),
    status: pick(status, ['phase']),
  }),
  Node: ({ metadata, status }: Raw) => ({
    ...identity('v1', 'Node', compactMetadata(metadata, tells)),
    status: defined({ conditions: ready(status) }),
  }),
  Service: ({ metadata, spec, status }: Raw) => ({
    ...identity('v1', 'Service', compactMetadata(metadata, tells)),
    spec: pick(spec, [
      'type',
      'clusterIP',
      'clusterIPs',
      'selector',
      'ports',
      'externalName',
      'externalIPs',
      'publishNotReadyAddresses',
      'internalTrafficPolicy',
      'trafficDistribution',
    ]),
    // Istio tells of waypoint bindings in a Service's conditions.
    status: pick(status, ['loadBalancer', 'conditions']),
  }),
  Pod: ({ metadata, spec, status }: Raw) => {
    const { phase } = (status ?? {}) as { phase?: string };
    if (phase === 'Succeeded' || phase === 'Failed') return null;
    return {
      ...identity('v1', 'Pod', compactMetadata(metadata, tells)),
      spec: podSpec(spec),
      status: podStatus(status),
    };
  },
  PodDisruptionBudget: ({ metadata, spec }: Raw) => ({
    ...identity('policy/v1', 'PodDisruptionBudget', named(metadata)),
    spec: pick(spec, ['selector']),
  }),
  // Its name is what is looked for; which Secrets it has is nobody's business.
  ServiceAccount: ({ metadata }: Raw) => identity('v1', 'ServiceAccount', named(metadata)),
  Secret: ({ metadata, data, type }: Raw) => ({
    ...identity('v1', 'Secret', named(metadata)),
    type,
    data: certificateData((data ?? {}) as Record<string, string>),
  }),
  Deployment: workload('Deployment'),
  StatefulSet: workload('StatefulSet'),
  DaemonSet: workload('DaemonSet'),
} satisfies Record<string, Compact>;
export type FactKind = keyof typeof compactFact;
