import type { KubeObject } from '@ambit/contracts/common';
import {
  poolLabel,
  sizeClasses,
  waypointClassPrefix,
  waypointController,
  type NamedPool,
  type PoolSpec,
} from '@ambit/contracts/agent/waypoint';
import { stringify } from 'yaml';
import { streamSuffix, suffixesAnnotation } from './sleep/quiet.ts';
import { defaultsLabel, gatewayNameLabel, managedLabel, managedValue } from './objects.ts';

export type PoolScaler = 'agent' | 'hpa' | 'fixed';

/** Who scales waypoints of a pool in this cluster. With `auto` a HorizontalPodAutoscaler, where it can know all targets. */
export function scalerOf({ scaling }: PoolSpec, metricsApi: boolean): PoolScaler {
  if (scaling.by !== 'auto') return scaling.by;
  const byRequests = scaling.requestsPerSecond !== null || scaling.activeRequests !== null;
  if (byRequests) return 'agent';
  return metricsApi && scaling.cpuPercent !== null ? 'hpa' : 'fixed';
}

export const classOf = (pool: string): string => `${waypointClassPrefix}${pool}`;

/**
 * What a pool is in a cluster: a GatewayClass that istiod makes waypoints of, its defaults (istio.io, "Gateways",
 * customising by a ConfigMap for a class), and where wanted a DaemonSet that keeps the proxy's image. Pure.
 * @param image of the proxy; null while it is not known
 * @param maySleep whether a waypoint of the pool may have no replica for a while
 */
export function classObjects(
  { name, spec }: NamedPool,
  place: { rootNamespace: string; agentNamespace: string },
  scaler: PoolScaler,
  image: string | null,
  maySleep = false,
): KubeObject[] {
  const labels = { [poolLabel]: name, 'app.kubernetes.io/managed-by': 'ambit' };
  const gatewayClass = classOf(name);
  const overlay = {
    deployment: deploymentOverlay(name, spec, scaler, maySleep),
    ...(scaler === 'hpa' ? { horizontalPodAutoscaler: scalerOverlay(spec) } : {}),
    ...(spec.maxUnavailable === null
      ? {}
      : { podDisruptionBudget: { spec: { maxUnavailable: spec.maxUnavailable } } }),
  };
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: gatewayClass, labels },
      spec: {
        controllerName: waypointController,
        description: `Waypoints of the pool ${name} (${spec.kind}, ${spec.size}), kept by Ambit`,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: gatewayClass,
        namespace: place.rootNamespace,
        labels: { ...labels, [defaultsLabel]: gatewayClass },
      },
      data: Object.fromEntries(
        Object.entries(overlay).map(([key, value]) => [key, stringify(value)]),
      ),
    },
    ...(spec.prePull && image !== null ? [prePull(name, spec, place, labels, image)] : []),
  ];
}

/** `replicas` is left out unless they are fixed for good: istiod would apply it again and fight whoever scales. */
function deploymentOverlay(
  pool: string,
  spec: PoolSpec,
  scaler: PoolScaler,
  maySleep: boolean,
): object {
  const { drain, nodeSelector, tolerations, podLabels, podAnnotations, size, zones } = spec;
  return {
    spec: {
      ...(scaler === 'fixed' && !maySleep ? { replicas: spec.minReplicas } : {}),
      minReadySeconds,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: { ...podLabels, [poolLabel]: pool },
          annotations: {
            ...podAnnotations,
            [suffixesAnnotation]: statsSuffixes(spec, maySleep),
            'proxy.istio.io/config': proxyConfig(spec),
          },
        },
        spec: {
          terminationGracePeriodSeconds: drain.graceS,
          ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
          ...(tolerations.length > 0 ? { tolerations } : {}),
          ...(zones === 'any' ? {} : { topologySpreadConstraints: [spreadOf(zones)] }),
          containers: [{ name: 'istio-proxy', resources: sizeClasses[size] }],
        },
      },
    },
  };
}

/** An old replica goes only when a new one was ready for so long that ztunnels have heard of it. */
const minReadySeconds = 3;

/**
 * Envoy drains for less long than the agent beside it waits, and that for less long than Kubernetes does. No
 * `connectionSettings.httpIdleTimeout` (Istio 1.31): what closes idle connections loses more than it saves (ADR 24).
 */
const proxyConfig = ({ drain }: PoolSpec): string =>
  JSON.stringify({
    drainDuration: `${drain.drainS}s`,
    terminationDrainDuration: `${drain.terminationS}s`,
  });

const counted = [
  'downstream_rq_active',
  'downstream_rq_completed',
  'downstream_rq_5xx',
  'downstream_rq_time',
  'external.upstream_rq_time',
];

/**
 * Counters of requests, which Envoy keeps only when it is told to. By suffix, beside those of the pool: a proxyStatsMatcher
 * would take the place of all that the mesh's own says (istio.io, "Envoy Statistics").
 */
const statsSuffixes = ({ podAnnotations }: PoolSpec, maySleep: boolean): string =>
  [podAnnotations[suffixesAnnotation], ...counted, ...(maySleep ? [streamSuffix] : [])]
    .filter(Boolean)
    .join(',');

/** Over the zones, for the waypoint alone: which one a pod is of is a label that the class cannot know. */
const spreadOf = (zones: 'spread' | 'onePerZone'): object => ({
  maxSkew: 1,
  topologyKey: 'topology.kubernetes.io/zone',
  whenUnsatisfiable: zones === 'onePerZone' ? 'DoNotSchedule' : 'ScheduleAnyway',
  labelSelector: { matchLabels: { [managedLabel]: managedValue } },
  matchLabelKeys: [gatewayNameLabel],
});

const scalerOverlay = ({ minReplicas, maxReplicas, scaling }: PoolSpec): object => ({
  spec: {
    minReplicas,
    maxReplicas,
    metrics: [
      {
        type: 'Resource',
        resource: {
          name: 'cpu',
          target: { type: 'Utilization', averageUtilization: scaling.cpuPercent ?? 70 },
        },
      },
    ],
    behavior: {
      scaleUp: { stabilizationWindowSeconds: scaling.upStabilisationS },
      scaleDown: { stabilizationWindowSeconds: scaling.downStabilisationS },
    },
  },
});

/** Nothing runs in it but a wait: the image stays on the node because a container of it is there. */
function prePull(
  pool: string,
  { nodeSelector, tolerations }: PoolSpec,
  { agentNamespace }: { agentNamespace: string },
  labels: Record<string, string>,
  image: string,
): KubeObject {
  const name = `${classOf(pool)}-image`;
  const matchLabels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: agentNamespace, labels },
    spec: {
      selector: { matchLabels },
      template: {
        metadata: {
          labels: {
            ...labels,
            ...matchLabels,
            'istio.io/dataplane-mode': 'none',
            'sidecar.istio.io/inject': 'false',
          },
        },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
          ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
          ...(tolerations.length > 0 ? { tolerations } : {}),
          containers: [
            {
              name: 'image',
              image,
              command: ['sleep', 'infinity'],
              resources: {
                requests: { cpu: '1m', memory: '4Mi' },
                limits: { memory: '16Mi' },
              },
            },
          ],
        },
      },
    },
  };
}
