import type { Cluster } from '../../kube/objects.ts';
import { isStatus } from '../../kube/client.ts';
import { watch, type Listed } from '../../kube/watch.ts';
import {
  defaultsLabel,
  gatewayNameLabel,
  managedLabel,
  managedValue,
  type ClassObject,
  type ConfigMapObject,
  type DaemonSetObject,
  type DeploymentObject,
  type DoorObject,
  type GatewayObject,
  type PodObject,
  type ScalerObject,
  type WaypointWorld,
} from './objects.ts';
import { keepParameters } from './parameters.ts';
import { withRisk } from './replicas-kept.ts';
import { doorLabel, holdLabel, poolLabel } from '@ambit/contracts/agent/waypoint';

export interface KeptWorld {
  readonly world: WaypointWorld;
  /** Empty once everything was listed, else why waypoints cannot be looked after yet. */
  problem(): string;
  setMetricsApi(is: boolean): void;
  /** Takes the answer to a write at once, before the watch tells of it. */
  put(kind: 'GatewayClass' | 'ConfigMap' | 'DaemonSet' | 'WorkloadEntry', object: Listed): void;
  scaled(key: string, replicas: number): void;
  run(signal: AbortSignal): Promise<void>;
}

const apis = '/apis/gateway.networking.k8s.io/v1';
const managed = `${managedLabel}=${managedValue}`;
const idOf = ({ metadata }: Listed): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;

/** The waypoint that a door is of. */
const doorKeyOf = ({ metadata }: Listed): string =>
  `${metadata.namespace ?? ''}/${metadata.labels?.[doorLabel] ?? ''}`;

/** The Deployment that a HorizontalPodAutoscaler scales, or words that are no Deployment's key. */
const targetOf = ({ metadata, spec }: ScalerObject): string =>
  spec.scaleTargetRef.kind === 'Deployment'
    ? `${metadata.namespace ?? ''}/${spec.scaleTargetRef.name}`
    : `${metadata.namespace ?? ''}/ of another kind/${metadata.name}`;

