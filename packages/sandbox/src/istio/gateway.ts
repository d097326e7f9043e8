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
import { controllerRef, setStatus, withConditions } from '../controllers/common.ts';
import type { Condition, NewObject, Service } from '../objects.ts';
import { controlPlanes, proxySettings, revisionLabel, type ControlPlane } from './control-plane.ts';
import type { Gateway } from './objects.ts';

const gateways = 'gateways.gateway.networking.k8s.io';
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

export const isWaypoint = ({ spec }: Gateway): boolean =>
  spec.gatewayClassName === 'istio-waypoint';

/** A waypoint's proxy is named as its Gateway; other proxies carry the class. */
export const proxyName = (gateway: Gateway): string =>
  isWaypoint(gateway) ? gateway.metadata.name : `${gateway.metadata.name}-istio`;

const ownDeployer = 'gateway.istio.io/controller-version';

export function decideGateway(
  gateway: Gateway,
  plane: ControlPlane,
  view: View,
  now: Date,
): Decision {
  const { namespace = '', annotations } = gateway.metadata;
  if (!['istio', 'istio-waypoint'].includes(gateway.spec.gatewayClassName)) return nothing;
  const name = proxyName(gateway);
  const deployment = view.get('deployments.apps', namespace, name);
  const service = view.get('services', namespace, name);
  const { image } = proxySettings(view, plane);
  const actions: Action[] = [];
  // A higher version says that somebody else deploys this gateway's proxy.
  if (Number(annotations?.[ownDeployer] ?? 0) <= 5) {
    if (!view.get('serviceaccounts', namespace, name)) {
      actions.push({ do: 'create', object: object(gateway, 'v1', 'ServiceAccount', {}) });
    }
    if (!service) actions.push({ do: 'create', object: serviceOf(gateway) });
    if (!deployment) actions.push({ do: 'create', object: deploymentOf(gateway, image) });
    else if (deployment.spec.template.spec.containers[0]?.image !== image) {
      const [container] = deployment.spec.template.spec.containers;
      actions.push({
        do: 'patch',
        kind: 'deployments.apps',
        ref: { namespace, name },
        patch: { spec: { template: { spec: { containers: [{ ...container, image }] } } } },
      });
    }
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

/** Type of the Service in front of a gateway's proxy, as Istio's annotation has it. */
const serviceTypeOf = (gateway: Gateway): string =>
  isWaypoint(gateway)
    ? 'ClusterIP'
    : (gateway.metadata.annotations?.['networking.istio.io/service-type'] ?? 'LoadBalancer');

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

const labelsOf = (gateway: Gateway): Record<string, string> => ({
  ...(gateway.spec.infrastructure?.labels ?? gateway.metadata.labels),
  'gateway.networking.k8s.io/gateway-name': gateway.metadata.name,
  'gateway.networking.k8s.io/gateway-class-name': gateway.spec.gatewayClassName,
  'gateway.istio.io/managed': isWaypoint(gateway)
    ? 'istio.io-mesh-controller'
    : 'istio.io-gateway-controller',
});

const object = (
  gateway: Gateway,
  apiVersion: string,
  kind: string,
  rest: Record<string, unknown>,
): NewObject => ({
  apiVersion,
  kind,
  metadata: {
    name: proxyName(gateway),
    namespace: gateway.metadata.namespace!,
    labels: labelsOf(gateway),
    ownerReferences: [controllerRef(gateway)],
  },
  ...rest,
});

function serviceOf(gateway: Gateway): NewObject {
  const listeners = (gateway.spec.listeners ?? []).map(({ name, port }) => ({ name, port }));
  const ports = [{ name: 'status-port', port: 15021 }, ...listeners].filter(
    (one, index, all) => all.findIndex(({ port }) => port === one.port) === index,
  );
  return object(gateway, 'v1', 'Service', {
    spec: {
      type: serviceTypeOf(gateway),
      selector: { 'gateway.networking.k8s.io/gateway-name': gateway.metadata.name },
      ports,
    },
  });
}

const deploymentOf = (gateway: Gateway, image: string): NewObject =>
  object(gateway, 'apps/v1', 'Deployment', {
    spec: {
      replicas: 1,
      selector: {
        matchLabels: { 'gateway.networking.k8s.io/gateway-name': gateway.metadata.name },
      },
      template: {
        metadata: {
          labels: {
            ...labelsOf(gateway),
            'istio.io/dataplane-mode': 'none',
            'sidecar.istio.io/inject': 'false',
            'service.istio.io/canonical-name': proxyName(gateway),
            'service.istio.io/canonical-revision': 'latest',
          },
        },
        spec: {
          serviceAccountName: proxyName(gateway),
          containers: [
            {
              name: 'istio-proxy',
              image,
              args: ['proxy', isWaypoint(gateway) ? 'waypoint' : 'router'],
            },
          ],
        },
      },
    },
  });
