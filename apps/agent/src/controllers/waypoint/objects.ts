import { holdLabel } from '@ambit/contracts/agent/waypoint';
import type { Metadata } from '../../kube/watch.ts';

/** The parts of objects that waypoints are judged by; all else is left out as it comes. */
export interface GatewayObject {
  metadata: Metadata;
  spec: {
    gatewayClassName: string;
    listeners?: { name: string; port: number; protocol: string }[];
    infrastructure?: { parametersRef?: { group: string; kind: string; name: string } };
  };
  status?: { conditions?: Condition[]; addresses?: { value?: string }[] };
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export interface ClassObject {
  metadata: Metadata;
  spec: { controllerName: string };
}

export interface ConfigMapObject {
  metadata: Metadata & { creationTimestamp?: string };
  data?: Record<string, string>;
}

export interface DeploymentObject {
  metadata: Metadata;
  /** Its replicas would become one when who applies it leaves them out (replicas-kept.ts). */
  isAtRisk?: boolean;
  spec: { replicas?: number; template?: { spec?: { serviceAccountName?: string } } };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    readyReplicas?: number;
    updatedReplicas?: number;
    conditions?: Condition[];
  };
}

export interface PodObject {
  metadata: Metadata;
  spec?: { nodeName?: string };
  status?: {
    phase?: string;
    podIP?: string;
    conditions?: Condition[];
    containerStatuses?: {
      name: string;
      image?: string;
      ready?: boolean;
      state?: { waiting?: { reason?: string; message?: string } };
    }[];
  };
}

export interface ScalerObject {
  metadata: Metadata;
  spec: {
    minReplicas?: number;
    maxReplicas: number;
    scaleTargetRef: { kind: string; name: string };
  };
  status?: { desiredReplicas?: number; conditions?: Condition[] };
}

export interface DaemonSetObject {
  metadata: Metadata;
  spec?: object;
  status?: { desiredNumberScheduled?: number; numberReady?: number };
}

/** The WorkloadEntry that stands for a waypoint while it sleeps. */
export interface DoorObject {
  metadata: Metadata;
  spec?: { address?: string; serviceAccount?: string; ports?: Record<string, number> };
}

/** What is known of a cluster, by `namespace/name`; a GatewayClass by its name. */
export interface WaypointWorld {
  gateways: ReadonlyMap<string, GatewayObject>;
  classes: ReadonlyMap<string, ClassObject>;
  /** Defaults of classes in the root namespace, whoever wrote them. */
  defaults: ReadonlyMap<string, ConfigMapObject>;
  deployments: ReadonlyMap<string, DeploymentObject>;
  /** Pods of waypoints, by the key of their Gateway. */
  pods: ReadonlyMap<string, readonly PodObject[]>;
  /** By namespace and name of the Deployment that each scales. */
  scalers: ReadonlyMap<string, ScalerObject>;
  daemonSets: ReadonlyMap<string, DaemonSetObject>;
  /** EnvoyFilters that keep what waypoints serve while their clients leave. */
  holds: ReadonlyMap<string, { metadata: Metadata }>;
  /** What stands for waypoints that sleep, by the key of the waypoint. */
  doors: ReadonlyMap<string, DoorObject>;
  /** ConfigMaps that Gateways name: whether they are in the Gateway's namespace. Missing: not asked yet. */
  parameters: ReadonlyMap<string, boolean>;
  metricsApi: boolean;
}

export const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name';
export const managedLabel = 'gateway.istio.io/managed';
export const managedValue = 'istio.io-mesh-controller';
export const defaultsLabel = 'gateway.istio.io/defaults-for-class';
/** A Gateway with a version above istiod's is deployed by somebody else. */
export const deployerAnnotation = 'gateway.istio.io/controller-version';

export const keyOf = ({ metadata }: { metadata: Metadata }): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;

export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditions?.some((one) => one.type === type && one.status === 'True') ?? false;

/** Whether a replica serves, and goes on serving. */
export const isUp = ({ metadata, status }: PodObject): boolean =>
  !metadata.deletionTimestamp && isTrue(status?.conditions, 'Ready');

/** Whether this hold is of the waypoint. */
export const isHoldOf = (
  { metadata }: { metadata: Metadata },
  { namespace = '', name }: { namespace?: string; name: string },
): boolean => metadata.namespace === namespace && metadata.labels?.[holdLabel] === name;

/** Deployment, Service and HorizontalPodAutoscaler of a waypoint are named as its Gateway, or as this says. */
export const workloadName = ({ metadata }: GatewayObject): string =>
  metadata.annotations?.['gateway.istio.io/name-override'] ?? metadata.name;
