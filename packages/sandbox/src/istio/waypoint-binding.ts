import { admitsNamespace } from '@ambit/istio/allowed-routes';
import type { View } from '../client/cache.ts';
import {
  itself,
  keyOf,
  nothing,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import { isTrue, setStatus, withConditions } from '../controllers/common.ts';
import type { Condition, Service } from '../objects.ts';
import { hasReadyControlPlane } from './control-plane.ts';
import type { Gateway } from './objects.ts';

export const boundCondition = 'istio.io/WaypointBound';
const useLabel = 'istio.io/use-waypoint';

/** Tells on each Service whether the waypoint it names serves it. */
export const waypointBindingController: Controller = {
  name: 'waypoint-binding',
  manager: 'pilot-discovery',
  triggers: {
    services: itself,
    namespaces: ({ metadata }, view) => view.list('services', metadata.name).map(keyOf),
    'gateways.gateway.networking.k8s.io': (_gateway, view) => view.list('services').map(keyOf),
  },
  decide: (key, view, now) => {
    const service = view.get('services', ...splitKey(key));
    if (service === undefined || service.metadata.deletionTimestamp) return nothing;
    if (!hasReadyControlPlane(view)) return nothing;
    return decideBinding(service, view, now);
  },
};

export function decideBinding(service: Service, view: View, now: Date): Decision {
  const before = service.status?.conditions ?? [];
  const others = before.filter(({ type }) => type !== boundCondition);
  const binding = bindingOf(service, view);
  if (binding === undefined) {
    return others.length === before.length
      ? nothing
      : { actions: setStatus(service, { conditions: others }) };
  }
  return { actions: setStatus(service, { conditions: withConditions(before, [binding], now) }) };
}

/** The Gateway a Service names as its waypoint, by its own label or its namespace's. */
export function waypointRefOf(
  service: Service,
  view: View,
): { namespace: string; name: string } | undefined {
  const { namespace = '', labels } = service.metadata;
  const around = view.get('namespaces', '', namespace)?.metadata.labels;
  const own = labels?.[useLabel];
  const name = own ?? around?.[useLabel];
  if (name === undefined || name === 'none') return undefined;
  const from = own === undefined ? around : labels;
  return { namespace: from?.['istio.io/use-waypoint-namespace'] ?? namespace, name };
}

function bindingOf(service: Service, view: View): Condition | undefined {
  const ref = waypointRefOf(service, view);
  if (ref === undefined) return undefined;
  const text = `${ref.namespace}/${ref.name}`;
  const say = (reason: string, message: string): Condition => ({
    type: boundCondition,
    status: reason === 'WaypointAccepted' ? 'True' : 'False',
    reason,
    message,
  });
  const gateway = view.get('gateways.gateway.networking.k8s.io', ref.namespace, ref.name);
  if (gateway === undefined || !isTrue(gateway.status?.conditions, 'Programmed')) {
    return say('WaypointIsNotReady', `waypoint ${text} is not ready`);
  }
  if (!admits(gateway, service, view)) {
    return say(
      'AttachmentDenied',
      `we are not permitted to attach to waypoint ${text} (missing allowedRoutes?)`,
    );
  }
  const serves = gateway.metadata.labels?.['istio.io/waypoint-for'] ?? 'service';
  if (serves !== 'service' && serves !== 'all') {
    return say('UnsupportedTrafficType', `waypoint ${text} does not serve services but: ${serves}`);
  }
  return say('WaypointAccepted', `Successfully attached to waypoint ${text}`);
}

/** Another namespace may use a waypoint only when a listener of it says so. */
function admits(gateway: Gateway, { metadata: { namespace = '' } }: Service, view: View): boolean {
  if (gateway.metadata.namespace === namespace) return true;
  const labels = view.get('namespaces', '', namespace)?.metadata.labels ?? {};
  return admitsNamespace(gateway.spec.listeners, labels);
}
