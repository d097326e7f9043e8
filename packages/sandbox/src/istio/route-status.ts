import type { View } from '../client/cache.ts';
import {
  itself,
  keyOf,
  nothing,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import { setStatus, withConditions } from '../controllers/common.ts';
import type { Condition } from '../objects.ts';
import { hasReadyControlPlane } from './control-plane.ts';
import type { HttpRoute, ParentRef } from './objects.ts';

const routes = 'httproutes.gateway.networking.k8s.io';
const controllerName = 'istio.io/gateway-controller';
const every = (_object: unknown, view: View): string[] => view.list(routes).map(keyOf);

/** Tells on each HTTPRoute whether its parents take it and its backends exist. */
export const routeStatusController: Controller = {
  name: 'route-status',
  manager: 'pilot-discovery',
  triggers: {
    [routes]: itself,
    services: every,
    'gateways.gateway.networking.k8s.io': every,
    'deployments.apps': (deployment, view) =>
      deployment.metadata.labels?.app === 'istiod' ? every(deployment, view) : [],
  },
  decide: (key, view, now) => {
    const route = view.get(routes, ...splitKey(key));
    if (route === undefined || route.metadata.deletionTimestamp) return nothing;
    if (!hasReadyControlPlane(view)) return nothing;
    return decideRoute(route, view, now);
  },
};

export function decideRoute(route: HttpRoute, view: View, now: Date): Decision {
  const namespace = route.metadata.namespace ?? '';
  const observedGeneration = route.metadata.generation ?? 1;
  const missing = missingBackend(route, view);
  const resolved: Condition = missing
    ? { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound', message: missing }
    : {
        type: 'ResolvedRefs',
        status: 'True',
        reason: 'ResolvedRefs',
        message: 'All references resolved',
      };
  const parents = (route.spec.parentRefs ?? []).map((parentRef) => {
    const before = route.status?.parents?.find((one) => sameParent(one.parentRef, parentRef));
    const exists = parentExists(parentRef, namespace, view);
    const accepted: Condition = exists
      ? { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Route was valid' }
      : {
          type: 'Accepted',
          status: 'False',
          reason: 'NoMatchingParent',
          message: `parent ${parentRef.kind ?? 'Gateway'} ${parentRef.name} was not found`,
        };
    return {
      parentRef,
      controllerName,
      conditions: withConditions(
        before?.conditions,
        [accepted, resolved].map((one) => ({ ...one, observedGeneration })),
        now,
      ),
    };
  });
  return { actions: setStatus(route, { parents }) };
}

const sameParent = (a: ParentRef, b: ParentRef): boolean =>
  a.name === b.name &&
  a.kind === b.kind &&
  a.namespace === b.namespace &&
  a.sectionName === b.sectionName &&
  a.port === b.port;

function parentExists(parent: ParentRef, namespace: string, view: View): boolean {
  const where = parent.namespace ?? namespace;
  const kind = parent.kind ?? 'Gateway';
  if (kind === 'Service') return view.get('services', where, parent.name) !== undefined;
  if (kind !== 'Gateway') return true;
  return view.get('gateways.gateway.networking.k8s.io', where, parent.name) !== undefined;
}

function missingBackend({ metadata, spec }: HttpRoute, view: View): string | undefined {
  for (const { backendRefs = [] } of spec.rules ?? []) {
    for (const { kind = 'Service', name, namespace = metadata.namespace ?? '' } of backendRefs) {
      if (kind === 'Service' && view.get('services', namespace, name) === undefined) {
        return `backend(${name}.${namespace}.svc.cluster.local) not found`;
      }
    }
  }
  return undefined;
}
