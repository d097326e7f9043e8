/** The parts of Kubernetes' own kinds that rules look at, as they are written (camelCase JSON). */

import type { Labels, LabelSelector } from '@ambit/istio/label-selector';

export type { Labels, LabelSelector };

export type ObjectMeta = {
  name?: string;
  generateName?: string;
  namespace?: string;
  labels?: Labels;
  annotations?: Labels;
  creationTimestamp?: string;
  ownerReferences?: { apiVersion?: string; kind?: string; name?: string; controller?: boolean }[];
};

export type Condition = {
  type?: string;
  status?: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
};

export type Container = {
  name?: string;
  image?: string;
  args?: string[];
  ports?: { name?: string; containerPort?: number; protocol?: string }[];
  env?: { name?: string; value?: string; valueFrom?: object }[];
  securityContext?: { runAsUser?: number; runAsGroup?: number };
  restartPolicy?: string;
};

export type PodSpec = {
  containers?: Container[];
  initContainers?: Container[];
  nodeName?: string;
  serviceAccountName?: string;
  hostNetwork?: boolean;
  securityContext?: { runAsUser?: number; runAsGroup?: number };
};

export type PodTemplate = { metadata?: ObjectMeta; spec?: PodSpec };

/** Deployment, DaemonSet and StatefulSet. */
export type WorkloadSpec = {
  replicas?: number;
  selector?: LabelSelector;
  template?: PodTemplate;
};

export type ServicePort = {
  name?: string;
  port?: number;
  protocol?: string;
  appProtocol?: string;
  targetPort?: number | string;
  nodePort?: number;
};

export type ServiceSpec = {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  externalName?: string;
  selector?: Labels;
  ports?: ServicePort[];
  publishNotReadyAddresses?: boolean;
};

export type Secret = { type?: string; data?: Labels; stringData?: Labels };
export type ConfigMap = { data?: Labels };

export type WebhookClientConfig = {
  url?: string;
  caBundle?: string;
  service?: { name?: string; namespace?: string; path?: string; port?: number };
};

export type WebhookConfiguration = {
  webhooks?: {
    name?: string;
    clientConfig?: WebhookClientConfig;
    namespaceSelector?: LabelSelector;
    objectSelector?: LabelSelector;
    failurePolicy?: string;
    rules?: { apiGroups?: string[]; resources?: string[]; operations?: string[] }[];
  }[];
};

export type EndpointSlice = {
  addressType?: string;
  endpoints?: { addresses?: string[]; conditions?: { ready?: boolean } }[];
  ports?: { name?: string; port?: number; protocol?: string }[];
};

export type PodDisruptionBudgetSpec = {
  minAvailable?: number | string;
  maxUnavailable?: number | string;
  selector?: LabelSelector;
};

export type AutoscalerSpec = {
  minReplicas?: number;
  maxReplicas?: number;
  scaleTargetRef?: { apiVersion?: string; kind?: string; name?: string };
};
