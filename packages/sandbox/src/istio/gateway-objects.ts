import { canonicalJson } from '@ambit/contracts/canonical';
import { createHash } from 'node:crypto';
import type { Action } from '../client/actions.ts';
import type { View } from '../client/cache.ts';
import { controllerRef } from '../controllers/common.ts';
import type { KindId } from '../kinds.ts';
import type { NewObject } from '../objects.ts';
import type { Gateway } from './objects.ts';
import { merged, type Overlay } from './overlay.ts';

/** The kinds of classes istiod makes proxies for; a class of its own is a waypoint's by its controller. */
export const isWaypoint = ({ spec }: Gateway): boolean => spec.gatewayClassName !== 'istio';

/** A waypoint's proxy is named as its Gateway; other proxies carry the class. */
export const proxyName = (gateway: Gateway): string =>
  isWaypoint(gateway) ? gateway.metadata.name : `${gateway.metadata.name}-istio`;

/** Type of the Service in front of a gateway's proxy, as Istio's annotation has it. */
export const serviceTypeOf = (gateway: Gateway): string =>
  isWaypoint(gateway)
    ? 'ClusterIP'
    : (gateway.metadata.annotations?.['networking.istio.io/service-type'] ?? 'LoadBalancer');

const madeOf = 'sandbox.ambit.dev/made-of';
const nameLabel = 'gateway.networking.k8s.io/gateway-name';

/** What istiod makes of a Gateway, where it is not there or not as it is to be. */
export function proxyObjects(
  gateway: Gateway,
  image: string,
  overlay: Overlay,
  view: View,
): Action[] {
  const { namespace = '' } = gateway.metadata;
  const name = proxyName(gateway);
  const proxy = gateway.metadata.annotations?.['sidecar.istio.io/proxyImage'] ?? image;
  return [
    ...(view.get('serviceaccounts', namespace, name)
      ? []
      : [create(object(gateway, 'v1', 'ServiceAccount', {}))]),
    ...(view.get('services', namespace, name) ? [] : [create(serviceOf(gateway))]),
    ...kept(view, 'deployments.apps', deploymentOf(gateway, proxy), overlay.deployment),
    ...(overlay.horizontalPodAutoscaler
      ? kept(
          view,
          'horizontalpodautoscalers.autoscaling',
          object(gateway, 'autoscaling/v2', 'HorizontalPodAutoscaler', {
            spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
          }),
          overlay.horizontalPodAutoscaler,
        )
      : []),
    ...(overlay.podDisruptionBudget
      ? kept(
          view,
          'poddisruptionbudgets.policy',
          object(gateway, 'policy/v1', 'PodDisruptionBudget', {
            spec: { selector: { matchLabels: { [nameLabel]: gateway.metadata.name } } },
          }),
          overlay.podDisruptionBudget,
        )
      : []),
  ];
}

const create = (made: NewObject): Action => ({ do: 'create', object: made });

/** Creates it, or writes its fields again when what it is made of changed; how many replicas only where that is said. */
function kept(view: View, kind: KindId, base: NewObject, over: object | undefined): Action[] {
  const wanted = merged(base, over ?? {}) as NewObject & { spec: Record<string, unknown> };
  const digest = createHash('sha256').update(canonicalJson(wanted)).digest('hex').slice(0, 16);
  const { namespace = '', name = '' } = wanted.metadata;
  const live = view.get(kind, namespace, name);
  const annotations = { ...wanted.metadata.annotations, [madeOf]: digest };
  if (!live) return [create({ ...wanted, metadata: { ...wanted.metadata, annotations } })];
  if (live.metadata.annotations?.[madeOf] === digest) return [];
  const {
    template,
    selector: _selector,
    ...spec
  } = wanted.spec as Record<string, unknown> & {
    template?: { spec: object };
  };
  const fresh = { nodeSelector: null, tolerations: null, topologySpreadConstraints: null };
  return [
    {
      do: 'patch',
      kind,
      ref: { namespace, name },
      patch: {
        metadata: { annotations },
        spec: {
          ...spec,
          ...(template ? { template: { ...template, spec: { ...fresh, ...template.spec } } } : {}),
        },
      },
    },
  ];
}

const labelsOf = (gateway: Gateway): Record<string, string> => ({
  ...(gateway.spec.infrastructure?.labels ?? gateway.metadata.labels),
  [nameLabel]: gateway.metadata.name,
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
      selector: { [nameLabel]: gateway.metadata.name },
      ports,
    },
  });
}

const deploymentOf = (gateway: Gateway, image: string): NewObject =>
  object(gateway, 'apps/v1', 'Deployment', {
    spec: {
      selector: { matchLabels: { [nameLabel]: gateway.metadata.name } },
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