/** Keeps what waypoints are judged by, from watches; `changed` after each change. */
export function keepWorld(
  { client }: Cluster,
  rootNamespace: string,
  changed: () => void,
  onError: (error: unknown) => void,
): KeptWorld {
  const gateways = new Map<string, GatewayObject>();
  const classes = new Map<string, ClassObject>();
  const defaults = new Map<string, ConfigMapObject>();
  const deployments = new Map<string, DeploymentObject>();
  const podsByName = new Map<string, PodObject>();
  const pods = new Map<string, PodObject[]>();
  const scalers = new Map<string, ScalerObject>();
  const scalersByName = new Map<string, ScalerObject>();
  const daemonSets = new Map<string, DaemonSetObject>();
  const holds = new Map<string, Listed>();
  const doors = new Map<string, DoorObject>();
  const parameters = new Map<string, boolean>();
  const world = {
    gateways,
    classes,
    defaults,
    deployments,
    pods,
    scalers,
    daemonSets,
    holds,
    doors,
    parameters,
    metricsApi: false,
  };
  const waiting = new Map<string, string>();

  const gatewayOf = ({ metadata }: PodObject): string =>
    `${metadata.namespace ?? ''}/${metadata.labels?.[gatewayNameLabel] ?? ''}`;
  const placePods = () => {
    pods.clear();
    for (const pod of podsByName.values()) {
      const key = gatewayOf(pod);
      const list = pods.get(key);
      if (list) list.push(pod);
      else pods.set(key, [pod]);
    }
  };
  const placePod = (pod: PodObject) => {
    const key = gatewayOf(pod);
    const list = (pods.get(key) ?? []).filter(
      ({ metadata }) => metadata.name !== pod.metadata.name,
    );
    if (podsByName.has(idOf(pod))) list.push(pod);
    if (list.length > 0) pods.set(key, list);
    else pods.delete(key);
  };

  const placeScalers = () => {
    scalers.clear();
    for (const scaler of scalersByName.values()) scalers.set(targetOf(scaler), scaler);
  };
  /** One that scales something else from now on is forgotten where it was. */
  const placeScaler = (scaler: ScalerObject) => {
    const target = targetOf(scaler);
    const isAway = !scalersByName.has(idOf(scaler));
    const stale = [...scalers].filter(
      ([key, one]) => idOf(one) === idOf(scaler) && (isAway || key !== target),
    );
    if (stale.length > 0) placeScalers();
    else if (!isAway) scalers.set(target, scaler);
  };

  const keep = <T extends Listed>(
    what: string,
    path: string,
    into: Map<string, T>,
    options: {
      selector?: string;
      keyOf?: (object: T) => string;
      /** Before what is not read of an object goes. */
      note?: (object: T) => T;
      /** Without its CRD there is none, and nothing is missing. */
      optional?: boolean;
      all?: () => void;
      one?: (object: T) => void;
    } = {},
  ) => {
    const { selector, keyOf = idOf, optional = false, note, all, one } = options;
    waiting.set(what, `${what} are not listed yet`);
    return (signal: AbortSignal) =>
      watch<T>(
        client,
        {
          path,
          ...(selector ? { query: { labelSelector: selector } } : {}),
          shrink: (object) => {
            const { managedFields: _, ...metadata } = object.metadata;
            return { ...(note?.(object) ?? object), metadata };
          },
          onList: (items) => {
            into.clear();
            for (const object of items) into.set(keyOf(object), object);
            all?.();
            waiting.delete(what);
            changed();
          },
          onEvent: (type, object) => {
            if (type === 'DELETED') into.delete(keyOf(object));
            else into.set(keyOf(object), object);
            one?.(object);
            changed();
          },
          onError: (error) => {
            if (isStatus(error, 404)) {
              into.clear();
              if (optional) waiting.delete(what);
              else waiting.set(what, `the cluster does not serve ${what}: their CRDs are missing`);
              changed();
            } else onError(error);
          },
        },
        signal,
      );
  };

  const named = keepParameters(client, gateways, parameters, changed, onError);
  const watches = [
    keep('Gateways', `${apis}/gateways`, gateways, {
      all: named.gatewaysChanged,
      one: named.gatewaysChanged,
    }),
    keep('GatewayClasses', `${apis}/gatewayclasses`, classes),
    keep('ConfigMaps', `/api/v1/namespaces/${rootNamespace}/configmaps`, defaults, {
      selector: defaultsLabel,
    }),
    keep('Deployments', '/apis/apps/v1/deployments', deployments, {
      selector: managed,
      note: withRisk,
    }),
    keep('Pods', '/api/v1/pods', podsByName, {
      selector: managed,
      all: placePods,
      one: placePod,
    }),
    keep<ScalerObject>(
      'HorizontalPodAutoscalers',
      '/apis/autoscaling/v2/horizontalpodautoscalers',
      scalersByName,
      { all: placeScalers, one: placeScaler },
    ),
    keep('DaemonSets', '/apis/apps/v1/daemonsets', daemonSets, { selector: poolLabel }),
    keep('EnvoyFilters', '/apis/networking.istio.io/v1alpha3/envoyfilters', holds, {
      selector: holdLabel,
      optional: true,
    }),
    keep<DoorObject>('WorkloadEntries', '/apis/networking.istio.io/v1/workloadentries', doors, {
      selector: doorLabel,
      keyOf: doorKeyOf,
      optional: true,
    }),
  ];

  return {
    world,
    problem: () => [...waiting.values()].join('; '),
    setMetricsApi: (is) => {
      if (world.metricsApi !== is) changed();
      world.metricsApi = is;
    },
    put: (kind, object) => {
      if (kind === 'WorkloadEntry') {
        doors.set(doorKeyOf(object), object);
        return;
      }
      const into = { GatewayClass: classes, ConfigMap: defaults, DaemonSet: daemonSets }[kind];
      (into as Map<string, Listed>).set(idOf(object), object);
    },
    scaled: (key, replicas) => {
      const deployment = deployments.get(key);
      if (deployment)
        deployments.set(key, { ...deployment, spec: { ...deployment.spec, replicas } });
    },
    run: async (signal) => {
      await Promise.all([...watches.map((start) => start(signal)), named.run(signal)]);
    },
  };
}
