import type { KindName } from '../kinds.ts';
import type { Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { defineIndex } from '../view.ts';
import { allDestinations } from '../istio/destinations.ts';
import { fqdnOf } from '../istio/hosts.ts';
import { isWaypoint } from './ambient.ts';
import { gatewaysOf } from './virtual-hosts.ts';

type Route = Resource<'HTTPRoute' | 'GRPCRoute' | 'VirtualService'>;

/** Kinds that `routeFromGateway` reads. */
export const gatewayRouteKinds = [
  'HTTPRoute',
  'GRPCRoute',
  'VirtualService',
  'KubernetesGateway',
] as const satisfies KindName[];

const gatewayRoutes = defineIndex({
  name: 'routes of gateways by service',
  kinds: ['HTTPRoute', 'GRPCRoute', 'VirtualService'],
  keys: (route) => {
    if (route.kind === 'VirtualService') {
      if (gatewaysOf(route).every((name) => name === 'mesh')) return [];
      return allDestinations(route.spec).map(({ destination }) =>
        fqdnOf(route.namespace, destination.host ?? ''),
      );
    }
    if (!route.spec.parentRefs?.some(({ kind = 'Gateway' }) => kind === 'Gateway')) return [];
    return (route.spec.rules ?? []).flatMap(({ backendRefs }) =>
      (backendRefs ?? []).flatMap(({ kind = 'Service', name = '', namespace = route.namespace }) =>
        kind === 'Service' ? [fqdnOf(namespace, name)] : [],
      ),
    );
  },
});

/** Whether the route hangs on a gateway that is no waypoint. */
function isOfIngress(view: View, route: Route): boolean {
  if (route.kind === 'VirtualService') return true;
  return (route.spec.parentRefs ?? []).some(
    ({ kind = 'Gateway', namespace = route.namespace, name = '' }) => {
      if (kind !== 'Gateway') return false;
      const gateway = view.get('KubernetesGateway', namespace, name);
      return gateway !== undefined && !isWaypoint(gateway);
    },
  );
}

/** A route that leads from a gateway, which is no waypoint, to the service. */
export const routeFromGateway = (view: View, namespace: string, name: string): Route | undefined =>
  view.lookup(gatewayRoutes, fqdnOf(namespace, name)).find((route) => isOfIngress(view, route));
