import type { Action } from '../client/actions.ts';
import type { View } from '../client/cache.ts';
import {
  itself,
  keyOf,
  nothing,
  ownerKey,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import { setStatus, withConditions } from '../controllers/common.ts';
import type { Condition, Service } from '../objects.ts';
import { controlPlanes, proxySettings, revisionLabel, type ControlPlane } from './control-plane.ts';
import { isWaypoint, proxyName, proxyObjects, serviceTypeOf } from './gateway-objects.ts';
import type { Gateway } from './objects.ts';
import { overlayOf } from './overlay.ts';

const gateways = 'gateways.gateway.networking.k8s.io';
const gatewayClasses = 'gatewayclasses.gateway.networking.k8s.io';
const defaultsLabel = 'gateway.istio.io/defaults-for-class';
const ofClass = ({ metadata }: { metadata: { name: string } }, view: View): string[] =>
  view
    .list(gateways)
    .filter(({ spec }) => spec.gatewayClassName === metadata.name)
    .map(keyOf);
const every = (_object: unknown, view: View): string[] => view.list(gateways).map(keyOf);

/** istiod's gateway controller: a proxy for each Gateway of its classes, and its status. */
export const gatewayController: Controller = {
  name: 'gateway',
  manager: 'istio.io/gateway-controller',
  triggers: {
    [gateways]: itself,
    'deployments.apps': (deployment, view) => [
      ...ownerKey(deployment, 'Gateway'),
      ...(deployment.metadata.labels?.app === 'istiod' ? every(deployment, view) : []),
    ],
    services: (service) => ownerKey(service, 'Gateway'),
    'horizontalpodautoscalers.autoscaling': (scaler) => ownerKey(scaler, 'Gateway'),
    'poddisruptionbudgets.policy': (budget) => ownerKey(budget, 'Gateway'),
    [gatewayClasses]: ofClass,
    configmaps: (map, view) => [
      ...ofClass({ metadata: { name: map.metadata.labels?.[defaultsLabel] ?? '' } }, view),
      ...view
        .list(gateways, map.metadata.namespace)
        .filter(({ spec }) => spec.infrastructure?.parametersRef?.name === map.metadata.name)
        .map(keyOf),
    ],
    'httproutes.gateway.networking.k8s.io': every,
  },
  decide: (key, view, now) => {
    const gateway = view.get(gateways, ...splitKey(key));
    if (gateway === undefined || gateway.metadata.deletionTimestamp) return nothing;
    const revision = gateway.metadata.labels?.[revisionLabel] ?? 'default';
    const plane =
      controlPlanes(view).find((one) => one.ready && one.revision === revision) ??
      controlPlanes(view).find((one) => one.ready && revision === 'default');
    if (plane === undefined) return nothing;
    return decideGateway(gateway, plane, view, now);
  },
};

const ownDeployer = 'gateway.istio.io/controller-version';

export function decideGateway(
  gateway: Gateway,
  plane: ControlPlane,
  view: View,
  now: Date,
): Decision {
  const { namespace = '', annotations } = gateway.metadata;
  if (!isOurs(gateway, view)) return nothing;
  const name = proxyName(gateway);
  const deployment = view.get('deployments.apps', namespace, name);
  const service = view.get('services', namespace, name);
  const { image } = proxySettings(view, plane);
  const actions: Action[] = [];
  // A higher version says that somebody else deploys this gateway's proxy.
  if (Number(annotations?.[ownDeployer] ?? 0) <= 5) {
    actions.push(...made(gateway, image, plane.namespace, view));
  }
  const isRunning = (deployment?.status?.availableReplicas ?? 0) > 0;
  const address = service && addressOf(gateway, service);
  if (service && address === undefined && serviceTypeOf(gateway) === 'LoadBalancer') {
    const last = service.spec.clusterIP?.split('.').at(-1) ?? '1';
    actions.push({
      do: 'status',
      kind: 'services',
      ref: { namespace, name },
      status: { loadBalancer: { ingress: [{ ip: `198.51.100.${last}` }] } },
    });
  }
  // An address that was given stays, also while no proxy runs (istio-facts, 3.4).
  const wasProgrammed = gateway.status?.addresses !== undefined;
  const isProgrammed = address !== undefined && (isRunning || wasProgrammed);
  return {
    actions: [...actions, ...statusOf(gateway, isProgrammed ? address : undefined, view, now)],
  };
}

/** Classes by their controller: `istio` for gateways, and every class of waypoints that somebody made. */
function isOurs({ spec }: Gateway, view: View): boolean {
  if (['istio', 'istio-waypoint'].includes(spec.gatewayClassName)) return true;
  const found = view.get(gatewayClasses, '', spec.gatewayClassName);
  return found?.spec.controllerName === 'istio.io/mesh-controller';
}

/** A customisation that cannot be read makes nothing, as with istiod. */
function made(gateway: Gateway, image: string, rootNamespace: string, view: View): Action[] {
  try {
    return proxyObjects(gateway, image, overlayOf(gateway, view, rootNamespace), view);
  } catch {
    return [];
  }
}

interface Address {
  type: 'IPAddress' | 'Hostname';
  value: string;
}

/** A load balancer's address once it has one; a gateway that asks for another type is told by the name of its Service. */
function addressOf(gateway: Gateway, service: Service): Address | undefined {
  const { clusterIP } = service.spec;
  const { namespace = '' } = gateway.metadata;
  if (isWaypoint(gateway)) return clusterIP ? { type: 'IPAddress', value: clusterIP } : undefined;
  if (serviceTypeOf(gateway) !== 'LoadBalancer') {
    return { type: 'Hostname', value: `${proxyName(gateway)}.${namespace}.svc.cluster.local` };
  }
  const ip = service.status?.loadBalancer?.ingress?.[0]?.ip;
  return ip === undefined ? undefined : { type: 'IPAddress', value: ip };
}

function statusOf(gateway: Gateway, address: Address | undefined, view: View, now: Date): Action[] {
  const observedGeneration = gateway.metadata.generation ?? 1;
  const programmed: Condition =
    address === undefined
      ? {
          type: 'Programmed',
          status: 'False',
          reason: 'AddressNotAssigned',
          message:
            'Failed to assign to any requested addresses: its proxy is not ready yet (simulated)',
        }
      : {
          type: 'Programmed',
          status: 'True',
          reason: 'Programmed',
          message: `Resource programmed, assigned to service(s) ${proxyName(gateway)}.${gateway.metadata.namespace}.svc.cluster.local (simulated)`,
        };
  const conditions: Condition[] = [
    {
      type: 'Accepted',
      status: 'True',
      reason: 'Accepted',
      message: 'Resource accepted',
      observedGeneration,
    },
    { ...programmed, observedGeneration },
  ];
  const attached = view
    .list('httproutes.gateway.networking.k8s.io')
    .filter(({ metadata, spec }) =>
      spec.parentRefs?.some(
        (parent) =>
          (parent.kind ?? 'Gateway') === 'Gateway' &&
          parent.name === gateway.metadata.name &&
          (parent.namespace ?? metadata.namespace) === gateway.metadata.namespace,
      ),
    ).length;
  return setStatus(gateway, {
    conditions: withConditions(gateway.status?.conditions, conditions, now),
    ...(address === undefined ? {} : { addresses: [{ ...address }] }),
    listeners: (gateway.spec.listeners ?? []).map(({ name }) => ({
      name,
      attachedRoutes: attached,
      supportedKinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }],
      conditions: withConditions(
        gateway.status?.listeners?.find((one) => one.name === name)?.conditions,
        conditions,
        now,
      ),
    })),
  });
}
